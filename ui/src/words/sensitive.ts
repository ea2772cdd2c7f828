import { m } from './words';

const WORDS: Record<string, () => string> = {
  number: m.share_sensitive_number,
  birth: m.share_sensitive_birth,
  picture: m.share_sensitive_picture,
  health: m.share_sensitive_health,
  origin: m.share_sensitive_origin,
  contact: m.share_sensitive_contact,
};

/** Why a claim deserves a second look, for a person; null where it does not. */
export function sensitiveWords(kind: string | null): string | null {
  if (kind === null || !Object.hasOwn(WORDS, kind)) return null;
  return WORDS[kind]?.() ?? null;
}
