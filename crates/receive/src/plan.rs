//! What will be collected, from whom and how: everything that is settled before a code or key is used.

use std::collections::BTreeSet;

use leerpas_core::{Evidence, Format, Language, Party};
use leerpas_credential::trust::TrustList;
use leerpas_openid::{
    address, text,
    vci::{AuthorizationServerMetadata, CredentialConfiguration, CredentialOffer, Grant, IssuerMetadata, NAME},
};

use crate::{
    CodePrompt, Failed, OfferPreview, ReceiveContext, ReceiveError, Unsupported,
    asking::Asking,
    attestation::{Client, takes_anybody, takes_attested, takes_our_proofs},
    proof::BindingMethod,
};

/// A settled offer.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The way of collecting.
    pub(crate) grant: Grant,
    /// The issuer.
    pub(crate) metadata: IssuerMetadata,
    /// The authorization server; codes go to its token endpoint and nowhere else.
    pub(crate) server: AuthorizationServerMetadata,
    /// Who the person sees.
    pub(crate) issuer: Party,
    /// What can be collected; at least one.
    pub(crate) wants: Vec<Want>,
    /// What was offered and cannot be collected.
    pub(crate) failed: Vec<Failed>,
    /// How many copies of each.
    pub(crate) copies: usize,
    /// How the issuer is asked.
    pub(crate) asking: Asking,
    /// How this program makes itself known to the server.
    pub(crate) client: Client,
    /// Whether the transaction code goes along under the name that drafts gave it too.
    pub(crate) pin: bool,
}

/// One offered credential that can be collected.
#[derive(Debug, Clone)]
pub(crate) struct Want {
    /// The identifier of its configuration.
    pub(crate) id: String,
    /// Its name.
    pub(crate) title: String,
    /// What the issuer says of it.
    pub(crate) configuration: CredentialConfiguration,
    /// The format that must come.
    pub(crate) format: Format,
    /// How it will be bound to our key.
    pub(crate) binding: BindingMethod,
}

impl Plan {
    /// Settles an offer.
    ///
    /// # Errors
    /// When nothing of the offer can be collected; the first reason is given.
    pub(crate) fn new(
        offer: &CredentialOffer,
        metadata: IssuerMetadata,
        server: AuthorizationServerMetadata,
        context: &ReceiveContext,
    ) -> Result<Self, ReceiveError> {
        let grant = offer.grant()?;
        let client = Client::choose(&grant, &server, &context.attestations);
        check_server(&grant, &server, &client)?;
        let encryption = metadata.encryption.choose().map_err(|_| Unsupported::Encryption)?;
        let (asking, pin) = (Asking::new(encryption), offer.grants.asks_for_pin);
        let (mut wants, mut failed) = (Vec::new(), Vec::new());
        for id in &offer.credential_configuration_ids {
            match Want::new(id, &metadata, context.language) {
                Ok(want) => wants.push(want),
                Err(error) => {
                    let title = metadata.configurations.get(id).and_then(|known| known.name(context.language));
                    let title = title.map_or_else(|| text::plain(id, NAME), str::to_owned);
                    failed.push(Failed { configuration: id.clone(), title, error });
                }
            }
        }
        if wants.is_empty() {
            return Err(failed.into_iter().next().map_or(ReceiveError::OutOfTurn, |first| first.error));
        }
        let copies = copies_of(&metadata, context);
        let issuer =
            party(&metadata.credential_issuer, metadata.name(context.language), &context.trust, context.language);
        Ok(Self { grant, server, issuer, wants, failed, copies, asking, client, pin, metadata })
    }

    /// For coming back to an issuer for one credential, with tokens of this server.
    ///
    /// # Errors
    /// When the issuer does not describe that credential any more, or in a way that cannot be collected.
    pub(crate) fn for_one(
        configuration: &str,
        grant: Grant,
        metadata: IssuerMetadata,
        server: AuthorizationServerMetadata,
        context: &ReceiveContext,
    ) -> Result<Self, ReceiveError> {
        let wants = vec![Want::new(configuration, &metadata, context.language)?];
        let asking = Asking::new(metadata.encryption.choose().map_err(|_| Unsupported::Encryption)?);
        let copies = copies_of(&metadata, context);
        let issuer =
            party(&metadata.credential_issuer, metadata.name(context.language), &context.trust, context.language);
        let client = Client::choose(&grant, &server, &context.attestations);
        Ok(Self { grant, server, issuer, wants, failed: Vec::new(), copies, asking, client, pin: false, metadata })
    }

    /// The name of this program in key proofs (OpenID4VCI 1.0, appendix F.1): none where the server does not know it by one.
    pub(crate) fn client_id(&self) -> Option<&str> {
        let known = matches!(self.grant, Grant::AuthorizationCode(_)) || self.client.is_attested();
        known.then(|| self.client.id())
    }

