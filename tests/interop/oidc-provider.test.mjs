// Our wallet signs in at an authorization server of oidc-provider, by the real command line, and collects at an issuer of
// @openid4vc behind it: pushed request, PKCE, the server's own name in the answer, tokens bound to a key, refresh.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { folder } from '../support/programs.mjs';
import { makeLearner } from './support/learner.mjs';
import { CONFIGURATION, makeMicrocredentials } from './support/microcredential.mjs';
import { startIssuerBehind, startServer } from './support/oidc.mjs';
import { makeAuthority } from './support/tls.mjs';

const BATCH = 3;

let place;
let authority;
let server;
let issuer;
let learner;
let says = true;

before(async () => {
  place = folder();
  authority = makeAuthority(place.path);
  const { issue } = await makeMicrocredentials(authority);
  server = await startServer(authority, { resource: () => issuer.origin, consent: () => says });
  issuer = await startIssuerBehind(authority, { server: () => server, issue, configuration: CONFIGURATION, batch: BATCH });
  learner = makeLearner(place.path, authority);
  learner.trust(issuer.origin);
  await learner.wallet(['init']);
});

after(async () => {
  await issuer?.stop();
  await server?.stop();
  place?.remove();
});

/** The words of the command that collects, with a browser in which somebody may name another server in the answer. */
const receive = (...further) => {
  const browser = ['node', path.join(import.meta.dirname, 'support/sign-in.mjs'), authority.ca, ...further].join(' ');
  return ['receive', issuer.offer, '--auth-browser', browser];
};

test('a learner signs in at their server and collects with tokens that only this wallet can use', async () => {
  const received = await learner.wallet(receive());
  assert.equal(received.cards.length, 1);
  assert.equal(received.cards[0].status, 'valid');
  assert.equal(issuer.state.issued, BATCH, 'a copy for each key');

  const at = (url) => server.seen.filter((one) => one.url === url);
  assert.equal(at('/request').length, 1, 'the request was left beforehand');
  assert.deepEqual(at('/auth')[0].query, ['client_id', 'request_uri'], 'and nothing of it went by the browser');
  assert.deepEqual(server.refused, ['use_dpop_nonce'], 'the server asked for its nonce once');
  assert.equal(issuer.state.asked, 1, 'and the issuer for its own');
  assert.deepEqual(server.tokens, [{ grant: 'authorization_code', type: 'DPoP' }]);
});

test('fresh copies come with a refreshed token, which is good once', async () => {
  const { cards: [card] } = await learner.wallet(['cards']);
  for (const round of [1, 2]) {
    const { came } = await learner.wallet(['refill', card.id]);
    assert.equal(came, BATCH);
    assert.equal(issuer.state.issued, BATCH * (1 + round));
  }
  assert.deepEqual(server.tokens.slice(1), Array(2).fill({ grant: 'refresh_token', type: 'DPoP' }));
});

test('an answer that names another server is not believed, and the code is used for nothing', async () => {
  const before = server.seen.filter(({ url }) => url === '/token').length;
  await learner.refuses(receive('--iss=https://evil.example'), 'other_side_failed');
  assert.equal(server.seen.filter(({ url }) => url === '/token').length, before);
});

test('a learner who says no at their server has said no', async () => {
  says = false;
  const { cards: before } = await learner.wallet(['cards']);
  await learner.refuses(receive(), 'declined');
  assert.deepEqual((await learner.wallet(['cards'])).cards, before);
});
