// Our wallet with an issuer and a verifier of @openid4vc, by the real command line, over TLS on loopback.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ES256 } from '@sd-jwt/crypto-nodejs';

import { folder } from '../support/programs.mjs';
import { makeLearner } from './support/learner.mjs';
import { CONFIGURATION, FORMATS, QUERY, makeMicrocredentials } from './support/microcredential.mjs';
import { startIssuer, startVerifier } from './support/openid.mjs';
import { makeAuthority } from './support/tls.mjs';

const TX_CODE = '493536';

let place;
let authority;
let microcredentials;
let issuer;
let learner;

before(async () => {
  place = folder();
  authority = makeAuthority(place.path);
  microcredentials = await makeMicrocredentials(authority);
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

const open = (settings) => startIssuer(authority, { txCode: TX_CODE, configuration: CONFIGURATION, issue: microcredentials.issue, ...settings });
const ask = (settings) => startVerifier(authority, { query: QUERY, formats: FORMATS, check: microcredentials.check, ...settings });

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
  const other = await open({ issue: (_, iss) => microcredentials.issue({ publicJwk: thief.publicKey }, iss) });
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

test('their verifier asks by a scope: an agreed one is its query, and another one is refused', async () => {
  const verifier = await ask({ scope: 'loket.vak', responseMode: 'direct_post.jwt' });
  try {
    await learner.refuses(['present', verifier.link, '--approve'], 'request_scope');
    // It hears of that in one word, which their library takes for an answer that it cannot read.
    assert.deepEqual(verifier.answers.splice(0).map(({ claims }) => claims), [undefined]);

    learner.agree(verifier.audience, { 'loket.vak': QUERY });
    const shared = await learner.wallet(['present', await verifier.ask(), '--approve']);
    assert.equal(shared.outcome, 'shared', JSON.stringify(shared));
    const [{ claims: { title, given_name: name } }] = verifier.answers;
    assert.deepEqual([title, name], ['Datastructuren', undefined]);
  } finally {
    await verifier.stop();
  }
});

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
