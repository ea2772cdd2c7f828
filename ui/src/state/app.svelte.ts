import { createContext } from 'svelte';

import { asFailure, type Bridge } from '../bridge/bridge';
import type {
  AnswerView,
  FailureView,
  RecoveryKeyView,
  SessionView,
  Settings,
  Snapshot,
} from '../bridge/contract';
import { type Language, languageOf, m } from '../words/words';
import { FILE_LIMIT, isReadableType, toBase64 } from './arrival';
import { IdleClock } from './idle';
import { Logos } from './logos.svelte';
import { Shelf } from './shelf.svelte';
import { Stage } from './stage.svelte';
import { Waiting } from './waiting.svelte';

/** The parts of the open wallet. */
export type Screen = 'cards' | 'add' | 'activity' | 'keys' | 'settings';

/** What the window knows. Mirrors are written only by answers and events of the bridge. */
export class App {
  snapshot = $state.raw<Snapshot | null>(null);
  startFailure = $state.raw<FailureView | null>(null);
  /** The language before the engine said one. */
  firstLanguage = $state<Language>(languageOf(globalThis.navigator?.language));
  language = $derived(this.snapshot ? languageOf(this.snapshot.settings.language) : this.firstLanguage);
  /** From the first start until the recovery key is confirmed, although the vault is open by then. */
  welcoming = $state(false);
  recovery = $state.raw<RecoveryKeyView | null>(null);

  screen = $state<Screen>('cards');
  /** Said to a screen reader. */
  announcement = $state('');
  /** Said to everyone, in passing. */
  notice = $state('');
  /** A failure outside any session, such as a second link while one runs. */
  problem = $state.raw<FailureView | null>(null);
  helping = $state(false);
  /** Seconds until the lock, while the warning is up. */
  locksIn = $state<number | null>(null);
  /** The server of an institution that has to approve this program: the settings show where. */
  approver: string | null = null;
  /** An answer is on its way. */
  sending = $state(false);

  readonly stage = new Stage();
  readonly shelf: Shelf;
  readonly logos: Logos;
  readonly waiting: Waiting;
  readonly idle: IdleClock;

  #events = 0;
  /** The last announcement outside the runes, so that an effect may announce without watching itself. */
  #said = '';
  #again: (() => Promise<void>) | null = null;
  #saved: Promise<FailureView | null> = Promise.resolve(null);

  constructor(readonly bridge: Bridge) {
    this.shelf = new Shelf(bridge);
    this.logos = new Logos(bridge);
    this.waiting = new Waiting(bridge);
    this.idle = new IdleClock({
      warn: (seconds) => {
        if (this.locksIn === null) this.announce(m.idle_announce());
        this.locksIn = seconds;
      },
      calm: () => (this.locksIn = null),
      lock: () => void this.lock(),
    });
  }

