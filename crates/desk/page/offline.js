// A request in a room without a network: the code to show, and what reads the answer.

import { mediaType, watch } from './camera.js';
import { make } from './view.js';

/**
 * Draws the scene. `send` brings one picture or text to the desk; `ended` leaves for the result. How it stands is kept
 * with the scene, which is drawn anew in the other language.
 */
export function drawOffline(scene, words, { send, ended, stopped, heading, isCurrent }) {
  const { request } = scene;
  const told = make('p', { role: 'status' });
  const bar = make('progress', { max: 1, value: 0, 'aria-label': words.framesBar });
  const video = make('video', { className: 'camera', muted: true, playsInline: true, hidden: true, 'aria-label': words.cameraAlt });
  let stop = () => {};

  /** Says how it stands; what asks for doing something else is not to be missed. */
  function say(word, isFault = false) {
    scene.said = { word, isFault };
    show();
  }

  function show() {
    const { said = { word: 'framesNone', isFault: false }, have = 0, need = 0 } = scene;
    bar.max = Math.max(1, need);
    bar.value = have;
    told.className = said.isFault ? 'fault' : 'soft';
    told.textContent = said.word === 'framesSome' ? words.framesSome(have, need) : words[said.word];
  }
  show();

  /** Brings one picture; says whether more are wanted. Of a file that holds no frame the person is told. */
  async function bring(body, type, chosen = false) {
    // The person may have left the scene: the camera must not stay on.
    if (!isCurrent()) return false;
    let answer;
    try {
      answer = await send(body, type);
    } catch {
      say('framesRefused', true);
      return isCurrent();
    }
    if (!answer.waiting) {
      ended();
      return false;
    }
    [scene.have, scene.need] = [answer.have, answer.need];
    if (answer.strange) say('framesStrange', true);
    else if (chosen && answer.frames === 0) say('framesNoCode', true);
    else if (answer.need > 0) say('framesSome');
    else show();
    return isCurrent();
  }

  const camera = make('button', { type: 'button', className: 'button', textContent: words.camera, on: { click: toggle } });
  let watching = false;
  async function toggle() {
    if (watching) {
      stop();
      watching = false;
    } else {
      try {
        video.hidden = false;
        stop = await watch(video, (picture) => bring(picture, 'image/jpeg'));
        watching = true;
        // The scene may have been left while the browser asked whether the camera may go on.
        if (!isCurrent()) stop();
      } catch {
        say('cameraNone', true);
      }
    }
    video.hidden = !watching;
    camera.textContent = watching ? words.cameraStop : words.camera;
  }

  const files = make('input', {
    type: 'file',
    multiple: true,
    className: 'unseen',
    tabIndex: -1,
    'aria-hidden': 'true',
    accept: 'image/png,image/jpeg,text/plain,.txt',
    on: {
      change: async () => {
        // Taken out first: what is chosen next, while these are on their way, is a list of its own.
        const chosen = [...files.files];
        files.value = '';
        for (const file of chosen) if (!(await bring(file, mediaType(file), true))) break;
      },
    },
  });

  return [
    heading(words.offlineTitle),
    make('p', { className: 'lead', textContent: words.offlineLead }),
    make(
      'div',
      { className: 'two even' },
      make(
        'section',
        { className: 'panel stack', 'aria-labelledby': 'show' },
        make('h2', { id: 'show', textContent: words.offlineShow }),
        make('p', { className: 'soft', textContent: words.offlineShowText }),
        make('div', { className: 'code large' }, make('img', { src: request.qr, alt: words.qrAlt })),
        make('div', { className: 'actions' }, make('a', { className: 'button second', href: request.link, textContent: words.open })),
      ),
      make(
        'section',
        { className: 'panel stack', 'aria-labelledby': 'read' },
        make('h2', { id: 'read', textContent: words.offlineRead }),
        make('p', { className: 'soft', textContent: words.offlineReadText }),
        video,
        make('div', { className: 'actions' }, camera, make('button', { type: 'button', className: 'button second', textContent: words.pictures, on: { click: () => files.click() } })),
        files,
        bar,
        told,
        make('p', { className: 'note', textContent: words.offlineAge }),
        make('div', { className: 'actions' }, make('button', { type: 'button', className: 'quiet', textContent: words.stop, on: { click: stopAll } })),
      ),
    ),
  ];

  function stopAll() {
    stop();
    stopped();
  }
}
