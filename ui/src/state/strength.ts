/** The fewest characters of a passphrase that the vault takes. */
export const PASSPHRASE_MINIMUM = 10;

/** How hard a passphrase is to guess, for a hint and never for a refusal beyond the minimum. */
export type Strength = 'short' | 'weak' | 'fair' | 'good';

/** Counts length, words and variety. A long sentence beats a short jumble, as it should. */
export function strength(passphrase: string): Strength {
  const points = Array.from(passphrase);
  if (points.length < PASSPHRASE_MINIMUM) return 'short';
  const different = new Set(points.map((point) => point.toLowerCase())).size;
  if (different < 5) return 'weak';
  const words = passphrase
    .trim()
    .split(/\s+/)
    .filter((word) => word.length > 1).length;
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\p{N}/u, /[^\p{L}\p{N}\s]/u].filter((kind) =>
    kind.test(passphrase),
  ).length;
  const score = points.length + (words - 1) * 2 + (kinds - 1) * 2;
  if (score < 16) return 'weak';
  return score < 24 ? 'fair' : 'good';
}
