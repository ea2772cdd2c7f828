// Our side: the command `leerpas verify`, and the example `counterpart` for what no command is for.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

import { bin, folder, leerpas } from '../../support/programs.mjs';

/** A trust list with one institution that has these identifiers and certificate roots. */
export const trusting = (identifiers, roots = []) => ({
  version: 1,
  institutions: [{ name: { nl: 'Hogeschool Voorbeeld' }, identifiers, roots }],
});

/** What `leerpas verify` says of a document or token; `options` are further words of the command line. */
export async function verify(credential, trust, options = []) {
  const place = folder();
  try {
    const list = path.join(place.path, 'trust.json');
    writeFileSync(list, JSON.stringify(trust));
    const input = typeof credential === 'string' ? credential : JSON.stringify(credential);
    const ran = await leerpas(['--json', '--allow-loopback', '--trust', list, ...options, 'verify', '-'], { input });
    let said;
    try {
      said = JSON.parse(ran.stdout);
    } catch {
      assert.fail(`leerpas verify ended with ${ran.code}: ${ran.stdout}${ran.stderr}`);
    }
    return { ...said, code: ran.code, ...byName(said.checks ?? []) };
  } finally {
    place.remove();
  }
}

/** Each check by its name, and all of them as one text for when a test fails. */
function byName(list) {
  const checks = Object.fromEntries(list.map((check) => [check.name, check]));
  return { checks, told: list.map((check) => `${check.name} ${check.result}: ${check.detail}`).join('\n') };
}

/** Demands that we found it valid and every check passed, but for those that carry these remarks by name. */
export function assertValid(said, remarks = {}) {
  assert.equal(said.verdict, 'valid', said.told ?? JSON.stringify(said));
  for (const [name, check] of Object.entries(said.checks)) {
    const expected = name in remarks ? ['warn', remarks[name]] : ['pass', check.reason];
    assert.deepEqual([check.result, check.reason], expected, `${name}: ${said.told}`);
  }
}

/** Demands that we refused it, and that this check says so. */
export function assertRefused(said, name, reason) {
  assert.equal(said.verdict, 'invalid', said.told ?? JSON.stringify(said));
  assert.equal(said.checks[name]?.result, 'fail', said.told);
  if (reason) {
    assert.equal(said.checks[name].reason, reason, said.told);
  }
}

/** The running example; `ask` gives it one order and waits for the answer. */
export function counterpart() {
  const child = spawn(path.join(bin, 'examples/counterpart'), { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const failed = new Promise((_, reject) => child.once('error', reject));
  failed.catch(() => {});
  let last = Promise.resolve();
  const ask = (order) => {
    const answer = last.then(async () => {
      child.stdin.write(`${JSON.stringify(order)}\n`);
      const { value, done } = await Promise.race([lines.next(), failed]);
      assert.ok(!done, 'the counterpart ended');
      return JSON.parse(value);
    });
    last = answer.catch(() => {});
    return answer;
  };
  return {
    /** The answer to an order; fails where it was refused. */
    ask: async (order) => {
      const { ok, error } = await ask(order);
      assert.equal(error, undefined, `${order.do}: ${error}`);
      return ok;
    },
    /** The refusal of an order; fails where it was obeyed. */
    refuse: async (order) => {
      const { error } = await ask(order);
      assert.ok(error, `${order.do} was obeyed`);
      return error;
    },
    /** What our verifier says of an answer to its request. */
    judge: async (presentation, trust, nonce, audience) => {
      const { ok, error } = await ask({ do: 'judge', presentation, trust, nonce, audience });
      assert.equal(error, undefined, `judge: ${error}`);
      return { ...ok, ...byName(ok.checks) };
    },
    stop: () => child.stdin.end(),
  };
}
