//! Checking a credential or presentation that nobody wants to keep: the command line's `verify`.

use leerpas_core::{CardFacts, Failure};
use leerpas_credential::{
    read::read,
    report::Report,
    verify::{Binding, Policy},
};
use serde_json::Value;

use crate::{World, drive::Carrier};

/// What was found.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// Each check, and what follows.
    pub report: Report,
    /// What it says.
    pub facts: CardFacts,
    /// Its claims.
    pub claims: Value,
}

/// Checks a credential or presentation. Needs no vault.
///
/// With `expect_holder`, only a presentation passes in which the holder proved possession of the key; since
/// nobody asked for it, its nonce and audience are reported and not judged.
///
/// # Errors
/// When the bytes are no credential. That a check fails is an answer, not an error.
pub async fn check_file(world: &World, bytes: &[u8], expect_holder: bool) -> Result<Judgement, Failure> {
    let credential = read(bytes).map_err(|e| Failure::new(e.kind(), "read", e.to_string()))?;
    let binding = if expect_holder || credential.is_presentation() {
        Binding::Presentation { nonce: None, audience: None, required: expect_holder }
    } else {
        Binding::NotAsked
    };
    let policy = Policy {
        trust: world.trust.clone(),
        binding,
        resources: Default::default(),
        network: true,
        issuer: None,
        identities: Vec::new(),
    };
    let checked = Carrier::alone(world).verify(credential, policy).await?;
    let facts = checked.facts(&world.trust);
    let claims = checked.credential().claims().clone();
    Ok(Judgement { report: checked.report, facts, claims })
}
