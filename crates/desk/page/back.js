// Where the wallet sends its person on. In the browser that asked, the answer is released and shown there. In any other, the
// person gets a short code and decides whom to tell it.

import { frame, show, words } from './frame.js';
import { make } from './view.js';

const code = new URLSearchParams(location.hash.slice(1)).get('response_code');
// What the page shows: { name: 'looking' | 'told' | 'over' | 'used' | 'unheard', … }. After a refresh it is the same.
let scene = history.state?.scene ?? { name: code ? 'looking' : 'used' };

function draw() {
  show(() => scenes[scene.name]());
}

function go(next) {
  scene = next;
  // The response code is in the address no more: it works once.
  history.replaceState({ scene }, '', '/back');
  draw();
  document.querySelector('h1').focus();
}

function plain([title, ...texts]) {
  return [
    make('h1', { textContent: title, tabIndex: -1 }),
    make('div', { className: 'panel stack apart' }, ...texts.map((text) => make('p', { textContent: text }))),
  ];
}

const scenes = {
  looking: () => plain([words.back.looking]),
  told: drawTold,
  over: () => plain(words.back.over),
  used: () => plain(words.back.used),
  unheard: () => [
    ...plain(words.back.unheard),
    make('div', { className: 'actions apart' }, make('button', { type: 'button', className: 'button', textContent: words.back.again, on: { click: land } })),
  ],
};

function drawTold() {
  const { digits, expires } = scene;
  const until = new Intl.DateTimeFormat(words.locale, { timeStyle: 'short' }).format(new Date(expires));
  return [
    make('h1', { textContent: words.back.title, tabIndex: -1 }),
    make('p', { className: 'lead', textContent: words.back.lead }),
    make(
      'section',
      { className: 'panel stack apart', 'aria-labelledby': 'code' },
      make('h2', { id: 'code', textContent: words.back.code }),
      make(
        'p',
        { className: 'digits' },
        make('span', { 'aria-hidden': 'true', textContent: `${digits.slice(0, 4)} ${digits.slice(4)}` }),
        make('span', { className: 'unseen', textContent: [...digits].join(' ') }),
      ),
      make('p', { className: 'soft', textContent: words.back.until(until) }),
      make('p', { textContent: words.back.give }),
      make('p', { className: 'note' }, make('strong', { textContent: words.back.doubt }), ' ', words.back.keep),
    ),
  ];
}

/** Brings the response code to the desk. */
async function land() {
  let reply;
  try {
    reply = await fetch('/back', {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ response_code: code }),
    });
  } catch {
    return go({ name: 'unheard' });
  }
  const body = await reply.json().catch(() => ({}));
  if (reply.ok) return location.replace(`/#${encodeURIComponent(body.id)}`);
  if (reply.status === 429 || reply.status >= 500) return go({ name: 'unheard' });
  go(body.code ? { name: 'told', digits: body.code, expires: body.expires } : { name: 'used' });
  endInTime();
}

/** A code past its time is no longer shown. */
function endInTime() {
  if (scene.name !== 'told') return;
  setTimeout(() => go({ name: 'over' }), Math.max(0, new Date(scene.expires) - Date.now()));
}

frame(draw);
draw();
if (scene.name === 'looking') land();
else endInTime();
