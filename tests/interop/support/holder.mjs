// A holder by @openid4vc, for our trial institution and our desk.
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, request as send } from 'node:https';

import { clientAuthenticationAnonymous } from '@openid4vc/oauth2';
import { Openid4vciClient } from '@openid4vc/openid4vci';
import { Openid4vpClient } from '@openid4vc/openid4vp';
import { CompactEncrypt, SignJWT, exportJWK, importJWK, jwtVerify } from 'jose';

import { makeKey } from './keys.mjs';
import { surroundings } from './openid.mjs';

/**
 * A holder. `receive` takes an offer and gives the credentials, one for each of its keys; `present` answers a request with
 * what `make` puts together and gives what the other side answered. Connections are
 * used again; with `perFlow` within one of these calls alone, so that each makes its own.
 */
export function makeHolder(ca, keys = [makeKey('ES256'), makeKey('ES256')], { perFlow = false } = {}) {
  const connections = () => new Agent({ ca: readFileSync(ca), keepAlive: true });
  let agent = connections();
  const begin = () => {
    if (perFlow) {
      agent.destroy();
      agent = connections();
    }
  };
  const fetch = fetcher(() => agent);
  const callbacks = {
    ...surroundings(),
    fetch,
    clientAuthentication: clientAuthenticationAnonymous(),
    signJwt: async ({ publicJwk }, { header, payload }) => {
      const key = keys.find(({ publicJwk: { x } }) => x === publicJwk.x);
      return { jwt: await new SignJWT(payload).setProtectedHeader(header).sign(key.privateKey), signerJwk: key.publicJwk };
    },
    verifyJwt: async (signer, { compact }) => {
      const keys = {
        x5c: () => new X509Certificate(Buffer.from(signer.x5c[0], 'base64')).publicKey,
        did: () => webKey(fetch, signer),
      };
      const key = await (keys[signer.method]?.() ?? importJWK(signer.publicJwk, signer.alg));
      const verified = await jwtVerify(compact, key).then(() => true, () => false);
      return { verified, signerJwk: await exportJWK(key) };
    },
    encryptJwe: async ({ publicJwk, alg, enc, apu, apv }, data) => {
      const parties = { apv: Buffer.from(apv, 'base64url'), ...(apu && { apu: Buffer.from(apu, 'base64url') }) };
      const jwe = await new CompactEncrypt(new TextEncoder().encode(data))
        .setProtectedHeader({ alg, enc, kid: publicJwk.kid })
        .setKeyManagementParameters(parties)
        .encrypt(await importJWK(publicJwk, alg));
      return { jwe, encryptionJwk: publicJwk };
    },
    getX509CertificateMetadata: (certificate) => {
      const names = (new X509Certificate(Buffer.from(certificate, 'base64')).subjectAltName ?? '').split(', ');
      const of = (kind) => names.filter((name) => name.startsWith(`${kind}:`)).map((name) => name.slice(kind.length + 1));
      return { sanDnsNames: of('DNS'), sanUriNames: of('URI') };
    },
  };
  const client = new Openid4vciClient({ callbacks });
  const answerer = new Openid4vpClient({ callbacks });

  /** `check` looks at the copies before the issuer hears that they were taken, if it wants to hear that. */
  async function receive(link, txCode, check = () => {}) {
    begin();
    const credentialOffer = await client.resolveCredentialOffer(link);
    const issuerMetadata = await client.resolveIssuerMetadata(credentialOffer.credential_issuer);
    const { accessTokenResponse } = await client.retrievePreAuthorizedCodeAccessTokenFromOffer({ credentialOffer, issuerMetadata, txCode });
    const { c_nonce: nonce } = await client.requestNonce({ issuerMetadata });
    const [credentialConfigurationId] = credentialOffer.credential_configuration_ids;
    const jwt = [];
    for (const key of keys) {
      const signer = { method: 'jwk', alg: 'ES256', publicJwk: key.publicJwk };
      jwt.push((await client.createCredentialRequestJwtProof({ issuerMetadata, credentialConfigurationId, nonce, signer })).jwt);
    }
    const { access_token: accessToken } = accessTokenResponse;
    const { credentialResponse } = await client.retrieveCredentials({ issuerMetadata, accessToken, credentialConfigurationId, proofs: { jwt } });
    const copies = credentialResponse.credentials.map(({ credential }) => credential);
    await check(copies);
    const { notification_id: notificationId } = credentialResponse;
    if (notificationId) {
      await client.sendNotification({ issuerMetadata, accessToken, notification: { notificationId, event: 'credential_accepted' } });
    }
    return copies;
  }

  /** With `plain`, the same is sent as it is beforehand, without encryption; what came of that stands in `plain`. */
  async function present(link, make, { plain = false } = {}) {
    begin();
    const { params } = answerer.parseOpenid4vpAuthorizationRequest({ authorizationRequest: link });
    const resolved = await answerer.resolveOpenId4vpAuthorizationRequest({ authorizationRequestPayload: params });
    const { authorizationRequestPayload, dcql, client: requester } = resolved;
    const { nonce, client_id: audience } = authorizationRequestPayload;
    const presentations = await make({ query: dcql.query, nonce, audience });
    const bare = plain && await fetch(authorizationRequestPayload.response_uri, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ vp_token: JSON.stringify(presentations), state: authorizationRequestPayload.state }),
    });
    const { jarm, authorizationResponsePayload } = await answerer.createOpenid4vpAuthorizationResponse({
      authorizationRequestPayload,
      authorizationResponsePayload: { vp_token: presentations },
      jarm: {
        encryption: { nonce: 'een-nonce-van-de-wallet' },
        serverMetadata: { authorization_encryption_alg_values_supported: ['ECDH-ES'], authorization_encryption_enc_values_supported: ['A256GCM', 'A128GCM'] },
      },
    });
    const sent = await answerer.submitOpenid4vpAuthorizationResponse({ authorizationRequestPayload, authorizationResponsePayload, jarm });
    const told = await sent.response.clone().json().catch(() => undefined);
    return { status: sent.response.status, requester, encrypted: Boolean(jarm), plain: bare && bare.status, told };
  }

  return { keys, receive, present, fetch };
}

