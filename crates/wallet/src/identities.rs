//! The addresses that the learner says are theirs. Badges are held against them; they are never sent.

use leerpas_core::{ErrorKind, Failure};

use crate::Wallet;

/// Addresses that one person may have.
const MOST: usize = 20;
/// Characters of one of them (an e-mail address has 254 at most, RFC 5321, section 4.5.3.1).
const LONGEST: usize = 320;

impl Wallet {
    /// The addresses, in the order in which the person gave them.
    ///
    /// # Errors
    /// [`ErrorKind::Locked`], [`ErrorKind::StorageFailed`].
    pub async fn identities(&self) -> Result<Vec<String>, Failure> {
        self.with_vault(|vault| vault.identities()).await
    }

    /// Puts these addresses in the place of those that were there; white space around them and those that are there twice
    /// are left out.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for more than a person has, or for what can be no address; [`ErrorKind::Locked`],
    /// [`ErrorKind::StorageFailed`].
    pub async fn set_identities(&self, identities: Vec<String>) -> Result<(), Failure> {
        let identities = tidy(identities)?;
        self.with_vault(move |vault| vault.set_identities(&identities)).await
    }
}

fn tidy(identities: Vec<String>) -> Result<Vec<String>, Failure> {
    // The words hold no address: they may end up in a log.
    let refused = |what: &str| Failure::new(ErrorKind::Usage, "identities", what);
    let mut tidy: Vec<String> = Vec::new();
    for identity in identities.iter().map(|identity| identity.trim()).filter(|identity| !identity.is_empty()) {
        if identity.chars().count() > LONGEST || identity.chars().any(|c| c.is_control()) {
            return Err(refused("one of these is no address"));
        }
        if !tidy.iter().any(|known| known.eq_ignore_ascii_case(identity)) {
            tidy.push(identity.to_owned());
        }
    }
    if tidy.len() > MOST {
        return Err(refused("these are more addresses than one person has"));
    }
    Ok(tidy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_tidied_and_bounded() {
        let given = [" sam@a.example ", "", "Sam@A.example", "+31 6 1234"].map(str::to_owned).to_vec();
        assert_eq!(tidy(given).unwrap(), ["sam@a.example", "+31 6 1234"]);
        for bad in [vec!["a\nb@c.example".to_owned()], vec!["x".repeat(321)], (0..21).map(|n| n.to_string()).collect()]
        {
            let failure = tidy(bad).unwrap_err();
            assert_eq!(failure.kind, ErrorKind::Usage);
            assert!(!failure.message.contains("example"), "no address in an error");
        }
    }
}
