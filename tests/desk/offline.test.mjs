// A room without a network: the desk's page shows a code, the wallet's pictures are read by photo and by camera.
//
// The wallet is the real command line; Chromium's camera is a film of its pictures (`--use-file-for-fake-video-capture`).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { folder, leerpas, startTrial } from '../support/programs.mjs';
import { checks, claims, glance, launch, look, visit, words } from './browser.mjs';
import { film, photo, picturesOf } from './film.mjs';

const PASSPHRASE = 'zeven gele boten op het meer';
const nl = words.nl;

let place;
let trial;
let browser;
let answers = 0;

const at = (name) => path.join(place.path, name);
const CAMERA = 'camera.y4m';

before(async () => {
  place = folder();
  trial = await startTrial(place.path);
  browser = await launch({ camera: at(CAMERA) });
  await wallet(['init']);
  const { offers, tx_code: code } = trial.institution;
  await wallet(['receive', offers.microcredential, '--tx-code', code]);
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

/** The pictures with which the wallet answers a link. Nobody tells it whether they were read, so that it ends with 6. */
async function answer(link) {
  answers += 1;
  const [file, log] = [at(`answer-${answers}.svg`), at(`net-${answers}.log`)];
  const given = await wallet(['--net-log', log, 'present', link, '--approve', '--offline', file], 6);
  assert.equal(given.outcome, 'may_have_been_shared');
  let asked = '';
  try {
    asked = readFileSync(log, 'utf8');
  } catch {
    // Nothing was asked, so nothing was written.
  }
  assert.equal(asked, '', 'the wallet asked nobody anything');
  const pictures = picturesOf(readFileSync(file, 'utf8'));
  assert.equal(pictures.length, given.frames.length);
  return { pictures, frames: given.frames, needed: given.needed };
}

/** The page, with its camera and whether it is on. */
async function open({ camera = true } = {}) {
  const visited = await visit(browser, trial.employer.page);
  if (camera) await visited.context.grantPermissions(['camera'], { origin: new URL(trial.employer.page).origin });
  await visited.page.evaluate(() => {
    globalThis.tracks = [];
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wish) => {
      const stream = await ask(wish);
      globalThis.tracks.push(...stream.getTracks());
      return stream;
    };
  });
  const cameras = () => visited.page.evaluate(() => globalThis.tracks.map((track) => track.readyState));
  return { ...visited, cameras };
}

/** Asks for a microcredential without a network; gives what the page was told. */
async function ask(page) {
  await page.locator('input[name=template][value=microcredential]').check();
  await page.getByRole('checkbox', { name: nl.offline }).check();
  const told = page.waitForResponse((reply) => new URL(reply.url()).pathname === '/api/requests');
  await page.getByRole('button', { name: nl.make }).click();
  const request = await (await told).json();
  await page.getByRole('heading', { level: 1, name: nl.offlineTitle }).waitFor();
  assert.match(request.link, /^openid4vp:\/\/\?client_id=x509_hash%3A[^&]+&request=/, 'the whole request is in the link');
  const code = page.getByRole('img', { name: nl.qrAlt });
  assert.ok(await code.evaluate((image) => image.complete && image.naturalWidth > 100), 'the code is really drawn');
  return request;
}

/** Waits for the end, which must be this one. */
async function verdict(page, word) {
  await page.locator('.verdict').waitFor();
  const [title, checked] = [await page.locator('h1').innerText(), await page.locator('.checks').allInnerTexts()];
  assert.equal(title, nl.verdicts[word][0], checked.join('\n'));
}
const told = (page, text) => page.getByRole('status').filter({ hasText: text }).waitFor();

/** Chooses files as a person would. */
async function choose(page, files) {
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: nl.pictures }).click();
  await (await chooser).setFiles(files);
}

const photos = (pictures) =>
  pictures.map((picture, number) => ({ name: `foto-${number}.png`, mimeType: 'image/png', buffer: photo(picture) }));

/** Two of three pictures, the last one first. */
const some = (pictures) => pictures.filter((_, number) => number % 3 !== 1).reverse();

const statusOf = async (page) => page.locator('.checks > li').filter({ hasText: nl.checks.status }).innerText();

