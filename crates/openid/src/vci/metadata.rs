//! Metadata of a credential issuer (OpenID4VCI 1.0, 12.2.4).

use std::collections::BTreeMap;

use leerpas_core::{ErrorKind, Language, Url};
use serde::Serialize;
use serde_json::{Map, Value, json};
use thiserror::Error;

use super::{
    CONFIGURATIONS, Edition, Grant,
    configuration::{CredentialConfiguration, Display, displays},
    draft,
    encryption::Encryption,
};
use crate::{
    address,
    json::{self, JsonError, Members},
};

/// What an issuer says about itself. Made only if it speaks for the identifier that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerMetadata {
    /// The identifier, equal byte for byte to the one that was asked for.
    pub credential_issuer: String,
    /// Where credentials are asked for.
    pub credential_endpoint: Url,
    /// Where nonces are asked for; if there is one, every key proof needs a nonce.
    pub nonce_endpoint: Option<Url>,
    /// Where the issuer likes to hear whether the credential was kept.
    pub notification_endpoint: Option<Url>,
    /// Where a credential that is not ready yet is asked for later.
    pub deferred_credential_endpoint: Option<Url>,
    /// Identifiers of its authorization servers; empty if the issuer is its own.
    pub authorization_servers: Vec<String>,
    /// The most key proofs that one request may hold; `None` if only one.
    pub batch_size: Option<u64>,
    /// How it takes and gives encrypted messages (10).
    pub encryption: Encryption,
    /// Names of the issuer.
    pub display: Vec<Display>,
    /// What it can give, by identifier.
    pub configurations: BTreeMap<String, CredentialConfiguration>,
    /// Entries that cannot be read, and why. They harm only an offer that names them.
    pub unreadable: BTreeMap<String, JsonError>,
    /// Which edition of the protocol the document shows, apart from its configurations; not written.
    pub edition: Edition,
}

/// Why metadata is not used. Serves the metadata of authorization servers too.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MetadataError {
    /// A member is missing or wrong.
    #[error("the metadata breaks a rule: {0}")]
    Json(#[from] JsonError),
    /// It is the metadata of another party than was asked (OpenID4VCI 1.0, 12.2.4; RFC 8414, 3.3).
    #[error("the metadata is not for the party that was asked")]
    OtherParty,
    /// More configurations than one issuer may describe.
    #[error("the metadata describes more than {CONFIGURATIONS} credentials")]
    TooMany,
    /// `batch_size` is below 2 (OpenID4VCI 1.0, 12.2.4).
    #[error("the batch size is below two")]
    BatchSize,
    /// The offer names an authorization server that the issuer does not (OpenID4VCI 1.0, 4.1.1).
    #[error("the offer names an authorization server that the issuer does not list")]
    ServerNotListed,
    /// The offer names a credential that the issuer does not describe.
    #[error("the issuer does not describe a credential that it offers")]
    NotDescribed,
}

impl MetadataError {
    /// The kind to report.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::OtherParty => ErrorKind::IssuerMismatch,
            Self::Json(JsonError::Address { error, .. }) => error.kind_or(ErrorKind::IssuerMetadataInvalid),
            Self::Json(JsonError::Syntax | JsonError::NotAnObject) => ErrorKind::ReplyUnreadable,
            Self::Json(_) | Self::TooMany | Self::BatchSize | Self::ServerNotListed | Self::NotDescribed => {
                ErrorKind::IssuerMetadataInvalid
            }
        }
    }
}

/// Where an issuer describes what it can give.
const CONFIGURATIONS_MEMBER: &str = "credential_configurations_supported";

impl IssuerMetadata {
    /// Reads metadata that was fetched for an identifier.
    ///
    /// # Errors
    /// [`MetadataError::OtherParty`] unless `credential_issuer` equals `asked` byte for byte: nothing is
    /// normalised, because a near miss is how one issuer would pose as another.
    pub fn parse(bytes: &[u8], asked: &str) -> Result<Self, MetadataError> {
        Self::read(json::read_object(bytes)?, asked)
    }

    /// The same, with these configurations alone, which an offer names. Where one of them is not described, it is with all
    /// of them, as [`IssuerMetadata::parse`].
    ///
    /// # Errors
    /// As [`IssuerMetadata::parse`].
    pub fn parse_offered(bytes: &[u8], asked: &str, offered: &[String]) -> Result<Self, MetadataError> {
        match json::read_object_choosing(bytes, CONFIGURATIONS_MEMBER, offered) {
            Some((_, count)) if count > CONFIGURATIONS => Err(MetadataError::TooMany),
            Some((members, _)) => Self::read(members, asked),
            None => Self::parse(bytes, asked),
        }
    }

