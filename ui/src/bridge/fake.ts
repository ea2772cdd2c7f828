import { type Bridge, CallFailed } from './bridge';
import type {
  ActivityView,
  AnswerView,
  CardDetail,
  Commands,
  CopiesView,
  ErrorKind,
  Events,
  PlanView,
  SessionView,
  Settings,
  Snapshot,
  TrustedView,
  WaitingView,
} from './contract';
import {
  ACTIVITY,
  BROKEN_OFF,
  CARDS,
  KEYS,
  LOGOS,
  OFFERED,
  PARTIES,
  RECOVERY_GROUPS,
  TRUSTED,
  UNSEEN,
  WHILE_LOCKED,
} from './fake-data';
import { FakeApprovals, UNAPPROVED } from './fake-approvals';
import {
  AWAITED,
  CHOICES,
  INSTITUTIONS,
  LATER,
  SIGN_IN,
  WITHOUT_CODE,
  cameAgain,
  cameLater,
  copiesOf,
  newLine,
  offered,
  reviewed,
} from './fake-later';
import { stock } from './fake-learning';
import { FakeLinks } from './fake-links';
import { frames, hostileCard, hostilePlan, offlinePlan, plan, strangerPlan } from './fake-plans';

/** Stands in every build that holds the invented wallet, so that a test can prove that a release does not. */
export const FAKE_MARK = 'leerpas-invented-wallet';

const CODE = '4729';

function fail(kind: ErrorKind, step = 'intake', message = `invented ${kind}`): never {
  throw new CallFailed({ kind, step, message });
}

const sleep = (millis: number): Promise<void> => new Promise((done) => setTimeout(done, millis));

/** The whole engine, in memory, with invented people; for the browser and for tests. */
class FakeEngine {
  readonly #options = new URLSearchParams(globalThis.location?.search ?? '');
  readonly #delay = Number(this.#options.get('delay') ?? 15);
  #vault: Snapshot['vault'] = (this.#options.get('vault') as Snapshot['vault'] | null) ?? 'missing';
  #passphrase = 'een zin om te onthouden';
  #settings: Settings = {
    language: this.#options.get('lang') ?? 'nl',
    theme: this.#options.get('theme') ?? 'system',
    lockAfterMinutes: Number(this.#options.get('lock') ?? 5),
    keychain: this.#options.get('keychain') === '1',
  };
  #waiting = this.#options.get('waiting') === '1';
  readonly #links = new FakeLinks(this.#options.get('links') === 'other');
  readonly #approvals = new FakeApprovals(this.#options.get('approvals') === '1');
  #tooLate = this.#options.get('toolate') === '1';
  readonly #brokenOff: ActivityView[] = this.#options.get('brokenoff') === '1' ? BROKEN_OFF : [];
  #cards: CardDetail[] = stock(this.#options.get('cards'));
  #activity: ActivityView[] = this.#options.get('cards') === '0' ? [] : [...ACTIVITY];
  #identities = ['noor@noorderlicht.example'];
  #trusted: TrustedView[] = this.#options.get('cards') === '0' ? [] : [...TRUSTED];
  #later: WaitingView[] = this.#options.get('later') === '1' ? [...LATER] : [];
  readonly #refilled = new Set<string>();
  #session: SessionView = { stage: 'idle' };
  #turn = 0;
  #uncertain = false;
  /** The page of the sign-in will ask for a card first. */
  #cardFirst = false;
  #signingIn: string | null = null;
  #looked = 0;
  readonly #listeners = new Map<keyof Events, Set<(payload: never) => void>>();

