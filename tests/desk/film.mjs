// The pictures of an answer, as a camera and a photo have them: out of the moving picture that the command line writes.
import { writeFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';

/** Brightness of what a camera sees: a screen is not quite white, its black not quite black, and around it is a room. */
const [LIGHT, DARK, ROOM] = [228, 34, 96];

/** Each picture of the film: its squares along a side, with the light border, and whether a square is dark. */
export function picturesOf(svg) {
  const side = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)[1]);
  return [...svg.matchAll(/<path visibility="hidden" d="([^"]+)"/g)].map(([, path]) => {
    const dark = new Set();
    for (const [, x, y, run] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)) {
      for (let at = 0; at < Number(run); at += 1) dark.add(Number(y) * side + Number(x) + at);
    }
    return { side, isDark: (x, y) => dark.has(y * side + x) };
  });
}

/** A photo of a screen: the picture somewhere in it, grey, as PNG. */
export function photo(picture, { width = 900, height = 720, square = 8 } = {}) {
  const rows = Buffer.alloc((width + 1) * height);
  const seen = look(picture, { width, height, square });
  for (let y = 0; y < height; y += 1) seen.copy(rows, y * (width + 1) + 1, y * width, (y + 1) * width);
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head[8] = 8;
  const chunks = [['IHDR', head], ['IDAT', deflateSync(rows)], ['IEND', Buffer.alloc(0)]].map(([kind, data]) => {
    const body = Buffer.concat([Buffer.from(kind), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  });
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...chunks]);
}

/** A film of a camera (YUV4MPEG2) that sees these pictures one after the other, so many in a second, over and over. */
export function film(file, pictures, { width = 960, height = 720, square = 8, rate = 5 } = {}) {
  const parts = [Buffer.from(`YUV4MPEG2 W${width} H${height} F${rate}:1 Ip A1:1 C420jpeg\n`)];
  const colourless = Buffer.alloc((width * height) / 2, 128);
  for (const picture of pictures) {
    parts.push(Buffer.from('FRAME\n'), look(picture, { width, height, square }), colourless);
  }
  writeFileSync(file, Buffer.concat(parts));
}

/** What is seen, a byte for each dot: a little off the middle, softened at each edge, darker towards one corner. */
function look({ side, isDark }, { width, height, square }) {
  const [left, top] = [Math.floor((width - side * square) / 2) + 5, Math.floor((height - side * square) / 2) - 3];
  const sharp = Buffer.alloc(width * height, ROOM);
  for (let y = 0; y < side * square; y += 1) {
    for (let x = 0; x < side * square; x += 1) {
      const dark = isDark(Math.floor(x / square), Math.floor(y / square));
      sharp[(top + y) * width + left + x] = dark ? DARK : LIGHT;
    }
  }
  const soft = Buffer.from(sharp);
  for (let y = 1; y < height - 1; y += 1) {
    for (let x = 1; x < width - 1; x += 1) {
      const at = y * width + x;
      const around = sharp[at - 1] + sharp[at + 1] + sharp[at - width] + sharp[at + width] + 2 * sharp[at];
      soft[at] = (around / 6) * (1 - 0.2 * (x / width) * (y / height));
    }
  }
  return soft;
}

/** CRC-32 of a chunk (PNG, annex D). */
function crc32(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return (sum ^ 0xffffffff) >>> 0;
}
