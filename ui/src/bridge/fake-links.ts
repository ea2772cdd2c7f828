import type { LinkHandlerView } from './contract';

const SCHEMES = ['openid-credential-offer', 'openid4vp', 'haip-vci', 'haip-vp'];

/** Which program opens which links: Leerpas all of them, or another wallet the requests. */
export class FakeLinks {
  constructor(private another: boolean) {}

  list(): LinkHandlerView[] {
    return SCHEMES.map((scheme) => {
      const theirs = this.another && scheme === 'openid4vp';
      return { scheme, program: theirs ? 'Wallet Voorbeeld' : 'Leerpas', ours: !theirs };
    });
  }

  take(): LinkHandlerView[] {
    this.another = false;
    return this.list();
  }
}
