/** The camera, looked through picture by picture. Nothing of what it sees is kept, and nothing leaves this computer. */

/** How long to wait between two pictures. */
const PAUSE = 120;
/** The longer side of a picture, in dots: enough for the large code of a request. */
const SIDE = 1920;

/**
 * Turns the camera on in this video element and shows each picture to `see`, until that says that it has seen enough, or the
 * function that comes back is called. Rejects where there is no camera or it may not be used.
 */
export async function watch(
  video: HTMLVideoElement,
  see: (picture: Blob) => Promise<boolean>,
): Promise<() => void> {
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { width: { ideal: SIDE }, height: { ideal: 1080 } },
    audio: false,
  });
  let running = true;
  const stop = (): void => {
    running = false;
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  };
  try {
    video.srcObject = stream;
    await video.play();
  } catch (cause) {
    // Whoever left before the first picture came does not leave the camera on.
    stop();
    throw cause;
  }
  void look();
  return stop;

  async function look(): Promise<void> {
    const canvas = document.createElement('canvas');
    while (running) {
      const picture = await still(video, canvas);
      // The answer may come when the person has long turned away.
      if (running && picture !== null && (await see(picture).catch(() => false))) break;
      await new Promise((done) => setTimeout(done, PAUSE));
    }
    stop();
  }
}

function still(video: HTMLVideoElement, canvas: HTMLCanvasElement): Promise<Blob | null> {
  const { videoWidth: width, videoHeight: height } = video;
  const context = canvas.getContext('2d');
  if (width === 0 || height === 0 || context === null) return Promise.resolve(null);
  const scale = Math.min(1, SIDE / Math.max(width, height));
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  context.drawImage(video, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, 'image/jpeg', 0.9));
}
