/** A stretch of text that was searched for, or not. */
export interface Piece {
  text: string;
  hit: boolean;
}

/** Folds a letter to how people search for it: without case or accents, and of the same length or not at all. */
function fold(text: string): string {
  return Array.from(text, (point) => {
    const folded = point.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
    return folded.length === point.length ? folded : point;
  }).join('');
}

/** Cuts text at every place where a word of the query stands. */
export function pieces(text: string, query: string): Piece[] {
  const words = fold(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return [{ text, hit: false }];
  const folded = fold(text);
  const hits = new Uint8Array(text.length);
  for (const word of words) {
    for (let at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + word.length)) {
      hits.fill(1, at, at + word.length);
    }
  }
  const out: Piece[] = [];
  let start = 0;
  for (let at = 1; at <= text.length; at += 1) {
    if (at === text.length || hits[at] !== hits[start]) {
      out.push({ text: text.slice(start, at), hit: hits[start] === 1 });
      start = at;
    }
  }
  return out;
}
