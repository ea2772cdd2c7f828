// Https on loopback with an authority made for one test.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import path from 'node:path';

function openssl(args, cwd) {
  const ran = spawnSync('openssl', args, { cwd, encoding: 'utf8' });
  assert.equal(ran.status, 0, `openssl ${args[0]}: ${ran.error ?? ran.stderr}`);
}

/** An authority in a folder. `ca` is the file with its certificate. */
export function makeAuthority(place) {
  const at = (name) => path.join(place, name);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl([
    'req', '-x509', ...key, '-keyout', 'interop-ca.key', '-out', 'interop-ca.pem', '-days', '30', '-subj',
    '/O=Hogeschool Voorbeeld/CN=Hogeschool Voorbeeld root', '-addext', 'basicConstraints=critical,CA:TRUE',
    '-addext', 'keyUsage=critical,keyCertSign,cRLSign',
  ], place);
  let made = 0;
  return {
    ca: at('interop-ca.pem'),
    /** A key and a certificate for these names, such as `DNS:localhost` and `URI:https://…`. */
    certify: (names, extensions = []) => {
      made += 1;
      const [request, secret, leaf, settings] = ['csr', 'key', 'pem', 'ext'].map((end) => `leaf-${made}.${end}`);
      openssl(['req', '-new', ...key, '-keyout', secret, '-out', request, '-subj', '/O=Hogeschool Voorbeeld/CN=leaf'], place);
      writeFileSync(at(settings), [
        'basicConstraints=critical,CA:FALSE', 'keyUsage=critical,digitalSignature', `subjectAltName=${names.join(',')}`,
        'authorityKeyIdentifier=keyid', 'subjectKeyIdentifier=hash', ...extensions,
      ].join('\n'));
      openssl([
        'x509', '-req', '-in', request, '-CA', 'interop-ca.pem', '-CAkey', 'interop-ca.key', '-CAcreateserial', '-out',
        leaf, '-days', '10', '-extfile', settings,
      ], place);
      const certificate = readFileSync(at(leaf), 'utf8');
      const der = new X509Certificate(certificate).raw;
      return { key: readFileSync(at(secret), 'utf8'), certificate, der, x5c: [der.toString('base64')] };
    },
  };
}

/** Serves on `https://localhost:PORT`; `answer` gets the request and its body, and gives status, type, further headers and body. */
export async function serve(authority, answer) {
  const { key, certificate } = authority.certify(['DNS:localhost'], ['extendedKeyUsage=serverAuth']);
  const seen = [];
  const server = createServer({ key, cert: certificate }, async (request, response) => {
    const parts = [];
    for await (const part of request) {
      parts.push(part);
    }
    const body = Buffer.concat(parts).toString('utf8');
    seen.push({ method: request.method, url: request.url });
    try {
      const { status = 200, type = 'application/json', headers = {}, body: out } = (await answer(request, body)) || { status: 404, body: '' };
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', ...headers }).end(out);
    } catch (error) {
      // A fault of the peer shows in the test's output, and ends the exchange.
      console.error(error);
      response.writeHead(500).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `https://localhost:${server.address().port}`,
    seen,
    stop: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}
