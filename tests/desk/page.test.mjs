// The employer's page in a real browser, with the real desk, the real institution and the real command line.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { PASSPHRASE, folder, leerpas, root, startTrial, wallet as runWallet } from '../support/programs.mjs';
import { checks, claims, findings, glance, launch, look, visit, words } from './browser.mjs';

const nl = words.nl;

let place;
let trial;
let browser;

before(async () => {
  place = folder();
  trial = await startTrial(place.path);
  browser = await launch();
  await wallet(['init']);
  const { offers, tx_code: code } = trial.institution;
  await wallet(['receive', offers.microcredential, '--tx-code', code]);
  await wallet(['receive', offers.badge, '--tx-code', code]);
});

after(async () => {
  await browser?.close();
  await trial?.stop();
  place?.remove();
});

/** Runs the learner's wallet. */
const wallet = (args, expected) => runWallet(place.path, args, expected);

const open = (options) => visit(browser, trial.employer.page, options);

/** Asks for a template, and gives what the page was told. */
async function ask(page, template) {
  await page.locator(`input[name=template][value=${template}]`).check();
  const told = page.waitForResponse((reply) => new URL(reply.url()).pathname === '/api/requests');
  await page.getByRole('button', { name: nl.make }).click();
  const request = await (await told).json();
  await page.getByRole('heading', { level: 1, name: nl.waitTitle }).waitFor();
  return request;
}

const verdict = (page, word) => page.getByRole('heading', { level: 1, name: nl.verdicts[word][0], exact: true }).waitFor();

/** A published sample; nothing where the samples are not on this computer. */
function vector(name) {
  const samples = process.env.LEERPAS_VECTORS ?? path.resolve(root, '../shared/vectors');
  const file = path.join(samples, 'open-badges-3', name);
  return existsSync(file) ? file : undefined;
}

