import type {
  ActivityView,
  CardDetail,
  ChoiceView,
  CopiesView,
  InstitutionView,
  SessionView,
  WaitingView,
} from './contract';
import { OFFERED, PARTIES } from './fake-data';

/** Cards that invented institutions hand out later: one that may be asked about, and one that may not yet. */
export const LATER: WaitingView[] = [
  {
    id: 'w-1',
    title: 'Circulair ontwerpen in de praktijk',
    issuer: PARTIES.amstelland,
    since: '2026-11-20T09:15:00Z',
    askAfter: '2026-11-20T10:15:00Z',
  },
  {
    id: 'w-2',
    title: 'Begeleiden van studenten op de werkplek',
    issuer: PARTIES.waterkant,
    since: '2026-11-24T14:00:00Z',
    askAfter: '2099-01-05T08:00:00Z',
  },
];

/** Invented institutions to collect at. */
export const INSTITUTIONS: InstitutionView[] = [
  { name: 'Hogeschool Amstelland', address: 'https://bewijs.amstelland.example' },
  { name: 'ROC Waterkant', address: 'https://bewijs.waterkant.example' },
];

/** What one of them gives. */
export const CHOICES: ChoiceView[] = [
  { id: 'begeleider', title: 'Praktijkbegeleider in het mbo' },
  { id: 'veilig', title: 'Veilig werken op hoogte' },
  { id: 'water', title: 'Watermanagement in de stad' },
];

/** A line of the log about now, of which nothing is said yet. */
export function newLine(number: number): ActivityView {
  return {
    id: `a-${number}-new`,
    at: new Date().toISOString(),
    kind: 'shared',
    party: null,
    purpose: null,
    titles: [],
    claims: [],
    outcome: 'done',
    error: null,
    elsewhere: false,
  };
}

/** The page at which an institution lets people sign in. */
export const SIGN_IN = {
  stage: 'sign_in',
  url: 'https://login.waterkant.example/a',
  host: 'login.waterkant.example',
} as const satisfies SessionView;

/** The browser was sent there, and is awaited. */
export const AWAITED: SessionView = { stage: 'working', step: 'authorization' };

/** An offer that asks for no code. */
export const WITHOUT_CODE: SessionView = {
  stage: 'offer',
  issuer: PARTIES.waterkant,
  titles: ['Praktijkbegeleider in het mbo'],
  code: null,
  signIn: null,
};

/** An offer that asks for a code. */
export function offered(wrong: boolean): SessionView {
  return {
    stage: 'offer',
    issuer: { ...PARTIES.amstelland, evidence: 'claimed' },
    titles: [OFFERED.summary.title],
    code: {
      numeric: true,
      length: 4,
      description: 'U vindt de code in de e-mail “Uw microcredential staat klaar”.',
      host: 'bewijs.amstelland.example',
      wrong,
    },
    signIn: null,
  };
}

/** What came, before it is kept. */
export function reviewed(duplicate: boolean): SessionView & { stage: 'review' } {
  return { stage: 'review', cards: [OFFERED], source: 'issuer', duplicate, version: null };
}

/** A card that was waited for, on the screen on which it is looked at. */
export function cameLater({ title, issuer }: WaitingView): SessionView {
  const card = { ...OFFERED, summary: { ...OFFERED.summary, title, issuer } };
  return { stage: 'review', cards: [card], source: 'issuer', duplicate: false, version: null };
}

/** A card that is kept already, or another issue of it. */
export function cameAgain(name: 'duplicate' | 'newer' | 'older'): SessionView {
  const version = name === 'duplicate' ? null : name;
  return { stage: 'review', cards: [OFFERED], source: 'file', duplicate: version === null, version };
}

/** How many copies there are, one of them seen by nobody; as many more after they were fetched. */
export function copiesOf({ copies }: CardDetail, refilled: boolean): CopiesView {
  const more = refilled ? copies : 0;
  return { all: copies + more, fresh: Math.min(1, copies) + more, refillable: copies > 1 };
}
