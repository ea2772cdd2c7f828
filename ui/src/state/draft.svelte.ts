import { SvelteMap, SvelteSet } from 'svelte/reactivity';

import type { AnswerView, CandidateView, PlannedClaimView, PlanView, QueryView } from '../bridge/contract';

/** Cards for one query; the engine takes no more. */
const MAX_GIVEN = 16;

/** What the person has chosen so far on the share screen. Nothing here leaves without the answer. */
export class ShareDraft {
  /** The card for each query, by its place among the candidates. */
  readonly #picked = new SvelteMap<string, number>();
  /** Further cards of queries that take several, as `query` and `card` together. */
  readonly #more = new SvelteSet<string>();
  /** Queries that are not required and were left out. */
  readonly #skipped = new SvelteSet<string>();
  /** Claims that were left out, as `query`, `card` and `path` together; without `card` where a query takes several. */
  readonly #without = new SvelteSet<string>();

  /** What is not required is left out until the person takes it in. */
  constructor(readonly plan: PlanView) {
    for (const query of plan.queries) if (!query.required) this.#skipped.add(query.id);
  }

  /** The card that would be shown for a query, if any fits. */
  candidate(query: QueryView): CandidateView | undefined {
    return query.candidates[this.#picked.get(query.id) ?? 0];
  }

  /** Chooses another card. */
  pick(query: QueryView, card: string): void {
    const at = query.candidates.findIndex((candidate) => candidate.card.id === card);
    if (at >= 0) this.#picked.set(query.id, at);
  }

  /** The cards that go out for a query: the chosen one first. */
  given(query: QueryView): CandidateView[] {
    const first = this.candidate(query);
    if (first === undefined || !this.included(query)) return [];
    return [first, ...this.others(query).filter(({ card }) => this.gives(query, card.id))];
  }

  /** Cards that may go along, where a query takes several. */
  others(query: QueryView): CandidateView[] {
    if (!query.multiple) return [];
    return query.candidates.filter((other) => other !== this.candidate(query));
  }

  /** Whether this card goes along. */
  gives(query: QueryView, card: string): boolean {
    return this.#more.has(JSON.stringify([query.id, card]));
  }

  /** Takes a card in or out that may go along. */
  give(query: QueryView, card: string, yes: boolean): void {
    const key = JSON.stringify([query.id, card]);
    if (!yes) this.#more.delete(key);
    else if (this.given(query).length < MAX_GIVEN) this.#more.add(key);
  }

  /** The claims of a card, as they can be chosen: what is left out, is left out of each card that has it. */
  claims(query: QueryView, of: CandidateView): PlannedClaimView[] {
    const given = this.given(query);
    const fixed = (path: string): boolean =>
      given.some(({ claims }) => claims.some((claim) => claim.path === path && !claim.optional));
    return of.claims.map((claim) => ({ ...claim, optional: claim.optional && !fixed(claim.path) }));
  }

  /** Whether anything goes out for a query. */
  included(query: QueryView): boolean {
    return this.candidate(query) !== undefined && !this.#skipped.has(query.id);
  }

  /** Takes a query that is not required in or out. */
  include(query: QueryView, yes: boolean): void {
    if (yes) this.#skipped.delete(query.id);
    else if (!query.required) this.#skipped.add(query.id);
  }

  /** Whether a claim goes out. */
  has(query: QueryView, path: string): boolean {
    return !this.#without.has(this.#key(query, path));
  }

  /** Takes an optional claim in or out. */
  set(query: QueryView, path: string, yes: boolean): void {
    if (yes) this.#without.delete(this.#key(query, path));
    else this.#without.add(this.#key(query, path));
  }

  /** How many details go out, all queries together. */
  get count(): number {
    return this.plan.queries.reduce((sum, query) => sum + this.countOf(query), 0);
  }

  /** How many details go out for one query. */
  countOf(query: QueryView): number {
    return this.given(query).reduce(
      (sum, card) => sum + this.claims(query, card).filter((claim) => this.#goes(query, claim)).length,
      0,
    );
  }

  /** Whether every required query has a card. */
  get complete(): boolean {
    return this.plan.queries.every((query) => !query.required || query.candidates.length > 0);
  }

  /** The answer that says exactly this, bound to what was shown. */
  answer(): AnswerView {
    const queries = this.plan.queries.filter((query) => this.included(query));
    return {
      answer: 'share',
      fingerprint: this.plan.fingerprint,
      cards: queries.flatMap((query) =>
        this.given(query).map(({ card }) => ({ query: query.id, card: card.id })),
      ),
      without: queries.flatMap((query) => {
        const out = this.given(query).flatMap((card) =>
          this.claims(query, card).filter((claim) => !this.#goes(query, claim)),
        );
        const paths = out.map((claim) => claim.path);
        return paths
          .filter((path, at) => paths.indexOf(path) === at)
          .map((path) => ({ query: query.id, path }));
      }),
    };
  }

  #goes(query: QueryView, claim: PlannedClaimView): boolean {
    return !claim.optional || this.has(query, claim.path);
  }

  #key(query: QueryView, path: string): string {
    return JSON.stringify([query.id, query.multiple ? null : this.candidate(query)?.card.id, path]);
  }
}
