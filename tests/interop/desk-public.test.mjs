// A holder of @openid4vc with our desk behind a proxy: they find it under each of its names, are told where to go on, and the
// answer is seen by nobody before that.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { ES256, digest } from '@sd-jwt/crypto-nodejs';
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc';

import { bin, folder, start } from '../support/programs.mjs';
import { startProxy } from '../support/proxy.mjs';
import { makeHolder, show } from './support/holder.mjs';
import { makeAuthority } from './support/tls.mjs';

let place;
let proxy;
let sandbox;
let desk;
let page;
let holder;
let credentials;

before(async () => {
  place = folder();
  const at = (name) => path.join(place.path, name);
  const authority = makeAuthority(place.path);
  const { key, certificate: cert } = authority.certify(['DNS:localhost'], ['extendedKeyUsage=serverAuth']);
  // The employer's own certificate for its requests, by another authority than the desk's trial one.
  const own = authority.certify(['DNS:localhost']);
  writeFileSync(at('own.pem'), own.certificate + readFileSync(authority.ca, 'utf8'));
  writeFileSync(at('own.key'), own.key);
  proxy = await startProxy({ key, cert });
  const program = path.join(bin, 'leerpas');
  sandbox = start(program, ['--json', 'sandbox', '--listen', '127.0.0.1:0', '--data', place.path]);
  const { offers, tx_code: code } = JSON.parse(await sandbox.firstLine());
  desk = start(program, [
    '--json', '--allow-loopback', '--tls-root', at('ca.pem'), '--trust', at('trust.json'), 'desk', '--data', place.path,
    '--public', `https://localhost:${proxy.port}`, '--certificate', at('own.pem'), '--key', at('own.key'),
  ]);
  const ready = JSON.parse(await desk.firstLine());
  ({ page } = ready);
  proxy.to = ready.listen;
  writeFileSync(at('both.pem'), readFileSync(at('ca.pem'), 'utf8') + readFileSync(authority.ca, 'utf8'));
  holder = makeHolder(at('both.pem'));
  credentials = await holder.receive(offers.microcredential, code);
});

after(async () => {
  await desk?.stop();
  await sandbox?.stop();
  await proxy?.stop();
  place?.remove();
});

const post = (where, body, headers = {}) =>
  holder.fetch(`${page}${where}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });

for (const [identity, prefix] of [['x509_hash', 'x509_hash'], ['x509_san_dns', 'x509_san_dns'], ['did:web', 'decentralized_identifier']]) {
  test(`a wallet of theirs answers our public desk under ${identity}, and its way back releases the answer`, async () => {
    const made = await post('api/requests', { template: 'microcredential', identity });
    const { id, link } = await made.json();
    const cookie = made.headers.get('set-cookie').split(';')[0];
    const see = async () => (await holder.fetch(`${page}api/requests/${id}`, { headers: { cookie } })).json();

    const sent = await holder.present(link, async ({ query, nonce, audience }) => {
      const [{ id: name, claims }] = query.credentials;
      const kit = new SDJwtVcInstance({
        hasher: digest, hashAlg: 'sha-256', kbSignAlg: 'ES256', kbSigner: await ES256.getSigner(holder.keys[0].privateJwk),
      });
      return { [name]: [await show(kit, credentials[0], claims, { nonce, audience })] };
    });
    assert.deepEqual([sent.status, sent.requester.prefix], [200, prefix]);
    const way = new URL(sent.told.redirect_uri);
    assert.equal(`${way.origin}${way.pathname}`, `${page}back`);
    const code = new URLSearchParams(way.hash.slice(1)).get('response_code');

    assert.equal((await see()).state, 'held');
    assert.equal((await post('back', { response_code: `${code}x` }, { cookie })).status, 403);
    const landed = await post('back', { response_code: code }, { cookie });
    assert.deepEqual(await landed.json(), { id });
    const found = await see();
    assert.deepEqual([found.state, found.verdict], ['answered', 'valid'], JSON.stringify(found));
  });
}
