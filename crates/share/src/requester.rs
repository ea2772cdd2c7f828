//! Who is behind a request: the one place where a requester is proved.

use std::collections::BTreeMap;

use leerpas_core::{Evidence, Language, Party, Timestamp, Url};
use leerpas_credential::{
    did::{DidDocument, Purpose},
    jose::Jws,
    trust::{Institution, TrustList},
    x509::Chain,
};
use leerpas_openid::{
    address,
    dcql::DcqlQuery,
    text,
    vp::{AuthorizationRequest, ClientId, Prefix, REQUEST_OBJECT_TYPE, RequestError, ResponseMode},
};
use serde_json::{Map, Value};

use self::{attestation::Attestation, refused::Refused};
use crate::{ShareError, response};

mod attestation;
pub(crate) mod federation;
pub(crate) mod refused;

/// Longest name that is shown.
const MAX_NAME: usize = 200;

/// A request object that was taken apart and not proved yet.
#[derive(Debug)]
pub(crate) struct Unproved {
    pub(crate) jws: Jws,
    pub(crate) client_id: ClientId,
    pub(crate) outside: Vec<(String, String)>,
    pub(crate) wallet_nonce: Option<String>,
    /// What was found where the object points to for its `presentation_definition`.
    pub(crate) definition: Option<Value>,
    /// The address that was contacted with the person's consent, if any.
    pub(crate) contacted: Option<Url>,
    /// What a federation says about the requester, in place of what it says itself.
    metadata: Option<Map<String, Value>>,
    /// What each `scope` of this requester stands for, as the trust list has it.
    scopes: BTreeMap<String, Value>,
}

/// What a requester proved.
#[derive(Debug)]
pub(crate) enum Proof {
    /// A certificate that ends at a root we know, and is the one of the identifier.
    Certificate(Box<Chain>),
    /// A key in the document of the DID.
    Did,
    /// A key that a party of the trust list attests.
    Attested {
        /// The identifier under which the list has that party.
        by: String,
    },
    /// A key that an anchor of the trust list vouches for.
    Federated,
    /// Nothing: the request is not signed.
    Nothing,
}

impl Unproved {
    /// Takes a request object apart.
    ///
    /// # Errors
    /// When it is no JWS that could be verified at all, or its `typ` is another one (RFC 9101, 10.8).
    pub(crate) fn parse(
        jwt: &str,
        client_id: ClientId,
        outside: Vec<(String, String)>,
        wallet_nonce: Option<String>,
        contacted: Option<Url>,
    ) -> Result<Self, ShareError> {
        let jws =
            Jws::parse(jwt).map_err(|_| ShareError::NotGenuine("its signature cannot be read or is not allowed"))?;
        if jws.typ() != Some(REQUEST_OBJECT_TYPE) {
            return Err(RequestError::Invalid("the typ is not that of a request object").into());
        }
        let scopes = BTreeMap::new();
        Ok(Self { jws, client_id, outside, wallet_nonce, definition: None, contacted, metadata: None, scopes })
    }

    /// Takes over what was agreed beforehand with the institution that the trust list has under this name. Whether the
    /// requester is that institution is for the proof to say.
    pub(crate) fn agreed(mut self, trust: &TrustList) -> Self {
        let known = listed(&self.client_id, trust);
        self.agree(known);
        self
    }

    fn agree(&mut self, institution: Option<&Institution>) {
        if let Some(institution) = institution {
            self.scopes.clone_from(&institution.scopes);
        }
    }

    /// Makes sure that a request that was fetched is answered over the network: an answer as pictures is for a request
    /// that came as a picture itself, because whoever handed it out elsewhere need not be in this room.
    ///
    /// # Errors
    /// [`RequestError::Invalid`].
    pub(crate) fn expect_post(&self) -> Result<(), ShareError> {
        let mode = self.claims()?.get("response_mode").and_then(Value::as_str).map(str::to_owned);
        match mode.as_deref() == Some(ResponseMode::Frames.as_str()) {
            true => Err(RequestError::Invalid("an answer as pictures to a request that was fetched").into()),
            false => Ok(()),
        }
    }

    /// Where the old protocol keeps the definition, if it is to be fetched: from the host that handed out this request
    /// object and no other, because nothing is proved yet.
    ///
    /// # Errors
    /// Another host.
    pub(crate) fn definition_elsewhere(&self, contacted: &Url) -> Result<Option<Url>, ShareError> {
        let claims = self.claims()?;
        let Some(uri) = claims.get("presentation_definition_uri") else { return Ok(None) };
        let url = uri.as_str().and_then(|uri| address::https(uri).ok());
        match url.filter(|url| url.origin() == contacted.origin()) {
            Some(url) => Ok(Some(url)),
            None => Err(RequestError::Unsupported("a presentation_definition at another address").into()),
        }
    }

