import type {
  ActivityView,
  CardDetail,
  CheckView,
  Commands,
  FactView,
  KeyView,
  PartyView,
  PlannedClaimView,
  TrustedView,
} from './contract';

/** Invented institutions, people and cards. Every name and host here is made up. */
export const PARTIES = {
  amstelland: {
    name: 'Hogeschool Amstelland',
    host: 'bewijs.amstelland.example',
    evidence: 'listed',
    identifier: 'did:web:bewijs.amstelland.example',
  },
  noorderlicht: {
    name: 'Universiteit Noorderlicht',
    host: 'credentials.noorderlicht.example',
    evidence: 'listed',
    identifier: 'https://credentials.noorderlicht.example',
  },
  waterkant: {
    name: 'ROC Waterkant',
    host: 'badges.waterkant.example',
    evidence: 'proved',
    identifier: 'did:web:badges.waterkant.example',
  },
  werkplaats: {
    name: 'Open Werkplaats Zuid',
    host: null,
    evidence: 'claimed',
    identifier: 'https://openwerkplaats.example/issuers/7',
  },
  employer: {
    name: 'Zorggroep De Linde',
    host: 'werken.delinde.example',
    evidence: 'proved',
    identifier: 'x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk',
  },
  stranger: {
    name: 'Snelle Screening',
    host: 'check.snelle-screening.example',
    evidence: 'claimed',
    identifier: 'did:jwk:eyJrdHkiOiJFQyIsImNydiI6IlAtMjU2In0',
  },
} satisfies Record<string, PartyView>;

/** A logo as the engine makes it safe: an SVG of shapes alone. */
function mark(colour: string): string {
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="14" fill="${colour}"/>` +
    '<path d="M14 50V26L32 12l18 14v24H39V38a7 7 0 0 0-14 0v12z" fill="#fbf8f1"/></svg>';
  return `data:image/svg+xml;base64,${btoa(svg)}`;
}

/** The logos of the list, by name. Not every institution has one. */
export const LOGOS: Record<string, string> = { 'Hogeschool Amstelland': mark('#104a6b') };

/** Whom the person of the invented wallet trusts. */
export const TRUSTED: TrustedView[] = [
  {
    id: 't-klank',
    name: 'Muziekschool De Klank',
    identifier: 'https://badges.deklank.example',
    added: '2026-10-02T09:00:00Z',
    fromList: false,
    logo: null,
  },
  {
    id: 't-duin',
    name: 'Volksuniversiteit Duin en Bollen',
    identifier: 'did:web:duinenbollen.example',
    added: '2026-09-14T09:00:00Z',
    fromList: true,
    logo: mark('#5b2a6e'),
  },
];

/** Who a link leads to, before anybody looked. */
export const UNSEEN: PartyView = {
  ...PARTIES.amstelland,
  name: PARTIES.amstelland.host,
  evidence: 'claimed',
  identifier: PARTIES.amstelland.host,
};

/** What goes along unasked, as the engine writes it. */
export const BOUND: PlannedClaimView[] = [
  ['exp', '1953158400'],
  ['vct', 'https://credentials.noorderlicht.example/microcredential/1'],
  ['cnf', '{"jwk":{"crv":"P-256","kty":"EC","x":"lkHYJoAcNF","y":"7YMqQGtH3c"}}'],
  ['status', '{"status_list":{"idx":4711,"uri":"https://credentials.noorderlicht.example/status/1"}}'],
].map(([path = '', value = '']) => ({
  path,
  label: null,
  value,
  asked: false,
  optional: false,
  sensitive: null,
}));

function badge(shapes: string): string {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96">${shapes}</svg>`;
  return `data:image/svg+xml;base64,${btoa(svg)}`;
}

const HEART = badge(
  '<rect width="96" height="96" fill="#f3e6da"/><path d="M48 76C20 56 18 40 26 30c8-9 19-5 22 4 3-9 14-13 22-4 8 10 6 26-22 46z" fill="#b8413a"/><path d="M22 52h14l6-12 10 24 7-12h15" fill="none" stroke="#fff8ee" stroke-width="5" stroke-linejoin="round" stroke-linecap="round"/>',
);
const TIMBER = badge(
  '<rect width="96" height="96" fill="#e4ecdd"/><circle cx="48" cy="48" r="32" fill="#c08a52"/><g fill="none" stroke="#7d5327" stroke-width="3.4"><circle cx="48" cy="48" r="25"/><circle cx="46" cy="49" r="17"/><circle cx="45" cy="50" r="9"/></g><circle cx="45" cy="50" r="3" fill="#7d5327"/>',
);

