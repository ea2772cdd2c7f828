//! The pages of the sandbox for people: what can be collected, and what was given out.

use std::fmt::Write;

use axum::http::{HeaderMap, header};

use crate::{
    app::App,
    attested, card_first,
    catalogue::{COURSES, Load},
    register::Standing,
};

/// The style sheet.
pub const STYLE: &str = include_str!("../page/sandbox.css");

/// The words of one language.
#[derive(Debug)]
pub struct Words {
    tag: &'static str,
    title: &'static str,
    lead: &'static str,
    collect: &'static str,
    level: &'static str,
    issued: &'static str,
    none: &'static str,
    valid: &'static str,
    revoked: &'static str,
    suspended: &'static str,
    revoke: &'static str,
    suspend: &'static str,
    restore: &'static str,
    offer: &'static str,
    open: &'static str,
    code: &'static str,
    once: &'static str,
    qr: &'static str,
    back: &'static str,
    later: &'static str,
    card_first: &'static str,
    sign_in: &'static str,
    sign_in_lead: &'static str,
    sign_in_yes: &'static str,
    sign_in_gone: &'static str,
    showpieces: [(&'static str, &'static str, &'static str); 4],
}

impl Words {
    /// Whether they are Dutch; else they are English.
    pub(crate) fn is_dutch(&self) -> bool {
        self.tag == "nl"
    }
}

const NL: Words = Words {
    tag: "nl",
    title: "Proefinstelling Hogeschool Voorbeeld",
    lead: "Alles hier is verzonnen. Haal een microcredential op met Leerpas om te zien hoe het werkt.",
    collect: "Ophalen",
    level: "niveau EQF",
    issued: "Uitgegeven sinds de start",
    none: "Nog niets.",
    valid: "geldig",
    revoked: "ingetrokken",
    suspended: "stilgezet",
    revoke: "Intrekken",
    suspend: "Stilzetten",
    restore: "Herstellen",
    offer: "Uw aanbod",
    open: "Open in Leerpas",
    code: "Uw code",
    once: "Het aanbod werkt één keer en tien minuten lang.",
    qr: "QR-code met het aanbod",
    back: "Terug",
    later: "Haal iets op dat de instelling later uitreikt",
    card_first: "Haal een vervolgcursus op waarvoor u eerst een kaart laat zien",
    sign_in: "Inloggen bij de proefinstelling",
    sign_in_lead: "Leerpas wil een microcredential voor u ophalen. U heet hier Noor van Voorbeeld; zij is verzonnen.",
    sign_in_yes: "Log in en ga terug naar Leerpas",
    sign_in_gone: "Dit verzoek is verlopen of al gebruikt. Begin opnieuw in Leerpas.",
    showpieces: [
        ("styled", "Kaart met eigen ontwerp", "De instelling tekent zelf hoe de kaart eruitziet."),
        ("parts", "Badge in delen", "Bij het delen kiest u wat u laat zien en wat niet."),
        (
            "draft-13",
            "Zoals oudere systemen het doen",
            "De instelling spreekt hier draft 13 van OpenID4VCI. U merkt er niets van.",
        ),
        (
            "draft-15",
            "Zoals iets nieuwere systemen het doen",
            "De instelling spreekt hier draft 15 van OpenID4VCI. U merkt er niets van.",
        ),
    ],
};

const EN: Words = Words {
    tag: "en",
    title: "Trial institution Hogeschool Voorbeeld",
    lead: "Everything here is invented. Collect a microcredential with Leerpas to see how it works.",
    collect: "Collect",
    level: "level EQF",
    issued: "Given out since the start",
    none: "Nothing yet.",
    valid: "valid",
    revoked: "withdrawn",
    suspended: "on hold",
    revoke: "Withdraw",
    suspend: "Put on hold",
    restore: "Restore",
    offer: "Your offer",
    open: "Open in Leerpas",
    code: "Your code",
    once: "The offer works once and for ten minutes.",
    qr: "QR code with the offer",
    back: "Back",
    later: "Collect something that the institution hands out later",
    card_first: "Collect a follow-up course for which you show a card first",
    sign_in: "Sign in at the trial institution",
    sign_in_lead: "Leerpas wants to collect a microcredential for you. Your name here is Noor van Voorbeeld; she is invented.",
    sign_in_yes: "Sign in and go back to Leerpas",
    sign_in_gone: "This request has run out or was used. Start again in Leerpas.",
    showpieces: [
        ("styled", "Card of its own design", "The institution itself draws what the card looks like."),
        ("parts", "Badge in parts", "When you share it, you choose what to show and what not."),
        (
            "draft-13",
            "The way older systems do it",
            "Here the institution speaks draft 13 of OpenID4VCI. You will not notice.",
        ),
        (
            "draft-15",
            "The way slightly newer systems do it",
            "Here the institution speaks draft 15 of OpenID4VCI. You will not notice.",
        ),
    ],
};

/// The words in the language that the browser prefers; Dutch unless it says English first.
pub fn words_for(headers: &HeaderMap) -> &'static Words {
    let wanted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if wanted.trim_start().to_ascii_lowercase().starts_with("en") { &EN } else { &NL }
}

/// The first page.
pub fn home(app: &App, words: &Words) -> String {
    let mut body = format!("<h1>{}</h1><p class=soft>{}</p><ul class=grid>", words.title, words.lead);
    for course in COURSES.iter().filter(|course| course.is_ours()) {
        let (unit, amount) = match course.load {
            Load::Ects(amount) => ("ECTS", amount),
            Load::Sbu(amount) => ("SBU", amount),
        };
        let picture = crate::artwork::data_url(course.motif);
        let title = if words.tag == "en" { course.title_en } else { course.title };
        let _ = write!(
            body,
            "<li><img src=\"{picture}\" alt=\"\"><h2>{}</h2><p>{amount} {unit} · {} {}</p><a class=button href=\"/offers/{}\">{} <span aria-hidden=true>→</span></a></li>",
            escape(title),
            words.level,
            course.eqf,
            course.id,
            words.collect
        );
    }
    for (name, title, lead) in words.showpieces {
        let _ = write!(
            body,
            "<li><h2>{title}</h2><p>{lead}</p><a class=button href=\"/offers/{name}\">{} <span aria-hidden=true>→</span></a></li>",
            words.collect
        );
    }
    let _ = write!(body, "</ul><p><a href=\"/offers/later\">{}</a></p>", words.later);
    let _ = write!(body, "<p><a href=\"/offers/{}\">{}</a></p>", card_first::OFFER, words.card_first);
    body.push_str(&attested::home_link(words));
    let _ = write!(body, "<h2>{}</h2>", words.issued);
    let books = app.books();
    let mut any = false;
    body.push_str("<ul class=grid>");
    for issued in books.register.issued().take(50) {
        any = true;
        let standing = match issued.standing {
            Standing::Valid => words.valid,
            Standing::Revoked => words.revoked,
            Standing::Suspended => words.suspended,
        };
        let index = issued.indices.first().copied().unwrap_or_default();
        let indices: Vec<_> = issued.indices.iter().map(ToString::to_string).collect();
        let _ = write!(
            body,
            "<li><strong>{}</strong><p>{} · {} · <span class=soft>{}</span></p>",
            escape(issued.title),
            issued.at.strftime("%H:%M:%S UTC"),
            standing,
            indices.join(", ")
        );
        for (action, word) in [("revoke", words.revoke), ("suspend", words.suspend), ("restore", words.restore)] {
            let _ = write!(
                body,
                "<form method=post action=\"/trial/{action}/{index}\"><button type=submit>{word}</button></form>"
            );
        }
        body.push_str("</li>");
    }
    body.push_str("</ul>");
    if !any {
        let _ = write!(body, "<p class=soft>{}</p>", words.none);
    }
    page(words, words.title, &body)
}

/// The page of one offer.
pub fn offer(link: &str, tx_code: Option<&str>, words: &Words) -> String {
    let mut body = format!(
        "<h1>{}</h1><div class=panel><p><a class=button href=\"{}\">{}</a></p>",
        words.offer,
        escape(link),
        words.open
    );
    if let Some(code) = tx_code {
        let _ = write!(body, "<p>{}: <strong class=big>{}</strong></p>", words.code, escape(code));
    }
    if let Ok(picture) = leerpas_intake::qr_data_url(link) {
        let _ = write!(body, "<img class=qr src=\"{}\" alt=\"{}\">", escape(&picture), words.qr);
    }
    let _ = write!(
        body,
        "<p class=soft>{}</p><p><code>{}</code></p></div><p><a href=\"/\">{}</a></p>",
        words.once,
        escape(link),
        words.back
    );
    page(words, words.offer, &body)
}

/// The page of a sign-in; without a reference the word that there is nothing to sign in for.
pub fn sign_in(reference: Option<&str>, words: &Words) -> String {
    sign_in_at("/authorize/yes", reference, words)
}

/// As [`sign_in`], where the learner says yes at this path.
pub(crate) fn sign_in_at(path: &str, reference: Option<&str>, words: &Words) -> String {
    let body = match reference {
        Some(reference) => format!(
            "<h1>{}</h1><div class=panel><p>{}</p><p><a class=button href=\"{path}?request_uri={}\">{}</a></p></div>",
            words.sign_in,
            words.sign_in_lead,
            // Only what was given out here comes this far: letters, digits, colons, dashes and underscores.
            escape(reference),
            words.sign_in_yes
        ),
        None => format!("<h1>{}</h1><p>{}</p>", words.sign_in, words.sign_in_gone),
    };
    page(words, words.sign_in, &body)
}

/// A whole page.
pub(crate) fn page(words: &Words, title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang={}><head><meta charset=utf-8><meta name=viewport content=\"width=device-width, \
         initial-scale=1\"><title>{}</title><link rel=stylesheet href=\"/sandbox.css\"></head><body><main>{body}</main>\
         </body></html>",
        words.tag,
        escape(title)
    )
}

pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_page_speaks_dutch_unless_english_is_preferred() {
        let with = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(value));
            words_for(&headers).tag
        };
        assert_eq!(words_for(&HeaderMap::new()).tag, "nl");
        assert_eq!((with("en-GB,nl;q=0.8"), with("nl-NL,en"), with("fr")), ("en", "nl", "nl"));
    }

    #[test]
    fn links_are_escaped_and_the_code_is_shown_only_where_one_is_asked_for() {
        let page = offer("openid-credential-offer://?a=1&b=\"><script>", Some("0042"), &NL);
        assert!(!page.contains("<script>"));
        assert!(page.contains("0042"));
        assert!(!offer("x://", None, &NL).contains(NL.code));
    }
}
