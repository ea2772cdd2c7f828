import { word } from './words';

/** Paths that many cards have, by their last named parts, longest first. */
const KNOWN: readonly (readonly [string, string])[] = [
  ['credentialSubject.achievement.name', 'claim_achievement'],
  ['credentialSubject.achievement.description', 'claim_description'],
  ['credentialSubject.achievement.criteria.narrative', 'claim_criteria'],
  ['credentialSubject.achievement.inLanguage', 'claim_language'],
  ['credentialSubject.achievement.ECTS', 'claim_ects'],
  ['credentialSubject.result.value', 'claim_result'],
  ['credentialSubject.id', 'claim_holder_key'],
  ['credentialSubject.identifier.identityHash', 'claim_name'],
  ['credentialSubject.achievement.image.id', 'claim_picture'],
  ['credentialSubject.achievement.alignment.targetName', 'claim_aligned'],
  ['credentialSubject.achievement.alignment.targetCode', 'claim_code'],
  ['credentialSubject.achievement.alignment.targetUrl', 'claim_more_about'],
  ['issuer.otherIdentifier.identifier', 'claim_identifier'],
  ['issuer.url', 'claim_website'],
  ['achievement.name', 'claim_achievement'],
  ['issuer.name', 'claim_issuer'],
  ['issuer.id', 'claim_issuer_address'],
  ['image.id', 'claim_picture'],
  ['given_name', 'claim_given_name'],
  ['givenName', 'claim_given_name'],
  ['family_name', 'claim_family_name'],
  ['familyName', 'claim_family_name'],
  ['birthdate', 'claim_birthdate'],
  ['birth_date', 'claim_birthdate'],
  ['email', 'claim_email'],
  ['achievement_name', 'claim_achievement'],
  ['achievement_title', 'claim_achievement'],
  ['achievement', 'claim_achievement'],
  ['title', 'claim_title'],
  ['description', 'claim_description'],
  ['ects', 'claim_ects'],
  ['ECTS', 'claim_ects'],
  ['ects_credits', 'claim_ects'],
  ['eqf', 'claim_eqf'],
  ['eqf_level', 'claim_eqf'],
  ['eqfLevel', 'claim_eqf'],
  ['SBU', 'claim_sbu'],
  ['identityChecked', 'claim_identity_checked'],
  ['level', 'claim_level'],
  ['issuer', 'claim_issuer'],
  ['iss', 'claim_issuer_address'],
  ['iat', 'claim_issued'],
  ['issued', 'claim_issued'],
  ['date_of_issue', 'claim_issued'],
  ['validFrom', 'claim_valid_from'],
  ['nbf', 'claim_valid_from'],
  ['validUntil', 'claim_expires'],
  ['exp', 'claim_expires'],
  ['language', 'claim_language'],
  ['inLanguage', 'claim_language'],
  ['result', 'claim_result'],
  ['grade', 'claim_grade'],
  ['criteria', 'claim_criteria'],
  ['learning_outcomes', 'claim_outcomes'],
  ['learningOutcome', 'claim_outcomes'],
  ['assessment', 'claim_assessment'],
  ['assessmentType', 'claim_assessment'],
  ['supervision', 'claim_supervision'],
  ['supervisionType', 'claim_supervision'],
  ['participation', 'claim_participation'],
  ['participationType', 'claim_participation'],
  ['quality_label', 'claim_quality'],
  ['quality_assurance', 'claim_quality'],
  ['programme', 'claim_programme'],
  ['educationProgramIdentifier', 'claim_programme'],
  ['image', 'claim_picture'],
  ['picture', 'claim_picture'],
  ['vct', 'claim_type'],
  ['type', 'claim_type'],
  ['status', 'claim_status'],
  ['cnf', 'claim_holder_key'],
  ['name', 'claim_name'],
  ['id', 'claim_identifier'],
];

/** What only computers read: types, addresses of lists and descriptions, and everything below these. */
const TECHNICAL: ReadonlySet<string> = new Set([
  ...['@context', 'type', '@type', 'id', 'proof', 'cnf', 'status', 'vct', 'iss', 'jti', '_sd_alg'],
  ...['credentialStatus', 'credentialSchema', 'otherIdentifier', 'resultDescription'],
  ...['targetUrl', 'targetType', 'caption', 'hashed', 'identityType', 'salt', 'vct#integrity'],
]);

/** Whether a claim says nothing to a person; the bytes of a picture at `image.id` do. */
export function isTechnical(path: string): boolean {
  const plain = named(path);
  return !plain.endsWith('image.id') && plain.split('.').some((part) => TECHNICAL.has(part));
}

/** Drops the numbers of array elements, which say nothing to a reader. */
function named(path: string): string {
  return path
    .split('.')
    .filter((part) => !/^\d+$/.test(part) && part !== '*')
    .join('.');
}

/** `dateOfBirth` and `date_of_birth` as words. */
export function spaced(name: string): string {
  const words = name.replaceAll(
    /(\p{Ll})(\p{Lu})/gu,
    (_, end: string, start: string) => `${end} ${start.toLowerCase()}`,
  );
  return words.replaceAll(/[_-]+/g, ' ').trim() || name;
}

/**
 * The name to show for a claim: the issuer's own, else ours for a path that many cards have, else the
 * path made readable: its parts as words, in their order.
 */
export function claimLabel(path: string, label: string | null): string {
  if (label !== null && label.trim() !== '') return label;
  const plain = named(path);
  const known = KNOWN.find(([end]) => plain === end || plain.endsWith(`.${end}`));
  const ours = known === undefined ? undefined : word(known[1]);
  // Only the whole path, or a long enough tail, is safe to rename: `x.id` of a stranger stays `x › id`.
  if (known !== undefined && ours !== undefined && (plain === known[0] || plain.split('.').length <= 3))
    return ours;
  const said = plain
    .split('.')
    .filter((part, at, all) => part !== 'credentialSubject' || all.length === 1 || at > 0)
    .map(spaced)
    .join(' › ');
  return said.charAt(0).toLocaleUpperCase() + said.slice(1);
}