    /// What the person sees before anything is collected.
    pub(crate) fn preview(&self, wrong_code: bool) -> OfferPreview {
        let code = self.grant.tx_code().map(|tx_code| CodePrompt {
            numeric: tx_code.input_mode.is_numeric(),
            length: tx_code.length,
            description: tx_code.description.clone(),
            host: address::host(&self.server.token_endpoint),
        });
        let titles = self.wants.iter().map(|want| want.title.clone()).collect();
        let page = self.server.authorization_endpoint.as_ref();
        let sign_in = page.filter(|_| matches!(self.grant, Grant::AuthorizationCode(_))).map(address::host);
        OfferPreview { issuer: self.issuer.clone(), titles, hosts: self.hosts(), code, wrong_code, sign_in }
    }

    fn hosts(&self) -> Vec<String> {
        let own = address::identifier(&self.metadata.credential_issuer).ok();
        let all = own
            .iter()
            .chain([&self.server.token_endpoint, &self.metadata.credential_endpoint])
            .chain(&self.metadata.nonce_endpoint);
        let mut seen = BTreeSet::new();
        all.map(address::host).filter(|host| seen.insert(host.clone())).collect()
    }
}

/// How many copies to ask for: no more than the issuer gives at once.
fn copies_of(metadata: &IssuerMetadata, context: &ReceiveContext) -> usize {
    let most = metadata.batch_size.unwrap_or(1);
    let copies = u64::from(context.copies.max(1)).min(most);
    usize::try_from(copies).unwrap_or(1)
}

/// Whether this program can get a token from the server in this way.
fn check_server(grant: &Grant, server: &AuthorizationServerMetadata, client: &Client) -> Result<(), ReceiveError> {
    let takes = |list: &[String], word: &str| list.is_empty() || list.iter().any(|one| one == word);
    match grant {
        Grant::AuthorizationCode(_) if server.authorization_endpoint.is_none() => Err(Unsupported::SignIn.into()),
        // Without a challenge whoever overhears the code could use it (RFC 8252, 8.1; security C08).
        Grant::AuthorizationCode(_) if !takes(&server.challenge_methods, "S256") => Err(Unsupported::SignIn.into()),
        _ if takes_anybody(grant, server) || client.is_attested() => Ok(()),
        // A program on somebody's own computer has no secret to show, and nobody attests it unless an institution does.
        // No institution could help: its server takes no proof that a key of this program could sign.
        _ if takes_attested(server) && !takes_our_proofs(server) => Err(Unsupported::Attestation.into()),
        _ if takes_attested(server) => Err(ReceiveError::NotAttested { server: server.issuer.clone() }),
        _ => Err(Unsupported::Registration.into()),
    }
}

impl Want {
    pub(crate) fn new(id: &str, metadata: &IssuerMetadata, language: Language) -> Result<Self, ReceiveError> {
        let configuration = metadata.configuration(id)?.clone();
        let format = match configuration.format.as_str() {
            "dc+sd-jwt" => Format::SdJwtVc,
            // The name that drafts gave to SD-JWT VC means something else today; the `vct` tells them apart.
            "vc+sd-jwt" if configuration.vct.is_some() => Format::SdJwtVc,
            "vc+sd-jwt" if !configuration.types.is_empty() => Format::W3cSdJwt,
            "ldp_vc" => Format::DataIntegrity,
            // Appendix A.1.1 and A.1.2 of OpenID4VCI 1.0; what comes is a JWT in both.
            "jwt_vc_json" | "jwt_vc_json-ld" => Format::JwtVc11,
            // Has no name in OpenID4VCI 1.0; issuers use the media type of VC-JOSE-COSE.
            "vc+jwt" => Format::JwtVc,
            _ => return Err(Unsupported::Format.into()),
        };
        let binding = BindingMethod::choose(&configuration, format)?;
        let title = configuration.name(language).map_or_else(|| text::plain(id, NAME), str::to_owned);
        Ok(Self { id: id.to_owned(), title, configuration, format, binding })
    }

    /// Whether a credential of this format is what was offered. `jwt_vc_json` was named before the data model 2.0 had a
    /// JWT of its own, and issuers send either under it; content decides which it is.
    pub(crate) fn takes(&self, format: Format) -> bool {
        self.format == format || (self.format == Format::JwtVc11 && format == Format::JwtVc)
    }
}

/// An issuer as the person meets it before it proved any key: the trust list may know its address, which the
/// connection proved; what it calls itself is only a claim.
pub(crate) fn party(identifier: &str, own_name: Option<&str>, trust: &TrustList, language: Language) -> Party {
    let host = address::identifier(identifier).ok().map(|url| address::host(&url));
    let (name, evidence) = match trust.find(identifier) {
        Some(institution) => (institution.name_in(language).to_owned(), institution.evidence()),
        None => (own_name.or(host.as_deref()).unwrap_or(identifier).to_owned(), Evidence::Claimed),
    };
    Party { name, identifier: identifier.to_owned(), host, evidence }
}
