// An answer that is held: it is released when it is certain that it comes from whom one asked.

import { make } from './view.js';

/** Draws the scene. `open` brings the code to the desk, `look` sees how the request stands, `stopped` leaves it. */
export function drawHeld(scene, words, { heading, open, look, stopped }) {
  const problem = make('p', { id: 'held-problem', className: 'fault', role: 'alert', hidden: !scene.problem });
  problem.textContent = scene.problem ? scene.problem(words) : '';
  const input = make('input', {
    id: 'held-code',
    className: 'field figures',
    inputMode: 'numeric',
    autocomplete: 'one-time-code',
    maxLength: 11,
    required: true,
    value: scene.typed ?? '',
    'aria-describedby': 'held-problem',
    on: { input: () => (scene.typed = input.value) },
  });
  const button = make('button', { type: 'submit', className: 'button', textContent: words.heldOpen });

  function say(text) {
    scene.problem = text;
    problem.textContent = text(words);
    problem.hidden = false;
    input.setAttribute('aria-invalid', 'true');
    input.select();
    input.focus();
  }

  async function submit(event) {
    event.preventDefault();
    button.disabled = true;
    try {
      await open(input.value);
      await look();
    } catch (error) {
      const tries = error.body?.tries;
      if (tries === undefined) say((spoken) => spoken.faults[error.word] ?? spoken.faults.other);
      else if (tries > 0) say((spoken) => spoken.heldWrong(tries));
      // No code was given out yet, or the last try was wrong: the desk says which.
      else if (await look()) say((spoken) => spoken.heldNone);
    } finally {
      button.disabled = false;
    }
  }

  return [
    heading(words.heldTitle),
    make('p', { className: 'lead', textContent: words.heldLead }),
    make(
      'div',
      { className: 'two even' },
      make(
        'section',
        { className: 'panel stack', 'aria-labelledby': 'held-here' },
        make('h2', { id: 'held-here', textContent: words.here }),
        make('p', { textContent: words.heldHere }),
        make('p', { className: 'waiting' }, make('span', { className: 'pulse' }), make('strong', { textContent: words.heldWaits })),
        make(
          'div',
          { className: 'actions' },
          make('button', { type: 'button', className: 'quiet', textContent: words.stop, on: { click: stopped } }),
        ),
      ),
      make(
        'form',
        { className: 'panel stack', 'aria-labelledby': 'held-elsewhere', on: { submit } },
        make('h2', { id: 'held-elsewhere', textContent: words.heldElsewhere }),
        make('p', { textContent: words.heldElsewhereText }),
        make('div', { className: 'tight' }, make('label', { for: 'held-code', textContent: words.heldCode }), input),
        problem,
        make('div', { className: 'actions' }, button),
      ),
    ),
  ];
}
