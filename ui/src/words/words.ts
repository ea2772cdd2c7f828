import type { ErrorKind, FailureView } from '../bridge/contract';
import { m } from './compiled/messages.js';
import { overwriteGetLocale } from './compiled/runtime.js';
import { moment } from './format';

export { m };

/** The languages of the window. */
export const LANGUAGES = ['nl', 'en'] as const;
/** One of them. */
export type Language = (typeof LANGUAGES)[number];

/** Takes a language from outside, or the first that the computer prefers. */
export function languageOf(tag: string | undefined): Language {
  return tag?.toLowerCase().startsWith('nl') ? 'nl' : 'en';
}

/** Says which function knows the language now. Reads a rune, so that words change without a restart. */
export function followLanguage(current: () => Language): void {
  overwriteGetLocale(current);
}

type Sayings = typeof m;
type SilentKey = {
  [K in keyof Sayings]: Parameters<Sayings[K]> extends
    [] | [inputs?: Record<string, never>, ...rest: unknown[]]
    ? K
    : never;
}[keyof Sayings];

/** A word whose key is put together at run time: `undefined` where there is none. */
export function word(key: string): string | undefined {
  const say: unknown = Object.hasOwn(m, key) ? m[key as SilentKey] : undefined;
  return typeof say === 'function' ? (say as () => string)() : undefined;
}

/** What happened and what to do about it. Typed by the union: a kind without words does not compile. */
export function errorWords(kind: string): { what: string; advice: string } {
  const known: ErrorKind = isErrorKind(kind) ? kind : 'internal';
  return { what: m[`error_${known}_what`](), advice: m[`error_${known}_do`]() };
}

/** The same for a failure, with its date where it has one that helps. */
export function failureWords(failure: FailureView, language: Language): { what: string; advice: string } {
  const words = errorWords(failure.kind);
  if (failure.kind !== 'request_answered' || failure.since === undefined) return words;
  return { ...words, what: m.error_request_answered_on({ date: moment(failure.since, language) }) };
}

function isErrorKind(kind: string): kind is ErrorKind {
  return word(`error_${kind}_what`) !== undefined;
}

/** The sentence for one check with its result; the engine's reason comes first where it has words. */
export function checkSentence(name: string, result: string, reason: string | null): string | undefined {
  return (reason === null ? undefined : word(`reason_${reason}`)) ?? word(`check_${name}_${result}`);
}

/** The name of a check. */
export function checkName(name: string): string {
  return word(`check_${name}`) ?? name;
}

/** What is being done, as a sentence. */
export function workingSentence(step: string): string {
  return word(`working_${step}`) ?? m.working_other();
}

/** A step as a phrase, to say where it stopped. */
export function stepPhrase(step: string): string {
  return word(`step_${step}`) ?? m.step_other();
}

/** How a line of the log ended. */
export function outcomeWords(kind: string, outcome: string): string {
  return word(`outcome_${outcome}_${kind}`) ?? word(`outcome_${outcome}`) ?? outcome;
}

/** The format of a card, for those who look closely. */
export function formatName(format: string): string {
  return word(`format_${format.replaceAll(/[^a-z0-9]+/g, '_')}`) ?? format;
}

/** The unit of study load. */
export function unitName(unit: string): string {
  return word(`unit_${unit}`) ?? unit;
}