    fn read(members: Map<String, Value>, asked: &str) -> Result<Self, MetadataError> {
        let (mut value, edition) = draft::issuer_metadata(members);
        let described = value.remove(CONFIGURATIONS_MEMBER);
        let members = Members::new(&value);
        let credential_issuer = members.required_text("credential_issuer")?;
        if credential_issuer != asked {
            return Err(MetadataError::OtherParty);
        }
        let authorization_servers = members.texts("authorization_servers")?;
        for server in &authorization_servers {
            address::identifier(server)
                .map_err(|error| JsonError::Address { name: "authorization_servers".to_owned(), error })?;
        }
        let batch_size = match members.object("batch_credential_issuance")? {
            Some(batch) => Some(batch.count("batch_size")?.filter(|size| *size >= 2).ok_or(MetadataError::BatchSize)?),
            None => None,
        };
        let (configurations, unreadable) = configurations(described, &members)?;
        Ok(Self {
            credential_issuer: credential_issuer.to_owned(),
            credential_endpoint: members.required_address("credential_endpoint")?,
            nonce_endpoint: members.address("nonce_endpoint")?,
            notification_endpoint: members.address("notification_endpoint")?,
            deferred_credential_endpoint: members.address("deferred_credential_endpoint")?,
            authorization_servers,
            batch_size,
            encryption: Encryption::parse(&members)?,
            display: displays(&members)?,
            configurations,
            unreadable,
            edition,
        })
    }

    /// Which edition the issuer speaks where it gives out this configuration, as far as its metadata tell. Draft 14 and
    /// before have no nonce endpoint.
    pub fn edition(&self, configuration: &CredentialConfiguration) -> Edition {
        let shown = self.edition.max(configuration.edition);
        if self.nonce_endpoint.is_some() { shown.min(Edition::Draft15) } else { shown }
    }

    /// The configuration with an identifier.
    ///
    /// # Errors
    /// [`MetadataError::NotDescribed`], or why that entry cannot be read.
    pub fn configuration(&self, id: &str) -> Result<&CredentialConfiguration, MetadataError> {
        match (self.configurations.get(id), self.unreadable.get(id)) {
            (Some(configuration), _) => Ok(configuration),
            (None, Some(error)) => Err(error.clone().into()),
            (None, None) => Err(MetadataError::NotDescribed),
        }
    }

    /// The authorization server to use: the one that the grant names, which must be listed; else the first
    /// that is listed; else the issuer itself (OpenID4VCI 1.0, 4.1.1 and 12.2.4).
    ///
    /// # Errors
    /// [`MetadataError::ServerNotListed`].
    pub fn authorization_server(&self, grant: &Grant) -> Result<&str, MetadataError> {
        let listed = &self.authorization_servers;
        match grant.authorization_server() {
            Some(named) => {
                let found = listed.iter().find(|server| *server == named);
                // An issuer that lists none is its own server, and may say so.
                let own = (listed.is_empty() && named == self.credential_issuer).then_some(&self.credential_issuer);
                found.or(own).map(String::as_str).ok_or(MetadataError::ServerNotListed)
            }
            None => Ok(listed.first().unwrap_or(&self.credential_issuer)),
        }
    }

    /// The name of the issuer in a language, if it gives itself one.
    pub fn name(&self, language: Language) -> Option<&str> {
        Display::best(&self.display, language)
    }
}

type Configurations = (BTreeMap<String, CredentialConfiguration>, BTreeMap<String, JsonError>);

fn configurations(described: Option<Value>, members: &Members<'_>) -> Result<Configurations, MetadataError> {
    let all = match described {
        Some(Value::Object(all)) => all,
        None | Some(Value::Null) => return Err(JsonError::Missing(CONFIGURATIONS_MEMBER.to_owned()).into()),
        Some(_) => return Err(members.wrong(CONFIGURATIONS_MEMBER, "an object").into()),
    };
    if all.len() > CONFIGURATIONS {
        return Err(MetadataError::TooMany);
    }
    let (mut read, mut unreadable) = (BTreeMap::new(), BTreeMap::new());
    for (id, value) in all {
        match CredentialConfiguration::parse(value) {
            Ok(configuration) => drop(read.insert(id, configuration)),
            Err(error) => drop(unreadable.insert(id, error)),
        }
    }
    Ok((read, unreadable))
}

