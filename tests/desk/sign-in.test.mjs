// Collecting with a sign-in: the real command line, the real institution, and a real browser in between.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { learner, root, screens } from '../support/programs.mjs';
import { trialOfFile } from '../support/trial.mjs';
import { findings, launch } from './browser.mjs';

let place;
let trial;
let browser;

trialOfFile(async (started) => {
  ({ place, trial } = started);
  browser = await launch();
  assert.equal((await wallet(['init'])).code, 0);
}, () => browser?.close());

const wallet = (args) => learner(place.path, args);

/** Starts to collect, and gives the address at which the learner signs in. */
async function begin(what = [trial.institution.offers.microcredential_with_sign_in]) {
  const file = path.join(place.path, 'address');
  rmSync(file, { force: true });
  const command = `node ${path.join(root, 'tests/support/tell-url.mjs')} ${file}`;
  const ended = wallet(['receive', ...what, '--auth-browser', command]);
  for (let tries = 0; !existsSync(file) && tries < 200; tries += 1) await pause(50);
  return { ended, address: readFileSync(file, 'utf8') };
}

const page = async (language) =>
  (await browser.newContext({ ignoreHTTPSErrors: true, locale: language })).newPage();

test('a learner signs in with their browser and has the card', async () => {
  const { ended, address } = await begin();
  assert.deepEqual([...new URL(address).searchParams.keys()], ['client_id', 'request_uri'], 'the rest was left beforehand');
  const tab = await page('nl-NL');
  await tab.goto(address);
  assert.deepEqual(await findings(tab), []);
  await tab.screenshot({ path: path.join(screens, 'sign-in-nl.png') });
  await tab.getByRole('link', { name: 'Log in en ga terug naar Leerpas' }).click();
  await tab.getByText('Je bent ingelogd').waitFor();
  assert.ok(!(await tab.content()).includes('code='), 'nothing of the answer is on the page');
  const { code, stdout, stderr } = await ended;
  assert.equal(code, 0, stdout + stderr);
  const { cards } = JSON.parse(stdout);
  assert.equal(cards.length, 1);
  assert.equal(cards[0].status, 'valid');
});

test('a learner goes to an institution by themself and collects what they chose there', async () => {
  const { ended, address } = await begin([trial.institution.issuer, '--credential', 'badge.data-analyse']);
  const tab = await page('nl-NL');
  await tab.goto(address);
  await tab.getByRole('link', { name: 'Log in en ga terug naar Leerpas' }).click();
  await tab.getByText('Je bent ingelogd').waitFor();
  const { code, stdout, stderr } = await ended;
  assert.equal(code, 0, stdout + stderr);
  assert.equal(JSON.parse(stdout).cards[0].title, 'Data-analyse voor professionals');
});

test('an address works once, and a stranger at the door is not heard', async () => {
  const { ended, address } = await begin();
  const tab = await page('en-GB');
  await tab.goto(address);
  const yes = await tab.getByRole('link', { name: 'Sign in and go back to Leerpas' }).getAttribute('href');
  await tab.getByRole('link', { name: 'Sign in and go back to Leerpas' }).click();
  await tab.getByText('You are signed in').waitFor();
  assert.equal((await ended).code, 0);
  await tab.goto(new URL(yes, address).href);
  await tab.getByText('has run out or was used').waitFor();
});

test('a browser command that fails ends it with a word about that', async () => {
  const { code, stdout } = await wallet([
    'receive', trial.institution.offers.microcredential_with_sign_in, '--auth-browser', 'false',
  ]);
  assert.equal(code, 2);
  assert.equal(JSON.parse(stdout).error.step, 'authorization');
});
