// The question that somebody puts together: which credential, and what must be on it. The desk makes the query of it.

import { make } from './view.js';

const KINDS = ['microcredential', 'badge'];
const PARTS = ['issuer', 'credit', 'level', 'name', 'result'];
const HOW = ['needed', 'welcome', 'no'];

/** What is chosen before anybody chose: no more than an employer needs. */
export function startOfOwn() {
  return {
    kinds: ['microcredential'],
    both: false,
    several: false,
    parts: { issuer: 'needed', credit: 'needed', level: 'welcome', name: 'welcome', result: 'no' },
    query: '',
  };
}

/** The choice as the desk takes it; nothing where it cannot be asked. */
export function ownQuestion({ kinds, both, several, parts, query }) {
  if (query.trim()) {
    try {
      return { dcql_query: JSON.parse(query) };
    } catch {
      return undefined;
    }
  }
  if (kinds.length === 0) return undefined;
  const asked = Object.fromEntries(Object.entries(parts).filter(([, how]) => how !== 'no'));
  return { choice: { kinds, both: both && kinds.length === 2, several, parts: asked } };
}

/** The last way to ask, with everything that can be chosen below it while it is the one that is taken. */
export function ownChoice(words, draft) {
  const { own } = draft;
  const say = words.own;
  const input = make('input', { type: 'radio', name: 'template', value: 'own', checked: draft.template === 'own' });
  const both = checkbox('own-both', say.both, own.both, (on) => (own.both = on));
  const parts = make(
    'fieldset',
    { className: 'tight' },
    make('legend', {}, make('strong', { textContent: say.parts })),
    make('span', { className: 'soft small', textContent: say.partsHint }),
    ...PARTS.map((part) => select(part, say, own)),
  );
  const kinds = make(
    'fieldset',
    { className: 'tight' },
    make('legend', {}, make('strong', { textContent: say.kinds })),
    ...KINDS.map((kind) =>
      checkbox(`own-${kind}`, say.kind[kind], own.kinds.includes(kind), (on) => {
        own.kinds = KINDS.filter((each) => (each === kind ? on : own.kinds.includes(each)));
        show();
      }),
    ),
    both,
    checkbox('own-several', say.several, own.several, (on) => (own.several = on)),
  );
  const query = make('textarea', {
    id: 'own-query',
    className: 'field mono',
    rows: 8,
    value: own.query,
    spellcheck: false,
    autocomplete: 'off',
    'aria-describedby': 'own-query-hint',
    on: { input: () => (own.query = query.value) },
  });
  const expert = make(
    'details',
    { open: own.query !== '' },
    make('summary', { textContent: say.expert }),
    make(
      'div',
      { className: 'tight' },
      make('label', { for: 'own-query', className: 'unseen', textContent: say.expert }),
      make('span', { id: 'own-query-hint', className: 'soft small', textContent: say.expertHint }),
      query,
    ),
  );
  const more = make('div', { className: 'stack own' }, kinds, parts, expert);

  function show() {
    both.hidden = own.kinds.length < 2;
    parts.hidden = !own.kinds.includes('microcredential');
  }

  // Another way that is taken tells this one nothing, so the whole group is listened to.
  queueMicrotask(() => {
    input.form?.addEventListener('change', (event) => {
      if (event.target.name !== 'template') return;
      if (input.checked) draft.template = 'own';
      more.hidden = !input.checked;
    });
  });
  more.hidden = !input.checked;
  show();
  return make(
    'div',
    { className: 'tight' },
    make(
      'label',
      { className: 'option' },
      input,
      make(
        'span',
        {},
        make('strong', { textContent: say.title }),
        make('span', { className: 'soft', textContent: say.text }),
      ),
    ),
    more,
  );
}

function checkbox(id, text, checked, change) {
  const input = make('input', { type: 'checkbox', id, checked, on: { change: () => change(input.checked) } });
  return make('label', { className: 'row', for: id }, input, make('span', { textContent: text }));
}

function select(part, say, own) {
  const id = `own-part-${part}`;
  const choice = make(
    'select',
    { id, className: 'field', on: { change: () => (own.parts[part] = choice.value) } },
    ...HOW.map((how) => make('option', { value: how, textContent: say.how[how], selected: own.parts[part] === how })),
  );
  return make('div', { className: 'row' }, make('label', { for: id, textContent: say.part[part] }), choice);
}
