// What an employer can choose beside the question itself: reasons in two languages, several cards, and how the desk proves
// who it is. The wallet that reads it is the real command line.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { folder, leerpas, startTrial } from '../support/programs.mjs';
import { glance, launch, look, visit, words } from './browser.mjs';

const PASSPHRASE = 'zeven gele boten op het meer';
const nl = words.nl;

let place;
let trial;
let browser;

const at = (name) => path.join(place.path, name);

before(async () => {
  place = folder();
  trial = await startTrial(place.path);
  browser = await launch();
  await wallet(['init']);
  const { offers, tx_code: code } = trial.institution;
  for (const offer of [offers.microcredential, offers.badge]) await wallet(['receive', offer, '--tx-code', code]);
});

after(async () => {
  await browser?.close();
  await trial?.stop();
  place?.remove();
});

/** Runs the learner's wallet; anything but the expected end is told with what it said. */
async function wallet(args, expected = 0) {
  const settings = [
    '--json', '--allow-loopback', '--profile', at('profile'), '--tls-root', at('ca.pem'), '--trust', at('trust.json'),
  ];
  const ran = await leerpas([...settings, ...args], { env: { LEERPAS_PASSPHRASE: PASSPHRASE } });
  assert.equal(ran.code, expected, `${args[0]}: ${ran.stdout}${ran.stderr}`);
  return JSON.parse(ran.stdout);
}

const open = (options) => visit(browser, trial.employer.page, options);

/** Presses the button; gives what the page sent and what it was told. */
async function make(page, say = nl) {
  const told = page.waitForResponse((reply) => new URL(reply.url()).pathname === '/api/requests');
  await page.getByRole('button', { name: say.make }).click();
  const reply = await told;
  await page.getByRole('heading', { level: 1, name: say.waitTitle }).waitFor();
  return { sent: reply.request().postDataJSON(), request: await reply.json() };
}

test('the reason stands there in both languages, and one of your own takes the place of both', async () => {
  const { context, page, heard } = await open();
  const [dutch, english] = [page.getByLabel(nl.purposeIn.nl), page.getByLabel(nl.purposeIn.en)];
  assert.equal(await dutch.inputValue(), nl.purposeDefault);
  assert.equal(await english.inputValue(), words.en.purposeDefault);
  const ready = await make(page);
  assert.deepEqual(ready.sent.purpose, { nl: nl.purposeDefault, en: words.en.purposeDefault });
  await page.getByRole('button', { name: nl.stop }).click();

  await dutch.fill('Een klus aan de dijk');
  assert.equal(await english.inputValue(), '', 'the ready-made reason would be another one');
  const own = await make(page);
  assert.deepEqual(own.sent.purpose, { nl: 'Een klus aan de dijk' });
  const { plan } = await wallet(['present', own.request.link]);
  assert.equal(plan.purpose, 'Een klus aan de dijk');
  await page.getByRole('button', { name: nl.stop }).click();

  await english.fill('A job at the <dike>\u202e');
  const both = await make(page);
  assert.deepEqual(both.sent.purpose, { nl: 'Een klus aan de dijk', en: 'A job at the <dike>\u202e' });
  await page.getByRole('button', { name: nl.stop }).click();
  // Both are still there in the other language, that of the page first.
  await page.locator('#language').click();
  assert.equal(await page.locator('#purpose').inputValue(), 'A job at the <dike>\u202e');
  assert.equal(await page.getByLabel(words.en.purposeIn.nl).inputValue(), 'Een klus aan de dijk');
  assert.deepEqual(heard, []);
  await context.close();
});

test('a desk that asks under its did:web is known to the wallet, and its answer judged', async () => {
  const { context, page, heard } = await open();
  await page.getByText(nl.identity, { exact: true }).first().click();
  const choice = page.locator('#identity');
  assert.equal(await choice.inputValue(), 'x509_hash');
  await choice.selectOption('did:web');
  await look(page, 'identity');
  const { request } = await make(page);
  const did = decodeURIComponent(new URL(request.link).searchParams.get('client_id'));
  assert.match(did, /^decentralized_identifier:did:web:localhost:\d+$/);
  const { plan } = await wallet(['present', request.link]);
  assert.equal(plan.requester.evidence, 'listed', JSON.stringify(plan.requester));
  await page.getByRole('button', { name: nl.stop }).click();

  const again = await make(page);
  const shared = await wallet(['present', again.request.link, '--approve']);
  assert.equal(shared.outcome, 'shared');
  await page.getByRole('heading', { level: 1, name: nl.verdicts.valid[0], exact: true }).waitFor();
  await page.getByRole('button', { name: nl.again }).click();

  // The same under the name in its certificate.
  await page.locator('#identity').selectOption('x509_san_dns');
  const named = await make(page);
  assert.ok(named.request.link.includes('client_id=x509_san_dns%3Alocalhost&'), named.request.link);
  assert.equal((await wallet(['present', named.request.link, '--approve'])).outcome, 'shared');
  await page.getByRole('heading', { level: 1, name: nl.verdicts.valid[0], exact: true }).waitFor();
  await page.getByRole('button', { name: nl.again }).click();

  // Without a network only the certificate says who may read the answer.
  await page.getByRole('checkbox', { name: nl.offline }).check();
  assert.ok(await choice.isHidden());
  const told = page.waitForResponse((reply) => new URL(reply.url()).pathname === '/api/requests');
  await page.getByRole('button', { name: nl.make }).click();
  const reply = await told;
  assert.equal(reply.request().postDataJSON().identity, undefined);
  assert.match((await reply.json()).link, /client_id=x509_hash/);
  assert.deepEqual(heard, []);
  await context.close();
});

test('several cards of a kind may be shared where the employer says so, and one is enough', async () => {
  const { context, page, heard } = await open();
  await page.locator('input[name=template][value=own]').check();
  await page.getByRole('checkbox', { name: nl.own.kind.badge }).check();
  await page.getByRole('checkbox', { name: nl.own.several }).check();
  await page.getByRole('checkbox', { name: nl.own.both }).check();
  await look(page, 'own-several');
  const { sent, request } = await make(page);
  assert.equal(sent.choice.several, true);
  // Both kinds were needed: each is a presentation of its own, judged by itself.
  const shared = await wallet(['present', request.link, '--approve']);
  assert.equal(shared.outcome, 'shared');
  await page.getByRole('heading', { level: 1, name: nl.verdicts.valid[0], exact: true }).waitFor();
  assert.equal(await page.locator('section.panel').count(), 2);
  await glance(page, 'several-valid-nl');
  assert.deepEqual(heard, []);
  await context.close();
});
