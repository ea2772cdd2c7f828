//! A request that comes again after it was answered: it is not answered twice, and the person hears when they did
//! (security.md D09, D22, H16).

use leerpas_core::{ErrorKind, Failure, Fault, Reply, Timestamp};
use leerpas_share::Sharing;
use sha2::{Digest as _, Sha256};

use crate::Wallet;

/// How the place of a request object is remembered: by a hash, as a request is by its nonce. The two never meet.
pub(crate) fn name_of_place(address: &str) -> String {
    let hash = Sha256::digest(address.as_bytes());
    hash.iter().fold("at ".to_owned(), |name, byte| format!("{name}{byte:02x}"))
}

impl Wallet {
    /// A nonce that comes again is of a request that was recorded and played back, or of a requester that does not make
    /// fresh ones: neither is answered, and nobody hears of it (OpenID4VP 1.0, 14.1). What was only looked at may come
    /// again.
    pub(crate) async fn refuse_answered(&self, machine: &Sharing, at: Timestamp) -> Failure {
        match self.log_unanswered(machine.requester().cloned(), ErrorKind::RequestAnswered).await {
            Ok(()) => answered(at),
            Err(failure) => failure,
        }
    }

    /// Most requesters hand a request out once, so an old link leads to nothing: where the wallet answered what was
    /// there, it says that instead. A place may also hold a fresh request each time; then this says nothing.
    pub(crate) async fn refuse_what_is_gone(&self, address: &str, reply: &Result<Reply, Fault>) -> Result<(), Failure> {
        if !matches!(reply, Ok(reply) if (400..500).contains(&reply.status)) {
            return Ok(());
        }
        let place = name_of_place(address);
        match self.with_vault(move |vault| vault.answered(&place)).await? {
            Some(at) => Err(answered(at)),
            None => Ok(()),
        }
    }
}

fn answered(at: Timestamp) -> Failure {
    let message = format!("this request was answered before, on {}", at.strftime("%Y-%m-%d at %H:%M UTC"));
    Failure::new(ErrorKind::RequestAnswered, "request", message).since(at)
}