  /** Listens, then asks for the state of things. */
  async start(): Promise<void> {
    try {
      await this.bridge.on('snapshot', (snapshot) => this.#take(snapshot));
      await this.bridge.on('session', (view) => {
        this.#events += 1;
        this.#stage(view);
      });
      await this.bridge.on('cards', () => void this.#cardsChanged());
      this.startFailure = null;
      this.#take(await this.bridge.call('snapshot', {}));
    } catch (cause) {
      this.startFailure = asFailure(cause);
    }
  }

  /** Says something to a screen reader, also when it is the same as before. */
  announce(text: string): void {
    this.#said = this.#said === text ? `${text}\u00a0` : text;
    this.announcement = this.#said;
  }

  /** Shows a short word in passing. */
  tell(text: string): void {
    this.notice = text;
    this.announce(text);
  }

  /** Goes to a part of the wallet. */
  go(screen: Screen): void {
    this.screen = screen;
    this.notice = '';
    if (screen !== 'cards') return;
    void this.shelf.load();
    void this.waiting.load();
  }

  /** Changes settings one after the other, so that two quick changes do not undo each other. */
  saveSettings(change: Partial<Settings>): Promise<FailureView | null> {
    const saved = this.#saved.then(() => this.#save(change));
    this.#saved = saved;
    return saved;
  }

  async #save(change: Partial<Settings>): Promise<FailureView | null> {
    const now = this.snapshot?.settings;
    if (!now) return null;
    try {
      this.#take(await this.bridge.call('save_settings', { settings: { ...now, ...change } }));
      return null;
    } catch (cause) {
      return asFailure(cause);
    }
  }

  async createVault(passphrase: string): Promise<FailureView | null> {
    try {
      this.recovery = await this.bridge.call('create_vault', { passphrase });
      return null;
    } catch (cause) {
      return asFailure(cause);
    }
  }

  /** The recovery key is kept: the key leaves memory and the wallet opens. */
  async finishWelcome(): Promise<void> {
    this.recovery = null;
    this.welcoming = false;
    this.#take(await this.bridge.call('snapshot', {}));
  }

  async unlock(passphrase: string): Promise<FailureView | null> {
    return this.#open(() => this.bridge.call('unlock', { passphrase }));
  }

  async unlockWithKeychain(): Promise<FailureView | null> {
    return this.#open(() => this.bridge.call('unlock_with_keychain', {}));
  }

  async recover(recoveryKey: string, passphrase: string): Promise<FailureView | null> {
    return this.#open(() => this.bridge.call('recover', { recoveryKey, passphrase }));
  }

  async lock(): Promise<void> {
    if (this.snapshot?.vault !== 'open' || this.welcoming) return;
    // What is on the screen goes first, whatever the engine answers.
    const locked: Snapshot = { ...this.snapshot, vault: 'locked' };
    this.#take(locked);
    try {
      this.#take(await this.bridge.call('lock', {}));
    } catch (cause) {
      this.problem = asFailure(cause);
    }
  }

  /** Takes a link or text from anywhere. */
  async arriveText(text: string): Promise<void> {
    await this.#arrive(() => this.bridge.call('arrive_text', { text }));
  }

  /** Takes a file from anywhere; what is too large or of no use is refused before it is read. */
  async arriveFile(file: File): Promise<void> {
    if (file.size > FILE_LIMIT) return this.#refuse('input_too_large', `${file.size} bytes`);
    if (!isReadableType(file.type)) return this.#refuse('not_recognised', file.type);
    const base64 = await toBase64(file);
    await this.#arrive(() => this.bridge.call('arrive_file', { name: file.name, base64 }));
  }

  /** Asks whether a waiting card is ready. */
  async collect(id: string): Promise<void> {
    await this.#arrive(() => this.bridge.call('collect', { id }));
    await this.waiting.load();
  }

  /** Goes to an institution to collect something there. */
  async visit(address: string): Promise<void> {
    await this.#arrive(() => this.bridge.call('visit', { address }));
  }

  async answer(answer: AnswerView): Promise<void> {
    if (this.sending) return;
    if (answer.answer === 'sign_in') return this.#awaitBrowser();
    await this.#drive(() => this.bridge.call('answer', { answer }));
  }

  /** Stops the session, or leaves its last screen. */
  async leave(screen?: Screen): Promise<void> {
    this.#again = null;
    try {
      const view = await this.bridge.call('cancel', {});
      // A sign-in that was set aside is back on the screen.
      const ended = view.stage === 'working' && view.step !== 'authorization';
      this.#stage(ended ? { stage: 'idle' } : view);
    } catch {
      // There was nothing left to stop.
      this.stage.clear();
    }
    this.sending = false;
    if (screen) this.go(screen);
    await Promise.all([this.shelf.load(), this.waiting.load()]);
  }

  /** Asks the same question again where the engine still holds it, else begins again. */
  async retry(): Promise<void> {
    const again = this.#again;
    try {
      const view = await this.bridge.call('session', {});
      if (view.stage !== 'failed' && view.stage !== 'idle') return this.#stage(view);
    } catch {
      // Begin again below.
    }
    await this.leave();
    if (again) await again();
  }

  async #open(call: () => Promise<Snapshot>): Promise<FailureView | null> {
    try {
      this.#take(await call());
      return null;
    } catch (cause) {
      return asFailure(cause);
    }
  }