const NAMES = [
  'format',
  'signature',
  'issuer_key',
  'issuer_trust',
  'holder',
  'kind',
  'validity',
  'status',
] as const;
const ENGLISH: Record<string, string> = {
  format: 'SD-JWT with 9 disclosures; every digest is used once',
  signature: 'ES256 over the issuer-signed JWT',
  issuer_key: 'key 0 of the DID document of the issuer',
  issuer_trust: 'entry 14 of the trust list of 2026-11-20',
  holder: 'cnf.jwk is key 4f1c of this vault',
  kind: 'vct is the one that was offered',
  validity: 'nbf 2026-06-26, exp 2031-06-26',
  status: 'Token Status List, index 4711: 0',
};

/** Every check of a card, passed but for these. */
export function checks(changes: Partial<Record<string, CheckView['result']>> = {}): CheckView[] {
  return NAMES.map((name) => ({
    name,
    result: changes[name] ?? 'pass',
    detail: ENGLISH[name] ?? '',
    reason: null,
    knownAt: changes[name] === 'unknown' ? '2026-11-02T08:12:00Z' : null,
    parts: [],
  }));
}

interface Sketch {
  id: string;
  title: string;
  issuer: PartyView;
  picture?: string;
  credit?: [string, string];
  level?: string;
  status?: string;
  issued: string;
  expires?: string;
  format?: string;
  description: string;
  outcomes?: string[];
  skills?: string[];
  facts?: [FactView['name'], string][];
  checks?: CheckView[];
  verdict?: string;
  copies?: number;
  more?: Partial<CardDetail>;
}

/** A card out of what differs from card to card. */
export function card(sketch: Sketch): CardDetail {
  const own = sketch.format !== 'ob2' && sketch.format !== 'ldp_vc';
  return {
    summary: {
      id: sketch.id,
      title: sketch.title,
      issuer: sketch.issuer,
      picture: sketch.picture ?? null,
      credit: sketch.credit?.[0] ?? null,
      creditUnit: sketch.credit?.[1] ?? null,
      level: sketch.level ?? null,
      status: sketch.status ?? 'valid',
      issued: sketch.issued,
      expires: sketch.expires ?? null,
      checked: '2026-11-22T19:40:00Z',
      format: sketch.format ?? 'dc+sd-jwt',
      knownAt: sketch.checks?.find((check) => check.name === 'status')?.knownAt ?? null,
    },
    description: sketch.description,
    holder: own ? 'Noor van der Meulen' : null,
    received: '2026-09-14T11:05:00Z',
    facts: (sketch.facts ?? [])
      .filter(([name]) => name !== 'result')
      .map(([name, value]) => ({ name, value })),
    learningOutcomes: sketch.outcomes ?? [],
    skills: sketch.skills ?? [],
    credits: sketch.credit ? [{ amount: sketch.credit[0], unit: sketch.credit[1] }] : [],
    levels: sketch.level ? [sketch.level] : [],
    results: (sketch.facts ?? [])
      .filter(([name]) => name === 'result')
      .map(([, value]) => ({ name: null, value, scale: null, required: null })),
    alignments: [],
    evidence: [],
    contents: [],
    totals: [],
    claims: [
      { path: 'given_name', label: 'Voornaam', value: 'Noor' },
      { path: 'family_name', label: 'Achternaam', value: 'van der Meulen' },
      { path: 'birthdate', label: 'Geboortedatum', value: '1987-03-09' },
      { path: 'achievement_name', label: null, value: sketch.title },
      ...(sketch.credit ? [{ path: 'ects', label: null, value: sketch.credit[0] }] : []),
      ...(sketch.level ? [{ path: 'eqf_level', label: null, value: sketch.level.replace('EQF ', '') }] : []),
      ...(sketch.facts ?? []).map(([name, value]) => ({ path: `course.${name}`, label: null, value })),
      { path: 'vct', label: null, value: 'https://credentials.noorderlicht.example/microcredential/1' },
    ],
    checks: sketch.checks ?? checks(),
    verdict: sketch.verdict ?? 'valid',
    copies: sketch.copies ?? (own ? 5 : 0),
    issuer: sketch.issuer,
    bakeable: !own && sketch.picture !== undefined,
    rendering: null,
    ...sketch.more,
  };
}