impl Serialize for IssuerMetadata {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = Map::new();
        members.insert("credential_issuer".into(), json!(self.credential_issuer));
        if !self.authorization_servers.is_empty() {
            members.insert("authorization_servers".into(), json!(self.authorization_servers));
        }
        members.insert("credential_endpoint".into(), json!(self.credential_endpoint));
        for (name, url) in [
            ("nonce_endpoint", &self.nonce_endpoint),
            ("notification_endpoint", &self.notification_endpoint),
            ("deferred_credential_endpoint", &self.deferred_credential_endpoint),
        ] {
            if let Some(url) = url {
                members.insert(name.into(), json!(url));
            }
        }
        if let Some(size) = self.batch_size {
            members.insert("batch_credential_issuance".into(), json!({"batch_size": size}));
        }
        self.encryption.write(&mut members);
        if !self.display.is_empty() {
            members.insert("display".into(), json!(self.display));
        }
        members.insert(CONFIGURATIONS_MEMBER.into(), json!(self.configurations));
        Value::Object(members).serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "https://issuer.example/tenant";

    fn metadata() -> Value {
        json!({
            "credential_issuer": ISSUER,
            "credential_endpoint": "https://issuer.example/credential",
            "nonce_endpoint": "https://issuer.example/nonce",
            "authorization_servers": ["https://as.example", "https://as2.example"],
            "batch_credential_issuance": {"batch_size": 3},
            "display": [{"name": "Hogeschool Voorbeeld", "locale": "nl", "logo": {"uri": "data:image/svg+xml,<script>"}}],
            "credential_configurations_supported": {"a": {"format": "dc+sd-jwt"}, "b": {"format": 1}}
        })
    }

    fn parse(value: &Value) -> Result<IssuerMetadata, MetadataError> {
        IssuerMetadata::parse(value.to_string().as_bytes(), ISSUER)
    }

    fn with(member: &str, value: Value) -> Result<IssuerMetadata, MetadataError> {
        let mut changed = metadata();
        changed[member] = value;
        parse(&changed)
    }

    #[test]
    fn openid4vci_12_2_4_the_issuer_is_identical_byte_for_byte() {
        assert!(parse(&metadata()).is_ok());
        for near in [
            "https://issuer.example/tenant/",
            "https://issuer.example/Tenant",
            "https://ISSUER.example/tenant",
            "https://issuer.example:443/tenant",
            "https://issuer.example/tenan",
            "https://issuer.example/%74enant",
            "http://issuer.example/tenant",
        ] {
            let error = with("credential_issuer", json!(near)).unwrap_err();
            assert_eq!(error, MetadataError::OtherParty, "{near}");
            assert_eq!(error.kind(), ErrorKind::IssuerMismatch);
        }
    }

    #[test]
    fn what_an_offer_names_is_read_as_among_all_of_it() {
        let offered = |document: &str, ids: &[&str]| {
            let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
            IssuerMetadata::parse_offered(document.as_bytes(), ISSUER, &ids)
        };
        let good = metadata().to_string();
        let all = parse(&metadata()).unwrap();
        let one = offered(&good, &["a"]).unwrap();
        assert_eq!(one.configurations.keys().collect::<Vec<_>>(), ["a"]);
        assert_eq!(one.unreadable, BTreeMap::new(), "what is not offered is not looked at");
        assert_eq!(
            one,
            IssuerMetadata { configurations: one.configurations.clone(), unreadable: BTreeMap::new(), ..all.clone() }
        );
        assert_eq!(one.configuration("a"), all.configuration("a"));
        assert_eq!(
            offered(&good, &["b"]).unwrap().configuration("b"),
            all.configuration("b"),
            "an entry that cannot be read"
        );
        // Whatever is wrong is as wrong as it was, and so is what is of an older edition.
        let changed = |value: Value| {
            let mut changed = metadata();
            changed["credential_configurations_supported"] = value;
            changed.to_string()
        };
        let older = good.replace("credential_configurations_supported", "credentials_supported");
        let many: Map<String, Value> =
            (0..=CONFIGURATIONS).map(|n| (format!("a{n}"), json!({}))).chain([("a".to_owned(), json!({}))]).collect();
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        for document in [
            good.clone(),
            older,
            changed(Value::Null),
            changed(json!(5)),
            changed(json!([])),
            changed(json!("a")),
            changed(json!({})),
            changed(many.into()),
            format!("{good} x"),
            good[..good.len() - 1].to_owned(),
            "[]".to_owned(),
            "<html>".to_owned(),
            good.replacen('{', &format!("{{\"deep\": {deep},"), 1),
        ] {
            assert_eq!(
                offered(&document, &["c"]),
                IssuerMetadata::parse(document.as_bytes(), ISSUER),
                "{document:.80}"
            );
            assert_eq!(
                offered(&document, &["a"]).map(|_| ()),
                IssuerMetadata::parse(document.as_bytes(), ISSUER).map(|_| ()),
                "{document:.80}"
            );
        }
    }

