//! The wire messages of OpenID4VCI, OpenID4VP and DCQL.

use leerpas_core::Format;
use leerpas_intake::{Arrival, Input};
use leerpas_openid::{
    dcql::{DcqlQuery, Descriptor},
    json,
    vci::{
        AuthorizationServerMetadata, CredentialOffer, CredentialRequest, CredentialResponse, Deferred, ErrorResponse,
        IssuerMetadata, NonceResponse, TokenResponse,
    },
    vp::{AuthorizationRequest, AuthorizationResponse, ClientId, ClientMetadata, RequestSource, read_form},
};
use serde_json::{Value, json};

use super::{Verdict, rule, way};
use crate::World;

const ISSUER: &str = "https://a.example";

fn query() -> Value {
    json!({"credentials": [
        {"id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": ["https://a.example/vct"]},
         "claims": [{"id": "t", "path": ["title"]}, {"id": "s", "path": ["skills", null]},
                    {"id": "e", "path": ["ects"], "values": [4]}], "claim_sets": [["t", "s"], ["t"]]},
        {"id": "b", "format": "ldp_vc", "meta": {"type_values": [["OpenBadgeCredential"]]}, "multiple": true}],
        "credential_sets": [{"options": [["a"], ["b"]], "required": true}, {"options": [["b"]], "required": false}]})
}

fn bytes(values: &[Value]) -> Vec<Vec<u8>> {
    values.iter().map(|value| value.to_string().into_bytes()).collect()
}

pub(super) fn dcql_samples(_: &World) -> Vec<Vec<u8>> {
    bytes(&[query()])
}

/// A query that was read is read alike again, and asks for no claim that is not there.
pub(super) fn dcql(world: &World, input: &[u8]) -> Verdict {
    let value = match json::read(input) {
        Ok(value) => value,
        Err(error) => return Ok(way(&error)),
    };
    let query = match DcqlQuery::parse(&value) {
        Ok(query) => query,
        Err(error) => return Ok(way(&error)),
    };
    rule(DcqlQuery::parse(query.as_json()).is_ok(), "a query cannot be read again")?;
    let types = [vec!["https://a.example/vct".to_owned()], vec!["OpenBadgeCredential".to_owned()]];
    let cards = [
        Descriptor {
            format: Format::SdJwtVc,
            types: &types[0],
            claims: &world.said.sd_jwt,
            holder_bound: true,
            authorities: &[],
        },
        Descriptor {
            format: Format::DataIntegrity,
            types: &types[1],
            claims: &world.said.jwt,
            holder_bound: false,
            authorities: &[],
        },
    ];
    let found = query.evaluate(&cards);
    rule(found == query.evaluate(&cards), "the same query finds something else")?;
    rule(found.queries.len() == query.credentials.len(), "a query has no answer of its own")?;
    if let Some(planned) = found.selection(&query) {
        let _ = planned;
    }
    Ok(way(&found.queries.iter().map(|query| query.candidates.len()).collect::<Vec<_>>()))
}

pub(super) fn request_samples(_: &World) -> Vec<Vec<u8>> {
    let request = json!({"aud": "https://self-issued.me/v2", "iat": 1_789_999_990, "exp": 1_790_000_300,
        "client_id": "redirect_uri:https://a.example/r", "response_type": "vp_token", "response_mode": "direct_post",
        "response_uri": "https://a.example/r", "nonce": "n-0S6_WzA2Mj", "state": "s", "dcql_query": query(),
        "client_metadata": {"vp_formats_supported": {"dc+sd-jwt": {}}, "client_name": "A"}});
    let mut samples = bytes(&[request]);
    samples.push(b"client_id=redirect_uri%3Ahttps%3A%2F%2Fa.example%2Fr&response_type=vp_token&nonce=n".to_vec());
    samples
        .push(b"client_id=x509_hash%3AYWJj&request_uri=https%3A%2F%2Fa.example%2Fr&request_uri_method=post".to_vec());
    samples
}

/// A request goes to https and asks for an answer to itself, or is refused.
pub(super) fn request(world: &World, input: &[u8]) -> Verdict {
    let mut ways = Vec::new();
    if let Ok(form) = read_form("application/x-www-form-urlencoded", input) {
        ways.push(way(&RequestSource::from_parameters(&form).map(|_| "a link")));
    }
    if let Ok(payload) = json::read_object(input) {
        if let Some(metadata) = payload.get("client_metadata") {
            ways.push(way(&ClientMetadata::parse(metadata).map(|_| "metadata")));
        }
        let named = payload.get("client_id").and_then(Value::as_str).unwrap_or_default();
        match ClientId::parse(named) {
            Err(error) => ways.push(way(&error)),
            Ok(client_id) => {
                rule(client_id.as_str() == named, "a client identifier became another one")?;
                let request = AuthorizationRequest::from_object(&payload, &client_id, &[], None, world.now);
                ways.push(way(&request.as_ref().map(|_| "a request")));
            }
        }
    }
    Ok(ways.join(" "))
}

pub(super) fn response_samples(_: &World) -> Vec<Vec<u8>> {
    let mut samples = bytes(&[
        json!({"vp_token": {"a": ["eyJhbGciOiJFUzI1NiJ9.e30.AA~"], "b": [{"type": "VerifiablePresentation"}]}, "state": "s"}),
        json!({"error": "access_denied", "state": "s"}),
    ]);
    samples.push(b"vp_token=%7B%22a%22%3A%5B%22x%22%5D%7D&state=s".to_vec());
    samples.push(b"response=eyJhbGciOiJFQ0RILUVTIn0..AA.AA.AA".to_vec());
    samples
}

