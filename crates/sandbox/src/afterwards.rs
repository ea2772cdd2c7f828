//! What goes on after the first answer: credentials that are handed out later, tokens that are renewed, and what wallets
//! say became of it. State without input or output.

use std::collections::BTreeMap;

use leerpas_core::Entropy;
use leerpas_credential::keys::PublicKey;

use crate::{
    catalogue::Course,
    grants::{Kept, random_word},
    metadata::Form,
};

/// How long a wallet is asked to wait before it asks again, in seconds. Short, because this is a trial.
pub const INTERVAL: u64 = 5;
/// How often a wallet that asks again hears that it takes longer, before it gets the credential.
const TIMES: u32 = 1;

/// Everything that goes on.
#[derive(Debug)]
pub struct Afterwards {
    /// What a wallet that asks again hears.
    pub pace: Pace,
    late_codes: Kept<()>,
    late_tokens: Kept<()>,
    transactions: Kept<Transaction>,
    refreshes: Kept<Renewable>,
    notices: Kept<String>,
    heard: BTreeMap<String, String>,
}

/// How slowly a credential is handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Seconds that a wallet is asked to wait.
    pub interval: u64,
    /// How often a wallet that asks again hears that it takes longer; `u32::MAX` is for ever.
    pub times: u32,
}

/// A request that was taken and is answered later.
#[derive(Debug, Clone)]
pub struct Transaction {
    /// In which form.
    pub form: Form,
    /// What.
    pub course: &'static Course,
    /// The keys that were proved.
    pub keys: Vec<PublicKey>,
    asked: u32,
}

/// What a refresh token stands for.
#[derive(Debug, Clone)]
pub struct Renewable {
    /// Configurations, by identifier.
    pub entitles: Vec<String>,
    /// Whether the client has a name.
    pub named: bool,
}

impl Default for Afterwards {
    fn default() -> Self {
        Self {
            pace: Pace { interval: INTERVAL, times: TIMES },
            late_codes: Kept::default(),
            late_tokens: Kept::default(),
            transactions: Kept::default(),
            refreshes: Kept::default(),
            notices: Kept::default(),
            heard: BTreeMap::new(),
        }
    }
}

impl Afterwards {
    /// What this code gets is handed out later.
    pub fn delay(&mut self, code: &str) {
        self.late_codes.put(code.to_owned(), ());
    }

    /// A code was exchanged for a token.
    pub fn exchanged(&mut self, code: &str, token: &str) {
        if self.late_codes.get(code).is_some() {
            self.late_tokens.put(token.to_owned(), ());
        }
    }

    /// Whether what this token asks for is handed out later.
    pub fn is_late(&self, token: &str) -> bool {
        self.late_tokens.get(token).is_some()
    }

    /// Takes a request, to be answered later. Gives the name of the transaction.
    pub fn take(&mut self, form: Form, course: &'static Course, keys: Vec<PublicKey>, entropy: &dyn Entropy) -> String {
        let id = random_word(entropy);
        self.transactions.put(id.clone(), Transaction { form, course, keys, asked: 0 });
        id
    }

    /// A wallet asks again: `None` where there is no such transaction, else whether it is ready. One that is ready is
    /// spent (OpenID4VCI 1.0, 9.1). Asks only for what its token `may`.
    pub fn ask(&mut self, id: &str, may: impl Fn(&str) -> bool) -> Option<Result<Transaction, u64>> {
        let mut transaction = self.transactions.get(id)?.clone();
        if !may(&transaction.form.configuration(transaction.course)) {
            return None;
        }
        self.transactions.take(id);
        if transaction.asked < self.pace.times {
            transaction.asked += 1;
            self.transactions.put(id.to_owned(), transaction);
            return Some(Err(self.pace.interval));
        }
        Some(Ok(transaction))
    }

    /// Gives a refresh token.
    pub fn renewable(&mut self, entitles: Vec<String>, named: bool, entropy: &dyn Entropy) -> String {
        let token = random_word(entropy);
        self.refreshes.put(token.clone(), Renewable { entitles, named });
        token
    }

    /// Takes a refresh token, which is good once: the answer brings the next one (RFC 9700, 4.14.2).
    pub fn renew(&mut self, token: &str) -> Option<Renewable> {
        self.refreshes.take(token)
    }

    /// Takes every refresh token back.
    pub fn take_back(&mut self) {
        self.refreshes = Kept::default();
    }

    /// Forgets every transaction.
    pub fn forget_transactions(&mut self) {
        self.transactions = Kept::default();
    }

    /// Gives an identifier by which a wallet can say what became of what it got.
    pub fn notice(&mut self, about: String, entropy: &dyn Entropy) -> String {
        let id = random_word(entropy);
        self.notices.put(id.clone(), about);
        id
    }

    /// A wallet says what became of it; again is as good. False where the identifier was never given.
    pub fn hear(&mut self, id: &str, event: &str) -> bool {
        let Some(about) = self.notices.get(id) else { return false };
        self.heard.insert(about.clone(), event.to_owned());
        true
    }

    /// What was said last about each configuration.
    pub fn heard(&self) -> BTreeMap<String, String> {
        self.heard.clone()
    }
}

#[cfg(test)]
mod tests {
    use leerpas_core::OsEntropy;

    use super::*;

    #[test]
    fn vci_9_a_transaction_is_good_until_its_credential_was_given() {
        let mut afterwards = Afterwards::default();
        let course = Course::find("circular-design").unwrap();
        let id = afterwards.take(Form::Microcredential, course, Vec::new(), &OsEntropy);
        assert!(afterwards.ask("another", |_| true).is_none());
        assert!(afterwards.ask(&id, |_| false).is_none(), "a token for something else");
        assert_eq!(afterwards.ask(&id, |_| true).unwrap().unwrap_err(), INTERVAL);
        assert!(afterwards.ask(&id, |_| true).unwrap().is_ok());
        assert!(afterwards.ask(&id, |_| true).is_none(), "spent");
    }

    #[test]
    fn a_refresh_token_is_good_once() {
        let mut afterwards = Afterwards::default();
        let token = afterwards.renewable(vec!["a".to_owned()], true, &OsEntropy);
        let renewable = afterwards.renew(&token).unwrap();
        assert!(renewable.named && renewable.entitles == ["a"]);
        assert!(afterwards.renew(&token).is_none());
        let token = afterwards.renewable(Vec::new(), false, &OsEntropy);
        afterwards.take_back();
        assert!(afterwards.renew(&token).is_none());
    }

    #[test]
    fn vci_11_the_same_word_again_is_as_good_and_a_strange_name_is_not() {
        let mut afterwards = Afterwards::default();
        let id = afterwards.notice("mc".to_owned(), &OsEntropy);
        assert!(afterwards.hear(&id, "credential_accepted") && afterwards.hear(&id, "credential_accepted"));
        assert!(!afterwards.hear("another", "credential_accepted"));
        assert_eq!(afterwards.heard()["mc"], "credential_accepted");
    }
}
