// A holder of @openid4vc with our desk under a did:web: they look the key up where the DID says, and answer.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { ES256, digest } from '@sd-jwt/crypto-nodejs';
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc';

import { folder, startTrial } from '../support/programs.mjs';
import { makeHolder, show } from './support/holder.mjs';

let place;
let trial;
let holder;
let credentials;

before(async () => {
  place = folder();
  trial = await startTrial(place.path);
  holder = makeHolder(path.join(place.path, 'ca.pem'));
  const { offers, tx_code: code } = trial.institution;
  credentials = await holder.receive(offers.microcredential, code);
});

after(async () => {
  await trial?.stop();
  place?.remove();
});

/** Lets the desk ask under its DID; `result` is what it then tells the browser that asked. */
async function ask(wish) {
  const made = await fetch(`${trial.employer.api}/requests`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ identity: 'did:web', ...wish }),
  });
  assert.equal(made.status, 200);
  const { id, link } = await made.json();
  const cookie = made.headers.get('set-cookie').split(';')[0];
  return { link, result: async () => (await fetch(`${trial.employer.api}/requests/${id}`, { headers: { cookie } })).json() };
}

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
