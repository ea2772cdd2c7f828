//! Collecting that the person starts: from an institution that they name, or that somebody they trust names.

use leerpas_core::Failure;

use crate::{Progress, Wallet, Work};

/// An institution of the trust lists that has an address to collect at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its name, in the person's language where the list has it.
    pub name: String,
    /// The address.
    pub address: String,
}

impl Wallet {
    /// Institutions that the lists know and that have an address. Whether they give anything there is not asked: nothing
    /// is fetched for this list.
    pub fn institutions(&self) -> Vec<Known> {
        let trust = self.trust();
        let mut known: Vec<Known> = trust
            .institutions()
            .iter()
            .filter_map(|one| {
                let address = one.identifiers.iter().find(|identifier| identifier.starts_with("https://"))?;
                Some(Known { name: one.name_in(self.world.language).to_owned(), address: address.clone() })
            })
            .collect();
        known.sort_by_cached_key(|one| one.name.to_lowercase());
        known
    }

    /// Goes to an institution that the person named, and asks what they want to collect there.
    ///
    /// # Errors
    /// [`Busy`](leerpas_core::ErrorKind::Busy) while another session runs; [`Locked`](leerpas_core::ErrorKind::Locked); otherwise what ended the session at once.
    pub async fn visit(&self, address: &str) -> Result<Progress, Failure> {
        let mut session = self.free_session()?;
        self.with_vault(|_| Ok(())).await?;
        self.begin_action();
        self.end_flow();
        self.progress.send_replace(Progress::Working(Work::Here));
        let turn = self.begin_visit(address).await;
        self.take_turn(&mut session, turn)
    }
}
