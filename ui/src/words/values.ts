import { spaced } from './claims';
import { amount, day, languageName, period } from './format';
import { type Language, m, word } from './words';

/** Members of the Dutch profile of Open Badges 3.0 whose values are codes, and the facts that are made of them. */
const CODED: Record<string, string> = {
  assessmentType: 'assessment',
  supervisionType: 'supervision',
  participationType: 'participation',
  assessment: 'assessment',
  supervision: 'supervision',
  participation: 'participation',
  achievementType: 'kind',
  achievement_type: 'kind',
};
const LANGUAGES = new Set(['inLanguage', 'language']);
const SECONDS = new Set(['iat', 'nbf', 'exp']);
const PERIODS = new Set(['duration', 'volumeOfLearning', 'maximumDuration']);
const AMOUNTS = new Set(['ECTS', 'ects', 'ects_credits', 'SBU', 'value', 'grade', 'result']);
const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/;
/** A document inside a value is read up to here; anything larger is shown as it came. */
const DOCUMENT_LIMIT = 20_000;
const DEPTH_LIMIT = 6;

/**
 * The value of a claim as a person would write it: codes, dates, languages and yes or no in words, documents as
 * lines. Never the bytes of a picture. What is not known is shown as it came.
 */
export function claimValue(path: string, value: string, language: Language): string {
  const name = path.split('.').findLast((part) => !/^\d+$/.test(part)) ?? '';
  return documentText(name, value, language) ?? scalar(name, value, language);
}

function scalar(name: string, value: string, language: Language): string {
  if (/^data:/i.test(value)) return /^data:image\//i.test(value) ? m.value_picture() : m.value_data();
  if (value === 'true') return m.value_yes();
  if (value === 'false') return m.value_no();
  const coded = Object.hasOwn(CODED, name) ? codeWord(`value_${CODED[name]}`, value) : undefined;
  if (coded !== undefined) return coded;
  if (LANGUAGES.has(name))
    return value
      .split(', ')
      .map((tag) => languageName(tag, language))
      .join(', ');
  if (PERIODS.has(name)) return period(value, language);
  if (SECONDS.has(name) && /^\d{1,11}$/.test(value)) {
    return day(new Date(Number(value) * 1000).toISOString(), language);
  }
  if (DATE.test(value)) return day(value, language);
  if (AMOUNTS.has(name)) return amount(value, language);
  return /^EQF level ([1-8])$/i.test(value) ? `EQF ${value.slice(-1)}` : value;
}

/** A result as a person would write it: `passed` and the states of Open Badges in words, a figure with its mark. */
export function gradeText(value: string, language: Language): string {
  return codeWord('value_grade', value.toLowerCase()) ?? amount(value, language);
}

/** What kind of achievement it is, in words where the kind is one of those that many use. */
export function kindText(value: string): string {
  return codeWord('value_kind', value) ?? value;
}

function codeWord(start: string, value: string): string | undefined {
  // Codes of one list differ in case and joints from issuer to issuer.
  const code = value.trim().replaceAll(/[ -]+/g, '_');
  return word(`${start}_${code}`) ?? word(`${start}_${code.toLowerCase()}`);
}

/** A value that is itself a document, line by line; `undefined` where it is none. */
function documentText(name: string, value: string, language: Language): string | undefined {
  if (!/^\s*[[{]/.test(value) || value.length > DOCUMENT_LIMIT) return undefined;
  let read: unknown;
  try {
    read = JSON.parse(value, keepDigits);
  } catch {
    return undefined;
  }
  if (name === 'cnf') return m.value_key();
  const list = (read as { status_list?: { idx?: unknown; uri?: unknown } } | null)?.status_list;
  if (name === 'status' && typeof list?.idx === 'string' && typeof list.uri === 'string') {
    return m.value_list_place({ index: list.idx, list: list.uri });
  }
  const lines = linesOf(name, read, language, 0);
  return lines === undefined || lines.length === 0 ? undefined : lines.join('\n');
}

/** Numbers stay the text that they were, so that no digit changes, where the engine gives that text. */
function keepDigits(_: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' ? (context?.source ?? String(value)) : value;
}

function linesOf(name: string, value: unknown, language: Language, depth: number): string[] | undefined {
  if (depth > DEPTH_LIMIT) return undefined;
  if (value === null || typeof value !== 'object') return [scalar(name, String(value), language)];
  const found: string[] = [];
  for (const [member, inner] of Object.entries(value)) {
    const isItem = Array.isArray(value);
    const lines = linesOf(isItem ? name : member, inner, language, depth + 1);
    if (lines === undefined) return undefined;
    const isLeaf = inner === null || typeof inner !== 'object';
    found.push(...(isLeaf && !isItem ? lines.map((line) => `${spaced(member)}: ${line}`) : lines));
  }
  return found;
}