test('a desk that never fetched the list of withdrawn credentials says that it does not know', async () => {
  const { context, page, heard } = await open();
  const request = await ask(page);
  assert.equal(await page.locator('.note').innerText(), nl.offlineAge);
  await look(page, 'offline');
  const { pictures } = await answer(request.link);
  await choose(page, photos(pictures));
  await verdict(page, 'unknown');
  assert.ok((await statusOf(page)).includes(nl.results.unknown));
  assert.equal(await page.locator('.note').innerText(), `${nl.offlineResult} ${nl.offlineUnknown}`);
  const rest = (await checks(page)).filter((row) => row.name !== nl.checks.status);
  assert.ok(rest.every((row) => row.word === nl.results.pass), JSON.stringify(rest));
  await look(page, 'offline-unknown');
  assert.deepEqual(heard, []);
  await context.close();
});

test('photos of some of the pictures do, and the result says since when it is known', async () => {
  const { context, page, heard } = await open();
  // A day with a network: the desk fetches the list.
  const online = await fetch(`${trial.employer.api}/requests`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ template: 'microcredential' }),
  });
  const { id, link } = await online.json();
  await wallet(['present', link, '--approve']);
  const [cookie] = online.headers.getSetCookie()[0].split(';');
  const judged = await (await fetch(`${trial.employer.api}/requests/${id}`, { headers: { cookie } })).json();
  assert.equal(judged.verdict, 'valid', JSON.stringify(judged));

  // A day without.
  const request = await ask(page);
  const { pictures, needed } = await answer(request.link);
  const [first, ...rest] = photos(some(pictures));
  await choose(page, first);
  await told(page, nl.framesSome(1, needed));
  assert.equal(await page.getByRole('progressbar', { name: nl.framesBar }).getAttribute('value'), '1');
  await choose(page, first);
  await told(page, nl.framesSome(1, needed));
  await choose(page, rest);
  await verdict(page, 'valid');
  assert.ok((await checks(page)).every((row) => row.word === nl.results.pass), JSON.stringify(await checks(page)));
  assert.ok((await page.locator('.note').allInnerTexts()).includes(nl.offlineResult));
  const [before, behind] = nl.knownAt('|').split('|');
  const known = await statusOf(page);
  assert.ok(known.includes(before) && known.includes(behind), known);
  const shown = await claims(page);
  assert.ok(shown.some((row) => row.name === nl.names.ECTS), JSON.stringify(shown));
  await look(page, 'offline-valid');

  // The same pictures once more come to nothing: this request is answered.
  const status = (body) =>
    page.evaluate(
      async ([id, lines]) => {
        const sent = { method: 'POST', headers: { 'content-type': 'text/plain' }, body: lines };
        return (await fetch(`/api/requests/${id}/frames`, sent)).json();
      },
      [request.id, body],
    );
  assert.deepEqual(await status('LEERPAS:1A/AAAA'), { waiting: false });
  // The wallet does not answer it twice either, whoever shows the code again.
  const again = await wallet(['present', request.link, '--approve', '--offline', at('again.svg')], 3);
  assert.equal(again.error.kind, 'request_answered');
  assert.deepEqual(heard, []);
  await context.close();
});

test('the camera reads the pictures from a screen, misses some, and goes off by itself', async () => {
  const { context, page, heard, cameras } = await open();
  const request = await ask(page);
  const { pictures } = await answer(request.link);
  const kept = some(pictures);
  // First only half of them come by, so that it can be seen what the page says in between.
  film(at(CAMERA), kept.slice(0, 4));
  await page.getByRole('button', { name: nl.camera, exact: true }).click();
  await page.waitForFunction(() => Number(document.querySelector('progress').value) >= 2);
  const [have, need] = await page.locator('progress').evaluate((bar) => [bar.value, bar.max]);
  assert.ok(have < need, `${have} of ${need}`);
  assert.deepEqual(await cameras(), ['live']);
  const video = page.locator('video');
  assert.ok(await video.isVisible());
  await glance(page, 'offline-camera-nl');
  await page.getByRole('button', { name: nl.cameraStop }).click();
  assert.ok(await video.isHidden());
  assert.deepEqual(await cameras(), ['ended'], 'it is off as soon as the button says so');

  film(at(CAMERA), kept);
  await page.getByRole('button', { name: nl.camera, exact: true }).click();
  await verdict(page, 'valid');
  assert.ok((await page.locator('.note').allInnerTexts()).includes(nl.offlineResult));
  assert.deepEqual(await cameras(), ['ended', 'ended'], 'nothing watches the room any more');
  assert.deepEqual(heard, []);
  await context.close();
});

