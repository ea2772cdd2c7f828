// Why it is asked, in each language, and how the desk proves who asks.

import { make } from './view.js';
import { words as allWords } from './words.js';

const LANGUAGES = ['nl', 'en'];

/** What stands there before anybody wrote anything: the same reason in both languages. */
export function startOfPurposes() {
  return Object.fromEntries(LANGUAGES.map((language) => [language, undefined]));
}

/** The reasons as the desk takes them: those that were written, or the ones that stood there. */
export function purposesOf(purposes) {
  const written = LANGUAGES.map((language) => [language, (purposes[language] ?? allWords[language].purposeDefault).trim()]);
  return Object.fromEntries(written.filter(([, text]) => text !== ''));
}

/**
 * A line for each language, that of the page first. Whoever writes a reason of their own in one language does not want the
 * ready-made one in the other: that line empties, and the candidate then reads the one that is there.
 */
export function purposeFields(words, language, purposes) {
  const order = [language, ...LANGUAGES.filter((each) => each !== language)];
  const inputs = {};
  for (const each of order) {
    inputs[each] = make('input', {
      id: each === language ? 'purpose' : `purpose-${each}`,
      className: 'field',
      lang: each,
      maxLength: 300,
      value: purposes[each] ?? allWords[each].purposeDefault,
      autocomplete: 'off',
      'aria-describedby': 'purpose-hint',
      on: {
        input: () => {
          purposes[each] = inputs[each].value;
          for (const other of order.filter((one) => one !== each && purposes[one] === undefined)) {
            purposes[other] = '';
            inputs[other].value = '';
          }
        },
      },
    });
  }
  return make(
    'fieldset',
    { className: 'tight' },
    make('legend', {}, make('strong', { textContent: words.purpose })),
    make('span', { id: 'purpose-hint', className: 'soft small', textContent: words.purposeHint }),
    ...order.map((each) =>
      make('div', { className: 'tight' }, make('label', { for: inputs[each].id, className: 'small', textContent: words.purposeIn[each] }), inputs[each]),
    ),
  );
}

/** How the desk proves who asks. Without a network only its certificate does. */
export function identityChoice(words, draft, usual) {
  const choice = make(
    'select',
    { id: 'identity', className: 'field', on: { change: () => (draft.identity = choice.value) } },
    ...Object.entries(words.identities).map(([value, text]) =>
      make('option', { value, textContent: text, selected: (draft.identity ?? usual) === value }),
    ),
  );
  return make(
    'details',
    { open: draft.identity !== undefined },
    make('summary', { textContent: words.identity }),
    make(
      'div',
      { className: 'tight' },
      make('label', { for: 'identity', className: 'unseen', textContent: words.identity }),
      make('span', { className: 'soft small', textContent: words.identityHint }),
      choice,
    ),
  );
}
