//! Finding the metadata of an issuer and of its authorization server: at the address of the standard, else at that of
//! its drafts; plain, or signed by somebody who is trusted.

use leerpas_core::{Env, Exchange, Fault, Header, Language, Purpose, Reply, Url, limits};
use leerpas_credential::{jose::Jws, trust::TrustList, x509::Chain};
use leerpas_openid::vci::{self, AuthorizationServerMetadata, IssuerMetadata};
use serde_json::Value;

use crate::{
    ReceiveContext, ReceiveError,
    error::{At, SignedMetadata},
    reply,
};

/// What is asked for.
const PLAIN: &str = "application/json";
/// What is asked for of an issuer whose signature can be checked.
const SIGNED_OR_PLAIN: &str = "application/jwt, application/json;q=0.5";
/// The `typ` of signed metadata (OpenID4VCI 1.0, 12.2.3).
const SIGNED_TYPE: &str = "openidvci-issuer-metadata+jwt";

/// What is being looked for, with the address that is left to try.
pub(crate) struct Finding {
    identifier: String,
    other: Option<Url>,
}

/// What was found, or where to look next.
pub(crate) enum Found<T> {
    /// The metadata.
    Metadata(T),
    /// Ask here.
    Ask(Box<Exchange>, Finding),
}

impl Finding {
    /// Whose metadata are looked for.
    pub(crate) fn identifier(&self) -> &str {
        &self.identifier
    }

    /// Looks for an issuer. Signed metadata are asked for only where the trust list says whose signature they should have:
    /// a signature of nobody in particular must be refused (12.2.3), and then there would be no metadata at all.
    ///
    /// # Errors
    /// [`ReceiveError::Address`].
    pub(crate) fn issuer(identifier: &str, context: &ReceiveContext) -> Result<(Exchange, Self), ReceiveError> {
        let url = vci::credential_issuer_metadata(identifier)?;
        let other = vci::other_credential_issuer_metadata(identifier);
        let finding = Self { identifier: identifier.to_owned(), other };
        Ok((ask(url, accept(identifier, &context.trust), context.language), finding))
    }

    /// Looks for an authorization server.
    ///
    /// # Errors
    /// [`ReceiveError::Address`].
    pub(crate) fn server(identifier: &str, context: &ReceiveContext) -> Result<(Exchange, Self), ReceiveError> {
        let url = vci::authorization_server_metadata(identifier)?;
        let other = vci::other_authorization_server_metadata(identifier);
        Ok((ask(url, PLAIN, context.language), Self { identifier: identifier.to_owned(), other }))
    }

    /// Reads the metadata of an issuer: of what it describes all, or what an offer names.
    ///
    /// # Errors
    /// When there are none, they are of another issuer, or their signature is not to be trusted.
    pub(crate) fn read_issuer(
        self,
        answer: Result<Reply, Fault>,
        offered: Option<&[String]>,
        context: &ReceiveContext,
        env: Env<'_>,
    ) -> Result<Found<IssuerMetadata>, ReceiveError> {
        let accept = accept(&self.identifier, &context.trust);
        let answer = match self.look_further(answer, accept, context.language) {
            Ok(further) => return Ok(further),
            Err(here) => here,
        };
        let (answer, identifier) = *answer;
        let signed = match &answer {
            Ok(reply) => reply.is_success() && reply.media_type.as_deref().is_some_and(is_signed),
            Err(_) => false,
        };
        let body = match answer {
            Ok(reply) if signed => verify(&reply.body, &identifier, &context.trust, env)?,
            other => reply::body(other, At::Metadata)?,
        };
        Ok(Found::Metadata(match offered {
            Some(offered) => IssuerMetadata::parse_offered(&body, &identifier, offered)?,
            None => IssuerMetadata::parse(&body, &identifier)?,
        }))
    }

    /// Reads the metadata of an authorization server.
    ///
    /// # Errors
    /// When there are none, or they are of another server.
    pub(crate) fn read_server(
        self,
        answer: Result<Reply, Fault>,
        context: &ReceiveContext,
    ) -> Result<Found<AuthorizationServerMetadata>, ReceiveError> {
        let answer = match self.look_further(answer, PLAIN, context.language) {
            Ok(further) => return Ok(further),
            Err(here) => here,
        };
        let (answer, identifier) = *answer;
        let body = reply::body(answer, At::Metadata)?;
        Ok(Found::Metadata(AuthorizationServerMetadata::parse(&body, &identifier)?))
    }