test('an answer to another request is named as such and spoils nothing', async () => {
  const [one, other] = [await open(), await open()];
  const theirs = await answer((await ask(other.page)).link);
  const request = await ask(one.page);
  await choose(one.page, photos(theirs.pictures));
  await told(one.page, nl.framesStrange);
  await look(one.page, 'offline-strange');
  // The other language says the same, and says it as plainly.
  const notice = one.page.locator('.fault');
  await one.page.locator('#language').click();
  assert.equal(await notice.innerText(), words.en.framesStrange);
  await one.page.locator('#language').click();
  assert.equal(await notice.innerText(), nl.framesStrange);

  // A wall in front of the camera, a text that is none: said, and nothing comes of it.
  await choose(one.page, { name: 'muur.png', mimeType: 'image/png', buffer: photo({ side: 60, isDark: () => false }) });
  await told(one.page, nl.framesNoCode);
  await choose(one.page, { name: 'brief.txt', mimeType: 'text/plain', buffer: Buffer.from('Beste mevrouw,\n') });
  await told(one.page, nl.framesNoCode);

  // What a reader of codes read does as well as photos.
  const ours = await answer(request.link);
  await choose(one.page, { name: 'codes.txt', mimeType: 'text/plain', buffer: Buffer.from(some(ours.frames).join('\n')) });
  await verdict(one.page, 'valid');
  for (const { context, heard } of [one, other]) {
    assert.deepEqual(heard, []);
    await context.close();
  }
});

test('without a camera, or with one that may not be used, the page says what to do instead', async () => {
  const { context, page, heard, cameras } = await open({ camera: false });
  await ask(page);
  await page.getByRole('button', { name: nl.camera, exact: true }).click();
  await told(page, nl.cameraNone);
  assert.ok(await page.locator('video').isHidden());
  assert.deepEqual(await cameras(), []);
  await glance(page, 'offline-no-camera-nl');
  assert.deepEqual(heard, []);
  await context.close();
});

test('whoever leaves the page or changes its language does not leave the camera on', async () => {
  const { context, page, heard, cameras } = await open();
  const { pictures } = await answer((await ask(page)).link);
  film(at(CAMERA), pictures.slice(0, 2));
  await page.getByRole('button', { name: nl.camera, exact: true }).click();
  await page.waitForFunction(() => Number(document.querySelector('progress').value) >= 1);
  const bar = page.locator('progress');
  const [have, need] = await bar.evaluate((one) => [one.value, one.max]);
  await page.locator('#language').click();
  await page.waitForFunction(() => globalThis.tracks.every((track) => track.readyState === 'ended'));
  const stands = await bar.evaluate((one) => [one.value, one.max]);
  assert.ok(stands[0] >= have && stands[1] === need, `${stands} after ${have} of ${need}`);
  await page.getByRole('button', { name: words.en.camera, exact: true }).click();
  await page.waitForFunction(() => globalThis.tracks.some((track) => track.readyState === 'live'));
  await page.getByRole('button', { name: words.en.stop }).click();
  await page.getByRole('heading', { level: 1, name: words.en.askTitle }).waitFor();
  await page.waitForFunction(() => globalThis.tracks.every((track) => track.readyState === 'ended'));
  assert.equal((await cameras()).length, 2);
  assert.deepEqual(heard, []);
  await context.close();
});

test('an answer that nobody has the time for is over after a quarter of an hour', async () => {
  const { context, page, heard } = await open();
  await page.route('**/api/requests/*', (route) =>
    route.fulfill({ json: { state: 'expired', verdict: null, presentations: [], expires: '2026-01-01T00:00:00Z' } }),
  );
  await ask(page);
  await verdict(page, 'expired');
  assert.deepEqual(heard, []);
  await context.close();
});
