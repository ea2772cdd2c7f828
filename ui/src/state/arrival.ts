/** The most bytes of a file that the window hands over; the engine has its own, lower caps per kind. */
export const FILE_LIMIT = 10 * 1024 * 1024;

const READABLE_TYPES = new Set([
  '',
  'image/png',
  'image/jpeg',
  'image/svg+xml',
  'application/json',
  'application/ld+json',
  'application/vc',
  'application/jwt',
  'text/plain',
]);

/** Whether a dragged thing may be read, by the type that the desktop names; the content decides later. */
export function isReadableType(type: string): boolean {
  return READABLE_TYPES.has(type) || type.startsWith('text/') || type.endsWith('+json');
}

/** A file as base64, in pieces, so that a large one does not overflow the stack. */
export async function toBase64(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += 0x8000) {
    pieces.push(String.fromCharCode(...bytes.subarray(at, at + 0x8000)));
  }
  return btoa(pieces.join(''));
}

/** What a paste or a drop holds. A file wins: programs put its name beside it as text. */
export function contentOf(transfer: DataTransfer): { file: File } | { text: string } | null {
  const file = transfer.files[0];
  if (file !== undefined) return { file };
  const text = (transfer.getData('text/uri-list') || transfer.getData('text/plain')).trim();
  return text === '' ? null : { text };
}
