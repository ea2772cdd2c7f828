//! A sign-in that asks for a card first: before the trial institution gives out the follow-up course, it wants to see the
//! course that comes before it, by OpenID4VP 1.0, from the page at which the learner signs in.
//!
//! The institution asks under a key of its own for that. The answer brings the browser back by a `redirect_uri` with a
//! fresh code (OpenID4VP 1.0, 8.2): whoever relayed the link to somebody else has not got it, and goes no further.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use leerpas_check::{Answered, Ask, JudgeContext, Judging, Pending, Presented, VerifierIdentity};
use leerpas_core::{Env, Fault, Machine, Step, Timestamp, Url};
use leerpas_credential::{
    report::Verdict,
    trust::TrustList,
    verify::{Resource, Resources},
};
use leerpas_openid::{
    dcql::DcqlQuery,
    vci::{AuthorizationCode, CredentialOffer, Grants},
    vp::{REQUEST_OBJECT_MEDIA_TYPE, ResponseMode, read_form},
};
use serde_json::{Value, json};
use subtle::ConstantTimeEq;

use crate::{
    app::App,
    catalogue::Course,
    grants::{Kept, random_word},
    issue,
    metadata::{Form, VCT},
    page::{self, Words},
};

/// The name of the offer.
pub const OFFER: &str = "card_first";
/// By this the offer tells the sign-in what it is for (OpenID4VCI 1.0, 5.1.3).
const ISSUER_STATE: &str = "eerst-een-kaart";
/// The course that is given out.
const FOLLOW_UP: &str = "energietransitie";
/// The course that has to be shown for it.
const BEFORE: &str = "watermanagement";

/// Who asks, and whom it believes.
#[derive(Debug)]
pub struct Asker {
    /// The institution as a verifier.
    pub identity: Arc<VerifierIdentity>,
    /// The trust list of the trial.
    pub trust: Arc<TrustList>,
}

/// Requests on their way.
#[derive(Debug, Default)]
pub struct CardsFirst {
    /// By the name of the request: the reference of the sign-in that it belongs to.
    asked: Kept<(String, Pending)>,
    /// By the reference of a sign-in: the code with which its browser comes back.
    shown: Kept<String>,
}

impl CardsFirst {
    /// Whether the browser with this code may go on with a sign-in. The code is spent.
    fn may_go_on(&mut self, reference: &str, code: Option<&str>) -> bool {
        let right = self
            .shown
            .get(reference)
            .zip(code)
            .is_some_and(|(right, code)| bool::from(right.as_bytes().ct_eq(code.as_bytes())));
        right && self.shown.take(reference).is_some()
    }
}

/// The addresses at which the wallet fetches the request and answers.
pub fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/first/request/{id}", get(fetch).post(fetch_with_nonce))
        .route("/first/response/{id}", post(respond))
}

/// Whether a sign-in that came with this `issuer_state` asks for a card first.
pub fn is_wanted(issuer_state: Option<&str>) -> bool {
    issuer_state == Some(ISSUER_STATE)
}

/// An offer for which the learner has to sign in and to show a card there.
pub fn offer(app: &App) -> Option<CredentialOffer> {
    let grant = AuthorizationCode { issuer_state: Some(ISSUER_STATE.to_owned()), authorization_server: None };
    Some(CredentialOffer {
        credential_issuer: app.identity.issuer.clone(),
        credential_configuration_ids: vec![Form::Microcredential.configuration(Course::find(FOLLOW_UP)?)],
        grants: Grants { authorization_code: Some(grant), ..Grants::default() },
    })
}

