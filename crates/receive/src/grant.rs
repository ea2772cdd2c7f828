//! What is left of collecting when an issuer has more to give: a grant, and what it entitles to. Both are kept sealed,
//! and made again from what was kept.

use std::fmt;

use leerpas_core::{Secret, SignedDuration, Timestamp};
use leerpas_credential::{
    jose::{decode_base64url, encode_base64url},
    keys::HolderKey,
};
use leerpas_openid::vci::Target;
use serde_json::{Map, Value, json};

/// Tokens that end within this are taken to have ended, in seconds: the request takes its time too.
const NEARLY_OVER: i64 = 10;

/// The word of an authorization server that this wallet may collect: its tokens, and the key that they are bound to.
pub struct HeldGrant {
    /// The credential issuer, byte for byte as it was named.
    pub issuer: String,
    /// The authorization server that gave the tokens.
    pub(crate) server: String,
    /// Whether this program was known to the server by its name.
    pub(crate) named: bool,
    pub(crate) token: Secret<String>,
    pub(crate) expires: Option<Timestamp>,
    pub(crate) refresh: Option<Secret<String>>,
    /// What the tokens are bound to (RFC 9449), if to anything.
    pub(crate) key: Option<HolderKey>,
}

/// One credential that the grant still entitles to.
pub struct Entitlement {
    /// The identifier of its configuration.
    pub configuration: String,
    /// Its name, as the person saw it.
    pub title: String,
    /// Its own identifier, where the token response named one (OpenID4VCI 1.0, 6.2).
    pub(crate) identifier: Option<String>,
    /// What was asked for already and comes later.
    pub(crate) deferral: Option<Deferral>,
    /// What came and was not kept yet. The issuer gives it once (9.1), and a person takes their time to look.
    pub(crate) arrived: Option<Arrived>,
}

/// Credentials that came, each with the key that it is bound to.
pub(crate) struct Arrived {
    pub(crate) copies: Vec<(HolderKey, Vec<u8>)>,
    /// For the notification endpoint.
    pub(crate) notice: Option<String>,
}

/// A request that the issuer has taken and will answer later (OpenID4VCI 1.0, 9).
pub(crate) struct Deferral {
    pub(crate) transaction: Transaction,
    /// The keys that were proved. What comes must be bound to these and no others.
    pub(crate) keys: Vec<HolderKey>,
}

/// By what an issuer knows a credential that it hands out later.
pub(crate) enum Transaction {
    /// An identifier, which goes along with the access token (OpenID4VCI 1.0, 9.1).
    Id(Secret<String>),
    /// A token of its own, which goes in the place of the access token (until draft 12).
    Token(Secret<String>),
}

/// Something that comes later.
#[derive(Debug)]
pub struct Later {
    /// What.
    pub entitlement: Entitlement,
    /// Before this the issuer does not want to be asked.
    pub ask_after: Timestamp,
}

impl HeldGrant {
    /// Whether the server may give a new token, without a new sign-in or code.
    pub fn can_renew(&self) -> bool {
        self.refresh.is_some()
    }

    /// Whether the access token has run out.
    pub(crate) fn is_over(&self, now: Timestamp) -> bool {
        let nearly = now.saturating_add(SignedDuration::from_secs(NEARLY_OVER)).unwrap_or(Timestamp::MAX);
        self.expires.is_some_and(|until| until <= nearly)
    }

    /// What to keep, sealed.
    pub fn to_secret(&self) -> Secret<Vec<u8>> {
        let key = self.key.as_ref().map(|key| encode_base64url(key.secret().expose()));
        seal(&json!({
            "issuer": self.issuer,
            "server": self.server,
            "named": self.named,
            "token": self.token.expose(),
            "expires": self.expires.map(|until| until.as_second()),
            "refresh": self.refresh.as_ref().map(Secret::expose),
            "key": key,
        }))
    }

    /// What was kept; `None` if it is not what [`HeldGrant::to_secret`] makes.
    pub fn from_secret(kept: &Secret<Vec<u8>>) -> Option<Self> {
        let members = open(kept)?;
        let expires = members.get("expires")?;
        Some(Self {
            issuer: text(&members, "issuer")?,
            server: text(&members, "server")?,
            named: members.get("named")?.as_bool()?,
            token: Secret::new(text(&members, "token")?),
            expires: match expires {
                Value::Null => None,
                other => Some(Timestamp::from_second(other.as_i64()?).ok()?),
            },
            refresh: text(&members, "refresh").map(Secret::new),
            key: match members.get("key")? {
                Value::Null => None,
                other => Some(key(other)?),
            },
        })
    }

