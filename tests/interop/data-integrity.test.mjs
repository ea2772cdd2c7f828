// Open Badges 3.0 with Data Integrity proofs, against Digital Bazaar's packages: what they sign we verify, what we sign
// they verify, and what is changed on the way both refuse.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { VCDM_1, largeBadge, smallBadge } from './support/badges.mjs';
import { RDF_SUITES, addProof, issue, issue2020, makeIssuer, present, verifyPresentation, verifyTheirs } from './support/linked-data.mjs';
import { makeKey } from './support/keys.mjs';
import { assertRefused, assertValid, counterpart, trusting, verify } from './support/ours.mjs';

const BADGES = { small: smallBadge, large: largeBadge };
const CHALLENGE = 'een-nonce-die-niemand-raadt';
const DOMAIN = 'x509_hash:een-loket';

let ours;

before(() => {
  ours = counterpart();
});

after(() => ours?.stop());

/** Changes that each leave a credential that can be read, and that its signature does not cover. */
const CHANGES = {
  'a claim': (badge) => {
    badge.credentialSubject.achievement.creditsAvailable = 45;
  },
  'a name': (badge) => {
    badge.issuer.name = 'Hogeschool Anders';
  },
  'a date': (badge) => {
    badge[badge['@context'][0] === VCDM_1 ? 'issuanceDate' : 'validFrom'] = '2026-02-02T00:00:00Z';
  },
  'a claim that is gone': (badge) => {
    delete badge.credentialSubject.achievement.criteria;
  },
  'the date of the proof': (badge) => {
    badge.proof.created = '2026-02-02T00:00:00Z';
  },
};

async function refusedByBoth(signed, cryptosuite, trust) {
  for (const [what, change] of Object.entries(CHANGES)) {
    const changed = structuredClone(signed);
    change(changed);
    assertRefused(await verify(changed, trust), 'signature', 'bad_signature');
    assert.equal((await verifyTheirs(changed, cryptosuite)).verified, false, what);
  }
}

for (const [suite, { algorithm, cryptosuite }] of Object.entries(RDF_SUITES)) {
  for (const [size, badge] of Object.entries(BADGES)) {
    for (const version of [2, 1]) {
      test(`a ${size} badge of data model ${version} that they sign with ${suite} we verify`, async () => {
        const issuer = await makeIssuer(algorithm);
        const signed = await issue(badge(issuer.did, { version }), issuer, cryptosuite);
        assertValid(await verify(signed, trusting([issuer.did])));
        if (size === 'small') {
          await refusedByBoth(signed, cryptosuite, trusting([issuer.did]));
        }
      });
    }
  }
}

for (const version of [2, 1]) {
  test(`a badge of data model ${version} that they sign with Ed25519Signature2020 we verify`, async () => {
    const issuer = await makeIssuer('EdDSA');
    const signed = await issue2020(smallBadge(issuer.did, { version }), issuer);
    assert.equal(signed.proof.type, 'Ed25519Signature2020');
    assertValid(await verify(signed, trusting([issuer.did])));
    await refusedByBoth(signed, undefined, trusting([issuer.did]));
  });
}

for (const suite of ['eddsa-rdfc-2022', 'ecdsa-rdfc-2019']) {
  const { algorithm, cryptosuite } = RDF_SUITES[suite];
  for (const [size, badge] of Object.entries(BADGES)) {
    for (const version of [2, 1]) {
      test(`a ${size} badge of data model ${version} that we sign with ${suite} they verify`, async () => {
        const issuer = await makeIssuer(algorithm);
        const document = badge(issuer.did, { version });
        if (version === 1) {
          // The 1.1 data model knows DataIntegrityProof only through its own context.
          document['@context'].push('https://w3id.org/security/data-integrity/v2');
        }
        const signed = await ours.ask({ do: 'add_proof', document, verification_method: issuer.id, key: issuer.pem });
        assert.equal(signed.proof.cryptosuite, suite);
        const theirs = await verifyTheirs(signed, cryptosuite);
        assert.ok(theirs.verified, theirs.why);
        if (size === 'small') {
          await refusedByBoth(signed, cryptosuite, trusting([issuer.did]));
        }
      });
    }
  }
}

test('of two proofs by one issuer each is tried by itself; exchanged proof values hold for neither', async () => {
  const [first, second] = [await makeIssuer('EdDSA'), await makeIssuer('EdDSA')];
  const { cryptosuite } = RDF_SUITES['eddsa-rdfc-2022'];
  const trust = trusting([first.did]);
  const once = await issue(smallBadge(first.did), first, cryptosuite);
  const both = await addProof(once, second, cryptosuite);
  assert.equal(both.proof.length, 2);
  assert.equal((await verify(both, trust)).verdict, 'valid', 'the issuer\'s own proof holds');

  const swapped = structuredClone(both);
  [swapped.proof[0].proofValue, swapped.proof[1].proofValue] = [both.proof[1].proofValue, both.proof[0].proofValue];
  assertRefused(await verify(swapped, trust), 'signature', 'bad_signature');
  assert.equal((await verifyTheirs(swapped, cryptosuite)).verified, false);

  // The set without the issuer's own proof is a stranger's word.
  const stranger = { ...both, proof: both.proof[1] };
  assert.notEqual((await verify(stranger, trust)).verdict, 'valid');
  assert.equal((await verifyTheirs(stranger, cryptosuite)).verified, false);

  // A proof that we add stands beside theirs, and theirs still holds.
  const ed = await makeIssuer('ES256');
  const mixed = await ours.ask({ do: 'add_proof', document: once, verification_method: ed.id, key: ed.pem });
  assert.equal(mixed.proof.length, 2);
  assert.equal((await verify(mixed, trust)).verdict, 'valid');
});