/// The page of a sign-in with a fresh request for the card. Each look at it makes a request of its own, because a wallet
/// fetches one once.
pub fn sign_in_page(app: &App, reference: &str, words: &Words) -> Response {
    match open(app, reference) {
        Some(link) => axum::response::Html(ask_page(&link, words)).into_response(),
        None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Whether a sign-in may go on: one that asks for a card needs the code that came with the answer.
pub fn may_go_on(app: &App, reference: &str, code: Option<&str>) -> bool {
    let now = app.env().now;
    let mut books = app.books();
    let wanted = books.sign_ins.pushed(reference, now).is_some_and(|wanted| is_wanted(wanted.issuer_state.as_deref()));
    !wanted || books.cards_first.may_go_on(reference, code)
}

fn open(app: &App, reference: &str) -> Option<String> {
    let before = Course::find(BEFORE)?;
    let query = json!({ "credentials": [{
        "id": "before",
        "format": "dc+sd-jwt",
        "meta": { "vct_values": [VCT] },
        "claims": [{ "path": ["credentialSubject", "achievement", "name"], "values": [before.title] }],
    }] });
    let ask = Ask {
        query: DcqlQuery::parse(&query).ok()?,
        purpose: Some("Toelating tot de vervolgcursus / admission to the follow-up course".to_owned()),
        retention: None,
        response_mode: ResponseMode::DirectPostJwt,
    };
    let base = Url::parse(&format!("{}/first/", app.identity.issuer)).ok()?;
    let pending = ask.open(Arc::clone(&app.asker.identity), &base, app.env()).ok()?;
    let link = pending.link();
    app.books().cards_first.asked.put(pending.id().to_owned(), (reference.to_owned(), pending));
    Some(link)
}

async fn fetch(State(app): State<Arc<App>>, Path(id): Path<String>) -> Response {
    hand_out(&app, &id, None)
}

async fn fetch_with_nonce(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Ok(form) = read_form(media_type(&headers), &body) else { return StatusCode::BAD_REQUEST.into_response() };
    let nonce = form.iter().find(|(name, _)| name == "wallet_nonce").map(|(_, value)| value.as_str());
    hand_out(&app, &id, nonce)
}

fn hand_out(app: &App, id: &str, wallet_nonce: Option<&str>) -> Response {
    let now = app.env().now;
    let mut books = app.books();
    let Some((_, pending)) = books.cards_first.asked.get_mut(id) else { return StatusCode::NOT_FOUND.into_response() };
    match pending.request_object(wallet_nonce, now) {
        Ok(object) => ([(header::CONTENT_TYPE, REQUEST_OBJECT_MEDIA_TYPE)], object).into_response(),
        Err(error) => {
            StatusCode::from_u16(error.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR).into_response()
        }
    }
}

/// The answer. A card that holds brings the browser back; a no changes nothing, and anything else is refused.
async fn respond(State(app): State<Arc<App>>, Path(id): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    let env = app.env();
    let accepted = match app.books().cards_first.asked.get_mut(&id) {
        Some((reference, pending)) => match pending.accept(media_type(&headers), &body, env.now) {
            Ok(Answered::Presented(presented)) => Some((reference.clone(), *presented)),
            Ok(Answered::Declined { .. }) => None,
            Err(error) => {
                let status = StatusCode::from_u16(error.http_status()).unwrap_or(StatusCode::BAD_REQUEST);
                return status.into_response();
            }
        },
        None => return StatusCode::BAD_REQUEST.into_response(),
    };
    let Some((reference, presented)) = accepted else { return answer(&json!({})) };
    if !holds(&app, presented, env) {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let code = random_word(env.entropy);
    let Ok(mut back) = Url::parse(&format!("{}/authorize/yes", app.identity.issuer)) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    back.query_pairs_mut().append_pair("request_uri", &reference).append_pair("response_code", &code);
    app.books().cards_first.shown.put(reference, code);
    answer(&json!({ "redirect_uri": back.as_str() }))
}

/// Whether the presentation is valid, by what this institution knows itself: it made the card and keeps its status list,
/// so that nothing has to be fetched.
fn holds(app: &App, presented: Presented, env: Env<'_>) -> bool {
    let Some(resources) = own_list(app, env.now) else { return false };
    let context = JudgeContext { trust: Arc::clone(&app.asker.trust), resources, network: false };
    let mut step = Judging::start(presented, context, env);
    loop {
        step = match step {
            Ok(Step::Done(judgement)) => return judgement.verdict == Verdict::Valid,
            Ok(Step::Send(exchange, machine)) => {
                let host = exchange.url.host_str().unwrap_or_default().to_owned();
                machine.reply(Err(Fault::Interrupted { host }), env)
            }
            Ok(Step::Ask(never, _)) => match never {},
            Err(_) => return false,
        };
    }
}

fn own_list(app: &App, now: Timestamp) -> Option<Resources> {
    let list = issue::token_status_list(&app.identity, &app.books().register, now).ok()?;
    let mut resources = Resources::default();
    resources.put(
        Url::parse(&format!("{}/status/1", app.identity.issuer)).ok()?,
        Resource { media_type: Some("application/statuslist+jwt".to_owned()), bytes: list.into_bytes(), fetched: now },
    );
    Some(resources)
}

fn ask_page(link: &str, words: &Words) -> String {
    let text = |nl: &'static str, en: &'static str| if words.is_dutch() { nl } else { en };
    let picture = leerpas_intake::qr_data_url(link).map(|picture| {
        let alt = text("QR-code met de vraag", "QR code with the request");
        format!("<img class=qr src=\"{}\" alt=\"{alt}\">", page::escape(&picture))
    });
    let body = format!(
        "<h1>{}</h1><div class=panel><p>{}</p><p><a class=button href=\"{link}\">{}</a></p>{}<p class=soft>{}</p>\
         <p><code>{link}</code></p></div>",
        text("Laat eerst een kaart zien", "Show a card first"),
        text(
            "Deze vervolgcursus is voor wie “Watermanagement in de stad” heeft gehaald. Laat die kaart zien met Leerpas.",
            "This follow-up course is for who has “Urban water management”. Show that card with Leerpas.",
        ),
        text("Laat de kaart zien met Leerpas", "Show the card with Leerpas"),
        picture.unwrap_or_default(),
        text(
            "Daarna gaat u in Leerpas verder naar deze instelling. Het inloggen wacht op u.",
            "After that, go on to this institution in Leerpas. The sign-in waits for you.",
        ),
        link = page::escape(link),
    );
    page::page(words, text("Laat eerst een kaart zien", "Show a card first"), &body)
}

fn answer(value: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

fn media_type(headers: &HeaderMap) -> &str {
    headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vp_8_2_only_the_browser_with_the_code_of_the_answer_goes_on_and_once() {
        let mut first = CardsFirst::default();
        first.shown.put("urn:a".to_owned(), "right".to_owned());
        for (reference, code) in
            [("urn:a", None), ("urn:a", Some("")), ("urn:a", Some("wrong")), ("urn:b", Some("right"))]
        {
            assert!(!first.may_go_on(reference, code), "{reference} {code:?}");
        }
        assert!(first.may_go_on("urn:a", Some("right")));
        assert!(!first.may_go_on("urn:a", Some("right")), "spent");
    }

    #[test]
    fn both_courses_are_of_the_institution() {
        assert!([FOLLOW_UP, BEFORE].iter().all(|id| Course::find(id).is_some_and(Course::is_ours)));
    }
}
