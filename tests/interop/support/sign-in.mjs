// A browser without a screen, for `leerpas receive --auth-browser`: follows redirects with cookies until it is back at the
// wallet. `node sign-in.mjs CA [--iss=ISSUER] URL`; with `--iss` somebody on the way names another server in the answer.
import { readFileSync } from 'node:fs';
import { get as getPlain } from 'node:http';
import { Agent, get } from 'node:https';

const [ca, ...words] = process.argv.slice(2);
const other = words.find((word) => word.startsWith('--iss='))?.slice('--iss='.length);
const agent = new Agent({ ca: readFileSync(ca) });
const jar = new Map();

function visit(url) {
  const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  return new Promise((resolve, reject) => {
    const [send, options] = url.protocol === 'https:' ? [get, { agent, headers: { cookie } }] : [getPlain, {}];
    send(url, options, (reply) => {
      reply.resume();
      reply.once('end', () => resolve(reply));
    }).once('error', reject);
  });
}

let url = new URL(words.at(-1));
for (let steps = 0; steps < 12; steps += 1) {
  const isBack = url.hostname === '127.0.0.1';
  if (isBack && other) {
    url.searchParams.set('iss', other);
  }
  const reply = await visit(url);
  if (isBack) {
    process.exit(reply.statusCode === 200 ? 0 : 1);
  }
  for (const line of reply.headers['set-cookie'] ?? []) {
    const [name, ...value] = line.split(';')[0].split('=');
    jar.set(name, value.join('='));
  }
  if (!reply.headers.location) {
    console.error(`${reply.statusCode} at ${url.pathname}`);
    process.exit(1);
  }
  url = new URL(reply.headers.location, url);
}
process.exit(1);
