// The peers' side of `cargo xtask bench`: how many a second each of them does, on one thread, one after the other.
//
// One JSON object a line on standard input, `{"do": "issue" | "load" | "serve" | "search" | "run", …}`; one a line comes back. The benchmark of
// the engine checks the very same bytes, and takes turns with this program.
import { createPublicKey, randomBytes, randomUUID, verify as verifySignature } from 'node:crypto';
import { createInterface } from 'node:readline';

import { DataIntegrityProof } from '@digitalbazaar/data-integrity';
import * as vc from '@digitalbazaar/vc';
import { ES256, digest } from '@sd-jwt/crypto-nodejs';
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc';
import { DcqlQuery } from 'dcql';

import { folder } from '../support/programs.mjs';
import { largeBadge, smallBadge } from './support/badges.mjs';
import { DERIVED, RDF_SUITES, derive, documentLoader, issue, issueBase, makeIssuer } from './support/linked-data.mjs';
import { makeHolder, show } from './support/holder.mjs';
import { makeKey } from './support/keys.mjs';
import { CONFIGURATION, FORMATS, QUERY, makeMicrocredentials } from './support/microcredential.mjs';
import { startIssuer, startVerifier } from './support/openid.mjs';
import { makeAuthority } from './support/tls.mjs';

/** What can be run, by name: each checks one of what was loaded, and throws if it does not hold. */
const works = {};

const { cryptosuite } = RDF_SUITES['eddsa-rdfc-2022'];
/** What a derived badge shows besides what is mandatory. */
const SHOWN = ['/credentialSubject/achievement/name', '/credentialSubject/achievement/criteria'];
const BADGES = {
  small: { algorithm: 'EdDSA', badge: smallBadge, sign: (badge, issuer) => issue(badge, issuer, cryptosuite), suite: cryptosuite },
  large: { algorithm: 'EdDSA', badge: largeBadge, sign: (badge, issuer) => issue(badge, issuer, cryptosuite), suite: cryptosuite },
  derived: { algorithm: 'ES256', badge: smallBadge, sign: async (badge, issuer) => derive(await issueBase(badge, issuer), SHOWN), suite: DERIVED },
};

const orders = {
  /** Different badges of one issuer, as text. */
  issue: async ({ size, count }) => {
    const { algorithm, badge, sign } = BADGES[size];
    const issuer = await makeIssuer(algorithm);
    const documents = [];
    for (let number = 0; number < count; number += 1) {
      const unsigned = { ...badge(issuer.did), id: `urn:uuid:${randomUUID()}` };
      documents.push(JSON.stringify(await sign(unsigned, issuer)));
    }
    return { issuer: issuer.did, documents };
  },
  load: async ({ sd_jwt: sdJwt, badges, signature }) => {
    works.sd_jwt = await sdJwtCheck(sdJwt);
    for (const [size, documents] of Object.entries(badges)) {
      works[`badge.${size}`] = badgeCheck(documents.map((text) => JSON.parse(text)), BADGES[size].suite);
    }
    works.signature = signatureCheck(signature);
    return { loaded: Object.keys(works) };
  },
  serve: async ({ copies }) => {
    const place = folder();
    process.once('exit', () => place.remove());
    Object.assign(works, await protocols(place.path, copies));
    return { loaded: Object.keys(works) };
  },
  search: async ({ query, credentials }) => {
    const parsed = DcqlQuery.parse(query);
    const held = credentials.map(({ vct, claims }) => ({
      credential_format: 'dc+sd-jwt', vct, claims, cryptographic_holder_binding: true,
    }));
    const fit = () => DcqlQuery.query(parsed, held);
    const found = fit();
    works.search = async () => fit();
    return {
      satisfied: found.can_be_satisfied,
      fits: Object.values(found.credential_matches).map((match) => (match.valid_credentials ?? []).length),
    };
  },
  run: async ({ what, milliseconds }) => {
    const begun = performance.now();
    let count = 0;
    let took = 0;
    while (took < milliseconds) {
      await works[what](count);
      count += 1;
      took = performance.now() - begun;
    }
    return { per_second: (count * 1000) / took };
  },
};

