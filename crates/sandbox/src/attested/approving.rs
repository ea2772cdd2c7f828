//! The help desk of the institution: a page that approves the key that a wallet made.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use leerpas_credential::{
    jose::sign_compact,
    keys::{Algorithm, PublicKey},
};
use leerpas_openid::oauth::ATTESTATION_TYPE;
use serde_json::{Value, json};

use super::{CLIENT, OFFER, OFFER_WITH_SIGN_IN, form_of, issuer};
use crate::{
    app::App,
    grants::later,
    http::json_ok,
    page::{self, Words},
};

/// How long an approval holds, in seconds, unless less is asked for.
const APPROVAL_SECONDS: i64 = 365 * 86_400;

/// Attests a key, given as a public JWK, for some seconds. Nothing for what is no such key.
pub fn approve(app: &App, jwk: &Value, seconds: i64) -> Option<String> {
    let key = PublicKey::from_jwk(jwk).ok().filter(|key| key.algorithm() == Algorithm::Es256)?;
    let now = app.env().now;
    let claims = json!({
        "iss": app.identity.issuer,
        "sub": CLIENT,
        "iat": now.as_second(),
        "exp": later(now, seconds.clamp(1, APPROVAL_SECONDS)).as_second(),
        "cnf": { "jwk": key.to_jwk() },
    });
    let header = json!({ "alg": "ES256", "typ": ATTESTATION_TYPE });
    sign_compact(&header, claims.to_string().as_bytes(), &app.identity.certified).ok()
}

/// The link to its page, on the first page of the sandbox.
pub fn home_link(words: &Words) -> String {
    let text = if words.is_dutch() {
        "Haal iets op waarvoor de instelling Leerpas eerst goedkeurt"
    } else {
        "Collect something for which the institution approves Leerpas first"
    };
    format!("<p><a href=\"/{OFFER}\">{text}</a></p>")
}

/// What to do, and where to paste the key.
pub(super) async fn front_page(State(app): State<Arc<App>>, headers: HeaderMap) -> Html<String> {
    Html(how_to(&app, page::words_for(&headers)))
}

/// Gives out an attestation: a page for people, JSON for programs.
pub(super) async fn approval(State(app): State<Arc<App>>, headers: HeaderMap, body: Bytes) -> Response {
    let foreign = headers.get(header::ORIGIN).is_some_and(|origin| origin.as_bytes() != app.identity.issuer.as_bytes());
    if foreign {
        return StatusCode::FORBIDDEN.into_response();
    }
    let form = form_of(&headers, &body).unwrap_or_default();
    let field = |wanted: &str| form.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.trim());
    let key = field("key").and_then(|key| serde_json::from_str(key).ok());
    let seconds = field("seconds").map_or(Some(APPROVAL_SECONDS), |seconds| seconds.parse().ok());
    let attestation = key.zip(seconds).and_then(|(key, seconds): (Value, i64)| approve(&app, &key, seconds));
    let status = if attestation.is_some() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let accepts = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if accepts.contains("text/html") {
        return (status, Html(approved(attestation.as_deref(), page::words_for(&headers)))).into_response();
    }
    (status, json_ok(&json!({ "attestation": attestation }))).into_response()
}

fn how_to(app: &App, words: &Words) -> String {
    let text = |nl: &'static str, en: &'static str| if words.is_dutch() { nl } else { en };
    let title = text("Eerst goedkeuren, dan ophalen", "Approve first, then collect");
    let body = format!(
        "<h1>{title}</h1><p class=soft>{}</p><div class=panel><ol><li>{} <code>{}</code></li><li>{}</li><li>{}</li></ol>\
         <form class=wide method=post action=\"/{OFFER}/approve\"><p><label for=key>{}</label><br>\
         <textarea id=key name=key rows=4 required></textarea></p><p><label for=life>{}</label> \
         <select id=life name=seconds><option value={APPROVAL_SECONDS}>{}</option><option value=60>{}</option></select></p>\
         <button type=submit>{}</button></form></div>\
         <p><a href=\"/offers/{OFFER}\">{}</a></p><p><a href=\"/offers/{OFFER_WITH_SIGN_IN}\">{}</a></p>\
         <p><a href=\"/\">{}</a></p>",
        text(
            "Deze instelling geeft deze kaart alleen aan programma's die zij heeft goedgekeurd. Hier keurt zij Leerpas goed.",
            "This institution gives this card only to programs that it has approved. Here it approves Leerpas.",
        ),
        text(
            "Ga in Leerpas naar Instellingen, onder “Goedkeuring door je opleiding”. Vul dit adres in:",
            "In Leerpas, go to Settings, under “Approval by your school”. Fill in this address:",
        ),
        page::escape(&issuer(app)),
        text("Maak daar een sleutel en kopieer hem.", "Make a key there and copy it."),
        text("Plak de sleutel hieronder.", "Paste the key below."),
        text("Sleutel uit Leerpas", "Key from Leerpas"),
        text("Geldig", "Valid for"),
        text("een jaar", "a year"),
        text("een minuut", "a minute"),
        text("Keur goed", "Approve"),
        text("Haal daarna de kaart op", "After that, collect the card"),
        text("Of haal de kaart op door in uw browser in te loggen", "Or collect it by signing in with your browser"),
        text("Terug", "Back"),
    );
    page::page(words, title, &body)
}

fn approved(attestation: Option<&str>, words: &Words) -> String {
    let text = |nl: &'static str, en: &'static str| if words.is_dutch() { nl } else { en };
    let Some(attestation) = attestation else {
        let title = text("Dit is geen sleutel", "This is no key");
        let lead = text(
            "Kopieer de sleutel in Leerpas en plak hem hier in zijn geheel.",
            "Copy the key in Leerpas and paste all of it here.",
        );
        let back = text("Terug", "Back");
        return page::page(
            words,
            title,
            &format!("<h1>{title}</h1><p>{lead}</p><p><a href=\"/{OFFER}\">{back}</a></p>"),
        );
    };
    let title = text("Goedgekeurd", "Approved");
    let body = format!(
        "<h1>{title}</h1><div class=panel><p><label for=approval>{}</label></p>\
         <textarea id=approval rows=8 readonly>{}</textarea>\
         <p><a class=button href=\"/offers/{OFFER}\">{}</a></p></div><p><a href=\"/\">{}</a></p>",
        text(
            "Kopieer deze goedkeuring. Voeg haar in Leerpas toe bij Instellingen.",
            "Copy this approval. Add it in Leerpas, in Settings.",
        ),
        page::escape(attestation),
        text("Haal nu de kaart op", "Now collect the card"),
        text("Terug", "Back"),
    );
    page::page(words, title, &body)
}
