import type { Language } from './words';

/** How each language writes its dates; English as it is written in Europe. */
const LOCALES: Record<Language, string> = { nl: 'nl-NL', en: 'en-GB' };

/** Labels from outside are cut here, in code points. */
export const LABEL_LIMIT = 200;
/** Narratives from outside are cut here, in code points. */
export const NARRATIVE_LIMIT = 4000;

/** A day in words, or the text as it came where it is no date. */
export function day(value: string, language: Language): string {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return value;
  return new Intl.DateTimeFormat(LOCALES[language], {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  }).format(date);
}

/** A day in figures and a short month, for tables. */
export function shortDay(value: string, language: Language): string {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return value;
  return new Intl.DateTimeFormat(LOCALES[language], {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
  }).format(date);
}

const PERIOD = /^P(?=\d|T\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/;
const PERIOD_UNITS = ['year', 'month', 'week', 'day', 'hour', 'minute'] as const;

/** An ISO 8601 period, `P6M`, in words; or the text as it came where it is none. */
export function period(value: string, language: Language): string {
  const match = PERIOD.exec(value);
  if (match === null) return value;
  const parts = PERIOD_UNITS.flatMap((unit, at) => {
    const count = match[at + 1];
    if (count === undefined || count.length > 6) return [];
    const words = new Intl.NumberFormat(LOCALES[language], { style: 'unit', unit, unitDisplay: 'long' });
    return [words.format(Number(count))];
  });
  return parts.length === 0
    ? value
    : new Intl.ListFormat(LOCALES[language], { type: 'conjunction' }).format(parts);
}

/** A day with the time. */
export function moment(value: string, language: Language): string {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return value;
  return new Intl.DateTimeFormat(LOCALES[language], {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  }).format(date);
}

/** A month as a heading. */
export function month(value: string, language: Language): string {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return value;
  const text = new Intl.DateTimeFormat(LOCALES[language], { month: 'long', year: 'numeric' }).format(date);
  return text.charAt(0).toLocaleUpperCase(language) + text.slice(1);
}

/** A decimal amount with the mark of the language. Works on the text, so that no digit changes. */
export function amount(value: string, language: Language): string {
  return /^-?\d+\.\d+$/.test(value) && language === 'nl' ? value.replace('.', ',') : value;
}

/** Splits `EQF 6` into the figure and what it counts in. */
export function level(value: string): { figure: string; framework: string } {
  const match = /^(\p{L}+)\s+(\S{1,6})$/u.exec(value.trim());
  return match?.[1] !== undefined && match[2] !== undefined
    ? { figure: match[2], framework: match[1] }
    : { figure: value, framework: '' };
}

/** Whole days from now until then; negative when past. */
export function daysUntil(value: string, now: number): number {
  return Math.ceil((new Date(value).getTime() - now) / 86_400_000);
}

/** Controls but for the line break, and the format characters that turn or hide; the joiners of scripts and emoji stay. */
const UNSEEN =
  /(?![\n\t\u200c\u200d])[\p{Cc}\p{Zl}\p{Zp}]|[\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/gu;

/**
 * Takes the tricks out of text from outside: marks that turn the reading direction around, characters
 * that show nothing, and heaps of accents. What is left is drawn as text and nothing else.
 */
export function tame(text: string): string {
  return text.replaceAll(UNSEEN, '').replaceAll(/(\p{M}{3})\p{M}+/gu, '$1');
}

/** A name from outside, ready to stand within one of our sentences. */
export function label(text: string): string {
  return clip(text, LABEL_LIMIT).text;
}

/** Tames text and cuts it to a number of code points, so that no character is split. */
export function clip(wild: string, limit: number): { text: string; cut: boolean } {
  const text = tame(wild);
  if (text.length <= limit) return { text, cut: false };
  const points = Array.from(text.slice(0, limit * 2 + 2));
  if (points.length <= limit && text.length <= limit * 2 + 2) return { text, cut: false };
  return { text: `${points.slice(0, limit).join('')}…`, cut: true };
}

/** A language tag as a word in the reader's language, or the tag itself. */
export function languageName(tag: string, language: Language): string {
  try {
    // `nl-NL` is just Dutch to a reader; where it is spoken is not the point.
    const plain = new Intl.Locale(tag).language;
    return new Intl.DisplayNames([language], { type: 'language' }).of(plain) ?? tag;
  } catch {
    return tag;
  }
}
