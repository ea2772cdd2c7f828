// The real window, the real institution, the real desk: from the first start to the employer's verdict.
// Writes pictures of what a person sees to target/screens/window-*.png.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { folder, root, startTrial } from '../support/programs.mjs';
import { button, field, openWindow, until } from './driver.mjs';

const PASSPHRASE = 'negen groene fietsen in de regen';
const axe = readFileSync(path.join(root, 'ui/node_modules/axe-core/axe.min.js'), 'utf8');

let place, trial, window;

before(async () => {
  place = folder();
  trial = await startTrial(place.path);
  window = await openWindow(['--trial', place.path]);
});

after(async () => {
  await window?.close();
  await trial?.stop();
  place?.remove();
});

/** Waits for a heading, takes a picture, and lets axe look at the screen. */
async function arrivedAt(heading, name) {
  await window.wait(`//*[self::h1 or self::h2][contains(normalize-space(.), "${heading}")]`);
  await new Promise((resolve) => setTimeout(resolve, 400));
  await window.picture(name);
  const findings = await window.runAsync(
    `${axe}; const done = arguments[arguments.length - 1];
     axe.run(document, { resultTypes: ['violations'] }).then(
       (result) => done(result.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.target.join(' ')).join(', '))),
       (error) => done(['axe failed: ' + error]));`,
  );
  assert.deepEqual(findings, [], `${name}: axe`);
}

const PURPOSE = 'Controle van opleidingen bij een sollicitatie';

async function ask(template) {
  const answer = await fetch(`${trial.employer.api}/requests`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ template, purpose: PURPOSE }),
  });
  assert.equal(answer.status, 200);
  const { id, link } = await answer.json();
  const cookie = answer.headers.getSetCookie()[0].split(';')[0];
  const result = async () =>
    (await fetch(`${trial.employer.api}/requests/${id}`, { headers: { cookie } })).json();
  return { link, result };
}

async function bringIn(link) {
  await window.click(button('Ontvangen'));
  await window.type(field('Link of tekst'), link);
  await window.click(button('Ga verder'));
}

test('a first start: language, passphrase, recovery key', async () => {
  await arrivedAt('Welkom bij Leerpas', 'welcome');
  await window.click(button('Begin'));
  await arrivedAt('Kies een wachtzin', 'passphrase');
  await window.type(field('Wachtzin'), PASSPHRASE);
  await window.type(field('Nog een keer'), PASSPHRASE);
  await window.click(button('Maak mijn Leerpas'));
  await window.wait('//*[self::h1 or self::h2][contains(., "Bewaar je herstelsleutel")]');
  // No picture here: it would show the key.
  const groups = await window.run(
    `return [...document.querySelectorAll('ol li, [data-group]')].map((e) => e.innerText.match(/[0-9A-Z]{4}$/m)?.[0]).filter(Boolean)`,
  );
  assert.equal(groups.length, 7, JSON.stringify(groups));
  await window.click(button('Ik heb de sleutel bewaard'));
  await window.type(field('Tweede groep'), groups[1]);
  await window.click(button('Open mijn Leerpas'));
  await arrivedAt('Hier komen je kaarten', 'cards-empty');
});

test('an offer by link: who, what, the code, every claim and every check before it is kept', async () => {
  await bringIn(trial.institution.offers.microcredential);
  await arrivedAt('Er is een kaart voor je', 'offer');
  await window.type(field('Code'), '0'.repeat(trial.institution.tx_code.length));
  await window.click(button('Haal de kaart op'));
  await until('the wrong code is said', async () => (await window.text()).includes('Deze code klopt niet'));
  await window.type(field('Code'), trial.institution.tx_code);
  await window.click(button('Haal de kaart op'));
  await arrivedAt('Kijk of je kaart klopt', 'review');
  const text = await window.text();
  for (const word of ['Handtekening', 'Sleutel van de instelling', 'Niet ingetrokken', 'Datum', 'Van jou', 'ECTS', 'EQF']) {
    assert.ok(text.includes(word), `${word} in ${text}`);
  }
  await window.click(button('Bewaar deze kaart'));
  await window.wait(button('Bekijk de kaart'));
  await window.picture('kept');
  await window.click(button('Bekijk de kaart'));
  await until('the card is open', async () => (await window.text()).includes('Controleer opnieuw'));
  await window.picture('card');
});

test('a badge by link, without a code', async () => {
  await bringIn(trial.institution.offers.badge);
  await arrivedAt('Er is een kaart voor je', 'offer-badge');
  await window.click(button('Haal de kaart op'));
  await arrivedAt('Kijk of je kaart klopt', 'review-badge');
  await window.click(button('Bewaar deze kaart'));
  await window.click(button('Naar mijn kaarten'));
  await until('both cards are there', async () => (await window.text()).includes('2 kaarten'));
  await arrivedAt('Kaarten', 'cards');
});

