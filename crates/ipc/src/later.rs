//! What goes on between the learner and an institution, as views.

use leerpas_wallet::{Choosing, Copies, Known, WaitingCard};

use crate::{
    cards::party,
    view::{ChoiceView, CopiesView, InstitutionView, SessionView, WaitingView},
};

/// What there is to choose from.
pub(crate) fn choosing(choosing: &Choosing) -> SessionView {
    let options = choosing.options.iter();
    SessionView::Choose {
        issuer: party(&choosing.issuer),
        options: options.map(|one| ChoiceView { id: one.id.clone(), title: one.title.clone() }).collect(),
    }
}

/// A card that is waited for.
pub fn waiting(one: &WaitingCard) -> WaitingView {
    WaitingView {
        id: one.id.to_string(),
        title: one.title.clone(),
        issuer: party(&one.issuer),
        since: one.since.to_string(),
        ask_after: one.ask_after.to_string(),
    }
}

/// The copies of a card.
pub fn copies(copies: Copies) -> CopiesView {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    CopiesView { all: count(copies.all), fresh: count(copies.fresh), refillable: copies.refillable }
}

/// An institution of the lists.
pub fn institution(known: &Known) -> InstitutionView {
    InstitutionView { name: known.name.clone(), address: known.address.clone() }
}