    pub(crate) fn copy(&self) -> Self {
        Self {
            issuer: self.issuer.clone(),
            server: self.server.clone(),
            named: self.named,
            token: again(&self.token),
            expires: self.expires,
            refresh: self.refresh.as_ref().map(again),
            key: self.key.as_ref().and_then(copy_of),
        }
    }
}

impl Entitlement {
    pub(crate) fn new(title: &str, configuration: &str, target: &Target, deferral: Option<Deferral>) -> Self {
        let identifier = match target {
            Target::Identifier(id) => Some(id.clone()),
            Target::Configuration(_) => None,
        };
        Self { configuration: configuration.to_owned(), title: title.to_owned(), identifier, deferral, arrived: None }
    }

    pub(crate) fn target(&self) -> Target {
        match &self.identifier {
            Some(id) => Target::Identifier(id.clone()),
            None => Target::Configuration(self.configuration.clone()),
        }
    }

    /// The same without what comes later: good for asking anew.
    #[must_use]
    pub fn without_deferral(self) -> Self {
        Self { deferral: None, arrived: None, ..self }
    }

    /// What to keep, sealed.
    pub fn to_secret(&self) -> Secret<Vec<u8>> {
        let deferral = self.deferral.as_ref().map(|deferral| {
            let keys: Vec<_> = deferral.keys.iter().map(|key| encode_base64url(key.secret().expose())).collect();
            match &deferral.transaction {
                Transaction::Id(id) => json!({"transaction_id": id.expose(), "keys": keys}),
                Transaction::Token(token) => json!({"acceptance_token": token.expose(), "keys": keys}),
            }
        });
        seal(&json!({
            "configuration": self.configuration,
            "title": self.title,
            "identifier": self.identifier,
            "deferral": deferral,
            "arrived": self.arrived.as_ref().map(Arrived::to_json),
        }))
    }

    /// What was kept; `None` if it is not what [`Entitlement::to_secret`] makes.
    pub fn from_secret(kept: &Secret<Vec<u8>>) -> Option<Self> {
        let members = open(kept)?;
        let deferral = match members.get("deferral")? {
            Value::Null => None,
            Value::Object(deferral) => Some(Deferral {
                transaction: match text(deferral, "acceptance_token") {
                    Some(token) => Transaction::Token(Secret::new(token)),
                    None => Transaction::Id(Secret::new(text(deferral, "transaction_id")?)),
                },
                keys: deferral.get("keys")?.as_array()?.iter().map(key).collect::<Option<_>>()?,
            }),
            _ => return None,
        };
        Some(Self {
            configuration: text(&members, "configuration")?,
            title: text(&members, "title")?,
            identifier: text(&members, "identifier"),
            deferral,
            arrived: match members.get("arrived") {
                None | Some(Value::Null) => None,
                Some(arrived) => Some(Arrived::from_json(arrived)?),
            },
        })
    }
}

impl Arrived {
    fn to_json(&self) -> Value {
        let copies = self.copies.iter().map(|(key, original)| {
            json!({"key": encode_base64url(key.secret().expose()), "original": encode_base64url(original)})
        });
        json!({"copies": copies.collect::<Vec<_>>(), "notice": self.notice})
    }

    fn from_json(value: &Value) -> Option<Self> {
        let copy = |copy: &Value| {
            let original = decode_base64url(copy.get("original")?.as_str()?).ok()?;
            Some((key(copy.get("key")?)?, original))
        };
        let copies = value.get("copies")?.as_array()?.iter().map(copy).collect::<Option<_>>()?;
        Some(Self { copies, notice: value.get("notice")?.as_str().map(str::to_owned) })
    }
}

/// Says whose it is and nothing of what it holds.
impl fmt::Debug for HeldGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldGrant").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// As for the grant.
impl fmt::Debug for Entitlement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entitlement")
            .field("configuration", &self.configuration)
            .field("deferred", &self.deferral.is_some())
            .finish_non_exhaustive()
    }
}

