// The employer's reverse proxy, as nginx or Caddy would be set up: it has the certificate, keeps `Host` as it came, and adds
// the address of the caller at the end of `X-Forwarded-For`.
import { createServer } from 'node:https';
import { request } from 'node:http';

/** Listens on a free port of localhost; `to` is set once the desk behind it is there. */
export async function startProxy({ key, cert }) {
  const proxy = { to: undefined, port: 0, stop: undefined };
  const server = createServer({ key, cert }, (asked, reply) => {
    const target = new URL(asked.url, proxy.to);
    const before = asked.headers['x-forwarded-for'];
    const caller = asked.socket.remoteAddress;
    const headers = { ...asked.headers, 'x-forwarded-for': before ? `${before}, ${caller}` : caller };
    const onward = request(target, { method: asked.method, headers }, (answer) => {
      reply.writeHead(answer.statusCode, answer.headers);
      answer.pipe(reply);
    });
    onward.once('error', () => reply.destroy());
    asked.pipe(onward);
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  proxy.port = server.address().port;
  proxy.stop = () => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve)));
  return proxy;
}
