// The page: ask, wait, result. Uses nothing but the API of the desk.

import { frame, language, show, words } from './frame.js';
import { drawHeld } from './held.js';
import { address, addressed, leave } from './history.js';
import { drawOffline } from './offline.js';
import { hasRemarks, make, presentation, strangers, verdictBanner } from './view.js';
import { ownChoice, ownQuestion, startOfOwn } from './own.js';
import { identityChoice, purposeFields, purposesOf, startOfPurposes } from './reason.js';

const POLL_MILLISECONDS = 1200;
const FILE_BYTES = 10 * 1024 * 1024;

const main = document.getElementById('main');
const news = document.getElementById('news');

let templates = [];
// How the desk proves who asks where nobody chooses.
let usual;
// Whether others than this machine find the desk.
let isPublic = false;
// What the page shows: { name: 'ask' | 'wait' | 'offline' | 'held' | 'result', … }. Drawn anew when the language changes.
let scene = { name: 'ask' };
let draft = { template: undefined, purposes: startOfPurposes(), own: startOfOwn(), offline: false, identity: undefined };
let polling = 0;
let drawn = 0;

class Fault extends Error {
  constructor(word, body) {
    super(word);
    this.word = word;
    this.body = body;
  }
}

async function call(path, options = {}) {
  let reply;
  try {
    reply = await fetch(path, { credentials: 'same-origin', ...options });
  } catch {
    throw new Fault('network');
  }
  const body = await reply.json().catch(() => ({}));
  if (reply.ok) return body;
  if (reply.status === 413) throw new Fault('too_large');
  if (reply.status === 429) throw new Fault('busy');
  const named = ['not_recognised', 'credential_unsupported'];
  throw new Fault(named.includes(body?.error?.kind) ? body.error.kind : 'other', body);
}

const see = (request) => call(`/api/requests/${encodeURIComponent(request.id)}`);

function go(next) {
  polling += 1;
  scene = next;
  draw();
  main.querySelector('h1')?.focus();
  if (next.request && next.name !== 'result') poll(next, polling);
}

/** Begins anew, at the address without a request. */
function startAnew() {
  leave();
  go({ name: 'ask' });
}

/** Goes on with a request as the desk says that it stands. */
function follow(request, result) {
  if (result.state === 'held') return go({ name: 'held', request });
  if (result.state !== 'waiting') return go({ name: 'result', request, result });
  go({ name: request.offline ? 'offline' : 'wait', request: { ...result, ...request } });
}

/** Shows what the address names: after a start, a refresh, or the browser's own buttons. Nothing is made or sent for it. */
async function arrive() {
  const request = addressed();
  if (!request) return go({ name: 'ask' });
  polling += 1;
  const turn = polling;
  const result = await see(request).catch((error) => ({ state: error.word === 'network' ? 'unheard' : 'gone' }));
  if (turn === polling) follow(request, result);
}

function draw() {
  const scenes = { ask: drawAsk, wait: drawWait, offline: drawRoom, held: drawHolding, result: drawResult };
  show(() => scenes[scene.name](scene));
}

function heading(text) {
  return make('h1', { textContent: text, tabIndex: -1 });
}

function fault(error) {
  const text = words.faults[error.word] ?? words.faults.other;
  return make('p', { className: 'fault', role: 'alert', textContent: text });
}

function drawAsk() {
  const problem = make('div');
  const button = make('button', { type: 'submit', className: 'button', textContent: words.make });
  const identity = identityChoice(words, draft, usual);
  identity.hidden = draft.offline;
  const form = make(
    'form',
    { className: 'panel stack', on: { submit } },
    make(
      'fieldset',
      { className: 'stack' },
      make('legend', {}, make('h2', { textContent: words.what })),
      ...templates.map((template, index) => option(template, draft.template ? draft.template === template.id : index === 0)),
      ownChoice(words, draft),
    ),
    purposeFields(words, language, draft.purposes),
    make(
      'label',
      { className: 'tick' },
      make('input', { type: 'checkbox', checked: draft.offline, on: { change: (event) => (identity.hidden = draft.offline = event.target.checked) } }),
      make(
        'span',
        { className: 'tight' },
        make('strong', { textContent: words.offline }),
        make('span', { className: 'soft small', textContent: words.offlineHint }),
      ),
    ),
    identity,
    problem,
    make('div', { className: 'actions' }, button),
  );

  async function submit(event) {
    event.preventDefault();
    button.disabled = true;
    button.textContent = words.making;
    try {
      const template = new FormData(form).get('template');
      draft.template = template;
      const question = template === 'own' ? ownQuestion(draft.own) : { template };
      if (!question) throw new Fault('query');
      const request = await call('/api/requests', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          ...question,
          purpose: purposesOf(draft.purposes),
          offline: draft.offline,
          identity: draft.offline ? undefined : draft.identity,
        }),
      }).catch((error) => {
        throw template === 'own' && error.word === 'other' ? new Fault('query') : error;
      });
      address(request);
      go({ name: request.offline ? 'offline' : 'wait', request });
    } catch (error) {
      problem.replaceChildren(fault(error));
      button.disabled = false;
      button.textContent = words.make;
    }
  }

  return [
    heading(words.askTitle),
    make('p', { className: 'lead', textContent: words.askLead }),
    make('div', { className: 'two' }, form, filePanel()),
  ];
}

