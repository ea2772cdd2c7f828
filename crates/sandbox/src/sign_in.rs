//! The sign-in of the trial: requests that were left beforehand, and codes. Whoever asks is signed in as the one invented
//! learner. State without input or output.

use leerpas_core::{Entropy, Timestamp, Url};
use leerpas_openid::oauth::challenge_of;
use serde_json::Value;

use crate::{
    card_first,
    grants::{Kept, later, random_word},
};

/// Life of a request that was left beforehand, in seconds (RFC 9126, 2.2).
const PUSHED_SECONDS: i64 = 90;
/// The same where the learner shows a card first, and reads what they share.
const PUSHED_WITH_CARD_SECONDS: i64 = 600;
/// Life of a code, in seconds (RFC 6749, 4.1.2: ten minutes at most).
const CODE_SECONDS: i64 = 60;
/// How the reference to a request begins (RFC 9126, 2.2).
const REFERENCE: &str = "urn:ietf:params:oauth:request_uri:";

/// A request for a sign-in that keeps the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    client_id: String,
    redirect_uri: Url,
    state: Option<String>,
    challenge: String,
    /// What the offer told it.
    pub issuer_state: Option<String>,
    /// Configurations that it asks for, by identifier.
    pub configurations: Vec<String>,
}

#[derive(Debug)]
struct Code {
    wanted: Wanted,
    expires: Timestamp,
}

/// What was left and what was given out.
#[derive(Debug, Default)]
pub struct SignIns {
    pushed: Kept<(Wanted, Timestamp)>,
    codes: Kept<Code>,
}

impl Wanted {
    /// How long it may lie here, in seconds.
    pub fn life(&self) -> i64 {
        if card_first::is_wanted(self.issuer_state.as_deref()) { PUSHED_WITH_CARD_SECONDS } else { PUSHED_SECONDS }
    }

    /// Reads the parameters of a request. A scope is the identifier of a configuration here.
    ///
    /// Nothing where a rule is broken: `response_type` is `code`, the challenge is by `S256`, the browser comes back to an
    /// address of its own computer (RFC 8252, 7.3), and something known is asked for.
    pub fn parse(parameters: &[(String, String)], known: impl Fn(&str) -> bool) -> Option<Self> {
        let one = |wanted: &str| {
            let mut found = parameters.iter().filter(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
            found.next().filter(|_| found.next().is_none())
        };
        let redirect_uri = Url::parse(one("redirect_uri")?).ok()?;
        let own = matches!(redirect_uri.host_str(), Some("127.0.0.1" | "[::1]")) && redirect_uri.scheme() == "http";
        let challenge = one("code_challenge").filter(|_| one("code_challenge_method") == Some("S256"))?;
        let scopes = one("scope").unwrap_or_default().split(' ').map(str::to_owned);
        let details: Vec<Value> =
            one("authorization_details").map_or(Some(Vec::new()), |text| serde_json::from_str(text).ok())?;
        let named =
            details.iter().filter_map(|detail| detail["credential_configuration_id"].as_str().map(str::to_owned));
        let configurations: Vec<String> = scopes.chain(named).filter(|id| known(id)).collect();
        let good = one("response_type") == Some("code") && own && !configurations.is_empty();
        good.then(|| Self {
            client_id: one("client_id").unwrap_or_default().to_owned(),
            state: one("state").map(str::to_owned),
            issuer_state: one("issuer_state").map(str::to_owned),
            challenge: challenge.to_owned(),
            redirect_uri,
            configurations,
        })
    }
}

impl SignIns {
    /// Keeps a request and gives the reference to it.
    pub fn push(&mut self, wanted: Wanted, now: Timestamp, entropy: &dyn Entropy) -> String {
        let reference = format!("{REFERENCE}{}", random_word(entropy));
        let expires = later(now, wanted.life());
        self.pushed.put(reference.clone(), (wanted, expires));
        reference
    }

    /// The request behind a reference, while it lives.
    pub fn pushed(&self, reference: &str, now: Timestamp) -> Option<&Wanted> {
        self.pushed.get(reference).filter(|(_, expires)| *expires > now).map(|(wanted, _)| wanted)
    }

