import { asFailure, type Bridge } from '../bridge/bridge';
import type { CardDetail, CardSummary, FailureView } from '../bridge/contract';

/** The orders of the list. */
export const SORTS = ['newest', 'title', 'issuer'] as const;
/** One of them. */
export type Sort = (typeof SORTS)[number];

const SORT_KEY = 'leerpas.sort';

/** The cards: what was searched for, what was found, and the one that is open. */
export class Shelf {
  /** What was typed. */
  query = $state('');
  /** How the list is ordered. Remembered on this computer; says nothing about the person. */
  sort = $state<Sort>(rememberedSort());
  /** What the engine found for {@link query}; `null` until it first answered. */
  found = $state.raw<CardSummary[] | null>(null);
  /** Whether there are any cards at all, once known. */
  empty = $state(false);
  /** The card that is open. */
  selected = $state<string | null>(null);
  /** Its detail, once read. */
  detail = $state.raw<CardDetail | null>(null);
  /** Why the list or the card could not be read. */
  failure = $state.raw<FailureView | null>(null);
  /** A check is being made again. */
  checking = $state(false);

  /** The list in its order. */
  cards = $derived(order(this.found ?? [], this.sort));

  #asked = 0;

  constructor(private readonly bridge: Bridge) {}

  /** Reads the list for the present query. Answers that come late are dropped. */
  async load(): Promise<void> {
    const turn = ++this.#asked;
    const query = this.query.trim();
    try {
      const found = await this.bridge.call('cards', { query });
      if (turn !== this.#asked) return;
      this.found = found;
      if (query === '') this.empty = found.length === 0;
      this.failure = null;
    } catch (cause) {
      if (turn === this.#asked) this.failure = asFailure(cause);
    }
  }

  /** Changes what is searched for. */
  async search(query: string): Promise<void> {
    this.query = query;
    await this.load();
  }

  /** Changes the order and remembers it. */
  orderBy(sort: Sort): void {
    this.sort = sort;
    try {
      localStorage.setItem(SORT_KEY, sort);
    } catch {
      // Without storage the order lasts as long as the window.
    }
  }

  /** Opens one card, or none. */
  async open(id: string | null): Promise<void> {
    this.selected = id;
    if (id === null || this.detail?.summary.id !== id) this.detail = null;
    if (id === null) return;
    try {
      const detail = await this.bridge.call('card', { id });
      if (this.selected === id) this.detail = detail;
    } catch (cause) {
      if (this.selected !== id) return;
      this.selected = null;
      this.failure = asFailure(cause);
    }
  }

  /** Makes every check of the open card again. */
  async checkAgain(id: string): Promise<FailureView | null> {
    this.checking = true;
    try {
      const detail = await this.bridge.call('check_card', { id });
      if (this.selected === id) this.detail = detail;
      await this.load();
      return null;
    } catch (cause) {
      return asFailure(cause);
    } finally {
      this.checking = false;
    }
  }

  /** Trusts the issuer of the open card from now on. */
  async trustIssuer(id: string): Promise<FailureView | null> {
    try {
      const detail = await this.bridge.call('trust_issuer', { card: id });
      if (this.selected === id) this.detail = detail;
      await this.load();
      return null;
    } catch (cause) {
      return asFailure(cause);
    }
  }

  /** Makes the checks of every card again: each list is asked for once. The event `cards` brings the answers. */
  async checkAll(): Promise<void> {
    this.checking = true;
    try {
      await this.bridge.call('check_cards', {});
      this.failure = null;
    } catch (cause) {
      this.failure = asFailure(cause);
    } finally {
      this.checking = false;
    }
  }

  /** Writes one card into a file, as it came or as a picture. Gives the path, or why not. */
  async save(id: string, picture: boolean): Promise<{ path: string } | { failure: FailureView }> {
    try {
      return { path: await this.bridge.call('save_card', { id, picture }) };
    } catch (cause) {
      return { failure: asFailure(cause) };
    }
  }

  /** Throws one card away. */
  async remove(id: string): Promise<FailureView | null> {
    try {
      await this.bridge.call('delete_card', { id });
    } catch (cause) {
      return asFailure(cause);
    }
    if (this.selected === id) await this.open(null);
    await this.load();
    return null;
  }

  /** Forgets everything, as on locking. */
  clear(): void {
    this.#asked += 1;
    this.query = '';
    this.found = null;
    this.empty = false;
    this.selected = null;
    this.detail = null;
    this.failure = null;
    this.checking = false;
  }
}

function rememberedSort(): Sort {
  try {
    const kept = localStorage.getItem(SORT_KEY);
    return SORTS.find((sort) => sort === kept) ?? 'newest';
  } catch {
    return 'newest';
  }
}

function order(cards: CardSummary[], sort: Sort): CardSummary[] {
  const by = new Intl.Collator('nl', { sensitivity: 'base', numeric: true });
  return cards.toSorted((a, b) => {
    if (sort === 'title') return by.compare(a.title, b.title);
    if (sort === 'issuer') return by.compare(a.issuer.name, b.issuer.name) || by.compare(a.title, b.title);
    return (b.issued ?? '').localeCompare(a.issued ?? '');
  });
}
