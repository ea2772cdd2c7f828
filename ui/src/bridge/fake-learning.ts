import type { CardDetail, CheckPartView, ContentView } from './contract';
import { card, CARDS, checks, PARTIES } from './fake-data';

type Line = [title: string, depth: number, ects: string | null, result: string | null, date: string | null];

function part([title, depth, ects, result, date]: Line): ContentView {
  return {
    title,
    depth,
    kind: depth === 0 ? 'Module' : 'Course',
    credit: ects === null ? null : { amount: ects, unit: 'ECTS' },
    level: depth === 0 ? 'EQF 6' : null,
    result,
    date,
    issuer: null,
  };
}

const proof = (name: string, result: string, reason: string | null): CheckPartView => ({
  name,
  result,
  reason,
  detail: `invented: ${name}`,
});

/** Cards that fill every place: a diploma with its courses, a badge with much to check, a sealed certificate. */
export const RICH: CardDetail[] = [
  card({
    id: 'c-diploma',
    title: 'Bachelor Verpleegkunde',
    issuer: PARTIES.amstelland,
    credit: ['240', 'ECTS'],
    level: 'EQF 6',
    issued: '2026-07-10T09:00:00Z',
    description: 'Diploma van de vierjarige opleiding, met de vakken waaruit het bestaat.',
    outcomes: [
      'Je stelt samen met de patiënt een plan voor zorg op en voert het uit.',
      'Je onderzoekt of zorg werkt en past die aan.',
    ],
    facts: [
      ['language', 'nl-NL, en'],
      ['participation', 'onsite or blended'],
      ['assessment', 'portfolio'],
      ['supervision', 'onsite with identity verification'],
      ['quality', 'NVAO (AV-4223)'],
      ['programme', '34560'],
      ['achievement_type', 'BachelorDegree'],
      ['awarded_on', '2026-07-03T00:00:00Z'],
      ['identity_checked', 'true'],
      ['duration', 'P4Y'],
      ['field_of_study', 'Verpleging en verzorging'],
    ],
    more: {
      credits: [
        { amount: '240', unit: 'ECTS' },
        { amount: '6720', unit: 'hours' },
      ],
      levels: ['EQF 6', 'NLQF 6'],
      results: [
        { name: 'Gemiddelde', value: '8.1', scale: '1–10', required: '6' },
        { name: 'Afstuderen', value: 'Completed', scale: null, required: null },
      ],
      contents: (
        [
          ['Zorg aan het bed', 0, null, 'passed', '2024-06-28T00:00:00Z'],
          ['Anatomie en fysiologie', 1, '15', '7.5', '2024-01-26T00:00:00Z'],
          ['Verpleegtechnisch handelen', 1, '12.5', '8', '2024-06-28T00:00:00Z'],
          ['Gesprekken met patiënten en naasten', 1, '2.5', '9', '2024-04-12T00:00:00Z'],
          ['Onderzoek en verbetering van zorg', 0, '30', '8.5', '2025-06-27T00:00:00Z'],
          ['Afstuderen in de wijk', 0, '60', '8', '2026-07-03T00:00:00Z'],
        ] as Line[]
      ).map(part),
      totals: [{ amount: '120', unit: 'ECTS' }],
    },
  }),
  card({
    id: 'c-endorsed',
    title: 'Data in de wijkzorg',
    issuer: PARTIES.waterkant,
    credit: ['42', 'credits'],
    level: 'EQF 5',
    issued: '2026-03-01T09:00:00Z',
    format: 'ldp_vc',
    status: 'unknown',
    verdict: 'unknown',
    description: 'Badge met aanbevelingen, en met bewijs van eigen werk.',
    skills: ['Cijfers uitleggen'],
    facts: [['criteria', 'Lever een verslag in en licht het toe.']],
    checks: [
      ...checks({ holder: 'warn' }).map((check) =>
        check.name === 'signature'
          ? {
              ...check,
              parts: [
                proof('eddsa-rdfc-2022, did:web:badges.waterkant.example#1', 'pass', null),
                proof('ecdsa-rdfc-2019, did:web:badges.waterkant.example#2', 'pass', null),
                proof('bbs-2023, did:web:badges.waterkant.example#3', 'unknown', 'algorithm_not_accepted'),
              ],
            }
          : check,
      ),
      {
        name: 'endorsements',
        result: 'unknown',
        detail: '2 endorsements, 1 of them could not be checked',
        reason: null,
        knownAt: null,
        parts: [
          proof('Zorggroep De Linde', 'pass', null),
          proof('https://accrediter.example/issuers/565049', 'unknown', 'key_unavailable'),
        ],
      },
      {
        name: 'schema',
        result: 'warn',
        detail: '/ECTS: 1 is less than 3',
        reason: null,
        knownAt: null,
        parts: [],
      },
    ],
    more: {
      results: [{ name: 'Verslag', value: 'B', scale: 'D, C, B, A', required: 'C' }],
      alignments: [
        {
          name: 'gegevens interpreteren',
          framework: 'ESCO',
          code: 'S2.7.2',
          address: 'http://data.europa.eu/esco/skill/2b92a5b2-6758-4ee3-9fb4-b6387a55cc8f',
          description: 'Gegevens verzamelen en er besluiten op bouwen.',
        },
        { name: 'Zorg op afstand', framework: 'CompetentNL', code: null, address: null, description: null },
      ],
      evidence: [
        {
          name: 'Eindverslag',
          narrative: 'Het verslag laat zien hoe metingen thuis tot een ander zorgplan leidden.',
          genre: 'Onderzoek',
          address: 'https://werk.waterkant.example/verslagen/7',
        },
        {
          name: null,
          narrative: 'Samen laten het verslag en de code de hele weg zien.',
          genre: null,
          address: null,
        },
      ],
    },
  }),
  card({
    id: 'c-sealed',
    title: 'Mbo Sport en bewegen',
    issuer: { ...PARTIES.waterkant, evidence: 'claimed' },
    level: 'EQF 4',
    issued: '2025-03-25T09:00:00Z',
    format: 'elm',
    status: 'unknown',
    verdict: 'unknown',
    description: 'Diploma in de vorm van het Europese leermodel.',
    facts: [
      ['programme', '95293'],
      ['achievement_type', 'Degree Programme'],
    ],
    copies: 0,
    checks: checks({ signature: 'unknown', issuer_key: 'unknown', issuer_trust: 'warn', status: 'unknown' })
      .filter((check) => !['holder', 'kind'].includes(check.name))
      .map((check) => {
        const reason = { signature: 'seal_not_checked', issuer_key: 'seal_not_checked', status: 'not_asked' };
        return { ...check, knownAt: null, reason: reason[check.name as keyof typeof reason] ?? null };
      }),
    more: {
      results: [{ name: null, value: 'passed', scale: null, required: null }],
      contents: (
        [
          ['Engels', 0, null, '8', null],
          ['Nederlandse taal 3F', 0, null, '7', null],
          ['Rekenen 3F', 0, null, '6', null],
        ] as Line[]
      ).map((line) => ({ ...part(line), level: null })),
    },
  }),
];

/** What lies in the wallet: the ones of every day, `rich` ones, or so many of them over and over. */
export function stock(wanted: string | null): CardDetail[] {
  if (wanted === null) return [...CARDS];
  if (wanted === 'rich') return [...RICH];
  return Array.from({ length: Number(wanted) }, (_, at) => {
    const model = CARDS[at % CARDS.length] as CardDetail;
    return at < CARDS.length
      ? model
      : { ...model, summary: { ...model.summary, id: `c-${at}`, title: `${model.summary.title} ${at}` } };
  });
}
