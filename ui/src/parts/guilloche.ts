/** A small stable number from text: the same card always gets the same seal. */
export function seed(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash ^= text.charCodeAt(at);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}

/** How many institution colours tokens.css has. */
export const BANDS = 8;

/** Which of the institution colours belongs to a name. */
export function band(name: string): number {
  return (seed(name) >>> 9) % BANDS;
}

/**
 * One closed line of the kind that is engraved on diplomas: a circle that swings in and out.
 * Returns the `d` of an SVG path in a box of 100 by 100.
 */
export function guilloche(petals: number, inner: number, outer: number, turn: number): string {
  const steps = Math.max(120, petals * 26);
  const points: string[] = [];
  for (let step = 0; step < steps; step += 1) {
    const angle = (step / steps) * Math.PI * 2;
    const radius = inner + (outer - inner) * (0.5 + 0.5 * Math.cos(angle * petals + turn));
    const x = 50 + radius * Math.cos(angle);
    const y = 50 + radius * Math.sin(angle);
    points.push(`${x.toFixed(2)} ${y.toFixed(2)}`);
  }
  return `M${points.join('L')}Z`;
}

/** The lines of one seal, drawn from its text. */
export function seal(text: string): string[] {
  const number = seed(text);
  const petals = 7 + (number % 6);
  const swing = 24 + ((number >>> 4) % 10);
  return [
    guilloche(petals, swing, 47, 0),
    guilloche(petals, swing, 47, Math.PI),
    guilloche(petals * 2, swing - 6, swing + 6, 0),
  ];
}

/** One or two letters for a name: of its first and last word that begin with a letter. */
export function initials(name: string): string {
  const words = name.split(/[\s\-–/]+/).filter((word) => /^\p{L}/u.test(word) && word.length > 2);
  const first = words[0] ?? name.trim();
  const last = words.length > 1 ? words[words.length - 1] : undefined;
  return [first, last]
    .map((word) => Array.from(word ?? '')[0] ?? '')
    .join('')
    .toLocaleUpperCase();
}
