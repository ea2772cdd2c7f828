// Collecting where the institution asks for a card first: the real command line, the real institution, and a real
// browser in between.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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
  const { microcredential } = trial.institution.offers;
  assert.equal((await wallet(['receive', microcredential, '--tx-code', trial.institution.tx_code])).code, 0);
}, () => browser?.close());

const wallet = (args) => learner(place.path, args);

const file = () => path.join(place.path, 'address');

/** The next address to which the command line sends the browser. */
async function address() {
  for (let tries = 0; !existsSync(file()) && tries < 400; tries += 1) await pause(50);
  const found = readFileSync(file(), 'utf8');
  rmSync(file());
  return found;
}

/** Starts to collect, and goes to the page that the institution shows. */
async function begin(language, ...more) {
  const command = `node ${path.join(root, 'tests/support/pass-on.mjs')} ${file()}`;
  const ended = wallet(['receive', trial.institution.offers.card_first, '--auth-browser', command, ...more]);
  const tab = await (await browser.newContext({ ignoreHTTPSErrors: true, locale: language })).newPage();
  await tab.goto(await address());
  return { ended, tab };
}

/** Takes the link of the page, as a click would hand it to the wallet. */
async function click(tab, name) {
  const link = await tab.getByRole('link', { name }).getAttribute('href');
  writeFileSync(`${file()}.new`, link);
  renameSync(`${file()}.new`, `${file()}.link`);
}

test('the card that the page asks for is shown, and the sign-in goes on to the new card', async () => {
  const { ended, tab } = await begin('nl-NL', '--approve');
  assert.deepEqual(await findings(tab), []);
  await tab.screenshot({ path: path.join(screens, 'card-first-nl.png') });
  await click(tab, 'Laat de kaart zien met Leerpas');
  await tab.goto(await address());
  await tab.getByText('Je bent ingelogd').waitFor();
  const { code, stdout, stderr } = await ended;
  assert.equal(code, 0, stdout + stderr);
  const { cards } = JSON.parse(stdout);
  assert.equal(cards[0].title, 'Energietransitie in de gebouwde omgeving');
  assert.match(stderr, /a card is asked for/);
  const { activities } = JSON.parse((await wallet(['activity'])).stdout);
  assert.deepEqual(activities.map((line) => line.kind).sort(), ['received', 'received', 'shared']);
});

test('without a word of the person nothing is shown, and both end', async () => {
  const { ended, tab } = await begin('en-GB');
  await tab.screenshot({ path: path.join(screens, 'card-first-en.png') });
  await click(tab, 'Show the card with Leerpas');
  const { code, stdout, stderr } = await ended;
  assert.equal(code, 7, stdout + stderr);
  assert.equal(JSON.parse(stdout).error.kind, 'declined');
  assert.match(stderr, /Watermanagement in de stad/, 'the plan is shown');
  const { cards } = JSON.parse((await wallet(['cards'])).stdout);
  assert.equal(cards.length, 2);
});