/** The card that an offer brings. */
export const OFFERED: CardDetail = {
  ...card({
    id: 'c-offered',
    title: 'Klinisch redeneren in de wijk',
    issuer: PARTIES.amstelland,
    picture: HEART,
    credit: ['4.5', 'ECTS'],
    level: 'EQF 6',
    issued: '2026-11-20T09:00:00Z',
    expires: '2031-11-20T09:00:00Z',
    description:
      'Microcredential voor verpleegkundigen die zelfstandig besluiten nemen bij mensen thuis. Je leert signalen herkennen, afwegen en overleggen.',
    outcomes: [
      'Je brengt de gezondheid van een cliënt stap voor stap in kaart.',
      'Je weegt risico’s af en legt uit waarom je iets doet of laat.',
      'Je overlegt met huisarts en familie in gewone taal.',
    ],
    skills: ['Klinisch redeneren', 'Besluitvorming', 'Gespreksvoering'],
    facts: [
      ['language', 'nl-NL'],
      ['assessment', 'Portfolio en gesprek'],
      ['supervision', 'Op locatie, identiteit gecontroleerd'],
      ['participation', 'Op locatie en online'],
      ['quality', 'Pilot Microcredentials, instellingskeurmerk'],
      ['result', '8,5'],
    ],
    copies: 5,
  }),
  received: null,
};

/** The cards of a wallet that has been used for a while. */
export const CARDS: CardDetail[] = [
  card({
    id: 'c-data',
    title: 'Data-analyse voor de zorg',
    issuer: PARTIES.noorderlicht,
    credit: ['6', 'ECTS'],
    level: 'EQF 7',
    issued: '2026-06-26T09:00:00Z',
    expires: '2031-06-26T09:00:00Z',
    description:
      'Van ruwe meting naar een besluit aan het bed. Deelnemers werken met gegevens uit een oefenziekenhuis en verdedigen hun keuzes.',
    outcomes: [
      'Je beoordeelt of gegevens goed genoeg zijn voor een besluit.',
      'Je maakt een voorspelling en legt uit hoe zeker die is.',
      'Je herkent vertekening en beschrijft wat die betekent voor patiënten.',
    ],
    skills: ['Statistiek', 'Datavisualisatie', 'Privacy en ethiek', 'Python'],
    facts: [
      ['language', 'nl-NL'],
      ['assessment', 'Toets en praktijkopdracht'],
      ['supervision', 'Online, met toezicht'],
      ['quality', 'NVAO, instellingstoets kwaliteitszorg'],
      ['programme', '60934'],
      ['result', '7,8'],
    ],
    checks: checks(),
  }),
  card({
    id: 'c-hout',
    title: 'Duurzaam bouwen met hout',
    issuer: PARTIES.amstelland,
    picture: TIMBER,
    credit: ['3', 'ECTS'],
    level: 'EQF 6',
    issued: '2026-04-17T09:00:00Z',
    expires: '2026-12-20T09:00:00Z',
    description: 'Ontwerpen en rekenen aan houten draagconstructies voor woningen tot vijf lagen.',
    outcomes: ['Je kiest een houtsoort en verbinding bij een ontwerp.', 'Je rekent de opslag van CO₂ door.'],
    skills: ['Constructieleer', 'Circulair ontwerpen'],
    facts: [
      ['language', 'nl-NL'],
      ['assessment', 'Praktijkopdracht'],
      ['quality', 'Instellingskeurmerk microcredentials'],
    ],
    checks: checks({ validity: 'warn' }),
  }),
  card({
    id: 'c-mbo',
    title: 'Praktijkbegeleider in het mbo',
    issuer: PARTIES.waterkant,
    credit: ['240', 'SBU'],
    level: 'EQF 4',
    issued: '2025-11-28T09:00:00Z',
    status: 'unknown',
    description: 'Studenten begeleiden op de werkvloer, van het eerste gesprek tot de beoordeling.',
    outcomes: ['Je voert een beoordelingsgesprek.', 'Je maakt een leerplan samen met de student.'],
    skills: ['Coachen', 'Beoordelen'],
    facts: [
      ['language', 'nl-NL'],
      ['participation', 'Op de werkplek'],
    ],
    checks: checks({ status: 'unknown', issuer_trust: 'warn' }),
    verdict: 'unknown',
  }),
  card({
    id: 'c-ml',
    title: 'Introduction to Responsible Machine Learning',
    issuer: PARTIES.noorderlicht,
    credit: ['2.5', 'ECTS'],
    level: 'EQF 7',
    issued: '2025-02-03T09:00:00Z',
    status: 'revoked',
    description: 'A short course on models that people can question.',
    facts: [['language', 'en']],
    checks: checks({ status: 'fail' }),
    verdict: 'invalid',
  }),
  card({
    id: 'c-bhv',
    title: 'Bedrijfshulpverlening, basis',
    issuer: PARTIES.waterkant,
    credit: ['16', 'hours'],
    issued: '2023-09-30T09:00:00Z',
    expires: '2025-09-30T09:00:00Z',
    status: 'expired',
    description: 'Eerste hulp, brand en ontruiming.',
    checks: checks({ validity: 'fail', issuer_trust: 'warn' }),
    verdict: 'invalid',
  }),
  card({
    id: 'c-las',
    title: 'Lassen voor beginners',
    issuer: PARTIES.werkplaats,
    issued: '2022-05-12T09:00:00Z',
    format: 'ob2',
    status: 'unknown',
    description: 'Twee avonden MIG/MAG-lassen met een eigen werkstuk.',
    facts: [['criteria', 'Een werkstuk met drie verschillende lassen.']],
    checks: checks({ holder: 'warn', issuer_trust: 'unknown', status: 'unknown', signature: 'unknown' }),
    verdict: 'unknown',
  }),
];

