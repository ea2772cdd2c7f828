//! What the window says, as the engine hears it.

use std::collections::btree_map::Entry;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use leerpas_core::{Secret, limits};
use leerpas_wallet::{Answer, Choice, Input};

use crate::view::AnswerView;

/// What the window said makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnreadableAnswer;

/// An answer to the running session.
pub fn answer(view: AnswerView) -> Answer {
    match view {
        AnswerView::Take { code } => {
            Answer::Take { code: code.filter(|text| !text.is_empty()).map(|text| Secret::new(text.trim().to_owned())) }
        }
        AnswerView::Choose { ids } => Answer::Choose(ids),
        AnswerView::SignIn => Answer::SignIn,
        AnswerView::Keep => Answer::Keep,
        AnswerView::Decline => Answer::Decline,
        AnswerView::Shown { read } => Answer::Shown { read },
        AnswerView::Share { fingerprint, cards, without } => {
            let mut choice = Choice::default();
            for chosen in cards {
                // Named again, a query gets one card more.
                match choice.cards.entry(chosen.query) {
                    Entry::Occupied(first) => choice.more.push((first.key().clone(), card_id(&chosen.card))),
                    Entry::Vacant(none) => drop(none.insert(card_id(&chosen.card))),
                }
            }
            choice.without = without.into_iter().map(|left| (left.query, left.path)).collect();
            Answer::Share { fingerprint, choice }
        }
    }
}

/// A file that came through the window as base64.
///
/// # Errors
/// When it is no base64, or larger than any file that is read.
pub fn file(name: String, base64: &str) -> Result<Input, UnreadableAnswer> {
    if base64.len() / 4 * 3 > limits::QR_IMAGE.max(limits::FILE) + 3 {
        return Err(UnreadableAnswer);
    }
    let bytes = STANDARD.decode(base64).map_err(|_| UnreadableAnswer)?;
    Ok(Input::File { name, bytes })
}

/// Whether a picture of the window's camera holds something for the wallet; one that cannot be read holds nothing.
pub fn looks_good(base64: &str) -> bool {
    matches!(file(String::new(), base64), Ok(Input::File { bytes, .. }) if leerpas_wallet::holds_something(&bytes))
}

fn card_id(text: &str) -> leerpas_core::CardId {
    match text.parse() {
        Ok(id) => id,
        Err(never) => match never {},
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::ChosenCard;

    #[test]
    fn vp_6_1_a_query_that_is_named_again_gets_one_card_more() {
        let chosen = |query: &str, card: &str| ChosenCard { query: query.to_owned(), card: card.to_owned() };
        let cards = vec![chosen("a", "1"), chosen("b", "2"), chosen("a", "3")];
        let view = AnswerView::Share { fingerprint: "f".to_owned(), cards, without: Vec::new() };
        let Answer::Share { choice, .. } = answer(view) else { panic!("an answer to a request") };
        assert_eq!(choice.cards, [("a".to_owned(), card_id("1")), ("b".to_owned(), card_id("2"))].into());
        assert_eq!(choice.more, [("a".to_owned(), card_id("3"))]);
    }
}