test('a request: who asks, why, each claim; what is optional is left out; the employer sees the verdict', async () => {
  const { link, result } = await ask('microcredential');
  await bringIn(link);
  await window.wait('//*[self::h1 or self::h2][contains(., "vraagt gegevens")]');
  await arrivedAt('vraagt gegevens', 'share');
  const words = await window.text();
  for (const word of ['Loket (proef)', PURPOSE, 'Watermanagement in de stad']) assert.ok(words.includes(word), `${word} in ${words}`);
  const [box] = await until('an optional claim', async () => {
    const found = await window.find('//input[@type="checkbox" and not(@disabled)]');
    return found.length > 0 && found;
  });
  assert.ok(box);
  await window.click('(//input[@type="checkbox" and not(@disabled)])[1]');
  await window.picture('share-unticked');
  await window.click('//button[starts-with(normalize-space(.), "Deel ")]');
  await until('it is shared', async () => (await result()).state === 'answered');
  await until('the window says so', async () => (await window.text()).includes('gedeeld'));
  await window.picture('shared');
  const seen = await result();
  assert.equal(seen.verdict, 'valid', JSON.stringify(seen));
  assert.ok(seen.presentations[0].checks.every((check) => check.result === 'pass'), JSON.stringify(seen.presentations[0].checks));
  await window.click(button('Klaar'));
});

test('declining is as near as sharing, and the employer hears it', async () => {
  const { link, result } = await ask('microcredential');
  await bringIn(link);
  await window.wait('//*[self::h1 or self::h2][contains(., "vraagt gegevens")]');
  await window.click(button('Weiger'));
  await until('the desk hears it', async () => (await result()).state === 'declined');
  await until('the window says that nothing was sent', async () => (await window.text()).includes('Er zijn geen gegevens verstuurd'));
  await window.picture('declined');
  await window.click(button('Klaar'));
});

test('nonsense gets a sentence and a code, and the next thing works', async () => {
  await bringIn('https://example.org/geen-aanbod');
  await window.wait('//*[self::h1 or self::h2]');
  await until('the failure is on the screen', async () => (await window.text()).includes('not_recognised'));
  await window.picture('failed');
  await window.click(button('Sluit'));
});

test('a real Open Badge from a file: which checks pass, fail or could not be made', async (t) => {
  const badge = path.join(process.env.LEERPAS_VECTORS ?? path.join(root, '../shared/vectors'), 'open-badges-3/simple-json.png');
  if (!existsSync(badge)) return t.skip('no vectors');
  await window.click(button('Ontvangen'));
  await window.upload('//input[@type="file"]', badge);
  await arrivedAt('Kijk of je kaart klopt', 'review-file');
  const text = await window.text();
  assert.ok(text.includes('Teamwork') && text.includes('Handtekening'), text);
  await window.click(button('Bewaar niet'));
  await window.wait(button('Ontvangen'));
});

test('activity, keys and settings', async () => {
  await window.click(button('Activiteit'));
  await arrivedAt('Activiteit', 'activity');
  await window.click(button('Sleutels'));
  await arrivedAt('Sleutels', 'keys');
  await window.click(button('Instellingen'));
  await arrivedAt('Instellingen', 'settings');
});

test('locking clears the window; the wrong passphrase is refused, the right one opens', async () => {
  await window.click(button('Vergrendel'));
  await arrivedAt('Leerpas is vergrendeld', 'lock');
  const html = await window.run('return document.documentElement.outerHTML');
  assert.ok(!html.includes('Voorbeeld'), 'nothing of a card is left in the page');
  await window.type(field('Wachtzin'), 'een heel andere zin');
  await window.click(button('Open'));
  await until('the wrong one is refused', async () => (await window.find('//*[@role="alert"][string-length(normalize-space(.)) > 0]')).length > 0);
  await window.type(field('Wachtzin'), PASSPHRASE);
  await window.click(button('Open'));
  await window.wait('//*[self::h1 or self::h2][contains(., "Kaarten")]');
});

test('in English and in the dark', async () => {
  await window.click(button('Instellingen'));
  await window.run(`document.querySelector('input[type=radio][value=en]').click()`);
  await window.wait('//h1[contains(., "Settings")]');
  await window.run(`document.querySelector('input[type=radio][value=dark]').click()`);
  await arrivedAt('Settings', 'settings-en-dark');
  await window.click(button('Cards'));
  await arrivedAt('Cards', 'cards-en-dark');
  await window.click('(//button[@data-card])[1]');
  await until('the card is open', async () => (await window.text()).includes('Check again'));
  await window.picture('card-en-dark');
});
