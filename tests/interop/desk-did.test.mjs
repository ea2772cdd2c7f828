// A holder of @openid4vc with our desk under a did:web: they look the key up where the DID says, and answer.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import { ES256, digest } from '@sd-jwt/crypto-nodejs';
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc';

import { askAtDesk, trialOfFile } from '../support/trial.mjs';
import { makeHolder, show } from './support/holder.mjs';

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

/** Lets the desk ask under its DID. */
const ask = (wish) => askAtDesk(trial, { identity: 'did:web', ...wish });

/** Shows these credentials for the one query, each signed by its own key. */
async function answer({ query, nonce, audience }, shown) {
  const [{ id, claims }] = query.credentials;
  const presentations = [];
  for (const at of shown) {
    const kit = new SDJwtVcInstance({ hasher: digest, hashAlg: 'sha-256', kbSignAlg: 'ES256', kbSigner: await ES256.getSigner(holder.keys[at].privateJwk) });
    presentations.push(await show(kit, credentials[at], claims, { nonce, audience }));
  }
  return { [id]: presentations };
}

test('a wallet of theirs finds our desk by its did:web, and our desk finds its answer valid', async () => {
  const asked = await ask({ template: 'microcredential' });
  let audience;
  const sent = await holder.present(asked.link, (request) => {
    ({ audience } = request);
    return answer(request, [0]);
  });
  assert.match(audience, /^decentralized_identifier:did:web:localhost%3A\d+$/);
  assert.equal(sent.requester.prefix, 'decentralized_identifier');
  assert.equal(sent.status, 200);
  assert.equal(sent.encrypted, true);
  const found = await asked.result();
  assert.equal(found.verdict, 'valid', JSON.stringify(found));
});

test('several of theirs for one question are judged one by one', async () => {
  const asked = await ask({ choice: { kinds: ['microcredential'], several: true } });
  await holder.present(asked.link, (request) => answer(request, [0, 1]));
  const found = await asked.result();
  assert.equal(found.verdict, 'valid', JSON.stringify(found));
  assert.equal(found.presentations.length, 2);
});