    /// Proves the request with the certificate in its header: for `x509_hash`, `x509_san_dns`, and a requester that the
    /// trust list has under a name without prefix (OpenID4VP 1.0, 5.9.2 and 5.9.3).
    ///
    /// # Errors
    /// No certificate, another one than the identifier names, one that ends at no root, or a signature that
    /// does not hold; then the rules of the request itself.
    pub(crate) fn prove_by_certificate(
        mut self,
        trust: &TrustList,
        now: Timestamp,
    ) -> Result<(AuthorizationRequest, Proof), Refused> {
        let x5c = self.jws.header.get("x5c").ok_or(ShareError::NotGenuine("it carries no certificate"))?;
        let chain = Chain::from_x5c(x5c).map_err(|_| ShareError::NotGenuine("its certificate cannot be read"))?;
        let client_id = self.client_id.clone();
        let (prefix, name) = (client_id.prefix(), client_id.value());
        let registered = (prefix == Prefix::PreRegistered).then(|| registration(&client_id, trust)).transpose()?;
        let is_named = match registered {
            Some(institution) => !institution.roots_pem.is_empty() && institution.vouches(&chain, now),
            None if prefix == Prefix::X509SanDns => chain.has_dns_name(name),
            None => chain.leaf_sha256_base64url() == name,
        };
        if !is_named {
            return Err(ShareError::NotGenuine("its certificate is not the one of the client_id").into());
        }
        chain.verify(trust.roots(), now).map_err(|_| ShareError::NotGenuine("its certificate is not trusted"))?;
        self.jws.verify(&chain.leaf_key()).map_err(|_| ShareError::NotGenuine("its signature does not hold"))?;
        let own = |address: &Url| match registered {
            Some(institution) => institution.owns(&chain) && chain.covers(address.as_str()),
            // The host itself, and not another name of the same certificate.
            None if prefix == Prefix::X509SanDns => {
                address.host_str().is_some_and(|host| host.eq_ignore_ascii_case(name))
            }
            None => chain.covers(address.as_str()),
        };
        self.agree(listed(&client_id, trust).or_else(|| listed_by_certificate(trust, &chain, now)));
        if registered.is_some() && self.claims()?.contains_key("client_metadata") {
            return Err(self.refused(RequestError::KnownBeforehand.into(), own));
        }
        let request = self.read_own(now, own)?;
        Ok((request, Proof::Certificate(Box::new(chain))))
    }

    /// Proves the request with a key that a party of the trust list attests (OpenID4VP 1.0, 5.9.3).
    ///
    /// # Errors
    /// An attestation that does not hold, a signature that does not, or an address that it does not allow; then the
    /// rules of the request itself.
    pub(crate) fn prove_by_attestation(
        &self,
        trust: &TrustList,
        now: Timestamp,
    ) -> Result<(AuthorizationRequest, Proof), Refused> {
        let attestation = Attestation::open(&self.jws.header, self.client_id.value(), trust, now)?;
        self.jws.verify(&attestation.key).map_err(|_| ShareError::NotGenuine("its signature does not hold"))?;
        let request = self.read_own(now, |address| attestation.allows(address))?;
        Ok((request, Proof::Attested { by: attestation.issuer }))
    }

    /// Proves the request with a key of the requester's DID document (OpenID4VP 1.0, 5.9.3).
    ///
    /// `did_host` is the host of a did:web, to which the answer must go.
    ///
    /// # Errors
    /// No `kid`, no such key, or a signature that does not hold; then the rules of the request itself.
    pub(crate) fn prove_by_did(
        &self,
        document: &DidDocument,
        did_host: Option<&str>,
        now: Timestamp,
    ) -> Result<(AuthorizationRequest, Proof), Refused> {
        let kid = self.jws.kid().ok_or(ShareError::NotGenuine("it names no key"))?;
        let method = if kid.starts_with('#') { format!("{}{kid}", document.id()) } else { kid.to_owned() };
        let key = [Purpose::Authentication, Purpose::Assertion]
            .into_iter()
            .find_map(|purpose| document.key(&method, purpose).ok())
            .ok_or(ShareError::NotGenuine("the DID has no such key"))?;
        self.jws.verify(&key).map_err(|_| ShareError::NotGenuine("its signature does not hold"))?;
        let request = match did_host {
            Some(host) => self.read_own(now, |address| address.host_str() == Some(host))?,
            // The key proves itself and no address.
            None => self.read(now)?,
        };
        Ok((request, Proof::Did))
    }

