// Open Badges 3.0 of data model 2.0 as SD-JWT (`vc+sd-jwt`, VC-JOSE-COSE section 3.2) with @sd-jwt.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { SDJwtInstance } from '@sd-jwt/core';
import { ES256, digest, generateSalt } from '@sd-jwt/crypto-nodejs';

import { smallBadge } from './support/badges.mjs';
import { flip, makeKey } from './support/keys.mjs';
import { assertRefused, assertValid, counterpart, trusting, verify } from './support/ours.mjs';

const NONCE = 'een-nonce-die-niemand-raadt';
const AUDIENCE = 'x509_hash:een-loket';
const FRAME = {
  credentialSubject: { achievement: { _sd: ['description', 'criteria', 'creditsAvailable'], _sd_decoy: 2 } },
};
const SHOW = [['credentialSubject', 'achievement', 'creditsAvailable']];

let ours;
let issuer;
let holder;
let kit;
let token;

before(async () => {
  ours = counterpart();
  [issuer, holder] = [makeKey('ES256'), makeKey('ES256')];
  kit = new SDJwtInstance({
    hasher: digest,
    hashAlg: 'sha-256',
    saltGenerator: generateSalt,
    signAlg: 'ES256',
    signer: await ES256.getSigner(issuer.privateJwk),
    verifier: await ES256.getVerifier(issuer.publicJwk),
    kbSignAlg: 'ES256',
    kbSigner: await ES256.getSigner(holder.privateJwk),
    kbVerifier: async (data, signature, payload) => (await ES256.getVerifier(payload.cnf.jwk))(data, signature),
  });
  const badge = { ...smallBadge(issuer.did, { holder: holder.did }), cnf: { jwk: holder.publicJwk } };
  token = await kit.issue(badge, FRAME, { header: { typ: 'vc+sd-jwt', kid: `${issuer.did}#0` } });
});

after(() => ours?.stop());

test('a badge as vc+sd-jwt that they issue we verify whole, and refuse once it is changed', async () => {
  const trust = trusting([issuer.did]);
  const said = await verify(token, trust);
  assertValid(said);
  assert.equal(said.format, 'vc+sd-jwt');
  assert.equal(said.credential.credentialSubject.achievement.creditsAvailable, 4.5);
  const [jwt, ...rest] = token.split('~');
  assertRefused(await verify([flip(jwt, -20), ...rest].join('~'), trust), 'signature', 'bad_signature');
});

test('a choice of its claims with key binding goes both ways, for its nonce and audience alone', async () => {
  const trust = trusting([issuer.did]);
  const payload = { aud: AUDIENCE, nonce: NONCE, iat: Math.floor(Date.now() / 1000) };
  const theirs = await kit.present(token, { credentialSubject: { achievement: { creditsAvailable: true } } }, { kb: { payload } });
  const order = { do: 'present_sd_jwt', credential: token, show: SHOW, d: holder.privateJwk.d, audience: AUDIENCE, nonce: NONCE };
  const mine = await ours.ask(order);
  for (const presentation of [theirs, mine]) {
    const said = await ours.judge(presentation, trust, NONCE, AUDIENCE);
    assertValid(said);
    const { achievement } = said.credential.credentialSubject;
    assert.deepEqual([achievement.creditsAvailable, achievement.description], [4.5, undefined]);
    assertRefused(await ours.judge(presentation, trust, 'een-andere', AUDIENCE), 'nonce', 'wrong_nonce');
    assertRefused(await ours.judge(presentation, trust, NONCE, 'x509_hash:een-ander'), 'audience', 'wrong_audience');
    await kit.verify(presentation, { keyBindingNonce: NONCE });
    await assert.rejects(kit.verify(presentation, { keyBindingNonce: 'een-andere' }));
  }
});
