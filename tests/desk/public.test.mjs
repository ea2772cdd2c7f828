// An employer's desk that others find, behind a proxy: the real desk and the real command line, and browsers that share nothing.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { makeAuthority } from '../interop/support/tls.mjs';
import { bin, folder, leerpas, start } from '../support/programs.mjs';
import { startProxy } from '../support/proxy.mjs';
import { glance, launch, look, visit, words } from './browser.mjs';

const PASSPHRASE = 'zeven gele boten op het meer';
const nl = words.nl;

let place;
let tls;
let proxy;
let sandbox;
let desk;
let employer;
let browser;

before(async () => {
  place = folder();
  tls = makeAuthority(place.path);
  const { key, certificate: cert } = tls.certify(['DNS:localhost'], ['extendedKeyUsage=serverAuth']);
  proxy = await startProxy({ key, cert });
  const program = path.join(bin, 'leerpas');
  sandbox = start(program, ['--json', 'sandbox', '--listen', '127.0.0.1:0', '--data', place.path]);
  const institution = JSON.parse(await sandbox.firstLine());
  desk = start(program, [
    '--json', '--allow-loopback', '--tls-root', at('ca.pem'), '--trust', at('trust.json'),
    'desk', '--data', place.path, '--public', `https://localhost:${proxy.port}`,
  ]);
  employer = JSON.parse(await desk.firstLine());
  proxy.to = employer.listen;
  browser = await launch();
  await wallet(['init']);
  await wallet(['receive', institution.offers.microcredential, '--tx-code', institution.tx_code]);
});

after(async () => {
  await browser?.close();
  await desk?.stop();
  await sandbox?.stop();
  await proxy?.stop();
  place?.remove();
});

const at = (name) => path.join(place.path, name);

async function wallet(args) {
  const settings = [
    '--json', '--allow-loopback', '--profile', at('profile'), '--tls-root', at('ca.pem'), '--tls-root', tls.ca,
    '--trust', at('trust.json'),
  ];
  const ran = await leerpas([...settings, ...args], { env: { LEERPAS_PASSPHRASE: PASSPHRASE } });
  assert.equal(ran.code, 0, `${args[0]}: ${ran.stdout}${ran.stderr}`);
  return JSON.parse(ran.stdout);
}

/** A browser that has never been here. */
const open = (options) => visit(browser, employer.page, { ignoreHTTPSErrors: true, ...options });

/** A browser somewhere else, on the page to which the wallet sent its person. */
async function elsewhere(address) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'nl-NL', reducedMotion: 'reduce' });
  const page = await context.newPage();
  await page.goto(address);
  return { context, page };
}

const heading = (page, name) => page.getByRole('heading', { level: 1, name, exact: true }).waitFor();

async function ask(page) {
  await page.locator('input[name=template][value=microcredential]').check();
  const told = page.waitForResponse((reply) => new URL(reply.url()).pathname === '/api/requests');
  await page.getByRole('button', { name: nl.make }).click();
  const request = await (await told).json();
  await heading(page, nl.waitTitle);
  return request;
}

/** A code that was refused is said in the console too, and that is how it should be. */
const unexpected = (heard) => heard.filter((line) => !line.includes('status of 403'));

test('on one computer the answer appears in the browser that asked, once the wallet sends its person back', async () => {
  const { context, page, heard } = await open();
  assert.equal(employer.page, `https://localhost:${proxy.port}/`);
  const request = await ask(page);
  await look(page, 'public-wait');
  const shared = await wallet(['present', request.link, '--approve']);
  assert.match(shared.redirect_uri, /\/back#response_code=[0-9a-f]{32}\.[\w-]{22}$/);

  await heading(page, nl.heldTitle);
  const polled = await page.evaluate(async (id) => (await fetch(`/api/requests/${id}`)).json(), request.id);
  assert.deepEqual([polled.state, polled.verdict, polled.presentations], ['held', null, []]);
  await look(page, 'held');

  // The wallet opens the address in the same browser: a new tab.
  const tab = await context.newPage();
  await tab.goto(shared.redirect_uri);
  await heading(tab, nl.verdicts.valid[0]);
  assert.equal(new URL(tab.url()).pathname, '/');
  assert.ok(!tab.url().includes('response_code'));
  await heading(page, nl.verdicts.valid[0]);

  // The address works once, and the result is still there for who may see it.
  await tab.goto('about:blank');
  await tab.goto(shared.redirect_uri);
  await heading(tab, nl.back.used[0]);
  await glance(tab, 'back-used');
  await page.reload();
  await heading(page, nl.verdicts.valid[0]);
  assert.deepEqual(unexpected(heard), []);
  await context.close();
});

test('from another device the answer is seen once its code was told and typed, with the keyboard alone', async () => {
  const { context, page, heard } = await open();
  const request = await ask(page);
  const shared = await wallet(['present', request.link, '--approve']);
  await heading(page, nl.heldTitle);

  const learner = await elsewhere(shared.redirect_uri);
  await heading(learner.page, nl.back.title);
  const digits = (await learner.page.locator('.digits [aria-hidden]').textContent()).trim();
  assert.match(digits, /^\d{4} \d{4}$/);
  assert.ok(!learner.page.url().includes('#'), 'the response code is in the address no more');
  await look(learner.page, 'back-told');
  await learner.page.reload();
  assert.equal((await learner.page.locator('.digits [aria-hidden]').textContent()).trim(), digits);

  // Who sees the code on this device sees no result with it.
  const status = await learner.page.evaluate(async (id) => (await fetch(`/api/requests/${id}`)).status, request.id);
  assert.equal(status, 403);

  await heading(page, nl.heldTitle);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'held-code');
  const wrong = digits.startsWith('0') ? '1111 1111' : '0000 0000';
  await page.keyboard.type(wrong);
  await page.keyboard.press('Enter');
  await page.getByRole('alert').filter({ hasText: nl.heldWrong(4) }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), 'held-code');
  await look(page, 'held-wrong');
  await page.locator('#held-code').press('Control+a');
  await page.keyboard.type(digits);
  await page.keyboard.press('Enter');
  await heading(page, nl.verdicts.valid[0]);
  assert.deepEqual(unexpected(heard), []);
  await learner.context.close();
  await context.close();
});

