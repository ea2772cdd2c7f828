import { SvelteMap, SvelteSet } from 'svelte/reactivity';

import type { AnswerView, CandidateView, PlanView, QueryView } from '../bridge/contract';

/** What the person has chosen so far on the share screen. Nothing here leaves without the answer. */
export class ShareDraft {
  /** The card for each query, by its place among the candidates. */
  readonly #picked = new SvelteMap<string, number>();
  /** Queries that are not required and were left out. */
  readonly #skipped = new SvelteSet<string>();
  /** Claims that were left out, as `query`, `card` and `path` together. */
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
    if (!this.included(query)) return 0;
    return this.candidate(query)?.claims.filter((claim) => this.has(query, claim.path)).length ?? 0;
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
      cards: queries.flatMap((query) => {
        const card = this.candidate(query)?.card.id;
        return card === undefined ? [] : [{ query: query.id, card }];
      }),
      without: queries.flatMap((query) =>
        (this.candidate(query)?.claims ?? [])
          .filter((claim) => claim.optional && !this.has(query, claim.path))
          .map((claim) => ({ query: query.id, path: claim.path })),
      ),
    };
  }

  #key(query: QueryView, path: string): string {
    return JSON.stringify([query.id, this.candidate(query)?.card.id, path]);
  }
}
