import type { Language } from './words';

/** Labels from outside are cut here, in code points. */
export const LABEL_LIMIT = 200;
/** Narratives from outside are cut here, in code points. */
export const NARRATIVE_LIMIT = 4000;

/** A day in words, or the text as it came where it is no date. */
export function day(value: string, language: Language): string {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return value;
  return new Intl.DateTimeFormat(language, { day: 'numeric', month: 'long', year: 'numeric' }).format(date);
}

/** A day with the time. */
export function moment(value: string, language: Language): string {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return value;
  return new Intl.DateTimeFormat(language, {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  }).format(date);
}

/** The hour alone, where the day is said already. */
export function hour(value: string, language: Language): string {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return '';
  return new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' }).format(date);
}

/** A month as a heading. */
export function month(value: string, language: Language): string {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return value;
  const text = new Intl.DateTimeFormat(language, { month: 'long', year: 'numeric' }).format(date);
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

/** Cuts text to a number of code points, so that no character is split. */
export function clip(text: string, limit: number): { text: string; cut: boolean } {
  if (text.length <= limit) return { text, cut: false };
  const points = Array.from(text.slice(0, limit * 2 + 2));
  if (points.length <= limit && text.length <= limit * 2 + 2) return { text, cut: false };
  return { text: `${points.slice(0, limit).join('')}…`, cut: true };
}

/** A language tag as a word in the reader's language, or the tag itself. */
export function languageName(tag: string, language: Language): string {
  try {
    return new Intl.DisplayNames([language], { type: 'language' }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
