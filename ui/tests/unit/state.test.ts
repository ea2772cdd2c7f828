import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { PlanView } from '../../src/bridge/contract';
import { asFailure, type Bridge, CallFailed } from '../../src/bridge/bridge';
import { isReadableType, toBase64 } from '../../src/state/arrival';
import { ShareDraft } from '../../src/state/draft.svelte';
import { IdleClock } from '../../src/state/idle';
import { Logos } from '../../src/state/logos.svelte';
import { Stage } from '../../src/state/stage.svelte';
import { strength } from '../../src/state/strength';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the stage', () => {
  it('does not show work that ends within 300 ms', () => {
    const stage = new Stage();
    stage.take({ stage: 'working', step: 'offer' });
    vi.advanceTimersByTime(290);
    expect(stage.shown.stage).toBe('idle');
    stage.take({ stage: 'declined' });
    expect(stage.shown.stage).toBe('declined');
    vi.advanceTimersByTime(1000);
    expect(stage.shown.stage).toBe('declined');
  });

  it('keeps work that is shown for a moment, so that nothing flashes', () => {
    const stage = new Stage();
    stage.take({ stage: 'working', step: 'offer' });
    vi.advanceTimersByTime(310);
    expect(stage.shown).toEqual({ stage: 'working', step: 'offer' });
    stage.take({ stage: 'working', step: 'verify' });
    expect(stage.shown).toEqual({ stage: 'working', step: 'verify' });
    stage.take({ stage: 'declined' });
    expect(stage.shown.stage).toBe('working');
    vi.advanceTimersByTime(400);
    expect(stage.shown.stage).toBe('declined');
  });

  it('forgets all on locking', () => {
    const stage = new Stage();
    stage.take({ stage: 'working', step: 'offer' });
    stage.clear();
    vi.advanceTimersByTime(1000);
    expect(stage.shown.stage).toBe('idle');
  });
});

describe('the logos', () => {
  const party = {
    name: 'Hogeschool Delta',
    host: null,
    identifier: 'https://delta.example',
    evidence: 'listed',
  };
  const asking = (answer: string | null) => {
    const call = vi.fn(() => Promise.resolve(answer));
    return { call, logos: new Logos({ call, on: vi.fn() } as unknown as Bridge) };
  };

  it('asks once for a party that is on a list, and never for another', async () => {
    const { call, logos } = asking('data:image/png;base64,AAAA');
    await logos.want(party);
    await logos.want({ ...party });
    expect(logos.of(party)).toBe('data:image/png;base64,AAAA');
    expect(call).toHaveBeenCalledExactlyOnceWith('logo', { name: party.name, identifier: party.identifier });
    for (const evidence of ['own', 'proved', 'claimed']) {
      await logos.want({ ...party, identifier: 'did:x', evidence });
      expect(logos.of({ ...party, evidence })).toBeNull();
    }
    expect(call).toHaveBeenCalledOnce();
  });

  it('shows no address, and forgets all on locking', async () => {
    const { logos } = asking('https://spy.example/logo.png');
    await logos.want(party);
    expect(logos.of(party)).toBeNull();
    const good = asking('data:image/png;base64,AAAA');
    const late = good.logos.want(party);
    good.logos.clear();
    await late;
    expect(good.logos.of(party)).toBeNull();
    await good.logos.want(party);
    good.logos.renew();
    expect(good.logos.of(party)).not.toBeNull();
    await good.logos.want(party);
    expect(good.call).toHaveBeenCalledTimes(3);
  });
});

describe('the idle clock', () => {
  it('warns one minute before, counts down and locks', () => {
    const signs = { warn: vi.fn(), calm: vi.fn(), lock: vi.fn() };
    const clock = new IdleClock(signs);
    clock.start(5);
    vi.advanceTimersByTime(239_000);
    expect(signs.warn).not.toHaveBeenCalled();
    vi.advanceTimersByTime(2_000);
    expect(signs.warn).toHaveBeenCalledWith(60);
    vi.advanceTimersByTime(60_000);
    expect(signs.lock).toHaveBeenCalledOnce();
  });

  it('begins anew when the person says to be there, and not at a stray key under the warning', () => {
    const signs = { warn: vi.fn(), calm: vi.fn(), lock: vi.fn() };
    const clock = new IdleClock(signs);
    clock.start(2);
    vi.advanceTimersByTime(90_000);
    clock.touch();
    vi.advanceTimersByTime(10_000);
    clock.stay();
    expect(signs.calm).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(50_000);
    expect(signs.lock).not.toHaveBeenCalled();
    vi.advanceTimersByTime(71_000);
    expect(signs.lock).toHaveBeenCalledOnce();
  });

  it('never locks at 0 minutes', () => {
    const signs = { warn: vi.fn(), calm: vi.fn(), lock: vi.fn() };
    new IdleClock(signs).start(0);
    vi.advanceTimersByTime(86_400_000);
    expect(signs.lock).not.toHaveBeenCalled();
  });
});

