// Tokens with `jose`: credentials as JWT in both data models, and encrypted answers, both ways.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, before, test } from 'node:test';

import { CompactEncrypt, CompactSign, compactDecrypt, compactVerify } from 'jose';

import { folder } from '../support/programs.mjs';
import { LEARNER, smallBadge } from './support/badges.mjs';
import { didJwk, flip, makeKey } from './support/keys.mjs';
import { assertRefused, assertValid, counterpart, trusting, verify } from './support/ours.mjs';
import { makeAuthority, serve } from './support/tls.mjs';

let ours;

before(() => {
  ours = counterpart();
});

after(() => ours?.stop());

const encode = (value) => new TextEncoder().encode(JSON.stringify(value));
const sign = (payload, key, header) =>
  new CompactSign(encode(payload)).setProtectedHeader({ alg: key.algorithm, ...header }).sign(key.privateKey);

/** RS256 has no place among the curves. */
function makeRsa() {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { algorithm: 'RS256', publicKey, privateKey, did: didJwk(publicKey.export({ format: 'jwk' })) };
}
const make = (algorithm) => (algorithm === 'RS256' ? makeRsa() : makeKey(algorithm));

/** Data model 2.0: the credential is the payload (VC-JOSE-COSE, section 3.1). */
const vcJwt = (issuer) => ({ header: { typ: 'vc+jwt', cty: 'vc', kid: `${issuer.did}#0` }, payload: smallBadge(issuer.did) });

/** Data model 1.1: the credential lies in `vc`, and the claims beside it say the same (section 6.3.1). */
function vcJwt11(issuer) {
  const vc = smallBadge(issuer.did, { version: 1 });
  const nbf = Date.parse(vc.issuanceDate) / 1000;
  return { header: { typ: 'JWT', kid: `${issuer.did}#0` }, payload: { iss: issuer.did, sub: LEARNER, jti: vc.id, nbf, vc } };
}

