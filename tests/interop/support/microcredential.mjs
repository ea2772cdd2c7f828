// A microcredential by @sd-jwt: what their issuer gives out, and how their verifier looks at what is shown of it.
import assert from 'node:assert/strict';

import { ES256, digest, generateSalt } from '@sd-jwt/crypto-nodejs';
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc';
import { exportJWK, importPKCS8, importX509 } from 'jose';

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

/** The issuer of the credentials, whose key a certificate of this authority ties to its name. */
export async function makeMicrocredentials(authority, { claims: said, frame } = SAID) {
  const { key, certificate, x5c } = authority.certify(['DNS:localhost']);
  const secretJwk = await exportJWK(await importPKCS8(key, 'ES256', { extractable: true }));
  const publicJwk = await exportJWK(await importX509(certificate, 'ES256'));
  const kit = new SDJwtVcInstance({
    hasher: digest,
    hashAlg: 'sha-256',
    saltGenerator: generateSalt,
    signAlg: 'ES256',
    signer: await ES256.getSigner(secretJwk),
    verifier: await ES256.getVerifier(publicJwk),
    kbVerifier: async (data, signature, payload) => (await ES256.getVerifier(payload.cnf.jwk))(data, signature),
  });

  function issue({ publicJwk: jwk }, iss) {
    const now = Math.floor(Date.now() / 1000);
    const claims = { ...said, iss, iat: now, exp: now + 3600, cnf: { jwk } };
    return kit.issue(claims, frame, { header: { x5c } });
  }

  /** Their verifier's look at an answer. */
  async function check(presentations, { nonce, audience }) {
    const { microcredential: [token, ...more] } = presentations;
    assert.deepEqual(more, []);
    const { payload, kb } = await kit.verify(token, { keyBindingNonce: nonce });
    assert.equal(kb.payload.aud, audience);
    return payload;
  }

  return { kit, issue, check };
}