const card = (id: string): PlanView['queries'][number]['candidates'][number]['card'] => ({
  id,
  title: id,
  issuer: { name: 'Hogeschool Amstelland', host: null, evidence: 'listed', identifier: 'x' },
  picture: null,
  credit: null,
  creditUnit: null,
  level: null,
  status: 'valid',
  issued: null,
  expires: null,
  checked: null,
  knownAt: null,
  format: 'dc+sd-jwt',
});
const claim = (
  path: string,
  optional: boolean,
): PlanView['queries'][number]['candidates'][number]['claims'][number] => ({
  path,
  label: null,
  value: path,
  asked: true,
  optional,
  sensitive: null,
});
const plan: PlanView = {
  requester: { name: 'De Linde', host: 'delinde.example', evidence: 'proved', identifier: 'x' },
  attestedBy: null,
  hostCaution: null,
  looksLike: null,
  purpose: null,
  registrar: null,
  registeredFor: null,
  beyondRegistration: false,
  statements: [],
  queries: [
    {
      id: 'q',
      required: true,
      multiple: false,
      reusable: false,
      candidates: [
        {
          card: card('one'),
          linkable: false,
          whole: false,
          claims: [claim('name', false), claim('birthdate', true)],
        },
        {
          card: card('two'),
          linkable: false,
          whole: false,
          claims: [claim('name', false), claim('birthdate', true)],
        },
      ],
    },
    {
      id: 'extra',
      required: false,
      multiple: false,
      reusable: false,
      candidates: [{ card: card('three'), linkable: false, whole: true, claims: [claim('*', false)] }],
    },
  ],
  before: [],
  retention: null,
  offline: false,
  fingerprint: 'f',
};

describe('the draft of an answer', () => {
  it('begins with all that is needed and nothing of what is not, and counts it', () => {
    const draft = new ShareDraft(plan);
    expect(draft.count).toBe(2);
    draft.include(plan.queries[1] as PlanView['queries'][number], true);
    expect(draft.count).toBe(3);
    expect(draft.answer()).toEqual({
      answer: 'share',
      fingerprint: 'f',
      cards: [
        { query: 'q', card: 'one' },
        { query: 'extra', card: 'three' },
      ],
      without: [],
    });
  });

  it('leaves out what was unticked, for that card only', () => {
    const draft = new ShareDraft(plan);
    const query = plan.queries[0] as PlanView['queries'][number];
    draft.set(query, 'birthdate', false);
    expect(draft.included(plan.queries[1] as PlanView['queries'][number])).toBe(false);
    expect(draft.count).toBe(1);
    expect(draft.answer()).toMatchObject({
      cards: [{ query: 'q', card: 'one' }],
      without: [{ query: 'q', path: 'birthdate' }],
    });
    draft.pick(query, 'two');
    expect(draft.answer()).toMatchObject({ cards: [{ query: 'q', card: 'two' }], without: [] });
  });

  it('cannot leave out what is required', () => {
    const draft = new ShareDraft(plan);
    draft.include(plan.queries[0] as PlanView['queries'][number], false);
    expect(draft.countOf(plan.queries[0] as PlanView['queries'][number])).toBe(2);
    draft.set(plan.queries[0] as PlanView['queries'][number], 'name', false);
    expect(draft.answer()).toMatchObject({ without: [] });
  });
});

describe('a query that takes several cards', () => {
  const first = plan.queries[0] as PlanView['queries'][number];
  const several = { ...plan, queries: [{ ...first, multiple: true }] };
  const query = several.queries[0] as PlanView['queries'][number];

  it('begins with one, and takes and gives back more', () => {
    const draft = new ShareDraft(several);
    expect(draft.count).toBe(2);
    expect(draft.others(query).map(({ card }) => card.id)).toEqual(['two']);
    draft.give(query, 'two', true);
    expect(draft.count).toBe(4);
    expect(draft.answer()).toMatchObject({
      cards: [
        { query: 'q', card: 'one' },
        { query: 'q', card: 'two' },
      ],
    });
    draft.pick(query, 'two');
    expect(draft.answer()).toMatchObject({ cards: [{ query: 'q', card: 'two' }] });
    draft.pick(query, 'one');
    draft.give(query, 'two', false);
    expect(draft.count).toBe(2);
    expect(new ShareDraft(plan).others(first)).toEqual([]);
  });

  it('leaves a claim out of each card that has it, and only where each can', () => {
    const draft = new ShareDraft(several);
    draft.give(query, 'two', true);
    draft.set(query, 'birthdate', false);
    expect(draft.count).toBe(2);
    expect(draft.answer()).toMatchObject({ without: [{ query: 'q', path: 'birthdate' }] });
    const [one, two] = query.candidates as [
      (typeof query.candidates)[number],
      (typeof query.candidates)[number],
    ];
    const fixed = { ...query, candidates: [one, { ...two, claims: [claim('birthdate', false)] }] };
    const other = new ShareDraft({ ...several, queries: [fixed] });
    other.set(fixed, 'birthdate', false);
    other.give(fixed, 'two', true);
    expect(other.answer()).toMatchObject({ without: [] });
    expect(other.claims(fixed, one).every(({ optional }) => !optional)).toBe(true);
  });
});

describe('small things', () => {
  it('judges a passphrase by length before tricks', () => {
    expect(strength('kort')).toBe('short');
    expect(strength('aaaaaaaaaaaaaaaaaaaaaa')).toBe('weak');
    expect(strength('wachtwoord')).toBe('weak');
    expect(strength('de fiets staat in de regen')).toBe('good');
  });

  it('makes base64 of a file without overflowing the stack', async () => {
    const bytes = new Uint8Array(100_000).map((_, at) => at % 251);
    expect(await toBase64(new Blob([bytes]))).toBe(Buffer.from(bytes).toString('base64'));
  });

  it('tells before release what cannot be read', () => {
    expect(isReadableType('image/png')).toBe(true);
    expect(isReadableType('')).toBe(true);
    expect(isReadableType('application/pdf')).toBe(false);
    expect(isReadableType('video/mp4')).toBe(false);
  });

  it('makes one kind of failure of whatever a call throws', () => {
    const failure = { kind: 'busy', step: 'intake', message: 'x' };
    expect(asFailure(new CallFailed(failure))).toEqual(failure);
    expect(asFailure(failure)).toEqual(failure);
    expect(asFailure('boom')).toEqual({ kind: 'internal', step: 'window', message: 'boom' });
    expect(asFailure({ kind: 7 }).kind).toBe('internal');
  });
});