/// An answer that was read and written is read alike.
pub(super) fn response(_: &World, input: &[u8]) -> Verdict {
    let mut ways = Vec::new();
    if let Ok(form) = read_form("application/x-www-form-urlencoded", input) {
        let response = AuthorizationResponse::from_form(&form);
        if let Ok(response) = &response {
            let again = AuthorizationResponse::from_form(&response.to_form());
            rule(again.as_ref() == Ok(response), "a written answer is read otherwise")?;
        }
        ways.push(way(&response.map(|_| "a form")));
    }
    let response = AuthorizationResponse::from_payload(input);
    if let Ok(response) = &response {
        let again = AuthorizationResponse::from_payload(response.to_payload().to_string().as_bytes());
        rule(again.as_ref() == Ok(response), "a written answer is read otherwise")?;
    }
    ways.push(way(&response.map(|_| "a payload")));
    Ok(ways.join(" "))
}

pub(super) fn offer_samples(_: &World) -> Vec<Vec<u8>> {
    bytes(&[
        json!({"credential_issuer": ISSUER, "credential_configuration_ids": ["microcredential"], "grants": {
            "urn:ietf:params:oauth:grant-type:pre-authorized_code": {"pre-authorized_code": "abc",
                "tx_code": {"input_mode": "numeric", "length": 6, "description": "De code"}}}}),
        json!({"credential_issuer": ISSUER, "credential_configuration_ids": ["a", "b"],
            "grants": {"authorization_code": {"issuer_state": "s"}}}),
    ])
}

/// The link of an offer leads to the same offer.
pub(super) fn offer(_: &World, input: &[u8]) -> Verdict {
    let offer = match CredentialOffer::from_json(input) {
        Ok(offer) => offer,
        Err(error) => return Ok(way(&error)),
    };
    let link = offer.link();
    match leerpas_intake::read(Input::Text(&link)) {
        Ok(Arrival::Offer(leerpas_intake::OfferSource::Value(value))) => {
            let same = CredentialOffer::parse(&value).is_ok_and(|again| again == offer);
            rule(same, "the link of an offer holds another one")?;
        }
        Ok(_) => return Err("the link of an offer is taken for something else".to_owned()),
        // A link may hold less than a file: neither control characters nor the mark of bytes that were no text.
        Err(_) => {
            let written = serde_json::to_string(&offer).unwrap_or_default();
            let odd = written.contains(['\u{fffd}', '\\']) || written.chars().any(char::is_control);
            rule(odd || link.len() > leerpas_core::limits::LINK, "the link of an offer is refused")?;
        }
    }
    Ok(format!("an offer, {}", way(&offer.grant().map(|grant| grant.tx_code().is_some()))))
}

pub(super) fn issuer_samples(_: &World) -> Vec<Vec<u8>> {
    bytes(&[
        json!({"credential_issuer": ISSUER, "credential_endpoint": "https://a.example/c",
            "nonce_endpoint": "https://a.example/n", "display": [{"name": "A", "locale": "nl"}],
            "credential_configurations_supported": {"microcredential": {"format": "dc+sd-jwt", "vct": "https://a.example/vct",
                "cryptographic_binding_methods_supported": ["jwk"],
                "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": ["ES256"]}},
                "credential_metadata": {"display": [{"name": "M", "locale": "en"}],
                    "claims": [{"path": ["title"], "display": [{"name": "Titel", "locale": "nl"}]}]}}}}),
        json!({"issuer": ISSUER, "token_endpoint": "https://a.example/t",
            "pre-authorized_grant_anonymous_access_supported": true}),
        json!({"access_token": "t", "token_type": "Bearer", "expires_in": 300, "authorization_details":
            [{"type": "openid_credential", "credential_configuration_id": "m", "credential_identifiers": ["m1"]}]}),
        json!({"credentials": [{"credential": "eyJ.e30.AA~"}, {"credential": {"a": 1}}], "notification_id": "n"}),
        json!({"c_nonce": "n"}),
        json!({"error": "invalid_grant", "error_description": "no"}),
        json!({"credential_configuration_id": "m", "proofs": {"jwt": ["a.b.c"]}}),
    ])
}

/// What an issuer answers is taken or refused, a request that was read is written alike, and of its metadata a part is read as
/// all of it.
pub(super) fn issuer(_: &World, input: &[u8]) -> Verdict {
    let request = CredentialRequest::parse(input);
    if let Ok(request) = &request {
        let again = CredentialRequest::parse(&request.to_json().to_string().into_bytes());
        rule(again.is_ok_and(|again| again.to_json() == request.to_json()), "a written request is read otherwise")?;
    }
    let metadata = IssuerMetadata::parse(input, ISSUER);
    let described = metadata.as_ref().ok().and_then(|metadata| metadata.configurations.keys().next().cloned());
    let offered = [described.unwrap_or_else(|| "a".to_owned())];
    let of = |metadata: IssuerMetadata| metadata.configuration(&offered[0]).cloned();
    let alone = IssuerMetadata::parse_offered(input, ISSUER, &offered).map(of);
    rule(alone == metadata.clone().map(of), "what is offered is read otherwise among all of it")?;
    let ways = [
        way(&metadata.map(|_| "metadata")),
        way(&AuthorizationServerMetadata::parse(input, ISSUER).map(|_| "server")),
        way(&TokenResponse::parse(input).map(|_| "token")),
        way(&CredentialResponse::parse(input).map(|_| "credential")),
        way(&Deferred::parse(input).map(|later| later.map_or("now", |_| "later"))),
        way(&NonceResponse::parse(input).map(|_| "nonce")),
        way(&ErrorResponse::parse(input).map(|_| "error")),
        way(&request.map(|_| "request")),
    ];
    Ok(ways.join(" "))
}