test('an employer asks for a microcredential and reads the verdict with each check by name', async () => {
  const { context, page, reply, heard } = await open();
  assert.equal(reply.status(), 200);
  assert.match(page.url(), /^http:\/\/127\.0\.0\.1:\d+\/$/);
  assert.equal(await page.title(), `${nl.askTitle} · ${nl.brand}`);
  await look(page, 'ask');

  const request = await ask(page, 'microcredential');
  assert.match(request.link, /^openid4vp:\/\//);
  assert.equal(await page.getByRole('link', { name: nl.open }).getAttribute('href'), request.link);
  const qr = page.getByRole('img', { name: nl.qrAlt });
  assert.match(await qr.getAttribute('src'), /^data:image\//);
  assert.ok(await qr.evaluate((image) => image.complete && image.naturalWidth > 100), 'the code is really drawn');
  await look(page, 'wait');

  const shared = await wallet(['present', request.link, '--approve']);
  assert.equal(shared.outcome, 'shared');
  await verdict(page, 'valid');
  assert.equal(await page.title(), `${nl.verdicts.valid[0]} · ${nl.brand}`);
  const seen = await checks(page);
  const wanted = ['format', 'signature', 'issuer_key', 'issuer_trust', 'holder', 'kind', 'validity', 'status', 'nonce',
    'audience', 'claims'];
  assert.deepEqual(seen.map((row) => row.name).sort(), wanted.map((name) => nl.checks[name]).sort());
  assert.ok(seen.every((row) => row.word === nl.results.pass), JSON.stringify(seen));
  // What was shared stands there with its name in words.
  const names = await page.locator('.claims dt').allTextContents();
  assert.ok(names.includes(nl.names.ECTS) && names.includes(nl.names.eqfLevel), names.join());
  assert.ok(names.every((name) => !name.includes('.') && !name.includes('_')), names.join());
  await look(page, 'valid');

  // Another browser has no right to the result, whoever has the name of the request.
  const other = await open();
  const status = (one) => one.evaluate(async (id) => (await fetch(`/api/requests/${id}`)).status, request.id);
  assert.equal(await status(page), 200);
  assert.equal(await status(other.page), 403);
  await other.context.close();

  await page.getByRole('button', { name: nl.again }).click();
  await page.getByRole('heading', { level: 1, name: nl.askTitle }).waitFor();
  assert.deepEqual(heard, []);
  await context.close();
});

test('a badge is judged whole, and the page shows its picture without fetching it', async () => {
  const { context, page, heard } = await open();
  const request = await ask(page, 'badge');
  await wallet(['present', request.link, '--approve']);
  await verdict(page, 'valid');
  assert.ok((await checks(page)).every((row) => row.word === nl.results.pass));
  for (const source of await page.locator('.claims img').evaluateAll((all) => all.map((one) => one.src))) {
    assert.match(source, /^data:image\//);
  }
  await look(page, 'badge');
  assert.deepEqual(heard, []);
  await context.close();
});

test('an employer puts a question together, gets only that, and an expert writes one out', async () => {
  const { context, page, heard } = await open();
  await page.locator('input[name=template][value=own]').check();
  await page.getByRole('checkbox', { name: nl.own.kind.badge }).check();
  assert.ok(await page.getByRole('checkbox', { name: nl.own.both }).isVisible());
  await page.getByRole('checkbox', { name: nl.own.kind.badge }).uncheck();
  assert.ok(await page.getByRole('checkbox', { name: nl.own.both }).isHidden());
  await page.getByLabel(nl.own.part.name, { exact: true }).selectOption('no');
  await page.getByLabel(nl.own.part.level, { exact: true }).selectOption('no');
  await look(page, 'own');
  const request = await ask(page, 'own');
  await wallet(['present', request.link, '--approve']);
  await verdict(page, 'valid');
  const names = await page.locator('.claims dt').allTextContents();
  assert.ok(names.includes(nl.names.ECTS), names.join());
  assert.ok(!names.includes(nl.names.eqfLevel) && !names.includes(nl.names.given_name), names.join());

  // The choice is still there after a round; nothing chosen, and nonsense, are said to be no question.
  await page.getByRole('button', { name: nl.again }).click();
  assert.equal(await page.getByLabel(nl.own.part.name, { exact: true }).inputValue(), 'no');
  await page.getByRole('checkbox', { name: nl.own.kind.microcredential }).uncheck();
  await page.getByRole('button', { name: nl.make }).click();
  await page.getByText(nl.faults.query).waitFor();
  await page.getByText(nl.own.expert, { exact: true }).first().click();
  const field = page.locator('#own-query');
  await field.fill('{"credentials": [');
  await page.getByRole('button', { name: nl.make }).click();
  await page.getByText(nl.faults.query).waitFor();
  assert.deepEqual(heard, []);
  await field.fill(JSON.stringify({
    credentials: [{ id: 'a', format: 'dc+sd-jwt', meta: { vct_values: ['urn:leerpas:microcredential:1'] } }],
  }));
  await ask(page, 'own');
  assert.deepEqual(heard, []);
  await context.close();
});

test('a refresh, the buttons of the browser and a second tab show a result again, and nothing is asked again', async () => {
  const { context, page, heard } = await open();
  const sent = [];
  context.on('request', (call) => call.method() === 'GET' || sent.push(call.url()));
  const request = await ask(page, 'microcredential');
  await page.reload();
  assert.equal(await page.getByRole('link', { name: nl.open }).getAttribute('href'), request.link);
  await wallet(['present', request.link, '--approve']);
  await verdict(page, 'valid');
  const text = await page.locator('main').innerText();
  const second = await context.newPage();
  await second.goto(page.url());
  await verdict(second, 'valid');
  await page.goBack();
  await page.getByRole('heading', { level: 1, name: nl.askTitle }).waitFor();
  await page.goForward();
  await verdict(page, 'valid');
  await page.reload();
  await verdict(page, 'valid');
  for (const tab of [page, second]) assert.equal(await tab.locator('main').innerText(), text);
  // A request that the desk does not know is said to be gone.
  await second.goto(`${trial.employer.page}#AAAAAAAAAAAAAAAAAAAAAA`);
  await verdict(second, 'gone');
  assert.equal(await second.locator('.claims').count(), 0);
  assert.equal(sent.length, 1, sent.join());
  assert.deepEqual(heard.filter((line) => !line.includes('status of 404')), []);
  await context.close();
});

test('a candidate who declines is shown as just that', async () => {
  const { context, page, heard } = await open();
  const request = await ask(page, 'microcredential_or_badge');
  await wallet(['present', request.link, '--decline'], 7);
  await verdict(page, 'declined');
  assert.equal(await page.locator('.checks').count(), 0);
  await look(page, 'declined');
  assert.deepEqual(heard, []);
  await context.close();
});

test('a request that nobody answered says so', async () => {
  const { context, page, heard } = await open();
  // Only the passing of five minutes is played; what the page makes of it is real.
  await page.route('**/api/requests/*', (route) =>
    route.fulfill({ json: { state: 'expired', verdict: null, presentations: [], expires: '2026-01-01T00:00:00Z' } }),
  );
  await ask(page, 'microcredential');
  await verdict(page, 'expired');
  await look(page, 'expired');
  assert.deepEqual(heard, []);
  await context.close();
});

test('a chosen badge file is judged by its content', async (t) => {
  const [whole, changed] = [vector('simple.json'), vector('simple-err-proof-value.json')];
  if (!whole || !changed) return t.skip('skipped: no vectors');
  const { context, page, heard } = await open();
  const choose = async (file) => {
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: nl.choose }).click();
    await (await chooser).setFiles(file);
  };
  await choose(changed);
  await verdict(page, 'invalid');
  const failed = (await checks(page)).filter((row) => row.word === nl.results.fail).map((row) => row.name);
  assert.deepEqual(failed, [nl.checks.signature]);
  await look(page, 'file-invalid');

  await page.getByRole('button', { name: nl.again }).click();
  await choose(whole);
  await page.locator('.verdict').waitFor();
  await page.locator('.checks').waitFor();
  assert.equal(await page.locator('.stranger').count(), 1, 'an issuer on no list is a caution');
  const rows = await checks(page);
  const word = (name) => rows.find((row) => row.name === nl.checks[name])?.word;
  assert.equal(word('signature'), nl.results.pass, JSON.stringify(rows));
  assert.notEqual(await page.getByRole('heading', { level: 1 }).textContent(), nl.verdicts.invalid[0]);
  await look(page, 'file');
  assert.deepEqual(heard, []);
  await context.close();
});

test('a dropped file gets the same verdict, and one without a badge is named as such', async () => {
  const { cards } = await wallet(['cards']);
  const badge = cards.find((card) => card.format === 'ldp_vc');
  const { stdout } = await leerpas(
    ['--profile', path.join(place.path, 'profile'), 'card', badge.id, '--raw'],
    { env: { LEERPAS_PASSPHRASE: PASSPHRASE } },
  );
  const { context, page, heard } = await open();
  const drop = async (name, text) => {
    const transfer = await page.evaluateHandle(
      ([name, text]) => {
        const carried = new DataTransfer();
        carried.items.add(new File([text], name));
        return carried;
      },
      [name, text],
    );
    await page.locator('.drop').dispatchEvent('drop', { dataTransfer: transfer });
  };
  await drop('badge.json', stdout);
  await verdict(page, 'valid');
  // A file proves nothing about who holds it, and the page says so.
  assert.equal(await page.locator('.note').textContent(), nl.fileNote);
  const rows = await claims(page);
  const of = (name) => rows.filter((row) => row.name === name).map((row) => row.value);
  // The badge's own name is that of its achievement, so the only name left is the learner's.
  assert.deepEqual(of(nl.names.name), ['Noor van Voorbeeld']);
  assert.deepEqual(of(nl.names.inLanguage), ['Nederlands']);
  assert.deepEqual(of(nl.names.assessmentType), [nl.values.assessmentType.testing]);
  assert.deepEqual(of(nl.names.eqfLevel), ['6']);
  assert.equal(of(nl.names.learningOutcome).length, 1, 'outcomes stand in one list');
  assert.ok(of(nl.names.learningOutcome)[0].split('\n').length > 2);
  assert.ok(of(nl.names.narrative)[0].split('\n').length > 2, 'the lines of the criteria stay apart');
  await look(page, 'dropped');

  await page.getByRole('button', { name: nl.again }).click();
  assert.deepEqual(heard, []);
  await drop('hello.html', '<!doctype html><script>alert(1)</script>');
  assert.equal(await page.getByRole('alert').textContent(), nl.faults.not_recognised);
  await glance(page, 'file-fault');
  // The browser itself notes that the desk answered 422; the page says nothing more.
  assert.ok(heard.every((line) => line.includes('422')), heard.join());

  // A miss beside the frame does not replace the page.
  await page.locator('h1').dispatchEvent('drop', { dataTransfer: await page.evaluateHandle(() => new DataTransfer()) });
  assert.equal(page.url(), trial.employer.page);
  await context.close();
});

/** Plays an answer of the desk to one request, and reads what the page makes of it. */
async function answered(page, presentation) {
  await page.route('**/api/requests/*', (route) =>
    route.fulfill({ json: { state: 'answered', verdict: presentation.verdict, presentations: [presentation] } }),
  );
  await ask(page, 'microcredential');
  await verdict(page, presentation.verdict);
}

test('an issuer that is on no list is a caution beside the verdict, and no status list is no proof', async () => {
  const { context, page, heard } = await open();
  await answered(page, {
    query: 'a', verdict: 'valid', checked: '2026-11-24T10:00:00Z',
    issuer: { name: 'Academie Nergens', evidence: 'proved' },
    checks: [
      { name: 'signature', result: 'pass', reason: null, detail: '' },
      { name: 'issuer_trust', result: 'warn', reason: 'not_in_list', detail: 'not listed' },
      { name: 'status', result: 'pass', reason: 'no_status', detail: 'names no list' },
    ],
    claims: {},
  });
  const banner = await page.locator('.verdict').innerText();
  const caution = await page.locator('.stranger').innerText();
  assert.ok(banner.includes(nl.remarks) && !banner.includes(nl.verdicts.valid[1]), banner);
  assert.equal(caution, `${nl.strangerTitle} ${nl.stranger('Academie Nergens')}`);
  assert.match(await page.locator('#news').textContent(), /Academie Nergens/);
  const rows = await checks(page);
  assert.deepEqual(rows.map((row) => row.name), [nl.checks.issuer_trust, nl.noList[0], nl.checks.signature]);
  assert.equal(rows[1].word, nl.noList[1]);
  assert.equal(await page.locator('.checks li.good').count(), 1);
  await look(page, 'stranger');
  assert.deepEqual(heard, []);
  await context.close();
});

test('codes of the Dutch profile are said in words, and unknown ones are left as they are', async () => {
  const { context, page, heard } = await open();
  await answered(page, {
    query: 'a', verdict: 'valid', checked: '2026-11-24T10:00:00Z', issuer: { name: 'Hogeschool', evidence: 'listed' },
    checks: [{ name: 'signature', result: 'pass', reason: null, detail: '' }],
    claims: {
      'credentialSubject.achievement.participationType': 'onsite or blended',
      'credentialSubject.achievement.assessmentType': 'constructor',
      'credentialSubject.achievement.supervisionType': 'supervised online',
      'credentialSubject.achievement.inLanguage': 'en-GB',
      'credentialSubject.achievement.learningOutcome.0': 'Een',
      'credentialSubject.achievement.learningOutcome.1': 'Twee',
    },
  });
  assert.deepEqual(await claims(page), [
    { name: nl.names.participationType, value: nl.values.participationType['onsite or blended'] },
    { name: nl.names.assessmentType, value: 'constructor' },
    { name: nl.names.supervisionType, value: nl.values.supervisionType['supervised online'] },
    { name: nl.names.inLanguage, value: 'Engels' },
    { name: nl.names.learningOutcome, value: 'Een\nTwee' },
  ]);
  assert.deepEqual(heard, []);
  await context.close();
});

test('the theme button keeps its word when the computer goes dark', async () => {
  const { context, page } = await open({ colorScheme: 'light' });
  const button = page.locator('#theme');
  assert.equal(await button.textContent(), nl.dark);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.waitForFunction((word) => document.getElementById('theme').textContent === word, nl.light);
  await button.click();
  assert.equal(await page.locator('html').getAttribute('data-theme'), 'light');
  assert.equal(await button.textContent(), nl.dark);
  await context.close();
});

test('copying says whether it worked, with a clipboard that is kept away or absent too', async () => {
  for (const [clipboard, said] of [
    ['{ writeText: () => Promise.resolve() }', nl.copied],
    ['{ writeText: () => Promise.reject(new DOMException("no", "NotAllowedError")) }', nl.notCopied],
    ['undefined', nl.notCopied],
  ]) {
    const { context, page, heard } = await open();
    await page.evaluate(`Object.defineProperty(navigator, 'clipboard', { configurable: true, value: ${clipboard} })`);
    await ask(page, 'badge');
    await page.getByRole('button', { name: nl.copy }).click();
    await page.getByText(said, { exact: true }).waitFor();
    assert.deepEqual(heard, [], clipboard);
    await context.close();
  }
});

test('text of strangers is shown as text', async () => {
  const { context, page, heard } = await open();
  const nasty = '<img src=x onerror=alert(1)>\u202e<b>' + 'a'.repeat(400);
  await page.route('**/api/requests/*', (route) =>
    route.fulfill({
      json: {
        state: 'answered',
        verdict: 'invalid',
        presentations: [{
          query: nasty, verdict: nasty, checked: '2026-11-24T10:00:00Z',
          issuer: { name: nasty, evidence: nasty },
          checks: [{ name: nasty, result: 'fail', reason: nasty, detail: nasty }],
          claims: { [nasty]: nasty, a: { b: [{ c: nasty }] } },
        }],
      },
    }),
  );
  await ask(page, 'microcredential');
  await verdict(page, 'invalid');
  assert.equal(await page.locator('main img, main b').count(), 0);
  await glance(page, 'strangers');
  assert.deepEqual(heard, []);
  await context.close();
});

test('everything works by keyboard alone, and what has the focus can be seen', async () => {
  const { context, page, heard } = await open();
  const focused = () => page.evaluate(() => {
    const one = document.activeElement;
    const ring = getComputedStyle(one.closest('.option') ?? one);
    return { text: one.textContent.trim(), id: one.id, value: one.value, tag: one.tagName, ring: ring.outlineStyle };
  });
  const tabTo = async (fits) => {
    for (let count = 0; count < 20; count += 1) {
      await page.keyboard.press('Tab');
      const now = await focused();
      if (now.tag !== 'BODY') assert.equal(now.ring, 'solid', `no ring on ${JSON.stringify(now)}`);
      if (fits(now)) return now;
    }
    return assert.fail('the keyboard does not get there');
  };
  await tabTo((now) => now.id === 'language');
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  await page.keyboard.press('Enter');
  await tabTo((now) => now.id === 'theme');
  await page.keyboard.press('Space');
  assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark');
  await tabTo((now) => now.value === 'microcredential');
  await page.keyboard.press('ArrowDown');
  assert.equal((await focused()).value, 'badge');
  await tabTo((now) => now.id === 'purpose');
  await page.keyboard.press('Control+A');
  await page.keyboard.type('Een klus aan de dijk');
  await tabTo((now) => now.text === nl.make);
  assert.deepEqual(await findings(page), []);
  const told = page.waitForResponse((reply) => new URL(reply.url()).pathname === '/api/requests');
  await page.keyboard.press('Enter');
  const request = await (await told).json();
  // A new state begins at its heading, so that a screen reader starts there.
  await page.waitForFunction((title) => document.activeElement.textContent === title, nl.waitTitle);
  await tabTo((now) => now.text === nl.open);
  await tabTo((now) => now.text === nl.copy);
  await tabTo((now) => now.text === nl.stop);
  // What was typed is what the candidate reads.
  const plan = await wallet(['present', request.link]);
  assert.ok(JSON.stringify(plan).includes('Een klus aan de dijk'), JSON.stringify(plan));
  await page.keyboard.press('Enter');
  await page.waitForFunction((title) => document.activeElement.textContent === title, nl.askTitle);
  await tabTo((now) => now.text === nl.choose);
  // Choice and words are still there after a round.
  assert.equal(await page.locator('#purpose').inputValue(), 'Een klus aan de dijk');
  assert.ok(await page.locator('input[value=badge]').isChecked());

  // Theme and language are kept for the next visit.
  await page.reload();
  await page.locator('.option').first().waitFor();
  assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark');
  assert.deepEqual(await findings(page), []);
  assert.deepEqual(heard, []);
  await context.close();
});

test('a browser in another language gets English, and in Dutch Dutch', async () => {
  for (const [locale, language] of [['de-DE', 'en'], ['en-US', 'en'], ['nl-BE', 'nl']]) {
    const { context, page, heard } = await open({ locale });
    assert.equal(await page.locator('html').getAttribute('lang'), language, locale);
    assert.equal(await page.getByRole('heading', { level: 1 }).textContent(), words[language].askTitle);
    assert.deepEqual(heard, []);
    await context.close();
  }
});

test('Dutch and English have the same sentences', () => {
  const paths = (value, at = '') =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.entries(value).flatMap(([name, inner]) => paths(inner, `${at}/${name}`))
      : [`${at}:${Array.isArray(value) ? value.length : typeof value}`];
  assert.deepEqual(paths(words.en).sort(), paths(words.nl).sort());
});