/// A secret for a second owner.
pub(crate) fn again(secret: &Secret<String>) -> Secret<String> {
    Secret::new(secret.expose().clone())
}

/// A key for a second owner. A key that gave its number takes it back.
pub(crate) fn copy_of(key: &HolderKey) -> Option<HolderKey> {
    HolderKey::from_secret(&key.secret()).ok()
}

fn seal(value: &Value) -> Secret<Vec<u8>> {
    Secret::new(value.to_string().into_bytes())
}

fn open(kept: &Secret<Vec<u8>>) -> Option<Map<String, Value>> {
    match serde_json::from_slice(kept.expose()).ok()? {
        Value::Object(members) => Some(members),
        _ => None,
    }
}

fn text(members: &Map<String, Value>, name: &str) -> Option<String> {
    members.get(name)?.as_str().map(str::to_owned)
}

fn key(value: &Value) -> Option<HolderKey> {
    let secret = Secret::new(decode_base64url(value.as_str()?).ok()?);
    HolderKey::from_secret(&secret).ok()
}

#[cfg(test)]
mod tests {
    use leerpas_core::CountingEntropy;

    use super::*;

    fn grant() -> HeldGrant {
        HeldGrant {
            issuer: "https://issuer.example".to_owned(),
            server: "https://as.example".to_owned(),
            named: true,
            token: Secret::new("canary-token".to_owned()),
            expires: Some("2026-11-26T12:00:00Z".parse().unwrap()),
            refresh: Some(Secret::new("canary-refresh".to_owned())),
            key: Some(HolderKey::make(&CountingEntropy::default())),
        }
    }

    #[test]
    fn what_is_kept_is_what_comes_back() {
        let kept = grant();
        let back = HeldGrant::from_secret(&kept.to_secret()).unwrap();
        assert_eq!(back.to_secret().expose(), kept.to_secret().expose());
        assert_eq!(back.copy().to_secret().expose(), kept.to_secret().expose());
        let plain = HeldGrant { expires: None, refresh: None, key: None, ..grant() };
        let back = HeldGrant::from_secret(&plain.to_secret()).unwrap();
        assert!(back.expires.is_none() && !back.can_renew() && back.key.is_none());
        let keys = vec![HolderKey::make(&CountingEntropy::default())];
        let deferral = Some(Deferral { transaction: Transaction::Id(Secret::new("t".to_owned())), keys });
        let mut owed = Entitlement::new("Water", "mc", &Target::Identifier("one".to_owned()), deferral);
        let copies = vec![(HolderKey::make(&CountingEntropy::default()), b"a~\xff".to_vec())];
        owed.arrived = Some(Arrived { copies, notice: Some("n1".to_owned()) });
        let back = Entitlement::from_secret(&owed.to_secret()).unwrap();
        assert_eq!(back.to_secret().expose(), owed.to_secret().expose());
        assert_eq!(back.target(), Target::Identifier("one".to_owned()));
        assert!(back.without_deferral().deferral.is_none());
    }

    #[test]
    fn what_was_changed_or_cut_is_nothing_and_never_a_panic() {
        let whole = grant().to_secret();
        for cut in 0..whole.expose().len() {
            assert!(HeldGrant::from_secret(&Secret::new(whole.expose()[..cut].to_vec())).is_none());
        }
        for other in ["{}", "[]", "null", r#"{"configuration":"a","title":"b","deferral":5}"#] {
            assert!(Entitlement::from_secret(&Secret::new(other.as_bytes().to_vec())).is_none(), "{other}");
        }
    }

    #[test]
    fn nothing_secret_is_printed() {
        let shown = format!("{:?}", grant());
        assert!(shown.contains("issuer.example") && !shown.contains("canary"), "{shown}");
    }

    #[test]
    fn a_token_that_is_nearly_over_is_over() {
        let at = |text: &str| grant().is_over(text.parse().unwrap());
        assert!(!at("2026-11-26T11:59:00Z") && at("2026-11-26T11:59:55Z") && at("2026-11-26T12:00:01Z"));
        assert!(!HeldGrant { expires: None, ..grant() }.is_over(Timestamp::MAX));
    }
}