    /// The learner says yes: the reference is spent, and the browser goes back with a code and the name of this server
    /// (RFC 9207).
    pub fn approve(&mut self, reference: &str, issuer: &str, now: Timestamp, entropy: &dyn Entropy) -> Option<Url> {
        let (wanted, expires) = self.pushed.take(reference)?;
        if expires <= now {
            return None;
        }
        let code = random_word(entropy);
        let mut back = wanted.redirect_uri.clone();
        back.query_pairs_mut().append_pair("code", &code).append_pair("iss", issuer);
        if let Some(state) = &wanted.state {
            back.query_pairs_mut().append_pair("state", state);
        }
        self.codes.put(code, Code { wanted, expires: later(now, CODE_SECONDS) });
        Some(back)
    }

    /// Exchanges a code for the configurations that it entitles to. It is spent, whether it fits or not.
    pub fn redeem(
        &mut self,
        (code, verifier): (&str, &str),
        (client_id, redirect_uri): (&str, &str),
        now: Timestamp,
    ) -> Option<Vec<String>> {
        let Code { wanted, expires } = self.codes.take(code)?;
        let fits = expires > now
            && wanted.challenge == challenge_of(verifier)
            && wanted.client_id == client_id
            && wanted.redirect_uri.as_str() == redirect_uri;
        fits.then_some(wanted.configurations)
    }
}

#[cfg(test)]
mod tests {
    use leerpas_core::OsEntropy;

    use super::*;

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const BACK: &str = "http://127.0.0.1:4711/x";

    fn start() -> Timestamp {
        Timestamp::from_second(1_790_000_000).unwrap()
    }

    fn parameters(change: &[(&str, &str)]) -> Vec<(String, String)> {
        let mut all: Vec<(String, String)> = [
            ("response_type", "code"),
            ("client_id", "leerpas"),
            ("redirect_uri", BACK),
            ("state", "s"),
            ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            ("code_challenge_method", "S256"),
            ("scope", "mc unknown"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
        for (name, value) in change {
            all.retain(|(known, _)| known != name);
            all.push(((*name).to_owned(), (*value).to_owned()));
        }
        all
    }

    fn wanted(change: &[(&str, &str)]) -> Option<Wanted> {
        Wanted::parse(&parameters(change), |id| id == "mc" || id == "badge")
    }

    #[test]
    fn rfc7636_4_6_a_code_is_good_once_and_with_its_verifier_only() {
        let mut sign_ins = SignIns::default();
        let mut code = || {
            let reference = sign_ins.push(wanted(&[]).unwrap(), start(), &OsEntropy);
            let back = sign_ins.approve(&reference, "https://i.example", start(), &OsEntropy).unwrap();
            assert!(sign_ins.approve(&reference, "https://i.example", start(), &OsEntropy).is_none(), "spent");
            back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned()
        };
        let (good, other) = (code(), code());
        let from = ("leerpas", BACK);
        assert_eq!(sign_ins.redeem((&good, VERIFIER), from, start()), Some(vec!["mc".to_owned()]));
        assert_eq!(sign_ins.redeem((&good, VERIFIER), from, start()), None);
        assert_eq!(sign_ins.redeem((&other, "another"), from, start()), None);
        assert_eq!(sign_ins.redeem((&other, VERIFIER), from, start()), None, "spent by the attempt");
    }

    #[test]
    fn a_request_that_breaks_a_rule_is_not_kept() {
        assert!(wanted(&[("authorization_details", r#"[{"credential_configuration_id":"badge"}]"#)]).is_some());
        for change in [
            [("response_type", "token")],
            [("redirect_uri", "https://evil.example/")],
            [("redirect_uri", "http://localhost:1/")],
            [("code_challenge_method", "plain")],
            [("scope", "unknown")],
            [("authorization_details", "{")],
        ] {
            assert_eq!(wanted(&change), None, "{change:?}");
        }
    }
}