  async #arrive(call: () => Promise<SessionView>): Promise<void> {
    if (this.snapshot?.vault !== 'open' || this.welcoming) return;
    this.notice = '';
    if (this.stage.actual.stage === 'failed') await this.leave();
    const again = (): Promise<void> => this.#drive(call);
    if (this.stage.actual.stage === 'idle') this.#again = again;
    await again();
  }

  async #drive(call: () => Promise<SessionView>): Promise<void> {
    const seen = this.#events;
    const before = this.stage.actual;
    this.sending = true;
    if (before.stage === 'idle') this.stage.take({ stage: 'working', step: 'other' });
    try {
      const view = await call();
      // An event that overtook the answer is newer than a word that work has begun.
      if (this.#events === seen || view.stage !== 'working') this.#stage(view);
    } catch (cause) {
      const failure = asFailure(cause);
      if (before.stage === 'idle') this.#stage({ stage: 'failed', failure, retry: false });
      else this.problem = failure;
    } finally {
      this.sending = false;
    }
  }

  /** Waits for the browser. Its page may ask for a card first, so that others are answered meanwhile: events say where it stands. */
  async #awaitBrowser(): Promise<void> {
    try {
      await this.bridge.call('answer', { answer: { answer: 'sign_in' } });
    } catch (cause) {
      const failure = asFailure(cause);
      if (failure.kind !== 'locked') this.problem = failure;
    }
  }

  #refuse(kind: string, message: string): void {
    const failure: FailureView = { kind, step: 'intake', message };
    if (['idle', 'failed'].includes(this.stage.actual.stage))
      this.#stage({ stage: 'failed', failure, retry: false });
    else this.problem = failure;
  }

  #stage(view: SessionView): void {
    if (this.snapshot?.vault !== 'open') return;
    this.stage.take(view);
    if (view.stage === 'idle') this.#again = null;
    if (view.stage === 'kept') void this.shelf.load();
  }

  async #cardsChanged(): Promise<void> {
    if (this.snapshot?.vault !== 'open') return;
    // Whom a list names may have changed with them.
    this.logos.renew();
    await Promise.all([this.shelf.load(), this.waiting.load()]);
    if (this.shelf.selected !== null) await this.shelf.open(this.shelf.selected);
  }

  #take(snapshot: Snapshot): void {
    const before = this.snapshot;
    this.snapshot = snapshot;
    if (snapshot.vault === 'missing') this.welcoming = true;
    if (snapshot.vault !== 'open') {
      this.idle.stop();
      if (before?.vault === 'open') this.#forget();
      return;
    }
    if (this.welcoming) return;
    if (before?.vault !== 'open' || before.settings.lockAfterMinutes !== snapshot.settings.lockAfterMinutes) {
      this.idle.start(snapshot.settings.lockAfterMinutes);
    }
    if (this.shelf.found === null) void this.#enter();
  }

  async #enter(): Promise<void> {
    await Promise.all([this.shelf.load(), this.waiting.load()]);
    try {
      const seen = this.#events;
      const view = await this.bridge.call('session', {});
      // What happened here meanwhile is newer, also a refusal of which the engine knows nothing.
      if (this.#events === seen && this.stage.actual.stage === 'idle') this.#stage(view);
    } catch {
      // No session to take up.
    }
  }

  /** Everything that came out of the vault leaves memory and, with it, the screen. */
  #forget(): void {
    this.stage.clear();
    this.shelf.clear();
    this.logos.clear();
    this.waiting.clear();
    this.recovery = null;
    this.screen = 'cards';
    this.notice = '';
    this.problem = null;
    this.helping = false;
    this.locksIn = null;
    this.sending = false;
    this.approver = null;
    this.#again = null;
    this.announce(m.announce_locked());
  }
}

const [useApp, provideApp] = createContext<App>();
export { provideApp, useApp };
