import { SvelteMap } from 'svelte/reactivity';

import type { Bridge } from '../bridge/bridge';
import type { PartyView } from '../bridge/contract';

/** The logos of the institutions on a list: asked for once each, and only for a party that was proved to be on one. */
export class Logos {
  readonly #known = new SvelteMap<string, string | null>();
  #asked: string[] = [];
  /** Who shows a logo asks again when this changes. */
  #turn = $state(0);

  constructor(private readonly bridge: Bridge) {}

  /** The logo as far as it is known. */
  of(party: PartyView): string | null {
    return party.evidence === 'listed' ? (this.#known.get(key(party)) ?? null) : null;
  }

  /** Asks for the logo if nobody did before. A party without one is a party without one; that is no failure. */
  async want(party: PartyView): Promise<void> {
    const { name, identifier, evidence } = party;
    const turn = this.#turn;
    if (evidence !== 'listed' || this.#asked.includes(key(party))) return;
    this.#asked.push(key(party));
    const logo = await this.bridge.call('logo', { name, identifier }).catch(() => null);
    if (turn === this.#turn) this.#known.set(key(party), logo?.startsWith('data:image/') ? logo : null);
  }

  /** The lists may have changed: everything is asked for anew, and what is known stays on the screen until then. */
  renew(): void {
    this.#asked = [];
    this.#turn += 1;
  }

  /** Forgets everything, as on locking. */
  clear(): void {
    this.renew();
    this.#known.clear();
  }
}

function key(party: PartyView): string {
  return `${party.identifier}\n${party.name}`;
}
