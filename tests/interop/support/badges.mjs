// Open Badges 3.0 in both versions of the data model, small as a first badge and large as a whole programme.

export const OPEN_BADGES = 'https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json';
export const VCDM_2 = 'https://www.w3.org/ns/credentials/v2';
export const VCDM_1 = 'https://www.w3.org/2018/credentials/v1';

/** Whom a badge is about where no test asks for anybody in particular. */
export const LEARNER = 'did:example:learner';
const BASE = 'https://hogeschool.example';

/** One achievement, 1.2 kB with its proof. */
export function smallBadge(issuer, { version = 2, holder = LEARNER } = {}) {
  return frame(issuer, version, 'urn:uuid:6a1f3f0e-4b5a-4d6e-9a3e-0d8a3a4c1b01', {
    id: holder,
    type: ['AchievementSubject'],
    achievement: {
      id: `${BASE}/achievements/datastructuren`,
      type: ['Achievement'],
      name: 'Datastructuren',
      description: 'Lijsten, bomen en grafen ontwerpen en vergelijken — ook op papier.',
      criteria: { narrative: 'Een toets en een opdracht, elk met ten minste een 5,5.' },
      creditsAvailable: 4.5,
      inLanguage: 'nl-NL',
    },
  });
}

/**
 * A programme in the shape of the Dutch profile: outcomes and levels as alignments, results, evidence, and identifiers of
 * the institution; 26 kB with its proof.
 */
export function largeBadge(issuer, { version = 2, holder = LEARNER } = {}) {
  const achievement = `${BASE}/achievements/informatica`;
  const numbers = Array.from({ length: 52 }, (_, at) => at + 1);
  const alignments = numbers.map((number) => ({
    type: ['Alignment'],
    targetType: 'ext:LearningOutcome',
    targetName: `Leeruitkomst ${number}: de student legt uit hoe onderdeel ${number} werkt en past het toe`,
    targetDescription: `Beoordeeld in blok ${1 + (number % 8)}, met een weging van ${number % 10} procent`,
    targetCode: `LU-${number}`,
    targetUrl: `${achievement}#uitkomst-${number}`,
  }));
  const parts = numbers.slice(0, 24);
  return frame(issuer, version, 'urn:uuid:6a1f3f0e-4b5a-4d6e-9a3e-0d8a3a4c1b02', {
    id: holder,
    type: ['AchievementSubject'],
    activityStartDate: '2024-09-01T00:00:00Z',
    activityEndDate: '2026-01-31T00:00:00Z',
    creditsEarned: 60,
    achievement: {
      id: achievement,
      type: ['Achievement'],
      achievementType: 'ext:Programme',
      name: 'Informatica, eerste jaar',
      description: 'Het eerste jaar van de opleiding, met vakken, projecten en een stage.',
      criteria: { id: `${achievement}#eisen`, narrative: 'Alle vakken behaald.\n\n- toetsen\n- projecten\n- stage' },
      creditsAvailable: 60,
      inLanguage: 'nl-NL',
      fieldOfStudy: 'Informatica',
      tag: ['informatica', 'eerste jaar', 'hbo'],
      alignment: [
        { type: ['Alignment'], targetType: 'ext:EQF', targetName: 'EQF level 6', targetCode: '6', targetUrl: 'https://europass.europa.eu/en/description-eight-eqf-levels' },
        ...alignments,
      ],
      resultDescription: parts.map((number) => ({
        id: `${achievement}#vak-${number}`,
        type: ['ResultDescription'],
        name: `Vak ${number}`,
        valueMin: '1',
        valueMax: '10',
        requiredValue: '5.5',
        resultType: 'RawScore',
      })),
    },
    result: parts.map((number) => ({
      type: ['Result'],
      resultDescription: `${achievement}#vak-${number}`,
      value: String(6 + (number % 4)),
    })),
  });
}

function frame(issuer, version, id, subject) {
  const dates = { 1: { issuanceDate: '2026-02-01T00:00:00Z' }, 2: { validFrom: '2026-02-01T00:00:00Z' } };
  return {
    '@context': [version === 1 ? VCDM_1 : VCDM_2, OPEN_BADGES],
    id,
    type: ['VerifiableCredential', 'OpenBadgeCredential'],
    name: subject.achievement.name,
    issuer: {
      id: issuer,
      type: ['Profile'],
      name: 'Hogeschool Voorbeeld',
      url: `${BASE}/`,
      otherIdentifier: [{ type: 'IdentifierEntry', identifier: '99XX', identifierType: 'ext:BRIN' }],
    },
    ...dates[version],
    credentialSubject: subject,
  };
}

/** How badges of one cryptosuite are offered, which proofs a verifier takes of them, and a question for one. */
export function badgeExchange(suite) {
  return {
    CONFIGURATION: {
      format: 'ldp_vc',
      credential_definition: { '@context': [VCDM_2, OPEN_BADGES], type: ['VerifiableCredential', 'OpenBadgeCredential'] },
      cryptographic_binding_methods_supported: ['did:jwk'],
      credential_signing_alg_values_supported: [suite],
      proof_types_supported: { jwt: { proof_signing_alg_values_supported: ['ES256'] } },
    },
    FORMATS: { ldp_vc: { proof_type_values: ['DataIntegrityProof'], cryptosuite_values: [suite, 'ecdsa-rdfc-2019'] } },
    QUERY: {
      credentials: [{
        id: 'badge',
        format: 'ldp_vc',
        meta: { type_values: [['https://purl.imsglobal.org/spec/vc/ob/vocab.html#OpenBadgeCredential']] },
        claims: [{ path: ['credentialSubject', 'achievement', 'name'] }],
      }],
    },
  };
}
