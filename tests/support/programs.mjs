// Starts the programs under test and ends exactly those, by their own handles.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { mkdtempSync, mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');
export const bin = process.env.LEERPAS_BIN ?? path.join(root, 'target/debug');
export const screens = path.join(root, 'target/screens');
mkdirSync(screens, { recursive: true });

/** A folder of its own for one test file, removed at the end. */
export function folder() {
  const made = mkdtempSync(path.join(tmpdir(), 'leerpas-'));
  return { path: made, remove: () => rmSync(made, { recursive: true, force: true }) };
}

/** A port that was free a moment ago. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Starts a program that goes on running; `stop` ends it and waits for its end. */
export function start(program, args, options = {}) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', options.quiet ? 'ignore' : 'inherit'], ...options });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const failed = new Promise((_, reject) => child.once('error', reject));
  failed.catch(() => {});
  return {
    child,
    firstLine: () =>
      Promise.race([
        failed,
        new Promise((resolve, reject) => {
          const lines = createInterface({ input: child.stdout });
          lines.once('line', (line) => resolve(line));
          ended.then((code) => reject(new Error(`${program} ended with ${code} before it was ready`)));
        }),
      ]),
    stop: async () => {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 5000);
      await ended;
      clearTimeout(late);
    },
  };
}

/** The trial institution and the employer's desk, in one folder. */
export async function startTrial(data) {
  const sandbox = start(path.join(bin, 'leerpas'), ['--json', 'sandbox', '--listen', '127.0.0.1:0', '--data', data]);
  const institution = JSON.parse(await sandbox.firstLine());
  const desk = start(path.join(bin, 'leerpas'), [
    '--json', '--allow-loopback',
    '--tls-root', path.join(data, 'ca.pem'), '--trust', path.join(data, 'trust.json'),
    'desk', '--listen', '127.0.0.1:0', '--data', data,
  ]);
  const employer = JSON.parse(await desk.firstLine());
  return {
    institution,
    employer,
    stop: async () => {
      await desk.stop();
      await sandbox.stop();
    },
  };
}

/** Runs the command line to its end. */
export function leerpas(args, { env = {}, input } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(path.join(bin, 'leerpas'), args, { env: { ...process.env, ...env } });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (part) => (stdout += part));
    child.stderr.on('data', (part) => (stderr += part));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
    child.stdin.end(input ?? '');
  });
}

/** The passphrase of the learner's vault in these tests. */
export const PASSPHRASE = 'zeven gele boten op het meer';

/** Runs the wallet of a learner in the folder of a trial, to whatever end. */
export function learner(folder, args) {
  const at = (name) => path.join(folder, name);
  const settings = [
    '--json', '--allow-loopback', '--profile', at('profile'), '--tls-root', at('ca.pem'), '--trust', at('trust.json'),
  ];
  return leerpas([...settings, ...args], { env: { LEERPAS_PASSPHRASE: PASSPHRASE } });
}

/** The same; anything but the expected end is told with what it said. */
export async function wallet(folder, args, expected = 0) {
  const ran = await learner(folder, args);
  if (ran.code !== expected) {
    throw new Error(`${args[0]} ended with ${ran.code}: ${ran.stdout}${ran.stderr}`);
  }
  return JSON.parse(ran.stdout);
}
