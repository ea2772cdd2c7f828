// A learner with our wallet, by the real command line.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { leerpas } from '../../support/programs.mjs';
import { trusting } from './ours.mjs';

const PASSPHRASE = 'zeven gele boten op het meer';

/** A wallet in a folder, that trusts this authority for https and the issuers that are told to it. */
export function makeLearner(place, authority) {
  const issuers = [];
  const requesters = [];
  const trust = path.join(place, 'trust.json');
  const settings = [
    '--json', '--allow-loopback', '--profile', path.join(place, 'profile'), '--tls-root', authority.ca, '--trust', trust,
  ];
  const run = async (args) => {
    const list = trusting(issuers, [readFileSync(authority.ca, 'utf8')]);
    list.institutions.push(...requesters);
    writeFileSync(trust, JSON.stringify(list));
    const ran = await leerpas([...settings, ...args], { env: { LEERPAS_PASSPHRASE: PASSPHRASE } });
    return { ...ran, said: `${args[0]} ended with ${ran.code}: ${ran.stdout}${ran.stderr}` };
  };
  return {
    trust: (identifier) => issuers.push(identifier),
    /** Puts a requester on the list of the learner, with the query that each of its scopes stands for. */
    agree: (identifier, scopes) => requesters.push({ name: { nl: 'Het loket' }, identifiers: [identifier], scopes }),
    /** What a command printed; fails where it did not end well. */
    wallet: async (args) => {
      const ran = await run(args);
      assert.equal(ran.code, 0, ran.said);
      return JSON.parse(ran.stdout);
    },
    /** Demands that a command is refused for this reason. */
    refuses: async (args, kind) => {
      const ran = await run(args);
      assert.notEqual(ran.code, 0, ran.said);
      assert.equal(JSON.parse(ran.stdout).error.kind, kind, ran.said);
    },
  };
}