function option(template, checked) {
  const input = make('input', {
    type: 'radio',
    name: 'template',
    value: template.id,
    checked,
    on: { change: () => (draft.template = template.id) },
  });
  const asks = make('ul', { className: 'asks', role: 'list' });
  for (const ask of template.asks) {
    const text = ask.optional ? `${ask[language]} (${words.optional})` : ask[language];
    asks.append(make('li', { className: ask.optional ? 'optional' : '', textContent: text }));
  }
  return make(
    'label',
    { className: 'option' },
    input,
    make(
      'span',
      {},
      make('strong', { textContent: template.title[language] }),
      make('span', { className: 'soft', textContent: template.description[language] }),
      asks,
    ),
  );
}

function filePanel() {
  const problem = make('div');
  const input = make('input', {
    type: 'file',
    className: 'unseen',
    tabIndex: -1,
    'aria-hidden': 'true',
    accept: '.json,.jsonld,.png,.svg,.txt,.jwt,image/png,image/svg+xml,application/json',
    on: { change: () => input.files[0] && check(input.files[0]) },
  });
  const drop = make(
    'div',
    { className: 'drop' },
    make('button', { type: 'button', className: 'button second', textContent: words.choose, on: { click: () => input.click() } }),
    make('span', { className: 'soft', textContent: words.dropHere }),
    input,
  );

  async function check(file) {
    if (file.size > FILE_BYTES) return problem.replaceChildren(fault(new Fault('too_large')));
    problem.replaceChildren(make('p', { textContent: words.checking }));
    news.textContent = words.checking;
    try {
      const result = await call('/api/verify', {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream' },
        body: file,
      });
      leave();
      go({ name: 'result', result: { ...result, state: 'answered' } });
    } catch (error) {
      problem.replaceChildren(fault(error));
    }
  }

  const over = (event) => {
    event.preventDefault();
    drop.classList.add('over');
  };
  drop.addEventListener('dragover', over);
  drop.addEventListener('dragleave', () => drop.classList.remove('over'));
  drop.addEventListener('drop', (event) => {
    event.preventDefault();
    drop.classList.remove('over');
    if (event.dataTransfer.files[0]) check(event.dataTransfer.files[0]);
  });
  return make(
    'section',
    { className: 'panel stack', 'aria-labelledby': 'file-title' },
    make('h2', { id: 'file-title', textContent: words.fileTitle }),
    make('p', { className: 'soft', textContent: isPublic ? words.fileLeadPublic : words.fileLead }),
    drop,
    problem,
  );
}

function drawWait({ request }) {
  if (!request.link) return drawLone(request);
  const time = new Intl.DateTimeFormat(words.locale, { timeStyle: 'short' }).format(new Date(request.expires));
  const copied = make('span', { className: 'soft', role: 'status' });
  const copy = make('button', {
    type: 'button',
    className: 'button second',
    textContent: words.copy,
    on: {
      click: async () => {
        copied.textContent = (await copyText(request.link)) ? words.copied : words.notCopied;
      },
    },
  });
  return [
    heading(words.waitTitle),
    make('p', { className: 'lead', textContent: words.waitLead }),
    make(
      'div',
      { className: 'two even' },
      make(
        'section',
        { className: 'panel stack', 'aria-labelledby': 'here' },
        make('h2', { id: 'here', textContent: words.here }),
        make('p', { className: 'soft', textContent: words.hereText }),
        make('div', { className: 'actions' }, make('a', { className: 'button', href: request.link, textContent: words.open }), copy),
        copied,
        make('p', { className: 'waiting' }, make('span', { className: 'pulse' }), make('strong', { textContent: words.waiting })),
        make('p', { className: 'soft small', textContent: words.until(time) }),
        make(
          'div',
          { className: 'actions' },
          make('button', { type: 'button', className: 'quiet', textContent: words.stop, on: { click: startAnew } }),
        ),
      ),
      make(
        'section',
        { className: 'panel stack', 'aria-labelledby': 'elsewhere' },
        make('h2', { id: 'elsewhere', textContent: words.elsewhere }),
        make('p', { className: 'soft', textContent: words.elsewhereText }),
        isPublic ? make('p', { className: 'soft', textContent: words.elsewhereCode }) : '',
        make('div', { className: 'code' }, make('img', { src: request.qr, alt: words.qrAlt })),
      ),
    ),
  ];
}

