// Presentations as JWT, in both data models, with `jose`: what their holder signs our verifier judges, and what our wallet
// signs they verify.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { CompactSign, jwtVerify } from 'jose';

import { folder } from '../support/programs.mjs';
import { VCDM_1, VCDM_2, smallBadge } from './support/badges.mjs';
import { keyOf, makeKey } from './support/keys.mjs';
import { makeLearner } from './support/learner.mjs';
import { startIssuer, startVerifier } from './support/openid.mjs';
import { assertRefused, assertValid, counterpart, trusting } from './support/ours.mjs';
import { makeAuthority } from './support/tls.mjs';

const NONCE = 'een-nonce-die-niemand-raadt';
const AUDIENCE = 'x509_hash:een-loket';
const seconds = () => Math.floor(Date.now() / 1000);
const sign = (payload, key, header) =>
  new CompactSign(new TextEncoder().encode(JSON.stringify(payload))).setProtectedHeader({ alg: key.algorithm, kid: `${key.did}#0`, ...header }).sign(key.privateKey);

/** A badge of data model 2.0 about this holder, and its presentation (VC-JOSE-COSE, section 3.1.2). */
const VCDM_2_FORM = {
  credential: (issuer, holder) => sign(smallBadge(issuer.did, { holder }), issuer, { typ: 'vc+jwt' }),
  presentation: (credential, holder, claims) => sign({
    '@context': [VCDM_2],
    type: ['VerifiablePresentation'],
    holder: holder.did,
    verifiableCredential: [{ '@context': VCDM_2, type: 'EnvelopedVerifiableCredential', id: `data:application/vc+jwt,${credential}` }],
    ...claims,
  }, holder, { typ: 'vp+jwt' }),
};

/** The same in data model 1.1 (section 6.3.1). */
const VCDM_1_FORM = {
  credential: (issuer, holder) => {
    const vc = smallBadge(issuer.did, { version: 1, holder });
    return sign({ iss: issuer.did, sub: holder, jti: vc.id, nbf: Date.parse(vc.issuanceDate) / 1000, vc }, issuer, { typ: 'JWT' });
  },
  presentation: (credential, holder, claims) => sign({
    iss: holder.did,
    vp: { '@context': [VCDM_1], type: ['VerifiablePresentation'], verifiableCredential: [credential] },
    ...claims,
  }, holder, { typ: 'JWT' }),
};

let ours;
let place;

before(() => {
  ours = counterpart();
  place = folder();
});

after(() => {
  ours?.stop();
  place?.remove();
});

for (const [model, form] of Object.entries({ '2.0': VCDM_2_FORM, 1.1: VCDM_1_FORM })) {
  test(`a presentation of data model ${model} by their holder holds for its nonce and audience alone`, async () => {
    const [issuer, holder, thief] = [makeKey('ES256'), makeKey('ES256'), makeKey('ES256')];
    const trust = trusting([issuer.did]);
    const credential = await form.credential(issuer, holder.did);
    const claims = { aud: AUDIENCE, nonce: NONCE, iat: seconds(), exp: seconds() + 300 };
    const presentation = await form.presentation(credential, holder, claims);
    assertValid(await ours.judge(presentation, trust, NONCE, AUDIENCE));
    assertRefused(await ours.judge(presentation, trust, 'een-andere', AUDIENCE), 'nonce', 'wrong_nonce');
    assertRefused(await ours.judge(presentation, trust, NONCE, 'x509_hash:een-ander'), 'audience', 'wrong_audience');
    assertRefused(await ours.judge(await form.presentation(credential, thief, claims), trust, NONCE, AUDIENCE), 'holder');
    const forged = await form.credential({ ...thief, did: issuer.did }, holder.did);
    const said = await ours.judge(await form.presentation(forged, holder, claims), trust, NONCE, AUDIENCE);
    assertRefused(said, 'signature', 'bad_signature');
  });
}

test('a badge as jwt_vc_json goes from their issuer through our wallet to their verifier', async () => {
  const authority = makeAuthority(place.path);
  const school = makeKey('ES256');
  const learner = makeLearner(place.path, authority);
  learner.trust(school.did);
  await learner.wallet(['init']);
  const configuration = {
    format: 'jwt_vc_json',
    credential_definition: { type: ['VerifiableCredential', 'OpenBadgeCredential'] },
    cryptographic_binding_methods_supported: ['did:jwk'],
    credential_signing_alg_values_supported: ['ES256'],
    proof_types_supported: { jwt: { proof_signing_alg_values_supported: ['ES256'] } },
  };
  const issuer = await startIssuer(authority, { configuration, issue: (holder) => VCDM_1_FORM.credential(school, holder.did) });
  const query = { credentials: [{
    id: 'badge',
    format: 'jwt_vc_json',
    meta: { type_values: [['VerifiableCredential', 'OpenBadgeCredential']] },
    claims: [{ path: ['credentialSubject', 'achievement', 'name'] }],
  }] };
  const check = async ({ badge: [token] }, { nonce, audience }) => {
    const { kid } = JSON.parse(Buffer.from(token.split('.')[0], 'base64url'));
    const { payload } = await jwtVerify(token, keyOf(kid), { audience });
    assert.equal(payload.nonce, nonce);
    assert.equal(payload.iss, kid.split('#')[0]);
    const [credential] = payload.vp.verifiableCredential;
    const inner = await jwtVerify(credential, school.publicKey);
    assert.equal(inner.payload.sub, payload.iss);
    return inner.payload.vc;
  };
  const formats = { jwt_vc_json: { alg_values: ['ES256'] } };
  const verifier = await startVerifier(authority, { query, responseMode: 'direct_post.jwt', formats, check });
  try {
    const { cards } = await learner.wallet(['receive', issuer.offer]);
    assert.deepEqual([cards.length, cards[0].format, cards[0].status], [1, 'jwt_vc_json', 'valid']);
    await learner.wallet(['present', verifier.link, '--approve']);
    const [{ claims: shown, refused }] = verifier.answers;
    assert.equal(refused, undefined, String(refused));
    assert.equal(shown.credentialSubject.achievement.name, 'Datastructuren');
  } finally {
    await issuer.stop();
    await verifier.stop();
  }
});
