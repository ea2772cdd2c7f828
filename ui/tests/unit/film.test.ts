import { describe, expect, it } from 'vitest';

import { seconds, squares } from '../../src/parts/film';

describe('the pictures of an answer', () => {
  it('come eight squares in a byte, the first in the highest bit', () => {
    const code = btoa(String.fromCharCode(0b1000_0000, 0b0100_0000));
    const dark = squares(code, 4).flatMap((is, at) => (is ? [at] : []));
    expect(dark).toEqual([0, 9]);
  });

  it('have light squares where bytes are missing', () => {
    expect(squares('', 21).some(Boolean)).toBe(false);
    expect(squares(btoa('\u00ff'), 21).filter(Boolean)).toHaveLength(8);
  });

  it('take as long as reading with a third missed takes', () => {
    expect(seconds(1, 200)).toBe(2);
    expect(seconds(20, 200)).toBe(6);
    expect(seconds(20, 600)).toBe(18);
  });
});
