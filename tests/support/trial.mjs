// What the tests of one file share: a trial from before the first to after the last, and the employer's wishes in it.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';

import { folder, startTrial } from './programs.mjs';

/** A trial for the tests of this file: `begin` gets its folder and the trial before the first of them, and `end` is called after the last. */
export function trialOfFile(begin, end) {
  let place;
  let trial;
  before(async () => {
    place = folder();
    trial = await startTrial(place.path);
    await begin({ place, trial });
  });
  after(async () => {
    await end?.();
    await trial?.stop();
    place?.remove();
  });
}

/** Lets the desk of a trial ask; `result` is what it then tells the browser that asked. */
export async function askAtDesk({ employer }, wish) {
  const made = await fetch(`${employer.api}/requests`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(wish),
  });
  assert.equal(made.status, 200);
  const { id, link } = await made.json();
  const cookie = made.headers.get('set-cookie').split(';')[0];
  return { link, result: async () => (await fetch(`${employer.api}/requests/${id}`, { headers: { cookie } })).json() };
}
