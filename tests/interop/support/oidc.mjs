// An authorization server by oidc-provider, and a credential issuer by @openid4vc that leaves signing in to it, each at an
// origin of its own over TLS on loopback. Tokens are bound to a key of the holder (RFC 9449), and both sides demand a nonce of
// their own in each proof of it.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:https';

import { Openid4vciIssuer } from '@openid4vc/openid4vci';
import { calculateJwkThumbprint, decodeProtectedHeader, importJWK, jwtVerify } from 'jose';
import { Provider, errors } from 'oidc-provider';

import { didJwk, keyOf, makeKey } from './keys.mjs';
import { surroundings } from './openid.mjs';
import { serve } from './tls.mjs';

/** The scope that stands for the microcredential. */
export const SCOPE = 'microcredential';
/** Access tokens live this long, in seconds: a wallet that comes back needs a new one. */
const TOKEN_SECONDS = 10;
const hash = (text) => createHash('sha256').update(text).digest('base64url');

/**
 * The server. `resource` tells for which credential issuer it gives tokens, and `consent` whether the learner says yes.
 * What wallets sent stands in `seen`, and what was refused in `refused`.
 */
export async function startServer(authority, { resource, consent = () => true }) {
  const { key, certificate } = authority.certify(['DNS:localhost'], ['extendedKeyUsage=serverAuth']);
  const seen = [];
  let answer = (request, response) => response.writeHead(503).end();
  const door = createServer({ key, cert: certificate }, (request, response) => {
    seen.push({ method: request.method, url: request.url.split('?')[0], query: [...new URL(request.url, 'https://x').searchParams.keys()] });
    answer(request, response);
  });
  await new Promise((resolve) => door.listen(0, '127.0.0.1', resolve));
  const origin = `https://localhost:${door.address().port}`;

  const signer = makeKey('ES256');
  const refused = [];
  const provider = new Provider(origin, {
    clients: [{
      client_id: 'leerpas',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      // The port is open (RFC 8252, 7.3); the rest is compared to the letter.
      redirect_uris: ['http://127.0.0.1/sign-in'],
      id_token_signed_response_alg: 'ES256',
      dpop_bound_access_tokens: true,
    }],
    jwks: { keys: [{ ...signer.privateJwk, kid: 'een', use: 'sig', alg: 'ES256' }] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    ttl: { AccessToken: TOKEN_SECONDS, AuthorizationCode: 60, Grant: 600, Interaction: 600, RefreshToken: 600, Session: 600 },
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
      pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource(),
        useGrantedResource: () => true,
        getResourceServerInfo: (_, asked) => {
          if (asked !== resource()) {
            throw new errors.InvalidTarget();
          }
          return { scope: SCOPE, audience: asked, accessTokenTTL: TOKEN_SECONDS, accessTokenFormat: 'opaque' };
        },
      },
    },
  });
  for (const event of ['grant.error', 'pushed_authorization_request.error', 'authorization.error', 'server_error']) {
    provider.on(event, (_, error) => refused.push(error.error ?? String(error)));
  }
  const tokens = [];
  provider.on('grant.success', (ctx) => tokens.push({ grant: ctx.oidc.params.grant_type, type: ctx.body.token_type }));

  const callback = provider.callback();
  answer = async (request, response) => {
    if (!request.url.startsWith('/interaction/')) {
      return callback(request, response);
    }
    const { params } = await provider.interactionDetails(request, response);
    if (!consent()) {
      return provider.interactionFinished(request, response, { error: 'access_denied' }, { mergeWithLastSubmission: false });
    }
    const accountId = 'lerende';
    const grant = new provider.Grant({ accountId, clientId: params.client_id });
    grant.addResourceScope(resource(), params.scope);
    const result = { login: { accountId }, consent: { grantId: await grant.save() } };
    return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  };
  return {
    origin,
    seen,
    refused,
    tokens,
    /** What an access token is good for, or nothing. */
    find: (token) => provider.AccessToken.find(token),
    stop: () => new Promise((resolve) => {
      door.close(resolve);
      door.closeAllConnections();
    }),
  };
}

