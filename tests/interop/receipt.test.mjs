// A receipt of what a learner agreed to, read by Digital Bazaar's JSON-LD: every word means something, nothing is fetched.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';

import jsonld from 'jsonld';

import { folder, startTrial, wallet as runWallet } from '../support/programs.mjs';

const DPV = 'https://w3id.org/dpv#';
const ABOUT = { policy_uri: 'https://werk.example/privacy', contacts: ['privacy@werk.example'] };

/** Who looks anything up has not understood the document. */
const documentLoader = (url) => {
  throw new Error(`${url} was asked for`);
};

let place;
let trial;

before(async () => {
  place = folder();
  writeFileSync(path.join(place.path, 'about.json'), JSON.stringify(ABOUT));
  trial = await startTrial(place.path);
  await wallet(['init']);
  const { offers, tx_code: code } = trial.institution;
  await wallet(['receive', offers.microcredential, '--tx-code', code]);
});

after(async () => {
  await trial?.stop();
  place?.remove();
});

/** Runs the learner's wallet. */
const wallet = (args, expected) => runWallet(place.path, args, expected);

/** Asks as an employer, answers so, and gives the line of the log and its receipt. */
async function receipt(word, expected) {
  const asked = await fetch(`${trial.employer.api}/requests`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ template: 'microcredential', purpose: { nl: 'Sollicitatie', en: 'Application' } }),
  });
  await wallet(['present', (await asked.json()).link, word], expected);
  const { activities } = await wallet(['activity']);
  const line = activities.find((one) => one.kind === 'shared');
  return { line, document: await wallet(['activity', '--receipt', line.id]) };
}

for (const [word, ends, state] of [['--approve', 0, 'ConsentGiven'], ['--decline', 7, 'ConsentRefused']]) {
  test(`they read the same in a receipt of ${word.slice(2)} as was written`, async () => {
    const { line, document } = await receipt(word, ends);
    // In safe mode what would be dropped without a word is an error.
    const [expanded] = await jsonld.expand(document, { safe: true, documentLoader });
    const [record] = expanded[`${DPV}hasRecordOfActivity`];
    assert.deepEqual(record['@type'], [`${DPV}ConsentRecord`]);
    const events = record[`${DPV}hasConsentStatus`].map((event) => event['@type'][0].replace(DPV, ''));
    assert.deepEqual(events, ['ConsentRequested', state]);
    assert.ok(JSON.stringify(expanded).includes('https://w3id.org/dpv/legal/nl#DPA-NL'));

    const quads = await jsonld.toRDF(document, { safe: true, documentLoader });
    const values = (term) => quads.filter((quad) => quad.predicate.value.endsWith(term)).map((quad) => quad.object);
    assert.ok(values('#hasName').some((name) => name.value === line.party.name), 'who asked');
    const said = values('/description').map(({ value, language }) => [value, language]);
    assert.ok(said.some(([value]) => ['Sollicitatie', 'Application'].includes(value)), 'why');
    assert.ok(values('/url').some((url) => url.value === ABOUT.policy_uri), 'where it says more');
    assert.ok(values('#isExercisedAt').some((at) => at.value === ABOUT.contacts[0]), 'where to go');
    const names = new Set(values('/identifier').map((one) => one.value));
    assert.equal(line.claims.length > 0, word === '--approve');
    for (const { path: claim } of line.claims) assert.ok(names.has(claim), claim);
  });
}
