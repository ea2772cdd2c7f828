// An issuer and a verifier by @openid4vc, over TLS on loopback. Their library decides what is said and whether the other side
// said it rightly; keys, certificates and the web server are the test's.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';

import { HashAlgorithm, Oauth2AuthorizationServer } from '@openid4vc/oauth2';
import { Openid4vciIssuer } from '@openid4vc/openid4vci';
import { Openid4vpVerifier, calculateX509HashClientIdPrefixValue } from '@openid4vc/openid4vp';
import { SignJWT, compactDecrypt, importJWK, importPKCS8, jwtVerify } from 'jose';

import { didJwk, keyOf, makeKey } from './keys.mjs';
import { serve } from './tls.mjs';

const HASHES = { [HashAlgorithm.Sha256]: 'sha256', [HashAlgorithm.Sha384]: 'sha384', [HashAlgorithm.Sha512]: 'sha512' };
const PRE_AUTHORIZED = 'urn:ietf:params:oauth:grant-type:pre-authorized_code';
const json = (value, status = 200) => ({ status, body: JSON.stringify(value) });

/** What their library asks of its surroundings; `pem` signs, `decryptionKey` opens answers. */
export function surroundings({ pem, decryptionKey } = {}) {
  return {
    hash: (data, name) => createHash(HASHES[name]).update(data).digest(),
    generateRandom: (length) => randomBytes(length),
    signJwt: async (signer, { header, payload }) => {
      const jwt = await new SignJWT(payload).setProtectedHeader(header).sign(await importPKCS8(pem, header.alg));
      return { jwt, signerJwk: signer.publicJwk ?? {} };
    },
    verifyJwt: async (signer, { compact }) => {
      // A `did:jwk` is the key that it names.
      const key = signer.method === 'did' ? keyOf(signer.didUrl) : await importJWK(signer.publicJwk, signer.alg);
      const verified = await jwtVerify(compact, key).then(() => true, () => false);
      return { verified, signerJwk: signer.publicJwk ?? key.export({ format: 'jwk' }) };
    },
    decryptJwe: async (jwe) => {
      const { plaintext } = await compactDecrypt(jwe, decryptionKey.privateKey);
      return { decrypted: true, decryptionJwk: decryptionKey.publicJwk, payload: new TextDecoder().decode(plaintext) };
    },
  };
}

/**
 * An issuer with pre-authorized code, transaction code and nonce endpoint. `issue` makes a credential for a holder, whose key
 * and DID it is told, and `batch` of them at once; what their library refused stands in `refused`. `others` are configurations that it describes
 * beside the one that it offers, and `list` makes its status list. With `notified` it wants to hear what became of the cards, which then stands in
 * `heard`. Its offer comes by value in `offer`, and by reference in `reference`.
 */
export async function startIssuer(authority, { txCode, issue, configuration, others = {}, batch, notified = false, list }) {
  const state = { nonces: new Set(), tokens: new Set(), code: randomBytes(16).toString('hex'), refused: [], proofs: [], heard: [] };
  const signer = makeKey('ES256');
  const callbacks = surroundings({ pem: signer.pem });
  const issuer = new Openid4vciIssuer({ callbacks });
  const authorization = new Oauth2AuthorizationServer({ callbacks });
  let metadata;
  const steps = {
    '/.well-known/openid-credential-issuer': () => json(metadata.credentialIssuer),
    '/.well-known/oauth-authorization-server': () => json(metadata.authorizationServers[0]),
    '/nonce': () => {
      const nonce = randomBytes(16).toString('base64url');
      state.nonces.add(nonce);
      return json(issuer.createNonceResponse({ cNonce: nonce }));
    },
    '/token': (request, body) => token(request, body),
    '/credential': (request, body) => credential(request, body),
    '/offer': () => json(credentialOfferObject),
    '/notification': (request, body) => notification(request, body),
    '/status': () => ({ type: 'application/statuslist+jwt', body: statuses }),
  };
  const server = await serve(authority, async (incoming, body) => {
    try {
      return await steps[incoming.url]?.(incoming, body);
    } catch (error) {
      if (!error.errorResponse) {
        throw error;
      }
      state.refused.push(error.errorResponse);
      return json(error.errorResponse, error.status ?? 400);
    }
  });
  const base = server.origin;
  const credentialIssuer = issuer.createCredentialIssuerMetadata({
    credential_issuer: base,
    credential_endpoint: `${base}/credential`,
    nonce_endpoint: `${base}/nonce`,
    ...(notified && { notification_endpoint: `${base}/notification` }),
    ...(batch && { batch_credential_issuance: { batch_size: batch } }),
    display: [{ name: 'Hogeschool Voorbeeld', locale: 'nl' }],
    credential_configurations_supported: { een: configuration, ...others },
  });
  const authorizationServer = authorization.createAuthorizationServerMetadata({
    issuer: base,
    token_endpoint: `${base}/token`,
    token_endpoint_auth_methods_supported: ['none'],
    'pre-authorized_grant_anonymous_access_supported': true,
  });
  metadata = {
    credentialIssuer,
    authorizationServers: [authorizationServer],
    knownCredentialConfigurations: issuer.getKnownCredentialConfigurationsSupported(credentialIssuer),
  };

  async function token(request, body) {
    const about = { headers: new Headers(request.headers), method: request.method, url: base + request.url };
    const form = Object.fromEntries(new URLSearchParams(body));
    const { accessTokenRequest, grant } = authorization.parseAccessTokenRequest({ accessTokenRequest: form, request: about });
    assert.equal(grant.grantType, PRE_AUTHORIZED);
    await authorization.verifyPreAuthorizedCodeAccessTokenRequest({
      accessTokenRequest,
      grant,
      request: about,
      expectedPreAuthorizedCode: state.code,
      expectedTxCode: txCode,
      authorizationServerMetadata: authorizationServer,
    });
    const answer = await authorization.createAccessTokenResponse({
      audience: base,
      authorizationServer: base,
      subject: 'lerende',
      expiresInSeconds: 300,
      clientId: 'leerpas',
      signer: { method: 'jwk', alg: 'ES256', publicJwk: signer.publicJwk },
    });
    state.tokens.add(answer.access_token);
    return json(answer);
  }

  function entitled(request) {
    const [scheme, value] = (request.headers.authorization ?? '').split(' ');
    return scheme === 'Bearer' && state.tokens.has(value);
  }

  async function credential(request, body) {
    if (!entitled(request)) {
      return json({ error: 'invalid_token' }, 401);
    }
    const { proofs, credentialConfigurationId } = issuer.parseCredentialRequest({ issuerMetadata: metadata, credentialRequest: JSON.parse(body) });
    assert.equal(credentialConfigurationId, 'een');
    const credentials = [];
    for (const jwt of proofs.jwt) {
      const { nonce } = JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url'));
      const known = state.nonces.has(nonce) ? nonce : 'a nonce that was given out';
      const { signer: holder } = await issuer.verifyCredentialRequestJwtProof({ issuerMetadata: metadata, jwt, expectedNonce: known });
      state.proofs.push(jwt);
      const publicJwk = holder.publicJwk ?? keyOf(holder.didUrl).export({ format: 'jwk' });
      const did = holder.didUrl?.split('#')[0] ?? didJwk(publicJwk);
      credentials.push({ credential: await issue({ publicJwk, did }, base) });
    }
    const notice = notified && { notificationId: randomBytes(8).toString('hex') };
    return json(issuer.createCredentialResponse({ credentialRequest: {}, credentials, ...notice }));
  }

  function notification(request, body) {
    if (!entitled(request)) {
      return json({ error: 'invalid_token' }, 401);
    }
    state.heard.push(JSON.parse(body).event);
    return { status: 204 };
  }

  const statuses = await list?.(`${base}/status`);
  const { credentialOffer, credentialOfferObject } = await issuer.createCredentialOffer({
    issuerMetadata: metadata,
    credentialConfigurationIds: ['een'],
    grants: {
      [PRE_AUTHORIZED]: {
        'pre-authorized_code': state.code,
        ...(txCode && { tx_code: { input_mode: 'numeric', length: txCode.length } }),
      },
    },
  });
  const reference = `openid-credential-offer://?${new URLSearchParams({ credential_offer_uri: `${base}/offer` })}`;
  return { offer: credentialOffer, reference, origin: base, seen: server.seen, ...state, stop: server.stop };
}

