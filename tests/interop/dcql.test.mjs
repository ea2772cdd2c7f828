// 10,000 random pairs of a query and a collection, answered by us and by another implementation of DCQL. The same seed gives
// the same pairs; set LEERPAS_DCQL_SEED to try others.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import path from 'node:path';
import { test } from 'node:test';
import { DcqlQuery } from 'dcql';
import { bin } from '../support/programs.mjs';

const PAIRS = 10_000;
const seed = Number(process.env.LEERPAS_DCQL_SEED ?? 20_261_126);

/** A small generator with a seed (mulberry32): chance that can be had again. */
function chance(start) {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const next = chance(seed);
const upTo = (count) => Math.floor(next() * count);
const one = (list) => list[upTo(list.length)];
const some = (list, least = 1) => {
  const left = [...list];
  const count = least + upTo(left.length - least + 1);
  return Array.from({ length: count }, () => left.splice(upTo(left.length), 1)[0]);
};
const often = (share) => next() < share;

const NAMES = ['name', 'ects', 'level', 'address', 'courses'];
const INNER = ['title', 'ects', 'city'];
const VALUES = ['Delft', 'Utrecht', '3', 3, 6, true, false];
const VCTS = ['urn:a', 'urn:b'];
const TYPES = ['urn:vc', 'urn:badge', 'urn:degree'];
const AKIS = ['a2V5LW9uZQ', 'a2V5LXR3bw', 'a2V5LXRocmVl'];

const scalar = () => one(VALUES);
const record = () => Object.fromEntries(some(INNER).map((name) => [name, scalar()]));
/** Arrays hold one kind of thing, as credentials do; see below for those that do not. */
const list = () => (often(0.5) ? Array.from({ length: 1 + upTo(3) }, record) : Array.from({ length: 1 + upTo(3) }, scalar));
const value = () => one([scalar, scalar, record, list])();

function credential() {
  const sdJwt = often(0.6);
  return {
    format: sdJwt ? 'dc+sd-jwt' : 'ldp_vc',
    types: sdJwt ? [one(VCTS)] : some(TYPES),
    claims: Object.fromEntries(some(NAMES).map((name) => [name, value()])),
    holder_bound: often(0.8),
    aki: often(0.5) ? [one(AKIS)] : [],
  };
}

function pointer() {
  const path_ = [one(NAMES)];
  if (often(0.5)) path_.push(one([...INNER, null, 0, 1]));
  if (typeof path_.at(-1) !== 'string' && often(0.6)) path_.push(one(INNER));
  return path_;
}

function credentialQuery(id) {
  const sdJwt = often(0.6);
  const query = {
    id,
    format: sdJwt ? 'dc+sd-jwt' : 'ldp_vc',
    meta: sdJwt ? { vct_values: some(VCTS) } : { type_values: [some(TYPES), ...(often(0.3) ? [some(TYPES)] : [])] },
  };
  if (often(0.8)) {
    query.claims = Array.from({ length: 1 + upTo(3) }, (_, place) => ({
      id: `c${place}`,
      path: pointer(),
      ...(often(0.3) ? { values: some(VALUES) } : {}),
    }));
    if (often(0.4)) {
      const ids = query.claims.map((claim) => claim.id);
      query.claim_sets = Array.from({ length: 1 + upTo(3) }, () => some(ids));
    }
  }
  if (often(0.2)) query.require_cryptographic_holder_binding = often(0.5);
  if (often(0.2)) query.trusted_authorities = [{ type: 'aki', values: some(AKIS) }];
  if (often(0.2)) query.multiple = true;
  return query;
}

function request() {
  const credentials = Array.from({ length: 1 + upTo(3) }, (_, place) => credentialQuery(`q${place}`));
  const ids = credentials.map((query) => query.id);
  const credential_sets = Array.from({ length: 1 + upTo(2) }, () => ({
    options: Array.from({ length: 1 + upTo(2) }, () => some(ids)),
    ...(often(0.3) ? { required: often(0.5) } : {}),
  }));
  return { credentials, ...(often(0.5) ? { credential_sets } : {}) };
}

/** The same credential in the words of the other implementation. */
function theirs({ format, types, claims, holder_bound, aki }) {
  return {
    credential_format: format,
    ...(format === 'dc+sd-jwt' ? { vct: types[0] } : { type: types }),
    claims,
    cryptographic_holder_binding: holder_bound,
    ...(aki.length > 0 ? { authority: { type: 'aki', values: aki } } : {}),
  };
}

function theirAnswer({ query, credentials }) {
  const parsed = DcqlQuery.parse(query);
  DcqlQuery.validate(parsed);
  const found = DcqlQuery.query(parsed, credentials.map(theirs));
  const matches = Object.fromEntries(
    Object.entries(found.credential_matches).map(([id, result]) => [
      id,
      (result.valid_credentials ?? []).map((fit) => ({
        credential: fit.input_credential_index,
        claim_sets: fit.claims.valid_claim_sets.map((set) => set.claim_set_index).filter((place) => place !== undefined),
      })),
    ]),
  );
  // A request of whose optional sets none can be met is satisfied for them; we have then nothing to send.
  const something = !found.credential_sets || found.credential_sets.some((set) => set.matching_options);
  return { matches, satisfied: found.can_be_satisfied, answered: found.can_be_satisfied && something };
}

/** Asks our example program, which answers line by line. */
async function ourAnswers(pairs) {
  const child = spawn(path.join(bin, 'examples/dcql'), { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  const answers = [];
  const lines = createInterface({ input: child.stdout }).on('line', (line) => answers.push(JSON.parse(line)));
  for (const { query, credentials } of pairs) {
    // The authorities go over as text; what they decode to is another test's concern.
    const plain = credentials.map((held) => ({ ...held, aki: held.aki.map((key) => Buffer.from(key, 'base64url').toString()) }));
    if (!child.stdin.write(`${JSON.stringify({ query, credentials: plain })}\n`)) {
      await new Promise((resolve) => child.stdin.once('drain', resolve));
    }
  }
  child.stdin.end();
  assert.equal(await ended, 0);
  lines.close();
  return answers;
}

test(`${PAIRS} random queries are answered as another implementation answers them`, async () => {
  const pairs = Array.from({ length: PAIRS }, () => ({
    query: request(),
    credentials: Array.from({ length: 1 + upTo(6) }, credential),
  }));
  const ours = await ourAnswers(pairs);
  assert.equal(ours.length, PAIRS);
  let satisfied = 0;
  let fits = 0;
  pairs.forEach((pair, place) => {
    const expected = theirAnswer(pair);
    const where = `pair ${place} of seed ${seed}: ${JSON.stringify(pair)}`;
    assert.deepEqual(ours[place].matches, expected.matches, where);
    assert.equal(ours[place].answered, expected.answered, where);
    satisfied += expected.answered;
    fits += Object.values(expected.matches).flat().length;
  });
  // The pairs are worth something only if both outcomes are common.
  assert.ok(satisfied > PAIRS / 20 && satisfied < PAIRS * 0.9, `${satisfied} satisfied`);
  assert.ok(fits > PAIRS / 2, `${fits} fits`);
});

test('where we differ on purpose: a path through a list of mixed things is refused (OpenID4VP 1.0, 7.1.1)', async () => {
  const query = {
    credentials: [{ id: 'q', format: 'dc+sd-jwt', meta: { vct_values: ['urn:a'] }, claims: [{ path: ['courses', null, 'title'] }] }],
  };
  const credentials = [
    { format: 'dc+sd-jwt', types: ['urn:a'], claims: { courses: [{ title: 'Delft' }, 3] }, holder_bound: true, aki: [] },
  ];
  const [ours] = await ourAnswers([{ query, credentials }]);
  assert.deepEqual(ours.matches, { q: [] }, 'an element that is no object ends the processing');
  assert.equal(theirAnswer({ query, credentials }).satisfied, true, 'the other implementation drops it');
});