test('a link that a stranger passed on shows the stranger nothing, and a code before its time is said to be none', async () => {
  const { context, page } = await open();
  const request = await ask(page);
  const shared = await wallet(['present', request.link, '--approve']);
  await heading(page, nl.heldTitle);
  await page.getByLabel(nl.heldCode).fill('12345678');
  await page.getByRole('button', { name: nl.heldOpen }).click();
  await page.getByRole('alert').filter({ hasText: nl.heldNone }).waitFor();

  const learner = await elsewhere(shared.redirect_uri);
  await heading(learner.page, nl.back.title);
  for (let tries = 4; tries >= 0; tries -= 1) {
    await page.getByLabel(nl.heldCode).fill(`1234567${tries}`);
    await page.getByRole('button', { name: nl.heldOpen }).click();
    if (tries > 0) await page.getByRole('alert').filter({ hasText: nl.heldWrong(tries) }).waitFor();
  }
  await heading(page, nl.verdicts.lost[0]);
  assert.equal(await page.locator('.claims').count(), 0);
  await look(page, 'lost');
  await learner.context.close();
  await context.close();
});

test('two tabs, back, forward and refresh show the same, and nothing is sent again', async () => {
  const { context, page, heard } = await open();
  const sent = [];
  context.on('request', (call) => {
    if (call.method() !== 'GET') sent.push(`${call.method()} ${new URL(call.url()).pathname}`);
  });
  const request = await ask(page);
  await page.reload();
  await heading(page, nl.waitTitle);
  assert.equal(await page.getByRole('link', { name: nl.open }).getAttribute('href'), request.link, 'the link is still there');
  const second = await context.newPage();
  await second.goto(page.url());
  await heading(second, nl.waiting);
  await glance(second, 'second-tab');
  await page.goBack();
  await heading(page, nl.askTitle);
  await page.goForward();
  await heading(page, nl.waitTitle);

  const shared = await wallet(['present', request.link, '--approve']);
  await heading(page, nl.heldTitle);
  await heading(second, nl.heldTitle);
  const third = await context.newPage();
  await third.goto(shared.redirect_uri);
  for (const tab of [page, second, third]) await heading(tab, nl.verdicts.valid[0]);
  const text = (tab) => tab.locator('main').innerText();
  const first = await text(page);
  for (const tab of [page, second, third]) {
    assert.equal(await text(tab), first);
    await tab.reload();
    await heading(tab, nl.verdicts.valid[0]);
    assert.equal(await text(tab), first);
  }
  await page.goBack();
  await heading(page, nl.askTitle);
  await page.goForward();
  await heading(page, nl.verdicts.valid[0]);
  assert.equal(await text(page), first);
  assert.deepEqual(sent, ['POST /api/requests', 'POST /back']);

  // A session that is over: nothing of the result is left on the page, whatever button is pressed.
  await context.clearCookies();
  for (const tab of [page, second]) {
    await tab.reload();
    await heading(tab, nl.verdicts.gone[0]);
    assert.equal(await tab.locator('.claims').count(), 0);
  }
  await look(page, 'gone');
  assert.deepEqual(sent, ['POST /api/requests', 'POST /back']);
  assert.deepEqual(unexpected(heard), []);
  await context.close();
});
