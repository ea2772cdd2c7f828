import { asFailure, type Bridge } from '../bridge/bridge';
import type { FailureView, WaitingView } from '../bridge/contract';

/** The cards that institutions hand out later. */
export class Waiting {
  /** What is waited for, the oldest first. */
  found = $state.raw<WaitingView[]>([]);

  constructor(private readonly bridge: Bridge) {}

  /** Reads the list. What cannot be read leaves the list as it was: the cards beside it say why. */
  async load(): Promise<void> {
    try {
      this.found = await this.bridge.call('waiting', {});
    } catch {
      // Locked in between, or said by the list of cards.
    }
  }

  /** Waits for one no longer. */
  async giveUp(id: string): Promise<FailureView | null> {
    try {
      this.found = await this.bridge.call('give_up', { id });
      return null;
    } catch (cause) {
      return asFailure(cause);
    }
  }

  /** Forgets everything, as on locking. */
  clear(): void {
    this.found = [];
  }
}

/** Whether an institution wants to be asked already. */
export function mayAsk(waiting: WaitingView, now: number): boolean {
  return Date.parse(waiting.askAfter) <= now;
}
