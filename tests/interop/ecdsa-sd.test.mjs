// Open Badges 3.0 that show only a part (ecdsa-sd-2023), against Digital Bazaar's packages: what their holder derives we
// verify, and what our wallet derives from their base proof their verifier takes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { folder } from '../support/programs.mjs';
import { badgeExchange, largeBadge, smallBadge } from './support/badges.mjs';
import { flip } from './support/keys.mjs';
import { makeLearner } from './support/learner.mjs';
import { DERIVED, RDF_SUITES, derive, issueBase, makeIssuer, verifyPresentation, verifyTheirs } from './support/linked-data.mjs';
import { startIssuer, startVerifier } from './support/openid.mjs';
import { assertRefused, assertValid, trusting, verify } from './support/ours.mjs';
import { makeAuthority } from './support/tls.mjs';

const BADGES = { small: smallBadge, large: largeBadge };
const NAME = '/credentialSubject/achievement/name';
/** With and without blank nodes, the number with a fraction, single elements of lists. */
const CHOICES = {
  small: [[NAME], [NAME, '/credentialSubject/achievement/criteria'], ['/credentialSubject/achievement/creditsAvailable'], ['/credentialSubject']],
  large: [[NAME, '/credentialSubject/achievement/alignment/7', '/credentialSubject/result/2'], ['/credentialSubject/achievement/alignment']],
};
const { CONFIGURATION, FORMATS, QUERY } = badgeExchange('ecdsa-sd-2023');

let place;
let school;

before(async () => {
  place = folder();
  school = await makeIssuer('ES256');
});

after(() => place?.remove());

for (const [size, badge] of Object.entries(BADGES)) {
  for (const version of [2, 1]) {
    test(`parts of a ${size} badge of data model ${version} that their holder derives we verify`, async () => {
      const base = await issueBase(badge(school.did, { version }), school);
      for (const pointers of CHOICES[size]) {
        const derived = await derive(base, pointers);
        const theirs = await verifyTheirs(derived, DERIVED);
        assert.ok(theirs.verified, theirs.why);
        assertValid(await verify(derived, trusting([school.did])), { format: 'part_only' });
      }
    });
  }
}

test('a derived badge that was changed, cut or put together from two is refused by both', async () => {
  const base = await issueBase(smallBadge(school.did), school);
  const derived = await derive(base, [NAME, '/credentialSubject/achievement/criteria']);
  const other = await derive(base, ['/credentialSubject/achievement/creditsAvailable']);
  const changes = {
    claim: (badge) => {
      badge.credentialSubject.achievement.name = 'Iets anders';
    },
    'mandatory claim': (badge) => {
      badge.validFrom = '2026-03-01T00:00:00Z';
    },
    'claim that is gone': (badge) => {
      delete badge.credentialSubject.achievement.criteria;
    },
    'claim of the whole badge': (badge) => {
      badge.credentialSubject.achievement.description = base.credentialSubject.achievement.description;
    },
    'proof value': (badge) => {
      badge.proof.proofValue = flip(badge.proof.proofValue, 60);
    },
    'proof of another choice': (badge) => {
      badge.proof = structuredClone(other.proof);
    },
  };
  for (const [what, change] of Object.entries(changes)) {
    const changed = structuredClone(derived);
    change(changed);
    assertRefused(await verify(changed, trusting([school.did])), 'signature');
    assert.equal((await verifyTheirs(changed, DERIVED)).verified, false, what);
  }
  // For a stranger's key it holds as little.
  const stranger = structuredClone(derived);
  stranger.proof.verificationMethod = (await makeIssuer('ES256')).id;
  assert.notEqual((await verify(stranger, trusting([school.did]))).verdict, 'valid');
  assert.equal((await verifyTheirs(stranger, DERIVED)).verified, false);
});

test('our wallet keeps a base badge of their issuer and shows their verifier what it asked for and no more', async () => {
  const authority = makeAuthority(place.path);
  const learner = makeLearner(place.path, authority);
  learner.trust(school.did);
  await learner.wallet(['init']);
  const issue = (holder) => issueBase(smallBadge(school.did, { holder: holder.did }), school);
  const issuer = await startIssuer(authority, { configuration: CONFIGURATION, issue });
  const suites = [DERIVED, RDF_SUITES['ecdsa-rdfc-2019'].cryptosuite];
  const check = async ({ badge: [presentation] }, { nonce, audience }) => {
    const seen = await verifyPresentation(presentation, suites, nonce, audience);
    assert.ok(seen.verified, seen.why);
    return [presentation.verifiableCredential].flat()[0];
  };
  const verifier = await startVerifier(authority, { query: QUERY, responseMode: 'direct_post.jwt', formats: FORMATS, check });
  try {
    const { cards } = await learner.wallet(['receive', issuer.offer]);
    assert.deepEqual([cards.length, cards[0].status], [1, 'valid']);
    await learner.wallet(['present', verifier.link, '--approve']);
    const [{ claims: shown, refused }] = verifier.answers;
    assert.equal(refused, undefined, String(refused));
    assert.equal(shown.proof.cryptosuite, 'ecdsa-sd-2023');
    const { achievement } = shown.credentialSubject;
    assert.equal(achievement.name, 'Datastructuren');
    for (const hidden of ['description', 'criteria', 'creditsAvailable']) {
      assert.equal(achievement[hidden], undefined, hidden);
    }
  } finally {
    await issuer.stop();
    await verifier.stop();
  }
});
