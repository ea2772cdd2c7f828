// Our wallet with an issuer and a verifier of @openid4vc for Open Badges 3.0, whose proofs are Digital Bazaar's.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { folder } from '../support/programs.mjs';
import { badgeExchange, smallBadge } from './support/badges.mjs';
import { makeLearner } from './support/learner.mjs';
import { RDF_SUITES, issue, makeIssuer, verifyPresentation } from './support/linked-data.mjs';
import { startIssuer, startVerifier } from './support/openid.mjs';
import { makeAuthority } from './support/tls.mjs';

const { cryptosuite } = RDF_SUITES['eddsa-rdfc-2022'];
const HOLDERS = RDF_SUITES['ecdsa-rdfc-2019'].cryptosuite;
const { CONFIGURATION, FORMATS, QUERY } = badgeExchange('eddsa-rdfc-2022');

let place;
let authority;
let school;
let learner;

before(async () => {
  place = folder();
  authority = makeAuthority(place.path);
  school = await makeIssuer('EdDSA');
  learner = makeLearner(place.path, authority);
  learner.trust(school.did);
  await learner.wallet(['init']);
});

after(() => place?.remove());

test('a badge of their issuer is kept, and shown whole to their verifier in a presentation of the holder', async () => {
  const badge = (holder) => issue(smallBadge(school.did, { holder: holder.did }), school, cryptosuite);
  const issuer = await startIssuer(authority, { configuration: CONFIGURATION, issue: badge });
  const check = async ({ badge: [presentation] }, { nonce, audience }) => {
    const seen = await verifyPresentation(presentation, [cryptosuite, HOLDERS], nonce, audience);
    assert.ok(seen.verified, seen.why);
    const elsewhere = await verifyPresentation(presentation, [cryptosuite, HOLDERS], nonce, 'x509_hash:een-ander');
    assert.equal(elsewhere.verified, false);
    return presentation.verifiableCredential[0];
  };
  const verifier = await startVerifier(authority, { query: QUERY, responseMode: 'direct_post.jwt', formats: FORMATS, check });
  try {
    const { cards } = await learner.wallet(['receive', issuer.offer]);
    assert.deepEqual([cards.length, cards[0].format, cards[0].status], [1, 'ldp_vc', 'valid']);
    const shared = await learner.wallet(['present', verifier.link, '--approve']);
    assert.equal(shared.outcome, 'shared', JSON.stringify(shared));
    const [answer] = verifier.answers;
    assert.equal(answer.refused, undefined, String(answer.refused));
    assert.equal(answer.claims.credentialSubject.achievement.name, 'Datastructuren');
    assert.equal(answer.claims.proof.cryptosuite, 'eddsa-rdfc-2022');
  } finally {
    await issuer.stop();
    await verifier.stop();
  }
});

test('a badge that was changed after their issuer signed it, or names somebody else, is not kept', async () => {
  const wrong = {
    credential_not_genuine: async (holder) => {
      const badge = await issue(smallBadge(school.did, { holder: holder.did }), school, cryptosuite);
      badge.credentialSubject.achievement.creditsAvailable = 45;
      return badge;
    },
    credential_not_yours: async () => issue(smallBadge(school.did, { holder: (await makeIssuer('ES256')).did }), school, cryptosuite),
  };
  for (const [kind, badge] of Object.entries(wrong)) {
    const issuer = await startIssuer(authority, { configuration: CONFIGURATION, issue: badge });
    try {
      const { cards: before } = await learner.wallet(['cards']);
      await learner.refuses(['receive', issuer.offer], kind);
      assert.deepEqual((await learner.wallet(['cards'])).cards, before);
    } finally {
      await issuer.stop();
    }
  }
});
