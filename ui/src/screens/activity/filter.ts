import type { ActivityView } from '../../bridge/contract';
import { month } from '../../words/format';
import type { Language } from '../../words/words';

/** What the log can be narrowed to. */
export const FILTERS = ['all', 'received', 'shared', 'other'] as const;
/** One of them. */
export type Filter = (typeof FILTERS)[number];

const KINDS: Record<Filter, readonly string[] | null> = {
  all: null,
  received: ['received', 'imported'],
  shared: ['shared'],
  other: ['deleted'],
};

/** The lines that pass the filter and hold the text in a title or a party. */
export function matching(lines: ActivityView[], filter: Filter, query: string): ActivityView[] {
  const kinds = KINDS[filter];
  const text = query.trim().toLowerCase();
  return lines.filter(
    (line) =>
      (kinds === null || kinds.includes(line.kind)) &&
      (text === '' ||
        [...line.titles, line.party?.name ?? '', line.party?.host ?? ''].some((one) =>
          one.toLowerCase().includes(text),
        )),
  );
}

/** Newest first, under the month they happened in. */
export function byMonth(
  lines: ActivityView[],
  language: Language,
): { title: string; lines: ActivityView[] }[] {
  const groups = new Map<string, ActivityView[]>();
  for (const line of lines.toSorted((a, b) => b.at.localeCompare(a.at))) {
    const title = month(line.at, language);
    groups.set(title, [...(groups.get(title) ?? []), line]);
  }
  return Array.from(groups, ([title, group]) => ({ title, lines: group }));
}