    #[test]
    fn endpoints_are_https() {
        for member in ["credential_endpoint", "nonce_endpoint", "notification_endpoint"] {
            let error = with(member, json!("http://issuer.example/x")).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InsecureAddress, "{member}");
        }
        assert!(with("credential_endpoint", Value::Null).is_err());
    }

    #[test]
    fn openid4vci_4_1_1_a_server_that_the_grant_names_must_be_listed() {
        let metadata = parse(&metadata()).unwrap();
        let grant = |server: Option<&str>| {
            let authorization_server = server.map(str::to_owned);
            Grant::PreAuthorized(crate::vci::PreAuthorizedCode {
                code: "c".into(),
                tx_code: None,
                authorization_server,
            })
        };
        assert_eq!(metadata.authorization_server(&grant(None)).unwrap(), "https://as.example");
        assert_eq!(metadata.authorization_server(&grant(Some("https://as2.example"))).unwrap(), "https://as2.example");
        let error = metadata.authorization_server(&grant(Some("https://evil.example"))).unwrap_err();
        assert_eq!(error, MetadataError::ServerNotListed);
        let alone = IssuerMetadata { authorization_servers: Vec::new(), ..metadata };
        assert_eq!(alone.authorization_server(&grant(None)).unwrap(), ISSUER);
        assert_eq!(alone.authorization_server(&grant(Some(ISSUER))).unwrap(), ISSUER);
        assert!(alone.authorization_server(&grant(Some("https://as.example"))).is_err());
    }

    #[test]
    fn an_unreadable_configuration_harms_only_itself() {
        let metadata = parse(&metadata()).unwrap();
        assert!(metadata.configuration("a").is_ok());
        assert!(matches!(metadata.configuration("b"), Err(MetadataError::Json(_))));
        assert_eq!(metadata.configuration("c"), Err(MetadataError::NotDescribed));
    }

    #[test]
    fn ten_thousand_configurations_are_refused() {
        let many: Map<String, Value> = (0..10_000).map(|n| (n.to_string(), json!({"format": "x"}))).collect();
        assert_eq!(with("credential_configurations_supported", many.into()), Err(MetadataError::TooMany));
    }

    #[test]
    fn openid4vci_12_2_4_a_batch_is_two_or_more() {
        for size in [json!({"batch_size": 1}), json!({"batch_size": 0}), json!({})] {
            assert_eq!(with("batch_credential_issuance", size), Err(MetadataError::BatchSize));
        }
        assert_eq!(parse(&metadata()).unwrap().batch_size, Some(3));
    }

    #[test]
    fn a_page_instead_of_metadata_is_unreadable() {
        let error = IssuerMetadata::parse(b"<html>", ISSUER).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ReplyUnreadable);
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        let mut one = parse(&metadata()).unwrap();
        one.unreadable.clear();
        assert_eq!(parse(&serde_json::to_value(&one).unwrap()).unwrap(), one);
    }

    #[test]
    fn metadata_of_an_issuer_in_the_field_is_read() {
        let Some(folder) = crate::vectors("dutch/openid4vci-issuer/metadata") else { return };
        let mut seen = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            // These are the issuer's settings: its software adds the endpoint when it serves them.
            let mut value: Value = serde_json::from_slice(&bytes).unwrap();
            let issuer = value["credential_issuer"].as_str().unwrap().to_owned();
            value["credential_endpoint"] = json!(format!("{issuer}/credentials"));
            let metadata = IssuerMetadata::parse(value.to_string().as_bytes(), &issuer).unwrap();
            assert_eq!(metadata.unreadable, BTreeMap::new());
            for configuration in metadata.configurations.values() {
                assert_eq!(configuration.binding_methods, ["did:jwk"]);
                assert_eq!(configuration.jwt_proof_algorithms, Some(vec!["ES256".to_owned()]));
                assert!(configuration.name(Language::Nl).is_some());
            }
            seen += 1;
        }
        assert!(seen >= 3, "{seen}");
    }
}