    /// Where nothing is found at one address, the other one is tried once.
    #[expect(clippy::type_complexity, reason = "what came in goes out again")]
    fn look_further<T>(
        self,
        answer: Result<Reply, Fault>,
        accept: &'static str,
        language: Language,
    ) -> Result<Found<T>, Box<(Result<Reply, Fault>, String)>> {
        let Self { identifier, other } = self;
        match (other, &answer) {
            (Some(url), Ok(Reply { status: 404, .. })) => {
                Ok(Found::Ask(Box::new(ask(url, accept, language)), Self { identifier, other: None }))
            }
            _ => Err(Box::new((answer, identifier))),
        }
    }
}

fn ask(url: Url, accept: &'static str, language: Language) -> Exchange {
    // The language of the program, and English as in every list of names; nothing that the system says about the person.
    let languages = match language {
        Language::En => "en".to_owned(),
        other => format!("{}, en;q=0.5", other.tag()),
    };
    Exchange::get(Purpose::Metadata, url, accept).with_header(Header::AcceptLanguage, languages)
}

/// Whether a signature of this issuer could be checked decides what is asked for.
fn accept(identifier: &str, trust: &TrustList) -> &'static str {
    let known = trust.find(identifier);
    let checkable = known.is_some_and(|issuer| !issuer.keys.is_empty() || !issuer.roots_pem.is_empty());
    if checkable { SIGNED_OR_PLAIN } else { PLAIN }
}

fn is_signed(media_type: &str) -> bool {
    media_type == "application/jwt" || media_type == "application/openidvci-issuer-metadata+jwt"
}

/// The payload of signed metadata (12.2.3): typed, about this issuer, not out of date, and signed with a key or under a
/// certificate that the trust list gives to it. There is no way from a signature that fails to unsigned metadata
/// (security C27).
fn verify(body: &[u8], identifier: &str, trust: &TrustList, env: Env<'_>) -> Result<Vec<u8>, SignedMetadata> {
    let token = std::str::from_utf8(body).map_err(|_| SignedMetadata::Form)?;
    // No algorithm of the list is `none` or a MAC.
    let jws = Jws::parse(token.trim()).map_err(|_| SignedMetadata::Form)?;
    if jws.typ() != Some(SIGNED_TYPE) {
        return Err(SignedMetadata::Form);
    }
    signed_by_issuer(&jws, identifier, trust, env)?;
    let claims = jws.claims().map_err(|_| SignedMetadata::Form)?;
    if claims.get("sub").and_then(Value::as_str) != Some(identifier) {
        return Err(SignedMetadata::OtherIssuer);
    }
    let now = env.now.as_second();
    let issued = claims.get("iat").and_then(Value::as_i64).ok_or(SignedMetadata::Form)?;
    let expires = match claims.get("exp") {
        None => None,
        Some(expires) => Some(expires.as_i64().ok_or(SignedMetadata::Form)?),
    };
    let skew = limits::CLOCK_SKEW_SECONDS;
    if issued > now.saturating_add(skew) || expires.is_some_and(|expires| expires.saturating_add(skew) <= now) {
        return Err(SignedMetadata::Dates);
    }
    Ok(jws.payload)
}

fn signed_by_issuer(jws: &Jws, identifier: &str, trust: &TrustList, env: Env<'_>) -> Result<(), SignedMetadata> {
    let known = trust.find(identifier);
    if let Some(x5c) = jws.header.get("x5c") {
        let chain = Chain::from_x5c(x5c).map_err(|_| SignedMetadata::Form)?;
        jws.verify(&chain.leaf_key()).map_err(|_| SignedMetadata::Signature)?;
        let named = chain.covers(identifier) || known.is_some_and(|issuer| issuer.owns(&chain));
        let vouched = known.is_none_or(|issuer| issuer.vouches(&chain, env.now));
        let holds = chain.verify(trust.roots(), env.now).is_ok();
        let pinned = known.is_some_and(|issuer| issuer.pins(&chain.leaf_key()));
        return if pinned || (named && vouched && holds) { Ok(()) } else { Err(SignedMetadata::Signer) };
    }
    let keys = known.into_iter().flat_map(|issuer| &issuer.keys);
    let mut keys = keys.filter_map(|jwk| leerpas_credential::keys::PublicKey::from_jwk(jwk).ok()).peekable();
    if keys.peek().is_none() {
        return Err(SignedMetadata::Signer);
    }
    if keys.any(|key| jws.verify(&key).is_ok()) { Ok(()) } else { Err(SignedMetadata::Signature) }
}
