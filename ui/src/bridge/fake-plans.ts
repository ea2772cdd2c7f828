/** Requests of the invented wallet, an ordinary one and others that try to mislead. */
import type { CardDetail, FramesView, PlanView } from './contract';
import { BOUND, CARDS, PARTIES } from './fake-data';

const LONG_TEXT = 'Lang verhaal zonder einde. '.repeat(400);
const HOSTILE = {
  html: '<img src=x onerror="window.pwned=1">"><svg/onload=window.pwned=1>',
  bidi: '\u202egro.live.tsruvda\u202c \u2066Zorggroep',
};

export function plan(): PlanView {
  const [first, second] = CARDS as [CardDetail, CardDetail];
  const claims = (card: CardDetail): PlanView['queries'][number]['candidates'][number] => ({
    card: card.summary,
    linkable: false,
    whole: false,
    claims: [
      { path: 'given_name', label: 'Voornaam', value: 'Noor', asked: true, optional: false, sensitive: null },
      {
        path: 'family_name',
        label: 'Achternaam',
        value: 'van der Meulen',
        asked: true,
        optional: false,
        sensitive: null,
      },
      {
        path: 'achievement_name',
        label: null,
        value: card.summary.title,
        asked: true,
        optional: false,
        sensitive: null,
      },
      {
        path: 'birthdate',
        label: 'Geboortedatum',
        value: '1987-03-09',
        asked: true,
        optional: true,
        sensitive: 'birth',
      },
      ...BOUND,
    ],
  });
  return {
    requester: PARTIES.employer,
    attestedBy: null,
    hostCaution: null,
    looksLike: null,
    purpose: 'Wij vragen dit om uw diploma’s te controleren bij uw sollicitatie als wijkverpleegkundige.',
    queries: [
      {
        id: 'course',
        required: true,
        multiple: false,
        reusable: false,
        candidates: [claims(first), claims(second)],
      },
    ],
    before: [
      {
        last: '2026-11-18T14:22:00Z',
        times: 2,
        titles: ['Data-analyse voor de zorg'],
        paths: ['given_name', 'family_name', 'achievement_name', 'ects'],
      },
    ],
    registrar: 'Voorbeeldregister',
    registeredFor: 'Controleren van diploma’s bij sollicitaties.',
    beyondRegistration: true,
    statements: [],
    retention: 'Vier weken na afloop van de procedure.',
    offline: false,
    fingerprint: 'f1-6b86b273ff34fce1',
  };
}

/** A request of a desk in a room without a network. */
export function offlinePlan(): PlanView {
  return {
    ...plan(),
    requester: { ...PARTIES.employer, host: null },
    offline: true,
    fingerprint: 'f4-4b227777d4dd1fc6',
  };
}

/** Pictures that look like codes and say nothing. */
export function frames(): FramesView {
  const size = 73;
  let seed = 7;
  const noise = (): number => (seed = (seed * 48271) % 2147483647) & 255;
  const code = (): string =>
    btoa(String.fromCharCode(...Array.from({ length: (size * size + 7) >> 3 }, noise)));
  return {
    party: PARTIES.employer,
    size,
    codes: Array.from({ length: 20 }, code),
    needed: 6,
    milliseconds: 200,
  };
}

export function strangerPlan(): PlanView {
  const badge = CARDS[CARDS.length - 1] as CardDetail;
  const base = plan();
  return {
    requester: PARTIES.stranger,
    attestedBy: null,
    hostCaution: 'foreign_letters',
    looksLike: null,
    purpose: null,
    queries: [
      {
        id: 'badge',
        required: true,
        multiple: false,
        reusable: true,
        candidates: [
          {
            card: badge.summary,
            linkable: false,
            whole: true,
            claims: badge.claims.map((claim, at) => ({
              ...claim,
              asked: at === 3,
              optional: false,
              sensitive: null,
            })),
          },
        ],
      },
      { ...(base.queries[0] as PlanView['queries'][number]), id: 'extra', required: false, multiple: true },
    ],
    before: [],
    registrar: null,
    registeredFor: null,
    beyondRegistration: false,
    statements: ['Ik schrijf mij in voor de cursus EHBO.'],
    retention: null,
    offline: false,
    fingerprint: 'f2-d4735e3a265e16ee',
  };
}

export function hostilePlan(): PlanView {
  const base = plan();
  const query = base.queries[0] as PlanView['queries'][number];
  const candidate = query.candidates[0] as (typeof query.candidates)[number];
  return {
    ...base,
    attestedBy: HOSTILE.bidi,
    hostCaution: 'looks_like',
    looksLike: HOSTILE.html,
    requester: { ...PARTIES.stranger, name: HOSTILE.html, identifier: LONG_TEXT },
    purpose: `${HOSTILE.bidi} ${LONG_TEXT}`,
    retention: HOSTILE.html,
    queries: [
      {
        ...query,
        candidates: [
          {
            ...candidate,
            card: hostileCard().summary,
            claims: [
              {
                path: '__proto__.constructor',
                label: HOSTILE.html,
                value: HOSTILE.bidi,
                asked: true,
                optional: true,
                sensitive: null,
              },
              {
                path: 'given_name',
                label: 'x'.repeat(10_000),
                value: LONG_TEXT,
                asked: true,
                optional: false,
                sensitive: null,
              },
              {
                path: 'family_name',
                label: '{0} %s ${x}',
                value: `z${'\u0336\u0489'.repeat(5_000)}`,
                asked: true,
                optional: false,
                sensitive: null,
              },
            ],
          },
        ],
      },
    ],
    offline: false,
    fingerprint: 'f3-4e07408562bedb8b',
  };
}

export function hostileCard(): CardDetail {
  const base = CARDS[0] as CardDetail;
  return {
    ...base,
    summary: {
      ...base.summary,
      id: 'c-hostile',
      title: HOSTILE.html,
      issuer: { ...PARTIES.stranger, name: `${HOSTILE.bidi} ${'W'.repeat(10_000)}` },
      picture: 'javascript:alert(1)',
      credit: '4.5'.repeat(10),
      level: '<b>EQF</b> ∞',
      issued: '2027-01-01T00:00:00Z',
    },
    description: `${HOSTILE.html} [x](javascript:alert(1)) ${LONG_TEXT}`,
    learningOutcomes: [HOSTILE.html, LONG_TEXT],
    skills: ['x'.repeat(10_000)],
    claims: [{ path: 'constructor.prototype', label: HOSTILE.bidi, value: HOSTILE.html }],
  };
}
