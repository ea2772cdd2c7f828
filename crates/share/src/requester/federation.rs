//! `openid_federation` (OpenID4VP 1.0, 5.9.3; OpenID Federation 1.0): from the requester up to an anchor that the trust
//! list names, by exchanges, and back down by signatures.
//!
//! An anchor is an institution of the trust list that has both the address of the anchor and its key, as a did:jwk or
//! did:key, among its identifiers. One way up is followed and no other is tried; at most [`MAX_LEVELS`] superiors are
//! asked. Metadata policies and constraints that would have to be applied are refused, never passed over.

use leerpas_core::{Exchange, Purpose, Reply, Timestamp, Url, limits::CLOCK_SKEW_SECONDS};
use leerpas_credential::{did::DidDocument, jose::Jws, keys::PublicKey, trust::TrustList};
use leerpas_openid::address;
use serde_json::{Map, Value};

use crate::{ShareError, fetch};

/// Superiors between a requester and its anchor, the anchor included.
const MAX_LEVELS: usize = 4;
/// Media type and `typ` of a statement (OpenID Federation 1.0, 3.1 and 15.8).
const MEDIA_TYPE: &str = "application/entity-statement+jwt";
const TYPE: &str = "entity-statement+jwt";
/// The kind of entity that a verifier is (OpenID Federation Wallet Architectures 1.0).
const VERIFIER: &str = "openid_credential_verifier";

const FALSE: ShareError = ShareError::NotGenuine("its federation does not vouch for it");
const TOO_FAR: ShareError = ShareError::NotGenuine("no anchor that we know is above it in its federation");

/// The way up, as far as it was gone.
#[derive(Debug)]
pub(crate) struct Climb {
    /// What each entity says of itself, the requester first.
    configurations: Vec<Statement>,
    /// What the n-th superior says of the entity under it.
    statements: Vec<Statement>,
    awaited: Awaited,
}

#[derive(Debug)]
enum Awaited {
    Configuration(String),
    Statement { superior: Box<Statement>, subject: String },
}

/// What to do next.
pub(crate) enum Next {
    Fetch(Box<Exchange>),
    /// The keys and the metadata of the requester, vouched for by an anchor.
    Top(Map<String, Value>),
}

#[derive(Debug)]
struct Statement {
    jws: Jws,
    claims: Map<String, Value>,
}

impl Climb {
    /// Begins with the requester's own configuration.
    ///
    /// # Errors
    /// An identifier that is no address.
    pub(crate) fn start(entity: &str) -> Result<(Self, Exchange), ShareError> {
        let awaited = Awaited::Configuration(entity.to_owned());
        Ok((Self { configurations: Vec::new(), statements: Vec::new(), awaited }, get(configuration_url(entity)?)))
    }

    /// Goes on with a reply from this address.
    ///
    /// # Errors
    /// A reply that is no statement, a signature that does not hold, or no anchor within reach.
    pub(crate) fn reply(
        mut self,
        reply: &Reply,
        url: &Url,
        trust: &TrustList,
        now: Timestamp,
    ) -> Result<(Self, Next), ShareError> {
        let statement = Statement::read(reply, url, now)?;
        let fetch = match std::mem::replace(&mut self.awaited, Awaited::Configuration(String::new())) {
            Awaited::Configuration(entity) => {
                statement.expect(&entity, &entity)?;
                statement.verify(&keys(statement.claims.get("jwks"))?)?;
                let Some(under) = self.configurations.last() else {
                    let superior = statement.superior(trust)?;
                    self.configurations.push(statement);
                    self.awaited = Awaited::Configuration(superior.clone());
                    return Ok((self, Next::Fetch(Box::new(get(configuration_url(&superior)?)))));
                };
                let subject = under.text("sub").ok_or(FALSE)?.to_owned();
                let url = statement.fetch_url(&subject)?;
                self.awaited = Awaited::Statement { superior: Box::new(statement), subject };
                url
            }
            Awaited::Statement { superior, subject } => {
                let issuer = superior.text("iss").ok_or(FALSE)?.to_owned();
                statement.expect(&issuer, &subject)?;
                self.statements.push(statement);
                let anchor = anchor_keys(&issuer, trust);
                let above = anchor.is_empty().then(|| superior.superior(trust)).transpose()?;
                self.configurations.push(*superior);
                let Some(above) = above else {
                    let metadata = self.descend(anchor)?;
                    return Ok((self, Next::Top(metadata)));
                };
                let known = |statement: &Statement| statement.text("sub") == Some(above.as_str());
                if self.statements.len() >= MAX_LEVELS || self.configurations.iter().any(known) {
                    return Err(TOO_FAR);
                }
                self.awaited = Awaited::Configuration(above.clone());
                configuration_url(&above)?
            }
        };
        Ok((self, Next::Fetch(Box::new(get(fetch)))))
    }

    /// Verifies everything from the anchor's known keys down: each superior's keys sign what it says of the entity under
    /// it, which names the keys that count there.
    fn descend(&self, anchor: Vec<PublicKey>) -> Result<Map<String, Value>, ShareError> {
        let mut keys_now = anchor;
        let top = self.configurations.last().ok_or(FALSE)?;
        top.verify(&keys_now)?;
        // How many entities may stand between this superior and the requester.
        for (level, statement) in self.statements.iter().enumerate().rev() {
            statement.verify(&keys_now)?;
            statement.refuse_what_is_not_applied(level)?;
            keys_now = keys(statement.claims.get("jwks"))?;
            self.configurations.get(level).ok_or(FALSE)?.verify(&keys_now)?;
        }
        let requester = self.configurations.first().ok_or(FALSE)?;
        let metadata = requester.claims.get("metadata").and_then(|metadata| metadata.get(VERIFIER));
        metadata.and_then(Value::as_object).cloned().ok_or(ShareError::NotGenuine("its federation knows no verifier"))
    }
}

