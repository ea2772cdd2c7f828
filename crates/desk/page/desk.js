// The page: ask, wait, result. Uses nothing but the API of the desk.

import { drawOffline } from './offline.js';
import { hasRemarks, make, presentation, strangers, verdictBanner } from './view.js';
import { ownChoice, ownQuestion, startOfOwn } from './own.js';
import { identityChoice, purposeFields, purposesOf, startOfPurposes } from './reason.js';
import { words as allWords } from './words.js';

const POLL_MILLISECONDS = 1200;
const FILE_BYTES = 10 * 1024 * 1024;

const main = document.getElementById('main');
const news = document.getElementById('news');

const systemDark = matchMedia('(prefers-color-scheme: dark)');

let language = remembered('leerpas-language') ?? (navigator.language.toLowerCase().startsWith('nl') ? 'nl' : 'en');
if (!allWords[language]) language = 'nl';
let words = allWords[language];
let templates = [];
// How the desk proves who asks where nobody chooses.
let usual;
// What the page shows: { name: 'ask' | 'wait' | 'result', … }. Drawn anew when the language changes.
let scene = { name: 'ask' };
let draft = { template: undefined, purposes: startOfPurposes(), own: startOfOwn(), offline: false, identity: undefined };
let polling = 0;
let drawn = 0;

function remembered(name) {
  try {
    return localStorage.getItem(name) ?? undefined;
  } catch {
    return undefined;
  }
}

function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // A browser that keeps nothing: the choice holds for this page.
  }
}

class Fault extends Error {
  constructor(word) {
    super(word);
    this.word = word;
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
  throw new Fault(named.includes(body?.error?.kind) ? body.error.kind : 'other');
}

function go(next) {
  polling += 1;
  scene = next;
  draw();
  main.querySelector('h1')?.focus();
  if (next.name === 'wait' || next.name === 'offline') poll(next, polling);
}

function draw() {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll('[data-word]')) element.textContent = words[element.dataset.word];
  for (const element of document.querySelectorAll('[data-word-label]')) {
    element.setAttribute('aria-label', words[element.dataset.wordLabel]);
  }
  const other = document.getElementById('language');
  other.textContent = words.otherLanguage;
  other.lang = language === 'nl' ? 'en' : 'nl';
  nameTheme();
  const scenes = { ask: drawAsk, wait: drawWait, offline: drawRoom, result: drawResult };
  main.replaceChildren(...scenes[scene.name](scene));
  const title = main.querySelector('h1')?.textContent ?? '';
  document.title = `${title} · ${words.brand}`;
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
    make('p', { className: 'soft', textContent: words.fileLead }),
    drop,
    problem,
  );
}

function drawWait({ request }) {
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
          make('button', { type: 'button', className: 'quiet', textContent: words.stop, on: { click: () => go({ name: 'ask' }) } }),
        ),
      ),
      make(
        'section',
        { className: 'panel stack', 'aria-labelledby': 'elsewhere' },
        make('h2', { id: 'elsewhere', textContent: words.elsewhere }),
        make('p', { className: 'soft', textContent: words.elsewhereText }),
        make('div', { className: 'code' }, make('img', { src: request.qr, alt: words.qrAlt })),
      ),
    ),
  ];
}

/** The room without a network: what is read goes to this desk, and the answer is fetched like any other. */
function drawRoom(shown) {
  drawn += 1;
  const mine = drawn;
  const path = `/api/requests/${encodeURIComponent(shown.request.id)}`;
  return drawOffline(shown, words, {
    heading,
    send: (body, type) => call(`${path}/frames`, { method: 'POST', headers: { 'content-type': type }, body }),
    ended: () => call(path).then((result) => scene === shown && go({ name: 'result', result })),
    stopped: () => go({ name: 'ask' }),
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

async function poll({ request }, turn) {
  news.textContent = words.waiting;
  while (turn === polling) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
    if (turn !== polling) return;
    let result;
    try {
      result = await call(`/api/requests/${encodeURIComponent(request.id)}`);
    } catch (error) {
      // A hiccup of the connection is no answer; a refusal or a forgotten request is.
      if (error.word === 'network') continue;
      result = { state: 'expired' };
    }
    if (turn !== polling) return;
    if (result.state !== 'waiting') return go({ name: 'result', result });
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
    on: { click: () => go({ name: 'ask' }) },
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

/** The button says what a press would bring, also after the computer itself went dark or light. */
function nameTheme() {
  document.getElementById('theme').textContent = isDark() ? words.light : words.dark;
}

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === 'dark' : systemDark.matches;
}

document.getElementById('language').addEventListener('click', () => {
  language = language === 'nl' ? 'en' : 'nl';
  words = allWords[language];
  remember('leerpas-language', language);
  draw();
});
document.getElementById('theme').addEventListener('click', () => {
  const theme = isDark() ? 'light' : 'dark';
  document.documentElement.dataset.theme = theme;
  remember('leerpas-theme', theme);
  nameTheme();
});
systemDark.addEventListener('change', nameTheme);
// A file that misses its place must not replace the page.
for (const event of ['dragover', 'drop']) addEventListener(event, (happening) => happening.preventDefault());

const theme = remembered('leerpas-theme');
if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme;
draw();
call('/api/templates').then(
  (known) => {
    templates = known.templates;
    usual = known.identity;
    if (scene.name === 'ask') draw();
  },
  (error) => main.append(fault(error)),
);