    /// Proves the request with the keys that a federation vouches for. What the requester says about itself in the
    /// request is ignored: the federation's metadata counts (OpenID4VP 1.0, 5.9.3).
    ///
    /// # Errors
    /// A signature that does not hold, or an answer that would go elsewhere; then the rules of the request itself.
    pub(crate) fn prove_by_federation(
        mut self,
        metadata: Map<String, Value>,
        now: Timestamp,
    ) -> Result<(AuthorizationRequest, Proof), Refused> {
        // Keys that lie elsewhere would be fetched for a request that nobody proved yet.
        if !metadata.contains_key("jwks")
            && ["jwks_uri", "signed_jwks_uri"].iter().any(|uri| metadata.contains_key(*uri))
        {
            return Err(RequestError::Unsupported("keys of a federation at another address").into());
        }
        let keys = federation::keys(metadata.get("jwks"))?;
        if !keys.iter().any(|key| self.jws.verify(key).is_ok()) {
            return Err(ShareError::NotGenuine("its signature does not hold").into());
        }
        self.metadata = Some(metadata);
        let entity = address::https(self.client_id.value()).map_err(|_| RequestError::WrongAddress)?;
        let request = self.read_own(now, |address| address.origin() == entity.origin())?;
        Ok((request, Proof::Federated))
    }

    fn claims(&self) -> Result<Map<String, Value>, ShareError> {
        Ok(self.jws.claims().map_err(|_| RequestError::Invalid("the request object is no JSON object"))?)
    }

    /// Reads the request of a requester to whom these addresses belong, and remembers whom to tell where it cannot be
    /// answered.
    fn read_own(&self, now: Timestamp, own: impl Fn(&Url) -> bool) -> Result<AuthorizationRequest, Refused> {
        let request = self.read(now).and_then(|request| {
            if request.response_mode.is_encrypted() {
                response::encryption_key(&request.client_metadata)?;
            }
            Ok(request)
        });
        match request {
            Ok(request) => match &request.response_uri {
                Some(address) if own(address) => Ok(request),
                // An answer as pictures goes to no address; a certificate is proof of its own.
                None if self.client_id.prefix() == Prefix::X509Hash => Ok(request),
                _ => Err(RequestError::WrongAddress.into()),
            },
            Err(error) => Err(self.refused(error, own)),
        }
    }

    fn refused(&self, error: ShareError, own: impl Fn(&Url) -> bool) -> Refused {
        match self.members() {
            Ok(members) => Refused::with_address(error, &members, &self.client_id, self.contacted.as_ref(), own),
            Err(_) => error.into(),
        }
    }

    fn read(&self, now: Timestamp) -> Result<AuthorizationRequest, ShareError> {
        let nonce = self.wallet_nonce.as_deref();
        Ok(AuthorizationRequest::from_object(&self.members()?, &self.client_id, &self.outside, nonce, now)?)
    }

    /// The claims, with what stands elsewhere in its place.
    fn members(&self) -> Result<Map<String, Value>, ShareError> {
        let mut claims = self.claims()?;
        if let Some(definition) = &self.definition
            && claims.remove("presentation_definition_uri").is_some()
            && claims.insert("presentation_definition".to_owned(), definition.clone()).is_some()
        {
            return Err(RequestError::Invalid("presentation_definition in two ways").into());
        }
        if let Some(metadata) = &self.metadata {
            claims.insert("client_metadata".to_owned(), Value::Object(metadata.clone()));
        }
        // OpenID4VP 1.0, 5.5: an agreed scope is another name of a query. Beside another question it stays, and is refused.
        let otherwise = ["dcql_query", "presentation_definition"].iter().any(|name| claims.contains_key(*name));
        let agreed = claims.get("scope").and_then(Value::as_str).and_then(|scope| self.scopes.get(scope));
        if let Some(query) = agreed.filter(|query| !otherwise && DcqlQuery::parse(query).is_ok()).cloned() {
            claims.remove("scope");
            claims.insert("dcql_query".to_owned(), query);
        }
        Ok(claims)
    }
}

