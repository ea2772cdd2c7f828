//! A receipt of one answer, as a file: who asked for what and why, and what the person said (ISO/IEC TS 27560:2023).

use leerpas_core::{Activity, ActivityId, ErrorKind, Failure, Language};

use crate::{Export, Wallet, export::file_name};

impl Wallet {
    /// The receipt of a line of the log. Nothing is written; no value of a claim is in it.
    ///
    /// # Errors
    /// [`ErrorKind::Locked`]; [`ErrorKind::Usage`] when there is no such line, or nothing was decided in it.
    pub async fn receipt(&self, id: &ActivityId) -> Result<Export, Failure> {
        let lines = self.activities().await?;
        let none = || Failure::new(ErrorKind::Usage, "receipt", "there is no such line in the log");
        let line = lines.iter().find(|line| line.id == *id).ok_or_else(none)?;
        let receipt = leerpas_share::receipt(line, self.world.env())
            .map_err(|e| Failure::new(e.kind(), "receipt", e.to_string()))?;
        let bytes = serde_json::to_vec_pretty(&receipt).map_err(|e| crate::failure::internal("receipt", e))?;
        Ok(Export { name: name(line, self.world.language), bytes, shows_everything: false })
    }
}

/// A name by which the file is found again: what it is, of whom and of which day.
fn name(line: &Activity, language: Language) -> String {
    let word = match language {
        Language::Nl => "bewijs",
        Language::En => "receipt",
    };
    let who = line.party.as_ref().map_or("", |party| party.name.as_str());
    format!("{word}-{}.json", file_name(&format!("{} {who}", line.at.strftime("%F"))))
}
