// Our wallet with an issuer and a verifier of @openid4vc, by the real command line, over TLS on loopback.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ES256, digest, generateSalt } from '@sd-jwt/crypto-nodejs';
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc';
import { exportJWK, importPKCS8, importX509 } from 'jose';

import { folder } from '../support/programs.mjs';
import { makeLearner } from './support/learner.mjs';
import { startIssuer, startVerifier } from './support/openid.mjs';
import { makeAuthority } from './support/tls.mjs';

const TX_CODE = '493536';
const VCT = 'urn:example:microcredential';
const CONFIGURATION = {
  format: 'dc+sd-jwt',
  vct: VCT,
  cryptographic_binding_methods_supported: ['jwk'],
  credential_signing_alg_values_supported: ['ES256'],
  proof_types_supported: { jwt: { proof_signing_alg_values_supported: ['ES256'] } },
  credential_metadata: { display: [{ name: 'Microcredential', locale: 'nl' }] },
};
const FORMATS = { 'dc+sd-jwt': { 'sd-jwt_alg_values': ['ES256'], 'kb-jwt_alg_values': ['ES256'] } };
const QUERY = {
  credentials: [{
    id: 'microcredential',
    format: 'dc+sd-jwt',
    meta: { vct_values: [VCT] },
    claims: [{ path: ['title'] }, { path: ['credit', 'ECTS'] }, { path: ['outcomes', 1] }],
  }],
};

let place;
let authority;
let issuerKit;
let issuer;
let learner;

before(async () => {
  place = folder();
  authority = makeAuthority(place.path);
  issuerKit = await makeIssuerKit();
  issuer = await open({});
  learner = makeLearner(place.path, authority);
  learner.trust(issuer.origin);
  await learner.wallet(['init']);
  const received = await learner.wallet(['receive', issuer.offer, '--tx-code', TX_CODE]);
  assert.equal(received.cards.length, 1);
  assert.equal(received.cards[0].status, 'valid');
});

after(async () => {
  await issuer?.stop();
  place?.remove();
});

const open = (settings) => startIssuer(authority, { txCode: TX_CODE, configuration: CONFIGURATION, issue, ...settings });
const ask = (settings) => startVerifier(authority, { query: QUERY, formats: FORMATS, check, ...settings });

/** The issuer of the credentials, whose key a certificate ties to its name. */
async function makeIssuerKit() {
  const { key, certificate, x5c } = authority.certify(['DNS:localhost']);
  const secretJwk = await exportJWK(await importPKCS8(key, 'ES256', { extractable: true }));
  const publicJwk = await exportJWK(await importX509(certificate, 'ES256'));
  const kit = new SDJwtVcInstance({
    hasher: digest,
    hashAlg: 'sha-256',
    saltGenerator: generateSalt,
    signAlg: 'ES256',
    signer: await ES256.getSigner(secretJwk),
    verifier: await ES256.getVerifier(publicJwk),
    kbVerifier: async (data, signature, payload) => (await ES256.getVerifier(payload.cnf.jwk))(data, signature),
  });
  return { kit, x5c };
}

function issue({ publicJwk: jwk }, iss) {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss, vct: VCT, iat: now, exp: now + 3600, cnf: { jwk }, title: 'Datastructuren', given_name: 'Zoë',
    credit: { ECTS: 4.5, SBU: 126 }, outcomes: ['Bomen', 'Grafen', 'Bewijzen'],
  };
  const frame = { _sd: ['title', 'given_name', 'credit', 'outcomes'], credit: { _sd: ['ECTS', 'SBU'] }, outcomes: { _sd: [0, 1, 2] } };
  return issuerKit.kit.issue(claims, frame, { header: { x5c: issuerKit.x5c } });
}

/** Their verifier's look at our answer. */
async function check(presentations, { nonce, audience }) {
  const { microcredential: [token, ...more] } = presentations;
  assert.deepEqual(more, []);
  const { payload, kb } = await issuerKit.kit.verify(token, { keyBindingNonce: nonce });
  assert.equal(kb.payload.aud, audience);
  return payload;
}

test('a microcredential of their issuer is received with a transaction code and one proof for each copy', () => {
  assert.deepEqual(issuer.refused, []);
  assert.ok(issuer.proofs.length >= 1);
  const nonces = issuer.proofs.map((jwt) => JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url')).nonce);
  assert.ok(nonces.every((nonce) => issuer.nonces.has(nonce)));
  assert.ok(issuer.seen.some(({ url }) => url === '/nonce'));
});

test('a wrong transaction code leaves nothing behind, in their words and in ours', async () => {
  const other = await open({});
  try {
    const { cards: before } = await learner.wallet(['cards']);
    await learner.refuses(['receive', other.offer, '--tx-code', '000000'], 'tx_code_wrong');
    assert.equal(other.refused[0].error, 'invalid_grant');
    assert.deepEqual((await learner.wallet(['cards'])).cards, before);
  } finally {
    await other.stop();
  }
});

test('a credential that their issuer binds to another key than ours is not kept', async () => {
  const thief = await ES256.generateKeyPair();
  const other = await open({ issue: (_, iss) => issue({ publicJwk: thief.publicKey }, iss) });
  try {
    const { cards: before } = await learner.wallet(['cards']);
    await learner.refuses(['receive', other.offer, '--tx-code', TX_CODE], 'credential_not_yours');
    assert.deepEqual((await learner.wallet(['cards'])).cards, before);
  } finally {
    await other.stop();
  }
});

for (const responseMode of ['direct_post', 'direct_post.jwt']) {
  test(`their verifier gets what it asked for and no more by ${responseMode}`, async () => {
    const verifier = await ask({ responseMode });
    try {
      const planned = await learner.wallet(['present', verifier.link]);
      assert.equal(planned.sent, false);
      assert.deepEqual(verifier.answers, [], 'the plan sends nothing');
      assert.equal(planned.plan.requester.identifier, verifier.audience);

      const shared = await learner.wallet(['present', verifier.link, '--approve']);
      assert.equal(shared.outcome, 'shared', JSON.stringify(shared));
      const [answer, ...more] = verifier.answers;
      assert.deepEqual(more, []);
      assert.equal(answer.refused, undefined, String(answer.refused));
      assert.equal(answer.encrypted, responseMode === 'direct_post.jwt' ? 'Encrypted' : undefined);
      const { title, credit, outcomes, given_name: name } = answer.claims;
      assert.deepEqual({ title, credit, outcomes, name }, { title: 'Datastructuren', credit: { ECTS: 4.5 }, outcomes: ['Grafen'], name: undefined });
    } finally {
      await verifier.stop();
    }
  });
}

test('a verifier whose certificate is another one than it says gets nothing', async () => {
  const verifier = await ask({ responseMode: 'direct_post' });
  try {
    const link = new URL(verifier.link);
    link.searchParams.set('client_id', `x509_hash:${'A'.repeat(43)}`);
    await learner.refuses(['present', link.href, '--approve'], 'request_not_genuine');
    assert.deepEqual(verifier.answers, []);
  } finally {
    await verifier.stop();
  }
});

test('a verifier that asks for what is not there gets nothing', async () => {
  const query = { credentials: [{ id: 'diploma', format: 'dc+sd-jwt', meta: { vct_values: ['urn:example:diploma'] } }] };
  const verifier = await ask({ query, responseMode: 'direct_post.jwt' });
  try {
    await learner.refuses(['present', verifier.link, '--approve'], 'nothing_fits');
    assert.ok(verifier.answers.every(({ claims }) => claims === undefined), JSON.stringify(verifier.answers));
  } finally {
    await verifier.stop();
  }
});