/** The issuer. `issue` makes a credential for a holder's key; how often it asked for a nonce of its own stands in `asked`. */
export async function startIssuerBehind(authority, { server, issue, configuration, batch }) {
  const nonces = new Set();
  const ownNonces = new Set();
  const state = { asked: 0, refused: [], issued: 0 };
  const issuer = new Openid4vciIssuer({ callbacks: surroundings({ pem: makeKey('ES256').pem }) });
  const fresh = (set) => {
    const nonce = randomBytes(16).toString('base64url');
    set.add(nonce);
    return nonce;
  };
  const json = (value, status = 200, headers = {}) => ({ status, headers, body: JSON.stringify(value) });
  let metadata;

  /** Why a request may not use its token, or nothing. */
  async function trouble(request) {
    const [scheme, token] = (request.headers.authorization ?? '').split(' ');
    const found = scheme === 'DPoP' ? await server().find(token) : undefined;
    if (!found || found.aud !== origin || !found.scope?.split(' ').includes(SCOPE)) {
      return json({ error: 'invalid_token' }, 401, { 'www-authenticate': 'DPoP error="invalid_token"' });
    }
    const { jwk } = decodeProtectedHeader(request.headers.dpop);
    const { payload } = await jwtVerify(request.headers.dpop, await importJWK(jwk, 'ES256'), { typ: 'dpop+jwt', maxTokenAge: 60 });
    assert.equal(await calculateJwkThumbprint(jwk), found.jkt, 'the token is bound to this key');
    assert.deepEqual([payload.htm, payload.htu, payload.ath], [request.method, origin + request.url, hash(token)]);
    if (!ownNonces.delete(payload.nonce)) {
      state.asked += 1;
      return json({ error: 'use_dpop_nonce' }, 401, { 'www-authenticate': 'DPoP error="use_dpop_nonce"', 'dpop-nonce': fresh(ownNonces) });
    }
    return undefined;
  }

  async function credential(request, body) {
    const refusal = await trouble(request);
    if (refusal) {
      return refusal;
    }
    const { proofs, credentialConfigurationId } = issuer.parseCredentialRequest({ issuerMetadata: metadata, credentialRequest: JSON.parse(body) });
    assert.equal(credentialConfigurationId, 'een');
    const credentials = [];
    for (const jwt of proofs.jwt) {
      const { nonce } = JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url'));
      assert.ok(nonces.has(nonce), 'a nonce that was given out');
      const { signer: holder } = await issuer.verifyCredentialRequestJwtProof({ issuerMetadata: metadata, jwt, expectedNonce: nonce, clientId: 'leerpas' });
      const publicJwk = holder.publicJwk ?? keyOf(holder.didUrl).export({ format: 'jwk' });
      credentials.push({ credential: await issue({ publicJwk, did: didJwk(publicJwk) }, origin) });
    }
    state.issued += credentials.length;
    return json(issuer.createCredentialResponse({ credentialRequest: {}, credentials }), 200, { 'dpop-nonce': fresh(ownNonces) });
  }

  const place = await serve(authority, async (request, body) => {
    switch (request.url) {
      case '/.well-known/openid-credential-issuer': return json(metadata.credentialIssuer);
      case '/nonce': return json(issuer.createNonceResponse({ cNonce: fresh(nonces) }));
      case '/credential': return credential(request, body);
      default: return undefined;
    }
  });
  const { origin } = place;
  const credentialIssuer = issuer.createCredentialIssuerMetadata({
    credential_issuer: origin,
    authorization_servers: [server().origin],
    credential_endpoint: `${origin}/credential`,
    nonce_endpoint: `${origin}/nonce`,
    batch_credential_issuance: { batch_size: batch },
    display: [{ name: 'Hogeschool Voorbeeld', locale: 'nl' }],
    credential_configurations_supported: { een: { ...configuration, scope: SCOPE } },
  });
  metadata = {
    credentialIssuer,
    authorizationServers: [],
    knownCredentialConfigurations: issuer.getKnownCredentialConfigurationsSupported(credentialIssuer),
  };
  const { credentialOffer: offer } = await issuer.createCredentialOffer({
    issuerMetadata: metadata,
    credentialConfigurationIds: ['een'],
    grants: { authorization_code: { issuer_state: randomBytes(8).toString('hex'), authorization_server: server().origin } },
  });
  return { offer, origin, state, seen: place.seen, stop: place.stop };
}