/** What happened before. */
/** Two things in the middle of which the program ended. */
export const BROKEN_OFF: ActivityView[] = [
  {
    id: 'b-1',
    at: '2026-11-24T09:10:00Z',
    kind: 'shared',
    party: PARTIES.employer,
    purpose: null,
    titles: ['Data-analyse voor de zorg'],
    claims: ['given_name'],
    outcome: 'uncertain',
    error: null,
    elsewhere: false,
  },
  {
    id: 'b-2',
    at: '2026-11-24T09:12:00Z',
    kind: 'received',
    party: PARTIES.noorderlicht,
    purpose: null,
    titles: ['Duurzaam bouwen met hout'],
    claims: [],
    outcome: 'failed',
    error: 'interrupted',
    elsewhere: false,
  },
];

export const ACTIVITY: ActivityView[] = [
  {
    id: 'a-1',
    at: '2026-11-18T14:22:00Z',
    kind: 'shared',
    party: PARTIES.employer,
    purpose: 'Wij vragen dit om uw diploma’s te controleren bij uw sollicitatie.',
    titles: ['Data-analyse voor de zorg'],
    claims: ['given_name', 'family_name', 'achievement_name', 'ects'],
    outcome: 'done',
    error: null,
    elsewhere: true,
  },
  {
    id: 'a-2',
    at: '2026-11-12T09:03:00Z',
    kind: 'shared',
    party: PARTIES.stranger,
    purpose: null,
    titles: ['Data-analyse voor de zorg'],
    claims: ['birthdate'],
    outcome: 'declined',
    error: null,
    elsewhere: false,
  },
  {
    id: 'a-3',
    at: '2026-10-30T16:45:00Z',
    kind: 'shared',
    party: PARTIES.noorderlicht,
    purpose: 'Vrijstelling voor het vak Statistiek 1.',
    titles: ['Duurzaam bouwen met hout'],
    claims: ['achievement_name', 'eqf_level'],
    outcome: 'uncertain',
    error: 'response_unconfirmed',
    elsewhere: false,
  },
  {
    id: 'a-4',
    at: '2026-10-02T10:15:00Z',
    kind: 'imported',
    party: PARTIES.werkplaats,
    purpose: null,
    titles: ['Lassen voor beginners'],
    claims: [],
    outcome: 'done',
    error: null,
    elsewhere: false,
  },
  {
    id: 'a-5',
    at: '2026-09-14T11:05:00Z',
    kind: 'received',
    party: PARTIES.noorderlicht,
    purpose: null,
    titles: ['Data-analyse voor de zorg'],
    claims: [],
    outcome: 'done',
    error: null,
    elsewhere: false,
  },
  {
    id: 'a-6',
    at: '2026-09-14T10:58:00Z',
    kind: 'received',
    party: PARTIES.noorderlicht,
    purpose: null,
    titles: ['Data-analyse voor de zorg'],
    claims: [],
    outcome: 'failed',
    error: 'tx_code_wrong',
    elsewhere: false,
  },
];

/** The keys that belong to the cards. */
export const KEYS: KeyView[] = [
  ['Data-analyse voor de zorg', 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs', '2026-09-14T11:05:00Z'],
  ['Duurzaam bouwen met hout', '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I', '2026-09-14T11:09:00Z'],
  ['Praktijkbegeleider in het mbo', 'cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s', '2026-09-20T08:30:00Z'],
].map(([title, thumbprint, made], at) => ({
  id: `k-${at}`,
  purpose: 'holder',
  card: title ?? null,
  thumbprint: thumbprint ?? '',
  made: made ?? '',
}));

/** A recovery key that opens nothing. */
export const RECOVERY_GROUPS = ['QX7M', '4HTP', 'W2KD', '9RCF', 'VJ5N', '8ZBG', 'T3LS', 'Y6EA'];

/** What the engine answers while the vault is locked. */
export const WHILE_LOCKED: readonly (keyof Commands)[] = [
  'snapshot',
  'save_settings',
  'create_vault',
  'unlock',
  'unlock_with_keychain',
  'recover',
  'lock',
];