/// The requester as the person meets it. A name that nobody vouches for is never called proved.
pub(crate) fn party(
    request: &AuthorizationRequest,
    proof: &Proof,
    trust: &TrustList,
    language: Language,
    now: Timestamp,
) -> Party {
    let client_id = &request.client_id;
    let claimed = request.client_metadata.client_name.clone();
    // Where the answer goes to no host, the certificate is all there is to name.
    let host = request.response_uri.as_ref().map(address::host);
    let fallback = || host.clone().unwrap_or_else(|| text::plain(client_id.value(), MAX_NAME));
    let listed = listed(client_id, trust);
    let (name, evidence) = match proof {
        Proof::Certificate(chain) => match listed.or_else(|| listed_by_certificate(trust, chain, now)) {
            Some(institution) => (institution.name_in(language).to_owned(), institution.evidence()),
            None => (certified_name(chain).unwrap_or_else(fallback), Evidence::Proved),
        },
        Proof::Did => match (listed, leerpas_credential::did::host_of(client_id.value())) {
            (Some(institution), _) => (institution.name_in(language).to_owned(), institution.evidence()),
            (None, Some(did_host)) => (did_host, Evidence::Proved),
            // A key alone says nothing about a name.
            (None, None) => (claimed.unwrap_or_else(fallback), Evidence::Claimed),
        },
        Proof::Federated => match (listed, leerpas_credential::did::host_of(client_id.value())) {
            (Some(institution), _) => (institution.name_in(language).to_owned(), institution.evidence()),
            (None, own) => (own.unwrap_or_else(fallback), Evidence::Proved),
        },
        Proof::Attested { .. } => match listed {
            Some(institution) => (institution.name_in(language).to_owned(), institution.evidence()),
            // Key and address are proved; whose name it is, [`attester`] tells.
            None => (text::plain(client_id.value(), MAX_NAME), Evidence::Proved),
        },
        Proof::Nothing => (claimed.unwrap_or_else(fallback), Evidence::Claimed),
    };
    Party { name, identifier: client_id.as_str().to_owned(), host, evidence }
}

/// The institution that the trust list has under the name of a requester.
fn listed<'t>(client_id: &ClientId, trust: &'t TrustList) -> Option<&'t Institution> {
    // What another party calls the requester is a name of its own making, and a DNS name is for the certificate to prove.
    let by_value = !matches!(client_id.prefix(), Prefix::VerifierAttestation | Prefix::X509SanDns);
    trust.find(client_id.as_str()).or_else(|| trust.find(client_id.value()).filter(|_| by_value))
}

/// Who gave the requester its name, where that was somebody else (OpenID4VP 1.0, 12): a name of the trust list.
pub(crate) fn attester(proof: &Proof, trust: &TrustList, language: Language) -> Option<String> {
    let Proof::Attested { by } = proof else { return None };
    trust.find(by).map(|institution| institution.name_in(language).to_owned())
}

/// The institution that a client identifier without prefix names (OpenID4VP 1.0, 5.9.2): the trust list is the
/// register.
///
/// # Errors
/// [`RequestError::Unsupported`] when it is not on it.
pub(crate) fn registration<'t>(client_id: &ClientId, trust: &'t TrustList) -> Result<&'t Institution, RequestError> {
    let known = trust.find(client_id.as_str());
    known.ok_or(RequestError::Unsupported("a client_id without prefix that is not known beforehand"))
}

/// The requester as far as a link tells: for the record of a request that went no further.
pub(crate) fn party_of_link(client_id: &ClientId, contact: &Url) -> Party {
    let host = address::host(contact);
    Party {
        name: host.clone(),
        identifier: client_id.as_str().to_owned(),
        host: Some(host),
        evidence: Evidence::Claimed,
    }
}

/// Whether this way of naming a requester needs a DID document.
pub(crate) fn is_did(client_id: &ClientId) -> bool {
    client_id.prefix() == Prefix::DecentralizedIdentifier
}

/// An institution that lists an identifier or a domain of the certificate, and under whose own roots it
/// holds. `localhost` names nobody in particular: on one computer an institution and a desk can both be tried
/// out under it.
fn listed_by_certificate<'t>(trust: &'t TrustList, chain: &Chain, now: Timestamp) -> Option<&'t Institution> {
    let names = chain.names();
    let owns = |institution: &&Institution| {
        let by_domain = |name: &String| {
            !name.eq_ignore_ascii_case("localhost")
                && institution.domains.iter().any(|domain| domain.eq_ignore_ascii_case(name))
        };
        names.iter().any(|name| institution.has_identifier(name) || by_domain(name))
    };
    trust.institutions().iter().filter(owns).find(|institution| institution.vouches(chain, now))
}

fn certified_name(chain: &Chain) -> Option<String> {
    let name = chain.organisation().or_else(|| chain.common_name())?;
    Some(text::plain(&name, MAX_NAME)).filter(|name| !name.is_empty())
}
