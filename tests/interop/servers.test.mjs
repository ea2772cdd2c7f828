// A holder of @openid4vc with our trial institution and our desk, over TLS on loopback.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { decodeList } from '@digitalbazaar/vc-bitstring-status-list';
import { ES256, digest } from '@sd-jwt/crypto-nodejs';
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc';
import { DcqlQuery } from 'dcql';

import { askAtDesk, trialOfFile } from '../support/trial.mjs';
import { makeHolder, show } from './support/holder.mjs';
import { RDF_SUITES, verifyTheirs } from './support/linked-data.mjs';

let place;
let trial;
let holder;
let credentials;

trialOfFile(async (started) => {
  ({ place, trial } = started);
  holder = makeHolder(path.join(place.path, 'ca.pem'));
  const { offers, tx_code: code } = trial.institution;
  credentials = await holder.receive(offers.microcredential, code);
});

/**
 * Their SD-JWT library with the key of the institution's certificate, which has to hold under the authority of the trial. It
 * reads our status list too, under the same key.
 */
async function kitFor(token, key) {
  const { x5c: [leaf] } = JSON.parse(Buffer.from(token.split('.')[0], 'base64url'));
  const certificate = new X509Certificate(Buffer.from(leaf, 'base64'));
  const authority = new X509Certificate(readFileSync(path.join(place.path, 'ca.pem')));
  assert.ok(certificate.verify(authority.publicKey), 'the certificate is of the trial\'s authority');
  return new SDJwtVcInstance({
    hasher: digest,
    hashAlg: 'sha-256',
    verifier: await ES256.getVerifier(certificate.publicKey.export({ format: 'jwk' })),
    statusListFetcher: async (uri) => (await holder.fetch(uri)).text(),
    kbSignAlg: 'ES256',
    kbSigner: await ES256.getSigner(key.privateJwk),
    kbVerifier: async (data, signature, payload) => (await ES256.getVerifier(payload.cnf.jwk))(data, signature),
  });
}

/** Shows what the query asks for, and signs as this key for this nonce and audience. */
async function answer({ query, nonce, audience }, token, key) {
  const [{ id, claims }] = query.credentials;
  return { [id]: [await show(await kitFor(token, key), token, claims, { nonce, audience })] };
}

/** Lets the desk ask. */
const ask = (wish = { template: 'microcredential' }) => askAtDesk(trial, wish);

test('a holder of theirs collects one copy for each of its keys, and their verifier takes each', async () => {
  assert.equal(credentials.length, holder.keys.length);
  for (const [at, token] of credentials.entries()) {
    const kit = await kitFor(token, holder.keys[at]);
    const { payload, header } = await kit.verify(token);
    assert.equal(header.typ, 'dc+sd-jwt');
    assert.equal(payload.cnf.jwk.x, holder.keys[at].publicJwk.x);
    assert.equal(typeof payload.credentialSubject.achievement.name, 'string');
    assert.equal(payload.iss, trial.institution.issuer);
    assert.ok(Number.isInteger(payload.status.status_list.idx), 'and it is not withdrawn');
  }
  const [one, other] = credentials.map((token) => token.split('~'));
  assert.ok(one.slice(1, -1).every((disclosure) => !other.includes(disclosure)), 'no salt is used twice');
});

test('a wrong transaction code of theirs is refused by our institution', async () => {
  await assert.rejects(holder.receive(trial.institution.offers.microcredential, '000000'), /invalid_grant|tx_code/);
});

test('our Bitstring status lists hold for their verifier, by the did:web of the institution', async () => {
  const { issuer } = trial.institution;
  for (const [number, purpose] of [[2, 'revocation'], [3, 'suspension']]) {
    const list = await (await holder.fetch(`${issuer}/status/${number}`)).json();
    assert.equal(list.credentialSubject.statusPurpose, purpose);
    const { cryptosuite } = RDF_SUITES[list.proof.cryptosuite];
    const seen = await verifyTheirs(list, cryptosuite, (url) => webDocument(url));
    assert.ok(seen.verified, seen.why);
    const bits = await decodeList(list.credentialSubject);
    assert.ok(bits.length >= 131_072);
    assert.equal(bits.getStatus(0), false);

    const changed = { ...list, validUntil: '2099-01-01T00:00:00Z' };
    assert.equal((await verifyTheirs(changed, cryptosuite, (url) => webDocument(url))).verified, false);
  }
});

