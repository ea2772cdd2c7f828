// Keys of a test, in the forms that both sides want.
import { createPublicKey, generateKeyPairSync } from 'node:crypto';

const CURVES = { ES256: ['ec', 'P-256'], ES384: ['ec', 'P-384'], EdDSA: ['ed25519'] };

/** A key pair: as JWK, PKCS #8, `did:jwk` and for node:crypto. */
export function makeKey(algorithm) {
  const [type, namedCurve] = CURVES[algorithm];
  const { publicKey, privateKey } = generateKeyPairSync(type, namedCurve ? { namedCurve } : {});
  const publicJwk = publicKey.export({ format: 'jwk' });
  return {
    algorithm,
    publicKey,
    privateKey,
    publicJwk,
    privateJwk: privateKey.export({ format: 'jwk' }),
    pem: privateKey.export({ format: 'pem', type: 'pkcs8' }),
    did: didJwk(publicJwk),
  };
}

/** The key as `did:jwk`; its members sorted, so that the same key has the same name everywhere. */
export function didJwk(jwk) {
  const sorted = Object.fromEntries(Object.entries(jwk).sort(([a], [b]) => (a < b ? -1 : 1)));
  return `did:jwk:${Buffer.from(JSON.stringify(sorted)).toString('base64url')}`;
}

/** The key that a `did:jwk` is. */
export function keyOf(did) {
  const [, encoded] = /^did:jwk:([\w-]+)(?:#0)?$/.exec(did) ?? [];
  return createPublicKey({ key: JSON.parse(Buffer.from(encoded, 'base64url')), format: 'jwk' });
}

/** The same text with one of its characters changed to another that is allowed there. */
export function flip(text, at) {
  const place = at < 0 ? text.length + at : at;
  return text.slice(0, place) + (text[place] === 'A' ? 'B' : 'A') + text.slice(place + 1);
}
