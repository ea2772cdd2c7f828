//! The sign-in in the person's own browser (OpenID4VCI 1.0, 5; RFC 8252): what is asked, and what must come back.

use leerpas_core::{Env, Exchange, Purpose, Reply, Secret, Url};
use leerpas_openid::{
    address,
    oauth::{AuthorizationError, AuthorizationRequest, Pkce, PushedRequest, authorization_response},
    vci::{AuthorizationCode, TokenRequest},
};

use crate::{ReceiveError, Unsupported, error::At, plan::Plan, possession::random_id, reply};

/// One sign-in, from the request to the code.
pub(crate) struct SignIn {
    request: AuthorizationRequest,
    pkce: Pkce,
    page: Url,
}

impl SignIn {
    /// Prepares it: a fresh state and challenge, tied to the address at which this computer listens.
    ///
    /// # Errors
    /// [`Unsupported::SignIn`] when the server has no page for it, or one that this program cannot use.
    pub(crate) fn prepare(
        plan: &Plan,
        grant: &AuthorizationCode,
        redirect_uri: Url,
        env: Env<'_>,
    ) -> Result<Self, ReceiveError> {
        let page = plan.server.authorization_endpoint.clone().ok_or(Unsupported::SignIn)?;
        let pkce = Pkce::make(env.entropy);
        let (mut scopes, mut configurations) = (Vec::new(), Vec::new());
        for want in &plan.wants {
            match &want.configuration.scope {
                Some(scope) if !scopes.contains(scope) => scopes.push(scope.clone()),
                Some(_) => {}
                None => configurations.push(want.id.clone()),
            }
        }
        let request = AuthorizationRequest {
            client_id: plan.client.id().to_owned(),
            redirect_uri,
            state: random_id(env.entropy),
            challenge: pkce.challenge(),
            issuer_state: grant.issuer_state.clone(),
            scopes,
            configurations,
            issuer: plan.metadata.credential_issuer.clone(),
            names_servers: !plan.metadata.authorization_servers.is_empty(),
        };
        Ok(Self { request, pkce, page })
    }

    /// The exchange that leaves the request at the server beforehand (RFC 9126), where the server takes that.
    pub(crate) fn push(&self, plan: &Plan) -> Option<Exchange> {
        let endpoint = plan.server.pushed_requests.clone()?;
        Some(Exchange::post_form(Purpose::Authorization, endpoint, self.request.parameters()))
    }

    /// Where the browser is sent, with everything in the address.
    pub(crate) fn url(&self) -> Url {
        self.request.url(&self.page)
    }

    /// Where the browser is sent, once the request lies at the server.
    ///
    /// # Errors
    /// When the reply is none, an error, or unreadable.
    pub(crate) fn url_of_pushed(&self, reply: Result<Reply, leerpas_core::Fault>) -> Result<Url, ReceiveError> {
        let body = reply::body(reply, At::Authorization)?;
        let pushed = PushedRequest::parse(&body).map_err(|_| ReceiveError::NotJson { step: At::Authorization })?;
        Ok(pushed.url(&self.page, &self.request.client_id))
    }

    /// The host of the page, which the person should recognise in their browser.
    pub(crate) fn host(&self) -> String {
        address::host(&self.page)
    }

    /// What an answer has to bring along to belong to this sign-in.
    pub(crate) fn state(&self) -> Secret<String> {
        Secret::new(self.request.state.clone())
    }

    /// The token request for the code that the browser brought back.
    ///
    /// # Errors
    /// [`AuthorizationError`], before the code is used for anything.
    pub(crate) fn token_request(self, plan: &Plan, query: &Secret<String>) -> Result<TokenRequest, AuthorizationError> {
        let Self { request, pkce, .. } = self;
        let server = &plan.server;
        let code = authorization_response(query.expose(), &request.state, &server.issuer, server.names_itself)?;
        Ok(TokenRequest::AuthorizationCode {
            code,
            redirect_uri: request.redirect_uri.as_str().to_owned(),
            verifier: Secret::new(pkce.verifier().expose().clone()),
            client_id: request.client_id,
        })
    }
}