/** The key of a did:web that signs for its owner, by the document at its host. */
async function webKey(fetch, { didUrl, alg }) {
  const [did] = didUrl.split('#');
  const host = decodeURIComponent(did.slice('did:web:'.length));
  const document = await (await fetch(`https://${host}/.well-known/did.json`)).json();
  if (document.id !== did || !document.authentication.includes(didUrl)) throw new Error(`no key ${didUrl}`);
  return importJWK(document.verificationMethod.find(({ id }) => id === didUrl).publicKeyJwk, alg);
}

/** Shows these claims of a token by @sd-jwt, signed by the kit's key for this nonce and audience. */
export function show(kit, token, claims, { nonce, audience }) {
  const frame = {};
  for (const { path: steps } of claims) {
    let at = frame;
    for (const step of steps.slice(0, -1)) {
      at = at[step] ??= {};
    }
    at[steps.at(-1)] = true;
  }
  return kit.present(token, frame, { kb: { payload: { aud: audience, nonce, iat: Math.floor(Date.now() / 1000) } } });
}

/** `fetch` by way of the agent of the moment, which trusts one authority and no other. */
function fetcher(agentNow) {
  return (url, { method = 'GET', headers, body } = {}) => new Promise((resolve, reject) => {
    const sent = send(url, { agent: agentNow(), method, headers: Object.fromEntries(new Headers(headers)) }, async (reply) => {
      const parts = [];
      for await (const part of reply) {
        parts.push(part);
      }
      const content = [204, 304].includes(reply.statusCode) ? null : Buffer.concat(parts);
      resolve(new Response(content, { status: reply.statusCode, headers: new Headers(reply.headers) }));
    });
    sent.once('error', reject).end(body === undefined ? undefined : String(body));
  });
}