test('a proof that belongs to another badge of the same issuer is refused by both', async () => {
  const issuer = await makeIssuer('EdDSA');
  const { cryptosuite } = RDF_SUITES['eddsa-rdfc-2022'];
  const [small, large] = [
    await issue(smallBadge(issuer.did), issuer, cryptosuite),
    await issue(largeBadge(issuer.did), issuer, cryptosuite),
  ];
  const mixed = { ...small, proof: large.proof };
  assertRefused(await verify(mixed, trusting([issuer.did])), 'signature', 'bad_signature');
  assert.equal((await verifyTheirs(mixed, cryptosuite)).verified, false);
});

test('a term that no context defines is refused by both', async () => {
  const issuer = await makeIssuer('EdDSA');
  const { cryptosuite } = RDF_SUITES['eddsa-rdfc-2022'];
  const signed = await issue(smallBadge(issuer.did), issuer, cryptosuite);
  signed.credentialSubject.cijfer = '10';
  assertRefused(await verify(signed, trusting([issuer.did])), 'signature', 'term_undefined');
  assert.equal((await verifyTheirs(signed, cryptosuite)).verified, false);
});

test('a key of somebody else does not sign for the issuer, for neither side', async () => {
  const [issuer, thief] = [await makeIssuer('EdDSA'), await makeIssuer('EdDSA')];
  const { cryptosuite } = RDF_SUITES['eddsa-rdfc-2022'];
  const forged = await addProof(smallBadge(issuer.did), thief, cryptosuite);
  assertRefused(await verify(forged, trusting([issuer.did])), 'issuer_key', 'key_not_of_issuer');
  assert.equal((await verifyTheirs(forged, cryptosuite)).verified, false);
});

test('a presentation by their holder answers its challenge and domain alone', async () => {
  const [issuer, holder] = [await makeIssuer('EdDSA'), await makeIssuer('ES256')];
  const { cryptosuite } = RDF_SUITES['eddsa-rdfc-2022'];
  const holders = RDF_SUITES['ecdsa-rdfc-2019'].cryptosuite;
  const signed = await issue(smallBadge(issuer.did, { holder: holder.did }), issuer, cryptosuite);
  const answer = await present(signed, holder, holders, CHALLENGE, DOMAIN);
  const trust = trusting([issuer.did]);
  assertValid(await ours.judge(answer, trust, CHALLENGE, DOMAIN));
  assertRefused(await ours.judge(answer, trust, 'een-andere', DOMAIN), 'nonce', 'wrong_nonce');
  assertRefused(await ours.judge(answer, trust, CHALLENGE, 'x509_hash:een-ander'), 'audience', 'wrong_audience');
  const thief = await makeIssuer('ES256');
  assertRefused(await ours.judge(await present(signed, thief, holders, CHALLENGE, DOMAIN), trust, CHALLENGE, DOMAIN), 'holder');
});

test('a presentation by our holder they verify for its challenge and domain alone', async () => {
  const [issuer, holder] = [await makeIssuer('EdDSA'), makeKey('ES256')];
  const { cryptosuite } = RDF_SUITES['eddsa-rdfc-2022'];
  const suites = [cryptosuite, RDF_SUITES['ecdsa-rdfc-2019'].cryptosuite];
  const credential = await issue(smallBadge(issuer.did, { holder: holder.did }), issuer, cryptosuite);
  const order = { do: 'present_data_integrity', credential, d: holder.privateJwk.d, domain: DOMAIN, challenge: CHALLENGE };
  const answer = await ours.ask(order);
  const seen = await verifyPresentation(answer, suites, CHALLENGE, DOMAIN);
  assert.ok(seen.verified, seen.why);
  for (const [challenge, domain] of [['een-andere', DOMAIN], [CHALLENGE, 'x509_hash:een-ander']]) {
    assert.equal((await verifyPresentation(answer, suites, challenge, domain)).verified, false);
  }
  const changed = structuredClone(answer);
  changed.verifiableCredential[0].credentialSubject.achievement.name = 'Iets anders';
  assert.equal((await verifyPresentation(changed, suites, CHALLENGE, DOMAIN)).verified, false);
  await ours.refuse({ ...order, d: makeKey('ES256').privateJwk.d });
});
