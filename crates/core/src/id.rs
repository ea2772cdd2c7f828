//! Identifiers that the wallet makes itself. None of them is ever sent to anyone.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::Entropy;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Makes a new identifier: 64 random bits as 16 hexadecimal digits.
            pub fn make(entropy: &dyn Entropy) -> Self {
                let mut bytes = [0_u8; 8];
                entropy.fill(&mut bytes);
                Self(bytes.iter().map(|b| format!("{b:02x}")).collect())
            }

            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = std::convert::Infallible;
            /// Takes any text; one that names nothing is simply not found.
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(Self(text.to_owned()))
            }
        }
    };
}

id!(
    /// Names one card in the vault.
    CardId
);
id!(
    /// Names one private key in the vault.
    KeyId
);
id!(
    /// Names one line of the activity log.
    ActivityId
);
id!(
    /// Names one grant of an issuer: what it takes to come back there.
    GrantId
);
id!(
    /// Names one thing that a grant still gives: a card that comes later, or fresh copies of one.
    EntitlementId
);
