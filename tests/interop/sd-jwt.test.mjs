// SD-JWT VC with @sd-jwt: what they issue and present we verify, what we issue and present they verify, and what is
// changed on the way both refuse.
import assert from 'node:assert/strict';
import { sign as signBytes, verify as verifyBytes } from 'node:crypto';
import { after, before, test } from 'node:test';

import { ES256, ES384, digest, generateSalt } from '@sd-jwt/crypto-nodejs';
import { StatusList, createHeaderAndPayload } from '@sd-jwt/jwt-status-list';
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc';

import { folder } from '../support/programs.mjs';
import { flip, makeKey } from './support/keys.mjs';
import { assertRefused, assertValid, counterpart, trusting, verify } from './support/ours.mjs';
import { makeAuthority, serve } from './support/tls.mjs';

const NONCE = 'een-nonce-die-niemand-raadt';
const AUDIENCE = 'x509_hash:een-loket';
const seconds = () => Math.floor(Date.now() / 1000);

/** Names with every kind of value: nested objects, arrays, objects in arrays, characters beyond ASCII, numbers. */
const claims = (issuer, holder) => ({
  iss: issuer.did,
  iat: seconds(),
  exp: seconds() + 3600,
  vct: 'urn:example:microcredential',
  ...(holder && { cnf: { jwk: holder.publicJwk } }),
  given_name: 'Zoë',
  family_name: "d'Água ☂",
  credit: { ECTS: 4.5, SBU: 126, level: { eqf: 6, nlqf: '6' } },
  outcomes: ['Bomen doorlopen', 'Grafen tekenen', 'Bewijzen'],
  modules: [{ code: 'DS-1', mark: 8 }, { code: 'DS-2', mark: 7.5 }],
  honours: false,
  remark: null,
});

/** Everything in the open part or behind a disclosure, two deep, with decoys. */
const FRAME = {
  _sd: ['given_name', 'family_name', 'credit', 'outcomes', 'honours', 'remark'],
  _sd_decoy: 3,
  credit: { _sd: ['ECTS', 'level'], _sd_decoy: 1, level: { _sd: ['eqf'] } },
  outcomes: { _sd: [0, 2], _sd_decoy: 2 },
  modules: { _sd: [1], 0: { _sd: ['mark'] } },
};
/** The same for ours. */
const DISCLOSABLE = [
  ['given_name'], ['family_name'], ['credit'], ['credit', 'ECTS'], ['credit', 'level'], ['credit', 'level', 'eqf'],
  ['outcomes'], ['outcomes', 0], ['outcomes', 2], ['honours'], ['remark'], ['modules', 1], ['modules', 0, 'mark'],
];
const HASHES = { 'sha-256': 'sha-256', 'sha-384': 'sha-384', 'sha-512': 'sha-512' };
const NODE_HASHES = { ES256: 'sha256', ES384: 'sha384', EdDSA: null };

let ours;

before(() => {
  ours = counterpart();
});

after(() => ours?.stop());

