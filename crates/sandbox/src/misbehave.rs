//! What a bad institution does, for tests of the wallet. Set through Rust only; nothing on the network turns
//! it on.

/// One way of misbehaving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misbehave {
    /// Signs credentials with a key that nobody certified.
    WrongSigningKey,
    /// Binds credentials to a key that is not the wallet's.
    OtherHolder,
    /// Gives credentials whose validity ended a year ago.
    Expired,
    /// The metadata name another `credential_issuer`, by one character.
    OtherIssuer,
    /// Gives a credential of another type than the one that was offered.
    OtherType,
    /// The nonce endpoint fails with 500.
    NonceFails,
    /// The challenge endpoint for attested programs gives challenges that are no longer good.
    StaleChallenge,
    /// A page of HTML where JSON belongs.
    Html(Place),
    /// 200 MB where a page of JSON belongs.
    Huge(Place),
    /// Takes the request and never answers.
    Silent(Place),
}

/// Where it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The issuer's metadata.
    Metadata,
    /// The token endpoint.
    Token,
    /// The nonce endpoint.
    Nonce,
    /// The credential endpoint.
    Credential,
    /// The endpoint for what is handed out later.
    Deferred,
}
