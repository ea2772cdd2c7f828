import { describe, expect, it } from 'vitest';

import { type Bridge, CallFailed } from '../../src/bridge/bridge';
import type { WaitingView } from '../../src/bridge/contract';
import { mayAsk, Waiting } from '../../src/state/waiting.svelte';

const one: WaitingView = {
  id: 'w-1',
  title: 'Meten',
  issuer: { name: 'Hogeschool', host: null, evidence: 'claimed', identifier: 'https://h.example' },
  since: '2026-11-20T09:00:00Z',
  askAfter: '2026-11-20T10:00:00Z',
};

/** A bridge whose list is this one, or that fails with this kind. */
function bridge(list: WaitingView[], kind?: 'locked' | 'card_not_found'): Bridge {
  const call = (): Promise<never> =>
    kind === undefined
      ? Promise.resolve(list as never)
      : Promise.reject(new CallFailed({ kind, step: 'vault', message: kind }));
  return { call, on: () => Promise.resolve(() => true) } as unknown as Bridge;
}

describe('the waiting cards', () => {
  it('may be asked about from the moment that the institution named', () => {
    const moment = Date.parse(one.askAfter);
    expect([mayAsk(one, moment - 1), mayAsk(one, moment), mayAsk(one, moment + 1)]).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('are read, given up, and forgotten on locking', async () => {
    const waiting = new Waiting(bridge([one]));
    await waiting.load();
    expect(waiting.found).toEqual([one]);
    const empty = new Waiting(bridge([]));
    empty.found = [one];
    expect(await empty.giveUp(one.id)).toBeNull();
    expect(empty.found).toEqual([]);
    waiting.clear();
    expect(waiting.found).toEqual([]);
  });

  it('stay as they were when the engine refuses', async () => {
    const waiting = new Waiting(bridge([], 'card_not_found'));
    waiting.found = [one];
    await waiting.load();
    expect((await waiting.giveUp(one.id))?.kind).toBe('card_not_found');
    expect(waiting.found).toEqual([one]);
  });
});
