//! Whether the holder confirmed what was asked along with the answer (OpenID4VP 1.0, 8.4 and appendix B.3.3.1).

use leerpas_credential::{
    read::Unverified,
    report::{Check, CheckName, CheckResult, Reason, Report},
};
use leerpas_openid::vp::{TRANSACTION_HASH, TransactionData};

use crate::Judged;

/// What was to be confirmed, and what of it was.
#[derive(Debug)]
pub(crate) struct Confirmations(Vec<(TransactionData, bool)>);

impl Confirmations {
    pub(crate) fn of(transactions: Vec<TransactionData>) -> Self {
        Self(transactions.into_iter().map(|data| (data, false)).collect())
    }

    /// Holds the hashes in the proof of the holder's key against what was asked of this query. Without a proof that holds
    /// they are only text, and nothing is confirmed by it.
    pub(crate) fn judge(&mut self, query: &str, report: Report, credential: &Unverified) -> Report {
        let Some(confirmed) = credential.confirmed_hashes() else { return report };
        let fail = |detail: &str| Check::fail(CheckName::Transaction, Reason::NotConfirmed, detail);
        let named = confirmed.algorithm.as_deref();
        let mut asked: Vec<usize> = Vec::new();
        for hash in &confirmed.hashes {
            let of_this = |(data, _): &(TransactionData, bool)| {
                data.hash() == *hash && data.credential_ids.iter().any(|id| id == query)
            };
            match self.0.iter().position(of_this).filter(|found| !asked.contains(found)) {
                Some(found) => asked.push(found),
                None => return report.with(fail("it confirms something that was not asked")),
            }
        }
        let must_name = asked.iter().any(|n| self.0.get(*n).is_some_and(|(data, _)| data.names_hashes));
        if asked.is_empty() || named.map_or(must_name, |named| named != TRANSACTION_HASH) {
            return report.with(fail("how it confirms it is not as it was asked"));
        }
        let holder = report.check(CheckName::Holder).is_some_and(|check| check.result == CheckResult::Pass);
        let nonce = report.check(CheckName::Nonce).is_some_and(|check| check.result == CheckResult::Pass);
        if !(holder && nonce) {
            return report.with(fail("whoever confirms it did not prove to be the holder"));
        }
        for found in asked {
            if let Some((_, confirmed)) = self.0.get_mut(found) {
                *confirmed = true;
            }
        }
        report.with(Check::pass(CheckName::Transaction, "the holder confirmed what was asked"))
    }

    /// What nobody confirmed counts against each presentation that could have.
    pub(crate) fn settle(&self, judged: &mut [Judged]) {
        for (data, _) in self.0.iter().filter(|(_, confirmed)| !confirmed) {
            let could = |one: &Judged| data.credential_ids.contains(&one.query);
            // Where the wallet gave none of those, the answer as a whole is not what was asked for.
            let nobody_could = !judged.iter().any(could);
            for one in judged.iter_mut().filter(|one| nobody_could || could(one)) {
                let detail = "what was asked to be confirmed is not";
                let check = Check::fail(CheckName::Transaction, Reason::NotConfirmed, detail);
                one.report = one.report.clone().with(check);
                one.claims.clear();
            }
        }
    }
}