/** The document of a did:web, or the key in it, as their loader wants it; nothing for anything else. */
async function webDocument(url) {
  const [did, fragment] = url.split('#');
  if (!did.startsWith('did:web:')) {
    return undefined;
  }
  const [host, ...steps] = did.slice('did:web:'.length).split(':').map(decodeURIComponent);
  const place = steps.length ? steps.join('/') : '.well-known';
  const whole = await (await holder.fetch(`https://${host}/${place}/did.json`)).json();
  const method = whole.verificationMethod.find(({ id }) => id === url);
  const context = method?.type === 'JsonWebKey' ? 'https://w3id.org/security/jwk/v1' : 'https://w3id.org/security/multikey/v1';
  const document = fragment ? { '@context': context, ...method } : whole;
  return { contextUrl: null, documentUrl: url, document };
}

test('our desk finds an answer of theirs valid, encrypted as it asked', async () => {
  const asked = await ask();
  const sent = await holder.present(asked.link, (request) => answer(request, credentials[0], holder.keys[0]));
  assert.equal(sent.status, 200);
  assert.equal(sent.encrypted, true);
  const found = await asked.result();
  assert.equal(found.verdict, 'valid', JSON.stringify(found));
  assert.ok(found.presentations[0].checks.every(({ result }) => result === 'pass'), JSON.stringify(found.presentations[0].checks));
});

test('our desk takes an answer of theirs only as it asked for it: by direct_post.jwt, and not by direct_post', async () => {
  const asked = await ask();
  const sent = await holder.present(asked.link, (request) => answer(request, credentials[0], holder.keys[0]), { plain: true });
  assert.equal(sent.plain, 400, 'what anybody could have read is not taken');
  assert.equal(sent.status, 200, 'and the request is still open');
  assert.equal((await asked.result()).verdict, 'valid');
});

/** What their `dcql` finds in this query for a holder with the microcredential alone. */
function matched(query) {
  const [token] = credentials;
  const { vct } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
  const disclosed = token.split('~').slice(1, -1).map((one) => JSON.parse(Buffer.from(one, 'base64url')));
  const [, , achievement] = disclosed.find(([, name]) => name === 'name');
  const claims = { credentialSubject: { achievement: { name: achievement } } };
  return DcqlQuery.query(DcqlQuery.parse(query), [{ credential_format: 'dc+sd-jwt', vct, claims, cryptographic_holder_binding: true }]);
}

test('of two kinds of which our desk needs one, their wallet gives the one that it has', async () => {
  const asked = await ask({ choice: { kinds: ['microcredential', 'badge'], both: false } });
  let found;
  await holder.present(asked.link, (request) => {
    found = matched(request.query);
    return answer(request, credentials[0], holder.keys[0]);
  });
  assert.equal(found.can_be_satisfied, true);
  assert.deepEqual(found.credential_sets.map(({ matching_options: options }) => options), [[['microcredential']]]);
  const result = await asked.result();
  assert.equal(result.verdict, 'valid', JSON.stringify(result));
  assert.deepEqual(result.presentations.map(({ query }) => query), ['microcredential']);
});

test('where our desk needs both, their wallet finds that it cannot, and one alone is not valid', async () => {
  const asked = await ask({ choice: { kinds: ['microcredential', 'badge'], both: true } });
  let found;
  const sent = await holder.present(asked.link, (request) => {
    found = matched(request.query);
    return answer(request, credentials[0], holder.keys[0]);
  }).catch(() => {});
  assert.equal(found.can_be_satisfied, false);
  assert.notEqual(sent?.status, 200);
  assert.notEqual((await asked.result()).verdict, 'valid');
});

const WRONG = {
  'another nonce': (request) => answer({ ...request, nonce: 'een-andere-nonce-dan-gevraagd' }, credentials[0], holder.keys[0]),
  'another audience': (request) => answer({ ...request, audience: 'x509_hash:een-ander' }, credentials[0], holder.keys[0]),
  'another key': (request) => answer(request, credentials[0], holder.keys[1]),
};

for (const [what, make] of Object.entries(WRONG)) {
  test(`our desk does not take an answer of theirs for ${what}`, async () => {
    const asked = await ask();
    await holder.present(asked.link, make).catch(() => {});
    const found = await asked.result();
    assert.notEqual(found.verdict, 'valid', JSON.stringify(found));
    assert.notEqual(found.state, 'waiting', 'it was looked at');
  });
}