/** `header.payload.signature` with another payload between the two that were signed. */
function exchange(token, change) {
  const [header, payload, signature] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url'));
  change(claims);
  return [header, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.');
}

const FORMS = { 'vc+jwt': vcJwt, 'jwt_vc_json': vcJwt11 };

for (const [form, compose] of Object.entries(FORMS)) {
  for (const algorithm of ['ES256', 'ES384', 'EdDSA', 'RS256']) {
    test(`a badge as ${form} that jose signs with ${algorithm} we verify`, async () => {
      const issuer = make(algorithm);
      const { header, payload } = compose(issuer);
      const token = await sign(payload, issuer, header);
      const trust = trusting([issuer.did]);
      assertValid(await verify(token, trust));

      const changes = {
        claim: exchange(token, (claims) => {
          (claims.vc ?? claims).credentialSubject.achievement.name = 'Iets anders';
        }),
        signature: flip(token, token.lastIndexOf('.') + 12),
        key: await sign(payload, make(algorithm), header),
      };
      for (const [what, changed] of Object.entries(changes)) {
        assertRefused(await verify(changed, trust), 'signature', 'bad_signature');
        await assert.rejects(compactVerify(changed, issuer.publicKey), `jose refuses a changed ${what} too`);
      }
    });
  }
}

test('what we sign as vc+jwt and as jwt_vc_json jose verifies', async () => {
  for (const compose of Object.values(FORMS)) {
    for (const algorithm of ['ES256', 'EdDSA']) {
      const issuer = makeKey(algorithm);
      const { header, payload } = compose(issuer);
      const token = await ours.ask({ do: 'sign_jws', header, payload, key: issuer.pem });
      const seen = await compactVerify(token, issuer.publicKey);
      assert.equal(seen.protectedHeader.alg, algorithm);
      assert.deepEqual(JSON.parse(new TextDecoder().decode(seen.payload)), payload);
      await assert.rejects(compactVerify(flip(token, -20), issuer.publicKey));
      assertValid(await verify(token, trusting([issuer.did])));
    }
  }
});

test('claims beside a credential of data model 1.1 that say something else are refused', async () => {
  const issuer = makeKey('ES256');
  const { header, payload } = vcJwt11(issuer);
  const changes = [{ jti: 'urn:uuid:another' }, { nbf: payload.nbf + 60 }, { sub: 'did:example:somebody' }];
  for (const change of changes) {
    const token = await sign({ ...payload, ...change }, issuer, header);
    assertRefused(await verify(token, trusting([issuer.did])), 'format', 'malformed');
  }
});

test('a token without signature, or under a shared secret, is no credential', async () => {
  const issuer = makeKey('ES256');
  const { header, payload } = vcJwt(issuer);
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const none = `${part({ ...header, alg: 'none' })}.${part(payload)}.`;
  const secret = new TextEncoder().encode(JSON.stringify(issuer.publicJwk).padEnd(32));
  const shared = await new CompactSign(encode(payload)).setProtectedHeader({ ...header, alg: 'HS256' }).sign(secret);
  for (const token of [none, shared]) {
    const said = await verify(token, trusting([issuer.did]));
    assert.notEqual(said.code, 0, JSON.stringify(said));
    assert.notEqual(said.verdict, 'valid');
  }
});

test('the key of a did:web is read over https, and a host that another authority vouches for is not', async () => {
  const [place, elsewhere] = [folder(), folder()];
  const authority = makeAuthority(place.path);
  const stranger = makeAuthority(elsewhere.path);
  const key = makeKey('ES256');
  let document;
  const server = await serve(authority, ({ url }) => (url === '/school/did.json' ? { body: JSON.stringify(document) } : undefined));
  try {
    const did = `did:web:${new URL(server.origin).host.replace(':', '%3A')}:school`;
    const method = { id: `${did}#sleutel`, type: 'JsonWebKey', controller: did, publicKeyJwk: key.publicJwk };
    document = { '@context': ['https://www.w3.org/ns/did/v1'], id: did, verificationMethod: [method], assertionMethod: [method.id] };
    const token = await sign(smallBadge(did), key, { typ: 'vc+jwt', kid: method.id });
    const said = await verify(token, trusting([did]), ['--tls-root', authority.ca]);
    assertValid(said);
    assert.equal(said.issuer, did);

    const untrusted = await verify(token, trusting([did]), ['--tls-root', stranger.ca]);
    assert.equal(untrusted.verdict, 'unknown', untrusted.told);
    assert.equal(untrusted.checks.issuer_key.reason, 'key_unavailable', untrusted.told);

    // A key that is there for another purpose does not sign credentials.
    document = { ...document, assertionMethod: [], authentication: [method.id] };
    const misused = await verify(token, trusting([did]), ['--tls-root', authority.ca]);
    assert.notEqual(misused.verdict, 'valid', misused.told);
    assert.notEqual(misused.checks.issuer_key.result, 'pass', misused.told);
  } finally {
    await server.stop();
    place.remove();
    elsewhere.remove();
  }
});

for (const enc of ['A128GCM', 'A256GCM']) {
  test(`an answer with ECDH-ES and ${enc} goes both ways`, async () => {
    const verifier = makeKey('ES256');
    const words = JSON.stringify({ vp_token: { q: ['eyJ…~'] }, state: 'Zoë' });
    const jwk = { ...verifier.publicJwk, kid: 'een', use: 'enc', alg: 'ECDH-ES' };

    const token = await ours.ask({ do: 'encrypt', payload: words, jwk, enc });
    const opened = await compactDecrypt(token, verifier.privateKey, { keyManagementAlgorithms: ['ECDH-ES'], contentEncryptionAlgorithms: [enc] });
    assert.equal(new TextDecoder().decode(opened.plaintext), words);
    assert.equal(opened.protectedHeader.kid, 'een');

    for (const parties of [{}, { apu: new Uint8Array([1, 2, 3]), apv: new TextEncoder().encode(token.slice(0, 40)) }]) {
      const answer = await new CompactEncrypt(new TextEncoder().encode(words))
        .setProtectedHeader({ alg: 'ECDH-ES', enc, kid: 'een' })
        .setKeyManagementParameters(parties)
        .encrypt(verifier.publicKey);
      assert.equal(await ours.ask({ do: 'decrypt', token: answer, d: verifier.privateJwk.d }), words);

      // Header, nonce, text and tag: each is covered.
      const parts = answer.split('.');
      for (const at of [2, 3, 4]) {
        const spoilt = parts.map((part, place) => (place === at ? flip(part, 3) : part)).join('.');
        await ours.refuse({ do: 'decrypt', token: spoilt, d: verifier.privateJwk.d });
        await assert.rejects(compactDecrypt(spoilt, verifier.privateKey));
      }
      await ours.refuse({ do: 'decrypt', token: answer, d: makeKey('ES256').privateJwk.d });
    }
    for (const at of [0, 2, 3, 4]) {
      const parts = token.split('.');
      await assert.rejects(compactDecrypt(parts.map((part, place) => (place === at ? flip(part, 9) : part)).join('.'), verifier.privateKey));
    }
  });
}

test('an answer in another encryption, or wrapped around another key, is refused', async () => {
  const verifier = makeKey('ES256');
  const d = verifier.privateJwk.d;
  const make = (header) => new CompactEncrypt(encode({ state: 'x' })).setProtectedHeader(header).encrypt(verifier.publicKey);
  for (const header of [{ alg: 'ECDH-ES', enc: 'A192GCM' }, { alg: 'ECDH-ES+A256KW', enc: 'A256GCM' }]) {
    await ours.refuse({ do: 'decrypt', token: await make(header), d });
  }
});
