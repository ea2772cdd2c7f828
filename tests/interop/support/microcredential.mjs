// A microcredential by @sd-jwt: what their issuer gives out, and how their verifier looks at what is shown of it.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { deflateSync, inflateSync } from 'node:zlib';

import { ES256, digest, generateSalt } from '@sd-jwt/crypto-nodejs';
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc';
import { SignJWT, exportJWK, importPKCS8, importX509, jwtVerify } from 'jose';

const VCT = 'urn:example:microcredential';

/** How the issuer tells of it in its metadata. */
export const CONFIGURATION = {
  format: 'dc+sd-jwt',
  vct: VCT,
  cryptographic_binding_methods_supported: ['jwk'],
  credential_signing_alg_values_supported: ['ES256'],
  proof_types_supported: { jwt: { proof_signing_alg_values_supported: ['ES256'] } },
  credential_metadata: { display: [{ name: 'Microcredential', locale: 'nl' }] },
};

/** What the verifier takes. */
export const FORMATS = { 'dc+sd-jwt': { 'sd-jwt_alg_values': ['ES256'], 'kb-jwt_alg_values': ['ES256'] } };

/** What the verifier asks. */
export const QUERY = {
  credentials: [{
    id: 'microcredential',
    format: 'dc+sd-jwt',
    meta: { vct_values: [VCT] },
    claims: [{ path: ['title'] }, { path: ['credit', 'ECTS'] }, { path: ['outcomes', 1] }],
  }],
};

/** What its credentials say, and which of that the holder chooses to show. */
const SAID = {
  claims: { vct: VCT, title: 'Datastructuren', given_name: 'Zoë', credit: { ECTS: 4.5, SBU: 126 }, outcomes: ['Bomen', 'Grafen', 'Bewijzen'] },
  frame: { _sd: ['title', 'given_name', 'credit', 'outcomes'], credit: { _sd: ['ECTS', 'SBU'] }, outcomes: { _sd: [0, 1, 2] } },
};

/** Entries of the status list, two bits each: as many as ours has. */
const ENTRIES = 131_072;

/**
 * The issuer of the credentials, whose key a certificate of this authority ties to its name. With `listed` each of them has a place in its
 * status list.
 */
export async function makeMicrocredentials(authority, { claims: said, frame, listed = false } = SAID) {
  const { key, certificate, x5c } = authority.certify(['DNS:localhost']);
  const secretKey = await importPKCS8(key, 'ES256', { extractable: true });
  const publicKey = await importX509(certificate, 'ES256', { extractable: true });
  const settings = {
    hasher: digest,
    hashAlg: 'sha-256',
    saltGenerator: generateSalt,
    signAlg: 'ES256',
    signer: await ES256.getSigner(await exportJWK(secretKey)),
    verifier: await ES256.getVerifier(await exportJWK(publicKey)),
    kbVerifier: async (data, signature, payload) => (await ES256.getVerifier(payload.cnf.jwk))(data, signature),
  };
  const kit = new SDJwtVcInstance(settings);

  function issue({ publicJwk: jwk }, iss) {
    const now = Math.floor(Date.now() / 1000);
    const status = listed && { status: { status_list: { idx: randomInt(ENTRIES), uri: `${iss}/status` } } };
    const claims = { ...said, iss, iat: now, exp: now + 3600, cnf: { jwk }, ...status };
    return kit.issue(claims, frame, { header: { x5c } });
  }

  /** The status list at this address, in which everything is valid (Token Status List, 5.1). */
  function list(uri) {
    const lst = deflateSync(Buffer.alloc(ENTRIES / 4)).toString('base64url');
    const list = new SignJWT({ ttl: 60, status_list: { bits: 2, lst } }).setSubject(uri).setIssuedAt().setExpirationTime('1h');
    return list.setProtectedHeader({ typ: 'statuslist+jwt', alg: 'ES256' }).sign(secretKey);
  }

  /**
   * A kit that asks for the list of a card by `fetchList`, and keeps it for its `ttl`. It reads the list itself: the one of the package makes an
   * array with every entry, for each card anew.
   */
  function kitWithStatus(fetchList) {
    const lists = new Map();
    const read = async (uri) => {
      const { payload } = await jwtVerify(await fetchList(uri), publicKey, { subject: uri, typ: 'statuslist+jwt' });
      const entries = inflateSync(Buffer.from(payload.status_list.lst, 'base64url'));
      return { entries, until: Date.now() + payload.ttl * 1000 };
    };
    const looking = new SDJwtVcInstance(settings);
    looking.verifyStatus = async ({ payload }) => {
      const { uri, idx } = payload.status.status_list;
      if (!(lists.get(uri)?.until > Date.now())) {
        lists.set(uri, await read(uri));
      }
      const { entries } = lists.get(uri);
      assert.equal((entries[idx >> 2] >> (2 * (idx & 3))) & 3, 0, 'the card is not valid');
    };
    return looking;
  }

  /** Their verifier's look at an answer. */
  async function check(presentations, { nonce, audience }, by = kit) {
    const { microcredential: [token, ...more] } = presentations;
    assert.deepEqual(more, []);
    const { payload, kb } = await by.verify(token, { keyBindingNonce: nonce });
    assert.equal(kb.payload.aud, audience);
    return payload;
  }

  return { kit, kitWithStatus, issue, list, check };
}
