import type { SessionView } from '../bridge/contract';

/** Work that ends within this time is not shown at all. */
export const QUIET_MILLIS = 300;
/** Work that is shown stays at least this long, so that nothing flashes. */
export const SHOWN_MILLIS = 400;

const IDLE: SessionView = { stage: 'idle' };

/** The mirror of the running session, and the calmer view of it that is drawn. */
export class Stage {
  /** What the engine said last. */
  actual = $state.raw<SessionView>(IDLE);
  /** What is drawn. */
  shown = $state.raw<SessionView>(IDLE);
  /** A call is on its way, or the engine is at work. */
  busy = $derived(this.actual.stage === 'working');

  #wait: ReturnType<typeof setTimeout> | undefined;
  #shownSince = 0;

  /** Takes what the engine said. */
  take(view: SessionView): void {
    this.actual = view;
    if (view.stage === 'working') {
      if (this.shown.stage === 'working') {
        clearTimeout(this.#wait);
        this.#wait = undefined;
        this.shown = view;
      } else {
        this.#wait ??= setTimeout(() => this.#draw(this.actual), QUIET_MILLIS);
      }
      return;
    }
    clearTimeout(this.#wait);
    this.#wait = undefined;
    const left = this.shown.stage === 'working' ? this.#shownSince + SHOWN_MILLIS - Date.now() : 0;
    if (left > 0) this.#wait = setTimeout(() => this.#draw(this.actual), left);
    else this.#draw(view);
  }

  /** Forgets everything, as on locking. */
  clear(): void {
    clearTimeout(this.#wait);
    this.#wait = undefined;
    this.actual = IDLE;
    this.shown = IDLE;
  }

  #draw(view: SessionView): void {
    this.#wait = undefined;
    if (view.stage === 'working') this.#shownSince = Date.now();
    this.shown = view;
  }
}
