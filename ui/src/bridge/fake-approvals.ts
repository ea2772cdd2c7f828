import { CallFailed } from './bridge';
import type { ApprovalView, Commands, ErrorKind, SessionView } from './contract';

const KEY =
  '{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}';

/** Approvals by invented institutions: one that holds, one whose time is over, one that has not come yet. */
const KEPT: ApprovalView[] = [
  {
    server: 'https://login.waterkant.example',
    key: KEY,
    client: 'leerpas-waterkant',
    until: '2027-08-31T12:00:00Z',
  },
  {
    server: 'https://inloggen.noorderlicht.example/studenten',
    key: KEY,
    client: 'leerpas',
    until: '2026-09-01T12:00:00Z',
  },
  { server: 'https://sso.delinde.example', key: KEY, client: null, until: null },
];

/** How a flow ends where an approval is missing. */
export const UNAPPROVED: SessionView = {
  stage: 'failed',
  failure: {
    kind: 'approval_needed',
    step: 'metadata',
    message: 'invented approval_needed at metadata',
    approver: 'https://login.waterkant.example/oauth2',
  },
  retry: false,
};

type Ours = 'approvals' | 'approval_key' | 'add_approval' | 'remove_approval';

function refuse(kind: ErrorKind): never {
  throw new CallFailed({ kind, step: 'attestation', message: `invented ${kind}` });
}

/** The keys and approvals of the invented wallet. */
export class FakeApprovals {
  #kept: ApprovalView[];

  constructor(some: boolean) {
    this.#kept = some ? KEPT : [];
  }

  readonly commands: { [K in Ours]: (args: Commands[K]['arguments']) => ApprovalView[] } = {
    approvals: () => this.#kept,
    approval_key: ({ server }) => {
      if (!server.startsWith('https://')) refuse('insecure_address');
      if (this.#has(server)) return this.#kept;
      return this.#set([...this.#kept, { server, key: KEY, client: null, until: null }]);
    },
    add_approval: ({ server, approval }) => {
      if (!approval.startsWith('eyJ') || !this.#has(server)) refuse('not_recognised');
      const approved = { client: 'leerpas', until: '2027-01-31T12:00:00Z' };
      return this.#set(this.#kept.map((one) => (one.server === server ? { ...one, ...approved } : one)));
    },
    remove_approval: ({ server }) => this.#set(this.#kept.filter((one) => one.server !== server)),
  };

  #has(server: string): boolean {
    return this.#kept.some((one) => one.server === server);
  }

  #set(kept: ApprovalView[]): ApprovalView[] {
    this.#kept = kept;
    return kept;
  }
}