/** A second tab of a request: its link and code are in the one that made it. */
function drawLone({ expires }) {
  const time = new Intl.DateTimeFormat(words.locale, { timeStyle: 'short' }).format(new Date(expires));
  return [
    heading(words.waiting),
    make('p', { className: 'lead', textContent: words.loneLead }),
    make(
      'div',
      { className: 'panel stack apart' },
      make('p', { className: 'waiting' }, make('span', { className: 'pulse' }), make('strong', { textContent: words.until(time) })),
      make('div', { className: 'actions' }, make('button', { type: 'button', className: 'quiet', textContent: words.stop, on: { click: startAnew } })),
    ),
  ];
}

/** An answer that is held until its code is there. */
function drawHolding(shown) {
  const { request } = shown;
  return drawHeld(shown, words, {
    heading,
    open: (code) =>
      call(`/api/requests/${encodeURIComponent(request.id)}/code`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ code }),
      }),
    // Whether it is held still.
    look: async () => {
      const result = await see(request);
      if (scene === shown && result.state !== 'held') follow(request, result);
      return scene === shown;
    },
    stopped: startAnew,
  });
}

/** The room without a network: what is read goes to this desk, and the answer is fetched like any other. */
function drawRoom(shown) {
  drawn += 1;
  const mine = drawn;
  const path = `/api/requests/${encodeURIComponent(shown.request.id)}`;
  return drawOffline(shown, words, {
    heading,
    send: (body, type) => call(`${path}/frames`, { method: 'POST', headers: { 'content-type': type }, body }),
    ended: () => call(path).then((result) => scene === shown && go({ name: 'result', request: shown.request, result })),
    stopped: startAnew,
    // Drawn anew, as in the other language, it is another scene: the camera of this one goes off.
    isCurrent: () => scene === shown && drawn === mine,
  });
}

/** Whether it worked: a browser may have no clipboard, or keep it from this page. */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

async function poll({ name, request }, turn) {
  news.textContent = name === 'held' ? words.heldTitle : words.waiting;
  while (turn === polling) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
    if (turn !== polling) return;
    let result;
    try {
      result = await see(request);
    } catch (error) {
      // A hiccup of the connection is no answer, and neither is a desk that is busy; a refusal or a forgotten request is.
      if (error.word === 'network' || error.word === 'busy') continue;
      result = { state: name === 'held' ? 'gone' : 'expired' };
    }
    if (turn !== polling) return;
    if (result.state !== (name === 'held' ? 'held' : 'waiting')) return follow(request, result);
  }
}

/** Without a network nothing is newer than what the desk fetched; what it never fetched it can ask for another time. */
function offlineNote(word) {
  return word === 'unknown' ? `${words.offlineResult} ${words.offlineUnknown}` : words.offlineResult;
}

function drawResult({ result }) {
  const word = result.state === 'answered' ? result.verdict : result.state;
  const presentations = result.presentations ?? [];
  const banner = verdictBanner(word, words, hasRemarks(presentations));
  const cautions = strangers(presentations, words);
  const old = result.offline ? make('p', { className: 'note', textContent: offlineNote(word) }) : '';
  news.textContent = [words.verdicts[word]?.[0] ?? '', ...cautions.map((caution) => caution.textContent)].join('. ');
  const again = make('button', {
    type: 'button',
    className: 'button',
    textContent: words.again,
    on: { click: startAnew },
  });
  return [
    make(
      'div',
      { className: 'stack' },
      banner,
      ...cautions,
      old,
      ...presentations.map((judged, index) => presentation(judged, index + 1, words)),
      make('div', { className: 'actions' }, again),
    ),
  ];
}

// A file that misses its place must not replace the page.
for (const event of ['dragover', 'drop']) addEventListener(event, (happening) => happening.preventDefault());

addEventListener('popstate', arrive);
frame(draw);
if (addressed()) {
  show(() => []);
  arrive();
} else {
  draw();
}
call('/api/templates').then(
  (known) => {
    templates = known.templates;
    usual = known.identity;
    isPublic = known.public;
    if (scene.name === 'ask') draw();
  },
  (error) => main.append(fault(error)),
);
