/** Pictures of an answer: squares out of the bytes that cross the bridge. */

/** Light squares around a code, which readers need. */
export const QUIET = 4;

/** Whether each square is dark, row after row; `size * size` of them. Squares that are missing are light. */
export function squares(code: string, size: number): boolean[] {
  const bytes = atob(code);
  return Array.from({ length: size * size }, (_, at) => {
    const byte = bytes.charCodeAt(at >> 3);
    return ((byte >> (7 - (at & 7))) & 1) === 1;
  });
}

/** Draws a code black on white, one dot for each square, whatever the colours of the window. */
export function draw(canvas: HTMLCanvasElement, code: string, size: number): void {
  const side = size + 2 * QUIET;
  if (canvas.width !== side) canvas.width = canvas.height = side;
  const context = canvas.getContext('2d');
  if (context === null) return;
  const picture = context.createImageData(side, side);
  picture.data.fill(255);
  squares(code, size).forEach((dark, at) => {
    if (!dark) return;
    const dot = ((Math.floor(at / size) + QUIET) * side + (at % size) + QUIET) * 4;
    picture.data.fill(0, dot, dot + 3);
  });
  context.putImageData(picture, 0, 0);
}

/** How long reading takes with a third missed, in whole seconds. */
export function seconds(needed: number, milliseconds: number): number {
  return Math.max(2, Math.ceil((needed * milliseconds * 1.5) / 1000));
}
