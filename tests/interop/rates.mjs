// The peers' side of `cargo xtask bench`: how many a second each of them does, on one thread, one after the other.
//
// One JSON object a line on standard input, `{"do": "issue" | "load" | "serve" | "search" | "run", …}`; one a line comes back. The benchmark of
// the engine checks the very same bytes, and takes turns with this program.
import { createPublicKey, randomUUID, verify as verifySignature } from 'node:crypto';
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
import { FORMATS, makeMicrocredentials } from './support/microcredential.mjs';
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
  serve: async (ours) => {
    const place = folder();
    process.once('exit', () => place.remove());
    Object.assign(works, await protocols(place.path, ours));
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
    do {
      await works[what](count);
      count += 1;
      took = performance.now() - begun;
    } while (took < milliseconds);
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

/**
 * @openid4vc at both ends, over TLS on loopback: a microcredential collected in `copies`, and claims of it shown. Step for step as ours, and of the
 * same size: the issuer describes the same `configurations`, and gives out the same `claims` as the one that is called `offered`,
 * each that is described there with a disclosure of its own.
 */
async function protocols(place, { copies, configurations, offered, claims, shown }) {
  const authority = makeAuthority(place);
  const { [offered]: configuration, ...others } = configurations;
  const described = configuration.credential_metadata.claims.map(({ path }) => path).filter((path) => !path.includes(null));
  const { issue, list, kitWithStatus, check } = await makeMicrocredentials(authority, { claims, frame: frameOf(described), listed: true });
  const txCode = '4935';
  const issuer = await startIssuer(authority, { txCode, configuration, others, issue, list, batch: copies, notified: true });
  const responseMode = 'direct_post.jwt';
  const query = { credentials: [{ id: 'microcredential', format: 'dc+sd-jwt', meta: { vct_values: [claims.vct] }, claims: shown.map((path) => ({ path })) }] };
  // As our desk: it asks for the list for each answer, by a connection that goes on.
  const desk = makeHolder(authority.ca, []);
  const judge = (presentations, said) => check(presentations, said, kitWithStatus((uri) => textAt(desk, uri)));
  const verifier = await startVerifier(authority, { query, formats: FORMATS, responseMode, check: judge });
  const made = {};
  // Ours makes new connections for each flow, so that two flows cannot be told to be of one person; theirs can do that too. By
  // itself it uses them again for ever.
  for (const [end, perFlow] of [['', true], ['.kept', false]]) {
    const holder = makeHolder(authority.ca, Array.from({ length: copies }, () => makeKey('ES256')), { perFlow });
    // The list may be used again for as long as it says (`ttl`), and ours does so too.
    const kit = kitWithStatus((uri) => textAt(holder, uri));
    let held;
    const collect = async (look) => {
      held = await holder.receive(issuer.reference, txCode, look);
      if (held.length !== copies || issuer.heard.pop() !== 'credential_accepted') {
        throw new Error(`${held.length} of ${copies} copies came`);
      }
    };
    made[`issuance.unchecked${end}`] = () => collect();
    // What a wallet has to do before it keeps anything: the issuer's signature, with the key at hand, every disclosure, and the status.
    made[`issuance${end}`] = () => collect(async (copies) => {
      for (const copy of copies) {
        await kit.verify(copy);
      }
    });
    made[`presentation${end}`] = presenting(holder, async () => (held ?? (await collect(), held))[0], verifier);
  }
  return made;
}

/** What a holder or a desk gets at this address. */
async function textAt(asker, uri) {
  return (await asker.fetch(uri)).text();
}

/** Each of these paths with a disclosure of its own. */
function frameOf(paths) {
  const frame = {};
  for (const path of paths) {
    let at = frame;
    for (const step of path.slice(0, -1)) {
      at = at[step] ??= {};
    }
    (at._sd ??= []).push(path.at(-1));
  }
  return frame;
}

/** The answer of this holder, who has a `token` by now, to their verifier, which has to take it. */
function presenting(holder, token, verifier) {
  const [key] = holder.keys;
  const kit = ES256.getSigner(key.privateJwk).then((kbSigner) => new SDJwtVcInstance({ hasher: digest, hashAlg: 'sha-256', kbSignAlg: 'ES256', kbSigner }));
  return async () => {
    await holder.present(await verifier.ask(), async ({ query, nonce, audience }) => {
      const [{ id, claims }] = query.credentials;
      return { [id]: [await show(await kit, await token(), claims, { nonce, audience })] };
    });
    const { claims } = verifier.answers.pop();
    if (!claims?.credentialSubject?.achievement?.name) {
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