  on<K extends keyof Events>(name: K, handler: (payload: Events[K]) => void): () => void {
    const set = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, set);
    set.add(handler);
    return () => set.delete(handler);
  }

  emit<K extends keyof Events>(name: K, payload: Events[K]): void {
    for (const handler of this.#listeners.get(name) ?? []) (handler as (payload: Events[K]) => void)(payload);
  }

  /** Puts a session on the screen, as the engine would. For tests. */
  show(view: SessionView): void {
    this.#session = view;
    this.emit('session', view);
  }

  async call<K extends keyof Commands>(
    name: K,
    args: Commands[K]['arguments'],
  ): Promise<Commands[K]['answer']> {
    await sleep(this.#delay);
    const locked = this.#vault !== 'open';
    if (locked && !WHILE_LOCKED.includes(name)) fail('locked', 'vault');
    return (await this.#commands[name](args as never)) as Commands[K]['answer'];
  }

  readonly #commands: { [K in keyof Commands]: (args: Commands[K]['arguments']) => unknown } = {
    snapshot: () => this.#snapshot(),
    save_settings: ({ settings }) => {
      this.#settings = settings;
      return this.#changed();
    },
    create_vault: ({ passphrase }) => {
      if (Array.from(passphrase).length < 10) fail('weak_passphrase', 'vault');
      if (this.#vault !== 'missing') fail('vault_exists', 'vault');
      this.#passphrase = passphrase;
      this.#vault = 'open';
      this.#changed();
      return { groups: RECOVERY_GROUPS };
    },
    unlock: ({ passphrase }) => {
      if (passphrase !== this.#passphrase) fail('wrong_passphrase', 'vault');
      return this.#unlocked();
    },
    unlock_with_keychain: () => this.#unlocked(),
    recover: ({ recoveryKey, passphrase }) => {
      if (recoveryKey.replaceAll(/[^a-z0-9]/gi, '').toUpperCase() !== RECOVERY_GROUPS.join('')) {
        fail('wrong_passphrase', 'vault');
      }
      this.#passphrase = passphrase;
      return this.#unlocked();
    },
    lock: () => {
      this.#turn += 1;
      this.#session = { stage: 'idle' };
      this.#vault = 'locked';
      return this.#changed();
    },
    cards: ({ query }) => {
      const words = query.toLowerCase().split(/\s+/).filter(Boolean);
      return this.#cards
        .filter((card) => {
          const text =
            `${card.summary.title} ${card.summary.issuer.name} ${card.description} ${card.skills.join(' ')}`.toLowerCase();
          return words.every((word) => text.includes(word));
        })
        .map((card) => card.summary);
    },
    card: ({ id }) => this.#cards.find((card) => card.summary.id === id) ?? fail('card_not_found', 'vault'),
    delete_card: ({ id }) => {
      this.#cards = this.#cards.filter((card) => card.summary.id !== id);
      this.emit('cards', null);
      return null;
    },
    check_card: async ({ id }) => {
      await sleep(this.#delay * 10);
      if (this.#options.get('offline') === '1') fail('unreachable', 'verify');
      const card = this.#cards.find((one) => one.summary.id === id) ?? fail('card_not_found', 'vault');
      return { ...card, summary: { ...card.summary, checked: new Date().toISOString() } };
    },
    check_cards: async () => {
      await sleep(this.#delay * 10);
      if (this.#options.get('offline') === '1') fail('unreachable', 'verify');
      const checked = new Date().toISOString();
      this.#cards = this.#cards.map((card) => ({ ...card, summary: { ...card.summary, checked } }));
      this.emit('cards', null);
      return null;
    },
    save_card: ({ id, picture }) => {
      const card = this.#cards.find((one) => one.summary.id === id) ?? fail('card_not_found', 'export');
      return `/home/noor/Downloads/${card.summary.title.replaceAll(' ', '-')}.${picture ? 'png' : 'json'}`;
    },
    identities: () => this.#identities,
    set_identities: ({ identities }) => {
      this.#identities = [...new Set(identities.map((one) => one.trim()).filter(Boolean))];
      return this.#identities;
    },
    trusted: () => this.#trusted,
    trust_issuer: ({ card }) => this.#trust(card),
    ...this.#approvals.commands,
    logo: ({ name }) => LOGOS[name] ?? null,
    distrust: ({ id }) => (this.#trusted = this.#trusted.filter((one) => one.id !== id)),
    activity: () => this.#activity,
    save_receipt: ({ id }) => `/home/noor/Downloads/bewijs-2026-11-18-${id}.json`,
    keys: () => (this.#options.get('cards') === '0' ? [] : KEYS),
    waiting: () => this.#later,
    collect: ({ id }) => this.#collect(id),
    give_up: ({ id }) => (this.#later = this.#later.filter((one) => one.id !== id)),
    copies: ({ card }) => this.#copies(card),
    refill: async ({ card }) => {
      await sleep(this.#delay * 4);
      if (this.#options.get('offline') === '1') fail('unreachable', 'credential');
      this.#refilled.add(card);
      return this.#copies(card);
    },
    institutions: () => (this.#options.get('cards') === '0' ? [] : INSTITUTIONS),
    visit: ({ address }) => this.#visit(address),
    session: () => this.#session,
    arrive_text: ({ text }) => this.#arrive(text),
    arrive_file: ({ name }) => this.#arriveFile(name),
    // The code comes into the picture after a while.
    look: () => (this.#looked += 1) % 80 === 0,
    answer: ({ answer }) => this.#answer(answer),
    cancel: () => {
      this.#turn += 1;
      if (this.#signingIn !== null && this.#session.stage !== 'working') {
        return this.#set(AWAITED);
      }
      this.#signsIn(null);
      if (this.#tooLate) {
        this.#tooLate = false;
        this.#changed();
      }
      return this.#set({ stage: 'idle' });
    },
    open_link: () => null,
    link_handlers: () => this.#links.list(),
    take_links: () => this.#links.take(),
  };

  /** The first is ready, every other one takes longer. */
  async #collect(id: string): Promise<SessionView> {
    const found = this.#later.find((one) => one.id === id) ?? fail('card_not_found', 'vault');
    if (Date.parse(found.askAfter) > Date.now()) fail('too_early', 'credential');
    if (found !== this.#later[0]) {
      return this.#work(['metadata', 'credential'], () => ({ stage: 'later', cards: [], waiting: [found] }));
    }
    return this.#work(['metadata', 'credential', 'verify'], () => cameLater(found));
  }

  #copies(card: string): CopiesView {
    const found = this.#cards.find((one) => one.summary.id === card) ?? fail('card_not_found', 'vault');
    return copiesOf(found, this.#refilled.has(card));
  }

  async #visit(address: string): Promise<SessionView> {
    if (this.#session.stage !== 'idle') fail('busy');
    if (address.startsWith('http:')) return this.#set(this.#failed('insecure_address', 'metadata'));
    if (!INSTITUTIONS.some((one) => one.address === address)) {
      return this.#work(['metadata'], () => this.#failed('unreachable', 'metadata'));
    }
    return this.#work(['metadata'], () => ({ stage: 'choose', issuer: PARTIES.waterkant, options: CHOICES }));
  }

  /** Every card of this issuer says so at once. */
  #trust(id: string): CardDetail {
    const found = this.#cards.find((one) => one.summary.id === id) ?? fail('card_not_found', 'vault');
    if (found.issuer.evidence !== 'proved') fail('credential_uncheckable', 'trust');
    const issuer = { ...found.issuer, evidence: 'own' };
    const known = (card: CardDetail): CardDetail => ({
      ...card,
      issuer,
      summary: { ...card.summary, issuer },
      checks: card.checks.map((one) => (one.name === 'issuer_trust' ? { ...one, result: 'pass' } : one)),
    });
    const card = known(found);
    const theirs = (one: CardDetail): boolean => one.issuer.identifier === issuer.identifier;
    this.#cards = this.#cards.map((one) => (one === found ? card : theirs(one) ? known(one) : one));
    const { name, identifier } = issuer;
    const added = new Date().toISOString();
    this.#trusted = [
      { id: `t-${id}`, name, identifier, added, fromList: false, logo: null },
      ...this.#trusted,
    ];
    this.emit('cards', null);
    return card;
  }

  #snapshot(): Snapshot {
    return {
      vault: this.#vault,
      settings: this.#settings,
      version: '0.1.0',
      waiting: this.#waiting,
      tooLate: this.#tooLate,
      brokenOff: this.#vault === 'open' ? this.#brokenOff : [],
      signInWaits: this.#vault === 'open' ? this.#signingIn : null,
      signInSleeps: this.#vault === 'locked' && this.#signingIn !== null,
    };
  }

  #signsIn(at: string | null): void {
    if (this.#signingIn === at) return;
    this.#signingIn = at;
    this.#changed();
  }

  #changed(): Snapshot {
    const snapshot = this.#snapshot();
    this.emit('snapshot', snapshot);
    return snapshot;
  }

  #unlocked(): Snapshot {
    this.#vault = 'open';
    this.#waiting = false;
    if (this.#signingIn !== null) this.#session = AWAITED;
    return this.#changed();
  }

  #set(view: SessionView): SessionView {
    this.#session = view;
    this.emit('session', view);
    return view;
  }

  /** Walks through the steps with their time; a stop in between ends it. */
  async #work(steps: string[], end: () => SessionView): Promise<SessionView> {
    this.#turn += 1;
    const turn = this.#turn;
    for (const step of steps) {
      this.#set({ stage: 'working', step });
      await sleep(this.#delay * 4);
      if (turn !== this.#turn) return this.#session;
    }
    return this.#set(end());
  }

  #failed(kind: ErrorKind, step: string, retry = false): SessionView {
    return { stage: 'failed', failure: { kind, step, message: `invented ${kind} at ${step}` }, retry };
  }

  async #arrive(text: string): Promise<SessionView> {
    const aside = this.#signingIn !== null && this.#session.stage === 'working';
    if (this.#session.stage !== 'idle' && !aside) fail('busy');
    const test = /^test:([a-z_]+)(?::([a-z_]+))?/.exec(text);
    if (test) return this.#scenario(test[1] ?? '', test[2] ?? '');
    if (text.startsWith('openid-credential-offer:')) {
      return this.#work(['offer'], () => offered(false));
    }
    if (text.startsWith('openid4vp:'))
      return this.#work(['request'], () => ({ stage: 'share', plan: plan() }));
    if (text.startsWith('http:')) return this.#set(this.#failed('insecure_address', 'intake'));
    return fail('not_recognised');
  }

  async #scenario(name: string, detail: string): Promise<SessionView> {
    switch (name) {
      case 'unapproved':
        return this.#set(UNAPPROVED);
      case 'fail':
        return this.#set(this.#failed(detail as ErrorKind, 'metadata', detail === 'unreachable'));
      case 'work':
        return this.#work(
          Array.from({ length: 400 }, () => detail || 'metadata'),
          () => ({ stage: 'idle' }),
        );
      case 'uncertain':
        this.#uncertain = true;
        return this.#work(['request'], () => ({ stage: 'share', plan: plan() }));
      case 'offline':
        return this.#work(['request'], () => ({ stage: 'share', plan: offlinePlan() }));
      case 'stranger':
        return this.#work(['request'], () => ({ stage: 'share', plan: strangerPlan() }));
      case 'hostile':
        return this.#work(['request'], () => ({ stage: 'share', plan: hostilePlan() }));
      case 'badcard':
        this.#cards = [hostileCard(), ...this.#cards];
        this.emit('cards', null);
        return this.#session;
      case 'contact':
        return this.#set({ stage: 'offer', issuer: UNSEEN, titles: [], code: null, signIn: null });
      case 'nocode':
        return this.#work(['offer'], () => WITHOUT_CODE);
      case 'back':
        this.#signsIn(null);
        return this.#work(['token', 'credential', 'verify'], () => reviewed(false));
      case 'cardfirst':
        this.#cardFirst = true;
        return this.#scenario('signin', '');
      case 'signin':
        return this.#set(SIGN_IN);
      case 'later':
        this.#later = [...LATER];
        return this.#set({
          stage: 'later',
          cards: detail === 'some' ? [OFFERED.summary] : [],
          waiting: LATER,
        });
      case 'duplicate':
      case 'newer':
      case 'older':
        return this.#set(cameAgain(name));
      default:
        return fail('not_recognised');
    }
  }

  async #arriveFile(name: string): Promise<SessionView> {
    if (this.#session.stage !== 'idle') fail('busy');
    if (name.includes('half')) return this.#set(this.#failed('badge_damaged', 'intake'));
    if (name.includes('qr')) return this.#arrive('openid-credential-offer://?qr');
    const card = CARDS[CARDS.length - 1] as CardDetail;
    const found: CardDetail = {
      ...card,
      summary: { ...card.summary, id: 'c-file', format: 'ldp_vc' },
      received: null,
    };
    return this.#work(['verify'], () => ({ ...reviewed(false), cards: [found], source: 'file' }));
  }

  async #answer(answer: AnswerView): Promise<SessionView> {
    const at = this.#session;
    if (answer.answer === 'choose' && at.stage === 'choose') {
      const titles = at.options.filter((one) => answer.ids.includes(one.id)).map((one) => one.title);
      return this.#work(['metadata'], () => ({
        stage: 'offer',
        issuer: at.issuer,
        titles,
        code: null,
        signIn: SIGN_IN.host,
      }));
    }
    if (answer.answer === 'sign_in' && this.#cardFirst) {
      this.#signsIn(SIGN_IN.host);
      return this.#set(AWAITED);
    }
    if (answer.answer === 'sign_in') return this.#work(['authorization', 'token'], () => offered(false));
    if (answer.answer === 'take' && at.stage === 'offer') {
      if (at.titles.length === 0) return this.#work(['offer'], () => offered(false));
      if (at.code !== null && answer.code !== CODE) {
        return this.#work(['token'], () => offered(true));
      }
      return this.#work(['metadata', 'token', 'credential', 'verify'], () =>
        reviewed(this.#cards.some((card) => card.summary.title === OFFERED.summary.title)),
      );
    }
    if (answer.answer === 'keep' && at.stage === 'review') return this.#keep(at.cards, at.source);
    if (answer.answer === 'decline' && at.stage === 'share') {
      this.#log({ kind: 'shared', outcome: 'declined', party: at.plan.requester, claims: [] });
      return this.#set({ stage: 'declined' });
    }
    if (answer.answer === 'share' && at.stage === 'share') {
      if (answer.fingerprint !== at.plan.fingerprint)
        return this.#set(this.#failed('request_invalid', 'response'));
      if (at.plan.offline) return this.#work(['response'], () => ({ stage: 'frames', frames: frames() }));
      return this.#share(at.plan, answer);
    }
    if (answer.answer === 'shown' && at.stage === 'frames') {
      const outcome = answer.read ? 'done' : 'uncertain';
      this.#log({ kind: 'shared', outcome, party: at.frames.party });
      return this.#set({ stage: 'shared', party: at.frames.party, outcome, count: 3, goOn: null });
    }
    return fail('no_session', 'answer');
  }

  #keep(cards: CardDetail[], source: string): SessionView {
    const kept = cards.map((card) => ({ ...card, received: new Date().toISOString() }));
    this.#cards = [...kept, ...this.#cards];
    this.#later = this.#later.filter((one) => !cards.some((card) => card.summary.title === one.title));
    this.#log({
      kind: source === 'file' ? 'imported' : 'received',
      outcome: 'done',
      party: cards[0]?.summary.issuer ?? null,
      titles: cards.map((card) => card.summary.title),
    });
    this.emit('cards', null);
    return this.#set({ stage: 'kept', cards: kept.map((card) => card.summary) });
  }

  async #share(asked: PlanView, answer: Extract<AnswerView, { answer: 'share' }>): Promise<SessionView> {
    const claims = asked.queries.flatMap((query) => {
      const chosen = answer.cards.find((card) => card.query === query.id);
      const candidate = query.candidates.find((one) => one.card.id === chosen?.card);
      return (candidate?.claims ?? [])
        .map((claim) => claim.path)
        .filter((path) => !answer.without.some((left) => left.query === query.id && left.path === path));
    });
    const outcome = this.#uncertain ? 'uncertain' : 'done';
    this.#uncertain = false;
    return this.#work(['response'], () => {
      this.#log({
        kind: 'shared',
        outcome,
        party: asked.requester,
        purpose: asked.purpose,
        titles: ['Data-analyse voor de zorg'],
        claims,
      });
      return {
        stage: 'shared',
        party: asked.requester,
        outcome,
        count: claims.length,
        goOn: outcome === 'done' ? 'https://werken.delinde.example/sollicitatie/klaar' : null,
      };
    });
  }

  #log(change: Partial<ActivityView>): void {
    this.#activity = [{ ...newLine(this.#activity.length), ...change }, ...this.#activity];
  }
}

/** The bridge to the invented wallet. */
export function make(): Bridge {
  const engine = new FakeEngine();
  Object.assign(globalThis, { leerpasFake: { mark: FAKE_MARK, engine } });
  return {
    call: (name, args) => engine.call(name, args),
    on: (name, handler) => Promise.resolve(engine.on(name, handler)),
  };
}
