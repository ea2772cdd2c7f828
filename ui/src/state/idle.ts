/** What the idle clock tells: whether to warn, with how many seconds left, and when to lock. */
export interface IdleSigns {
  warn(secondsLeft: number): void;
  calm(): void;
  lock(): void;
}

const TICK = 1_000;

/**
 * Locks after some minutes without a key or a click, with a warning one minute before (half a minute
 * when there is only one). Compares instants rather than counting ticks, so a sleeping computer locks
 * when it wakes.
 */
export class IdleClock {
  #last = Date.now();
  #limit = 0;
  #warned = false;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly signs: IdleSigns) {}

  /** Starts or changes; 0 minutes is never. */
  start(minutes: number): void {
    this.stop();
    this.#limit = minutes * 60_000;
    this.#last = Date.now();
    if (minutes > 0) this.#timer = setInterval(() => this.#look(), TICK);
  }

  /** Stops, as while locked. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#settle();
  }

  /** The person did something. While the warning is up only its own buttons count. */
  touch(): void {
    if (!this.#warned) this.#last = Date.now();
  }

  /** The person says to be there. */
  stay(): void {
    this.#last = Date.now();
    this.#settle();
  }

  #settle(): void {
    if (!this.#warned) return;
    this.#warned = false;
    this.signs.calm();
  }

  #look(): void {
    const left = this.#limit - (Date.now() - this.#last);
    if (left <= 0) {
      this.stop();
      this.signs.lock();
      return;
    }
    if (left <= Math.min(60_000, this.#limit / 2)) {
      this.#warned = true;
      this.signs.warn(Math.ceil(left / 1_000));
    }
  }
}