/** @sd-jwt: signature of the issuer, whose key it has ready, disclosures, and key binding with the key of each holder. */
async function sdJwtCheck({ presentations, issuer, nonce }) {
  const kit = new SDJwtVcInstance({
    hasher: digest,
    hashAlg: 'sha-256',
    verifier: await ES256.getVerifier(issuer),
    kbVerifier: async (data, signature, payload) => (await ES256.getVerifier(payload.cnf.jwk))(data, signature),
  });
  return async (number) => {
    const { kb } = await kit.verify(presentations[number % presentations.length], { keyBindingNonce: nonce });
    if (!kb) {
      throw new Error('the key binding was not looked at');
    }
  };
}

/** Digital Bazaar, with every context and key at hand. */
function badgeCheck(documents, suite) {
  return async (number) => {
    const credential = documents[number % documents.length];
    const result = await vc.verifyCredential({ credential, suite: new DataIntegrityProof({ cryptosuite: suite }), documentLoader });
    if (!result.verified) {
      throw result.error;
    }
  };
}

/** @openid4vc at both ends, over TLS on loopback: a microcredential collected, and three claims of it shown. */
async function protocols(place, copies) {
  const authority = makeAuthority(place);
  // As long as the picture on the card that ours gives out.
  const picture = `data:image/png;base64,${randomBytes(15_600).toString('base64')}`;
  const microcredentials = await makeMicrocredentials(authority, { picture });
  const txCode = '493536';
  const issuer = await startIssuer(authority, { txCode, configuration: CONFIGURATION, issue: microcredentials.issue, batch: copies });
  const responseMode = 'direct_post.jwt';
  const verifier = await startVerifier(authority, { query: QUERY, formats: FORMATS, responseMode, check: microcredentials.check });
  const made = {};
  // Ours makes new connections for each flow, so that two flows cannot be told to be of one person; theirs can do that too. By
  // itself it uses them again for ever.
  for (const [end, perFlow] of [['', true], ['.kept', false]]) {
    const holder = makeHolder(authority.ca, Array.from({ length: copies }, () => makeKey('ES256')), { perFlow });
    const collect = async () => {
      const tokens = await holder.receive(issuer.offer, txCode);
      if (tokens.length !== copies) {
        throw new Error(`${tokens.length} of ${copies} copies came`);
      }
      return tokens;
    };
    const [token] = await collect();
    made[`issuance${end}`] = collect;
    made[`presentation${end}`] = presenting(holder, token, verifier);
  }
  return made;
}

/** The answer of this holder to their verifier, which has to take it. */
function presenting(holder, token, verifier) {
  const [key] = holder.keys;
  const kit = ES256.getSigner(key.privateJwk).then((kbSigner) => new SDJwtVcInstance({ hasher: digest, hashAlg: 'sha-256', kbSignAlg: 'ES256', kbSigner }));
  return async () => {
    await holder.present(verifier.link, async ({ query, nonce, audience }) => {
      const [{ id, claims }] = query.credentials;
      return { [id]: [await show(await kit, token, claims, { nonce, audience })] };
    });
    const { claims } = verifier.answers.pop();
    if (claims?.title !== 'Datastructuren') {
      throw new Error('their verifier did not take the answer');
    }
  };
}

/** OpenSSL, by way of Node, with the key ready. */
function signatureCheck({ jwk, message, value }) {
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  const [data, bytes] = [Buffer.from(message), Buffer.from(value, 'base64url')];
  return () => {
    if (!verifySignature('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, bytes)) {
      throw new Error('the signature does not hold');
    }
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  const answer = await orders[order.do](order).catch((error) => ({ error: String(error) }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
// The servers would go on.
process.exit();