/**
 * A verifier that signs its request under `x509_hash`. `check` looks at each presentation with what the request said;
 * what it found, or why it refused, stands in `answers`. With `scope` it asks by that name of the query. `link` is its first request; `ask` makes another one in its place, with a nonce and a
 * key for the answer of its own.
 */
export async function startVerifier(authority, { query, scope, responseMode, formats, check }) {
  const { key: pem, der, x5c } = authority.certify(['DNS:localhost']);
  const answers = [];
  let asked;
  const server = await serve(authority, async (request, body) => {
    if (request.url === '/request') {
      return { type: 'application/oauth-authz-req+jwt', body: asked.jar.authorizationRequestJwt };
    }
    if (request.url !== '/answer') {
      return undefined;
    }
    try {
      const authorizationResponse = Object.fromEntries(new URLSearchParams(body));
      const { callbacks, verifier } = asked;
      // Their library reads an answer by its query alone, also where a scope stood for that.
      const authorizationRequestPayload = { ...asked.authorizationRequestPayload, dcql_query: query };
      const parsed = await verifier.parseOpenid4vpAuthorizationResponse({ authorizationRequestPayload, authorizationResponse, callbacks });
      const { nonce, client_id: audience } = authorizationRequestPayload;
      answers.push({ claims: await check(parsed.dcql.presentations, { nonce, audience }), encrypted: parsed.jarm?.type });
      return json({});
    } catch (error) {
      answers.push({ refused: error });
      return json({ error: 'invalid_request' }, 400);
    }
  });
  const audience = `x509_hash:${await calculateX509HashClientIdPrefixValue({ x509Certificate: der, hash: surroundings().hash })}`;

  async function ask() {
    const decryptionKey = makeKey('ES256');
    const callbacks = surroundings({ pem, decryptionKey });
    const verifier = new Openid4vpVerifier({ callbacks });
    const encryption = { ...decryptionKey.publicJwk, kid: 'antwoord', use: 'enc', alg: 'ECDH-ES' };
    const request = await verifier.createOpenId4vpAuthorizationRequest({
      authorizationRequestPayload: {
        client_id: audience,
        response_type: 'vp_token',
        response_mode: responseMode,
        response_uri: `${server.origin}/answer`,
        nonce: randomBytes(16).toString('base64url'),
        state: randomBytes(8).toString('base64url'),
        ...(scope ? { scope } : { dcql_query: query }),
        client_metadata: {
          client_name: 'Het loket',
          vp_formats_supported: formats,
          ...(responseMode === 'direct_post.jwt' && { jwks: { keys: [encryption] }, encrypted_response_enc_values_supported: ['A128GCM'] }),
        },
      },
      jar: {
        requestUri: `${server.origin}/request`,
        jwtSigner: { method: 'x5c', alg: 'ES256', x5c },
        expiresInSeconds: 300,
        additionalJwtPayload: { aud: 'https://self-issued.me/v2' },
      },
    });
    asked = { ...request, callbacks, verifier };
    return request.authorizationRequest;
  }

  return { link: await ask(), ask, audience, answers, seen: server.seen, stop: server.stop };
}