impl Statement {
    fn read(reply: &Reply, url: &Url, now: Timestamp) -> Result<Self, ShareError> {
        const EXPECTED: &str = "an entity statement";
        fetch::expect_success(reply, url, EXPECTED)?;
        let unreadable = || ShareError::ReplyUnreadable { host: address::host(url), expected: EXPECTED };
        let text = std::str::from_utf8(&reply.body).map_err(|_| unreadable())?;
        let jws = Jws::parse(text.trim_ascii()).map_err(|_| unreadable())?;
        let claims = jws.claims().map_err(|_| unreadable())?;
        // A statement that brings a chain of its own is none (4.3 there), and what is critical is not understood here.
        let odd = jws.header.contains_key("trust_chain") || claims.contains_key("crit");
        if reply.media_type.as_deref() != Some(MEDIA_TYPE) || jws.typ() != Some(TYPE) || odd {
            return Err(unreadable());
        }
        let date = |name: &str| claims.get(name).and_then(Value::as_i64).ok_or(FALSE);
        let (at, skew) = (now.as_second(), CLOCK_SKEW_SECONDS);
        if at > date("exp")?.saturating_add(skew) || at < date("iat")?.saturating_sub(skew) {
            return Err(ShareError::NotGenuine("a statement of its federation does not hold now"));
        }
        Ok(Self { jws, claims })
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.claims.get(name).and_then(Value::as_str)
    }

    fn expect(&self, issuer: &str, subject: &str) -> Result<(), ShareError> {
        if self.text("iss") == Some(issuer) && self.text("sub") == Some(subject) { Ok(()) } else { Err(FALSE) }
    }

    fn verify(&self, keys: &[PublicKey]) -> Result<(), ShareError> {
        if keys.iter().any(|key| self.jws.verify(key).is_ok()) { Ok(()) } else { Err(FALSE) }
    }

    /// The superior to go on with: one that is an anchor, else the first.
    fn superior(&self, trust: &TrustList) -> Result<String, ShareError> {
        let hints = self.claims.get("authority_hints").and_then(Value::as_array).ok_or(TOO_FAR)?;
        let hints: Vec<&str> = hints.iter().filter_map(Value::as_str).collect();
        let anchor = hints.iter().find(|hint| !anchor_keys(hint, trust).is_empty());
        anchor.or(hints.first()).map(|hint| (*hint).to_owned()).ok_or(TOO_FAR)
    }

    /// Where a superior says what it says of others (OpenID Federation 1.0, 8.1).
    fn fetch_url(&self, subject: &str) -> Result<Url, ShareError> {
        let entity = self.claims.get("metadata").and_then(|metadata| metadata.get("federation_entity"));
        let endpoint = entity.and_then(|entity| entity.get("federation_fetch_endpoint")).and_then(Value::as_str);
        let mut url = address::https(endpoint.ok_or(FALSE)?).map_err(|_| FALSE)?;
        url.query_pairs_mut().append_pair("sub", subject);
        Ok(url)
    }

    /// A policy or a constraint that changes what a verifier may be is not passed over (6.1 and 6.2 there).
    fn refuse_what_is_not_applied(&self, between: usize) -> Result<(), ShareError> {
        let policy = self.claims.get("metadata_policy").and_then(|policy| policy.get(VERIFIER));
        let metadata = self.claims.get("metadata").and_then(|metadata| metadata.get(VERIFIER));
        let constraints = self.claims.get("constraints").and_then(Value::as_object);
        let length = constraints.and_then(|c| c.get("max_path_length"));
        let too_long = length.is_some_and(|length| length.as_u64().is_none_or(|length| length < between as u64));
        let other = constraints.is_some_and(|c| c.keys().any(|name| name != "max_path_length"));
        let critical = self.claims.contains_key("metadata_policy_crit");
        if policy.is_some() || critical || metadata.is_some() || too_long || other {
            return Err(ShareError::NotGenuine("its federation sets conditions that cannot be checked here"));
        }
        Ok(())
    }
}

/// The keys by which the trust list knows an anchor; none for any other entity.
fn anchor_keys(entity: &str, trust: &TrustList) -> Vec<PublicKey> {
    let Some(institution) = trust.find(entity) else { return Vec::new() };
    let local = |did: &String| {
        let document = DidDocument::resolve_local(did).ok()??;
        document.key(did, leerpas_credential::did::Purpose::Assertion).ok()
    };
    institution.identifiers.iter().filter(|identifier| identifier.starts_with("did:")).filter_map(local).collect()
}

/// The usable keys of a set.
///
/// # Errors
/// When there is none, or more than anybody needs.
pub(crate) fn keys(jwks: Option<&Value>) -> Result<Vec<PublicKey>, ShareError> {
    let set = jwks.and_then(|jwks| jwks.get("keys")).and_then(Value::as_array).filter(|set| set.len() <= 16);
    let keys: Vec<PublicKey> = set.ok_or(FALSE)?.iter().filter_map(|jwk| PublicKey::from_jwk(jwk).ok()).collect();
    if keys.is_empty() { Err(FALSE) } else { Ok(keys) }
}

fn configuration_url(entity: &str) -> Result<Url, ShareError> {
    let text = format!("{}/.well-known/openid-federation", entity.trim_end_matches('/'));
    address::https(&text).map_err(|_| FALSE)
}

fn get(url: Url) -> Exchange {
    Exchange::get(Purpose::Keys, url, MEDIA_TYPE)
}
