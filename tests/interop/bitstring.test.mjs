// Bitstring Status List by Digital Bazaar's package, read by us over https: valid, withdrawn, on hold, and not to be known.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { createCredential, createList } from '@digitalbazaar/vc-bitstring-status-list';

import { folder } from '../support/programs.mjs';
import { smallBadge } from './support/badges.mjs';
import { RDF_SUITES, issue, makeIssuer } from './support/linked-data.mjs';
import { assertRefused, assertValid, trusting, verify } from './support/ours.mjs';
import { makeAuthority, serve } from './support/tls.mjs';

const { cryptosuite } = RDF_SUITES['eddsa-rdfc-2022'];
const ENTRIES = 131_072;
const SET = 94_567;

let place;
let authority;
let server;
let issuer;
const lists = new Map();

before(async () => {
  place = folder();
  authority = makeAuthority(place.path);
  server = await serve(authority, ({ url }) => lists.has(url) && { type: 'application/vc', body: JSON.stringify(lists.get(url)) });
  issuer = await makeIssuer('EdDSA');
});

after(async () => {
  await server?.stop();
  place?.remove();
});

/** A list with one entry set, signed by this key and served at an address of its own. */
async function publish(name, statusPurpose, signer) {
  const id = `${server.origin}/${name}`;
  const list = await createList({ length: ENTRIES });
  list.setStatus(SET, true);
  const unsigned = { ...(await createCredential({ id, list, statusPurpose })), issuer: signer.did, validFrom: '2026-02-01T00:00:00Z' };
  lists.set(`/${name}`, await issue(unsigned, signer, cryptosuite));
  return id;
}

/** What we say of a badge with this entry. */
async function ask(statusListCredential, statusPurpose, index) {
  const credentialStatus = {
    type: 'BitstringStatusListEntry', statusPurpose, statusListIndex: String(index), statusListCredential,
  };
  const badge = await issue({ ...smallBadge(issuer.did), credentialStatus }, issuer, cryptosuite);
  return verify(badge, trusting([issuer.did]), ['--tls-root', authority.ca]);
}

test('an entry that is set means what its list is for, and its neighbours mean nothing', async () => {
  for (const [purpose, reason] of [['revocation', 'revoked'], ['suspension', 'suspended']]) {
    const list = await publish(purpose, purpose, issuer);
    assertRefused(await ask(list, purpose, SET), 'status', reason);
    for (const index of [0, SET - 1, SET + 1, ENTRIES - 1]) {
      assertValid(await ask(list, purpose, index));
    }
  }
});

test('a list that answers for another purpose, ends before the entry, is changed, or is signed by a stranger tells nothing', async () => {
  const revocations = await publish('of-revocations', 'revocation', issuer);
  const strangers = await publish('of-a-stranger', 'revocation', await makeIssuer('EdDSA'));
  const changed = await publish('changed', 'revocation', issuer);
  lists.get('/changed').validFrom = '2026-03-01T00:00:00Z';
  const gone = `${server.origin}/gone`;
  const questions = [
    [revocations, 'suspension', 0], [revocations, 'revocation', ENTRIES], [strangers, 'revocation', 0],
    [changed, 'revocation', 0], [gone, 'revocation', 0],
  ];
  for (const [list, purpose, index] of questions) {
    const said = await ask(list, purpose, index);
    assert.equal(said.verdict, 'unknown', `${list}: ${said.told}`);
    assert.equal(said.checks.status.result, 'unknown', said.told);
    assert.equal(said.checks.signature.result, 'pass', said.told);
  }
});