/** Signs and verifies with Node's own cryptography, where @sd-jwt brings none for the algorithm. */
const signer = (key) => (data) =>
  signBytes(NODE_HASHES[key.algorithm], Buffer.from(data), { key: key.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url');
const verifier = (key) => (data, signature) =>
  verifyBytes(NODE_HASHES[key.algorithm], Buffer.from(data), { key: key.publicKey, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));

/** Their issuer, holder and verifier in one. */
async function theirs(issuer, holder, settings = {}) {
  const kit = { ES256, ES384 }[issuer.algorithm];
  return new SDJwtVcInstance({
    hasher: digest,
    hashAlg: 'sha-256',
    saltGenerator: generateSalt,
    signAlg: issuer.algorithm,
    signer: kit ? await kit.getSigner(issuer.privateJwk) : signer(issuer),
    verifier: kit ? await kit.getVerifier(issuer.publicJwk) : verifier(issuer),
    kbSignAlg: 'ES256',
    kbSigner: holder && (await ES256.getSigner(holder.privateJwk)),
    kbVerifier: async (data, signature, payload) => (await ES256.getVerifier(payload.cnf.jwk))(data, signature),
    ...settings,
  });
}

/** The claims as they are to be read, without those that only the token has. */
function read({ cnf, ...rest }) {
  return rest;
}

for (const algorithm of ['ES256', 'ES384', 'EdDSA']) {
  test(`what @sd-jwt issues with ${algorithm} we verify, every disclosure at its place`, async () => {
    const issuer = makeKey(algorithm);
    const theirKit = await theirs(issuer);
    const wanted = claims(issuer);
    const token = await theirKit.issue(wanted, FRAME, { header: { kid: '#0' } });
    const said = await verify(token, trusting([issuer.did]));
    assertValid(said);
    assert.equal(said.format, 'dc+sd-jwt');
    assert.deepEqual(read(said.credential), wanted);

    const [jwt, ...rest] = token.split('~');
    const [header, payload, signature] = jwt.split('.');
    const spoilt = [[header, flip(payload, 40), signature].join('.'), ...rest].join('~');
    const forged = [[header, payload, flip(signature, 10)].join('.'), ...rest].join('~');
    const stranger = makeKey(algorithm);
    const foreign = await (await theirs(stranger)).issue(wanted, FRAME, { header: { kid: '#0' } });
    for (const [what, changed] of Object.entries({ forged, foreign })) {
      assertRefused(await verify(changed, trusting([issuer.did])), 'signature', 'bad_signature');
      await assert.rejects(theirKit.verify(changed), `${what} is refused by theirs too`);
    }
    // A changed character of the payload may also leave no JSON: refused either way, never read as valid.
    const said2 = await verify(spoilt, trusting([issuer.did]));
    assert.notEqual(said2.code, 0, said2.told);
    await assert.rejects(theirKit.verify(spoilt));
  });
}

for (const hash of Object.keys(HASHES)) {
  test(`_sd_alg ${hash} of @sd-jwt is the hash that we use`, async () => {
    const issuer = makeKey('ES256');
    const token = await (await theirs(issuer, undefined, { hashAlg: hash })).issue(claims(issuer), FRAME, { header: { kid: '#0' } });
    const [, payload] = token.split('.');
    assert.equal(JSON.parse(Buffer.from(payload, 'base64url'))._sd_alg, hash);
    const said = await verify(token, trusting([issuer.did]));
    assertValid(said);
    assert.equal(said.credential.credit.level.eqf, 6);
  });
}

test('a choice of claims with key binding by @sd-jwt holds for its nonce and audience alone', async () => {
  const [issuer, holder] = [makeKey('ES256'), makeKey('ES256')];
  const kit = await theirs(issuer, holder);
  const token = await kit.issue(claims(issuer, holder), FRAME, { header: { kid: '#0' } });
  const shown = { family_name: true, credit: { level: { eqf: true } }, outcomes: { 2: true }, modules: { 1: true } };
  const payload = { aud: AUDIENCE, nonce: NONCE, iat: seconds() };
  const presentation = await kit.present(token, shown, { kb: { payload } });
  const trust = trusting([issuer.did]);

  const said = await ours.judge(presentation, trust, NONCE, AUDIENCE);
  assertValid(said);
  assert.equal(said.credential.family_name, "d'Água ☂");
  assert.equal(said.credential.given_name, undefined);
  assert.deepEqual(said.credential.outcomes, ['Grafen tekenen', 'Bewijzen']);
  assert.deepEqual(said.credential.modules, [{ code: 'DS-1' }, { code: 'DS-2', mark: 7.5 }]);
  assertValid(await verify(presentation, trust, []));

  assertRefused(await ours.judge(presentation, trust, 'een-andere', AUDIENCE), 'nonce', 'wrong_nonce');
  await assert.rejects(kit.verify(presentation, { keyBindingNonce: 'een-andere' }));
  // Their verifier leaves the audience to its caller.
  assertRefused(await ours.judge(presentation, trust, NONCE, 'x509_hash:een-ander'), 'audience', 'wrong_audience');

  const parts = presentation.split('~');
  const less = [...parts.slice(0, 1), ...parts.slice(2)].join('~');
  assertRefused(await ours.judge(less, trust, NONCE, AUDIENCE), 'holder', 'key_binding_invalid');
  await assert.rejects(kit.verify(less, { keyBindingNonce: NONCE }));

  const thief = makeKey('ES256');
  const stolen = await (await theirs(issuer, thief)).present(token, shown, { kb: { payload } });
  assertRefused(await ours.judge(stolen, trust, NONCE, AUDIENCE), 'holder', 'key_binding_invalid');
  await assert.rejects(kit.verify(stolen, { keyBindingNonce: NONCE }));

  const old = await kit.present(token, shown, { kb: { payload: { ...payload, iat: seconds() - 86_400 } } });
  assertRefused(await ours.judge(old, trust, NONCE, AUDIENCE), 'holder', 'key_binding_time');
});

test('what we issue and present @sd-jwt verifies, and refuses once it is changed', async () => {
  const [issuer, holder] = [makeKey('ES256'), makeKey('ES256')];
  const wanted = claims(issuer, holder);
  const header = { typ: 'dc+sd-jwt', kid: '#0' };
  const token = await ours.ask({ do: 'issue_sd_jwt', header, claims: wanted, disclosable: DISCLOSABLE, decoys: 2, key: issuer.pem });
  const kit = await theirs(issuer, holder);
  const whole = await kit.verify(token);
  assert.deepEqual(read(whole.payload), read(wanted));
  assert.equal(whole.header.typ, 'dc+sd-jwt');

  const show = [['family_name'], ['credit', 'level', 'eqf'], ['outcomes', 2], ['modules', 1]];
  const order = { do: 'present_sd_jwt', credential: token, show, d: holder.privateJwk.d, audience: AUDIENCE, nonce: NONCE };
  const presentation = await ours.ask(order);
  const seen = await kit.verify(presentation, { keyBindingNonce: NONCE });
  assert.equal(seen.kb.payload.aud, AUDIENCE);
  assert.equal(seen.payload.family_name, "d'Água ☂");
  assert.equal(seen.payload.given_name, undefined);
  assert.deepEqual(seen.payload.credit, { SBU: 126, level: { eqf: 6, nlqf: '6' } });
  assert.deepEqual(seen.payload.outcomes, ['Grafen tekenen', 'Bewijzen']);
  assert.deepEqual(seen.payload.modules, [{ code: 'DS-1' }, { code: 'DS-2', mark: 7.5 }]);

  await assert.rejects(kit.verify(presentation, { keyBindingNonce: 'een-andere' }));
  const [jwt, ...rest] = presentation.split('~');
  await assert.rejects(kit.verify([jwt, ...rest.slice(1)].join('~'), { keyBindingNonce: NONCE }));
  await assert.rejects(kit.verify([flip(jwt, -20), ...rest].join('~'), { keyBindingNonce: NONCE }));
  // Nobody but the holder can present it with our own hands either.
  await ours.refuse({ ...order, d: makeKey('ES256').privateJwk.d });
});

test('a status list by @sd-jwt is read over https at every width: valid, withdrawn, on hold', async () => {
  const place = folder();
  const authority = makeAuthority(place.path);
  const issuer = makeKey('ES256');
  const lists = new Map();
  const server = await serve(authority, ({ url }) => ({ type: 'application/statuslist+jwt', body: lists.get(url) }));
  try {
    const kit = await theirs(issuer);
    const issue = (uri, idx) => kit.issue({ ...claims(issuer), status: { status_list: { uri, idx } } }, FRAME, { header: { kid: '#0' } });
    const options = ['--tls-root', authority.ca];
    for (const bits of [1, 2, 4, 8]) {
      const url = `/lists/${bits}`;
      const uri = server.origin + url;
      const values = Array.from({ length: 64 }, (_, at) => (at % 7 === 3 ? Math.min(1 + (at % 2), 2 ** bits - 1) : 0));
      const payload = { iss: issuer.did, sub: uri, iat: seconds(), exp: seconds() + 600, ttl: 300 };
      const made = createHeaderAndPayload(new StatusList(values, bits), payload, { alg: 'ES256', kid: '#0' });
      lists.set(url, await signToken(issuer, made));
      for (const at of [0, 3, 10, 63]) {
        const said = await verify(await issue(uri, at), trusting([issuer.did]), options);
        if (values[at] === 0) {
          assertValid(said);
          assert.equal(said.status, 'valid');
        } else {
          assertRefused(said, 'status', values[at] === 1 ? 'revoked' : 'suspended');
        }
      }
      const beyond = await verify(await issue(uri, 4096), trusting([issuer.did]), options);
      assert.equal(beyond.verdict, 'unknown', beyond.told);
      assert.equal(beyond.checks.status.result, 'unknown', beyond.told);
    }
    // A list that somebody else signed answers nothing.
    const uri = `${server.origin}/lists/1`;
    const payload = { iss: issuer.did, sub: uri, iat: seconds(), exp: seconds() + 600 };
    const made = createHeaderAndPayload(new StatusList(Array(64).fill(0), 1), payload, { alg: 'ES256', kid: '#0' });
    lists.set('/lists/1', await signToken(makeKey('ES256'), made));
    const said = await verify(await issue(uri, 0), trusting([issuer.did]), options);
    assert.equal(said.verdict, 'unknown', said.told);
    assert.equal(said.checks.status.reason, 'list_invalid', said.told);
  } finally {
    await server.stop();
    place.remove();
  }
});

async function signToken(key, { header, payload }) {
  const encode = (part) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const data = `${encode(header)}.${encode(payload)}`;
  return `${data}.${await (await ES256.getSigner(key.privateJwk))(data)}`;
}
