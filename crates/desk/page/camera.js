// Reads an answer from a screen: pictures of the camera, or picture files, one after the other to the desk itself.

/** How long to wait between two pictures, in milliseconds: more often than the screen changes. */
const PAUSE = 60;
/** The longer side of a picture that is sent, in pixels. */
const SIDE = 1280;

/**
 * Starts the camera in this video element. Gives a function that stops it; throws where there is no camera or the person
 * does not allow it. `send` takes one picture and says whether more are wanted.
 */
export async function watch(video, send) {
  const wish = { video: { facingMode: 'environment', width: { ideal: SIDE }, height: { ideal: 960 } }, audio: false };
  const stream = await navigator.mediaDevices.getUserMedia(wish);
  let running = true;
  const stop = () => {
    running = false;
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  };
  video.srcObject = stream;
  try {
    await video.play();
  } catch (error) {
    // The person left before the first picture came: the camera goes off with the page that it was for.
    stop();
    throw error;
  }
  (async () => {
    const canvas = document.createElement('canvas');
    while (running) {
      const picture = await still(video, canvas);
      // One at a time: the desk reads as fast as it can, and what is missed comes round again.
      if (running && picture && !(await send(picture))) break;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
    stop();
  })();
  return stop;
}

function still(video, canvas) {
  const { videoWidth: width, videoHeight: height } = video;
  if (!width || !height) return undefined;
  const scale = Math.min(1, SIDE / Math.max(width, height));
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.getContext('2d').drawImage(video, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.85));
}

/** The media type under which a file is sent: a picture, or text with a frame on each line. */
export function mediaType(file) {
  return ['image/png', 'image/jpeg'].includes(file.type) ? file.type : 'text/plain';
}
