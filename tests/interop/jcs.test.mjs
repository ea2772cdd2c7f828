// Open Badges 3.0 whose proofs cover the JSON itself (eddsa-jcs-2022, ecdsa-jcs-2019), signed by Digital Bazaar's packages.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as ecdsaJcs from '@digitalbazaar/ecdsa-jcs-2019-cryptosuite';
import * as eddsaJcs from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';

import { largeBadge, smallBadge } from './support/badges.mjs';
import { issue, makeIssuer, verifyTheirs } from './support/linked-data.mjs';
import { assertRefused, assertValid, trusting, verify } from './support/ours.mjs';

const SUITES = {
  'eddsa-jcs-2022': ['EdDSA', eddsaJcs],
  'ecdsa-jcs-2019': ['ES256', ecdsaJcs],
  'ecdsa-jcs-2019 with P-384': ['ES384', ecdsaJcs],
};

for (const [name, [algorithm, suite]] of Object.entries(SUITES)) {
  test(`badges that they sign with ${name} we verify, and refuse once they are changed`, async () => {
    const issuer = await makeIssuer(algorithm);
    const trust = trusting([issuer.did]);
    for (const document of [smallBadge(issuer.did), largeBadge(issuer.did)]) {
      const signed = await issue(document, issuer, suite.createSignCryptosuite());
      assertValid(await verify(signed, trust));
      // Canonical JSON knows no order of members.
      const turned = Object.fromEntries(Object.entries(signed).reverse());
      assertValid(await verify(turned, trust));
      const changes = [
        { ...signed, name: 'Iets anders' },
        { ...signed, proof: { ...signed.proof, created: '2026-02-02T00:00:00Z' } },
      ];
      for (const changed of changes) {
        assertRefused(await verify(changed, trust), 'signature', 'bad_signature');
        assert.equal((await verifyTheirs(changed, suite.createVerifyCryptosuite())).verified, false);
      }
    }
  });
}
