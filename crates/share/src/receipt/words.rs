//! The few sentences of a receipt, in both languages: it is read by people whom the wallet does not know.

use serde_json::{Value, json};

/// A sentence in Dutch and in English.
pub(super) type Both = [&'static str; 2];

pub(super) const MADE: Both = [
    "Gemaakt door de app Leerpas van de persoon zelf, uit het eigen logboek. De vrager heeft dit niet ondertekend.",
    "Made by the person's own app Leerpas, from its own log. The requester did not sign it.",
];
pub(super) const LISTED: Both = [
    "De naam staat op een vertrouwenslijst, en de sleutel of het certificaat is gecontroleerd.",
    "The name is on a trust list, and the key or certificate was checked.",
];
pub(super) const OWN: Both = [
    "De persoon vertrouwt deze vrager zelf, en de sleutel of het certificaat is gecontroleerd.",
    "The person chose to trust this requester, and the key or certificate was checked.",
];
pub(super) const PROVED: Both = [
    "De sleutel of het certificaat is gecontroleerd; geen vertrouwenslijst noemt deze vrager.",
    "The key or certificate was checked; no trust list names this requester.",
];
pub(super) const CLAIMED: Both =
    ["De vrager noemt zichzelf zo; dat is niet gecontroleerd.", "The requester calls itself so; that was not checked."];
pub(super) const WHOLE: Both = [
    "Het hele document: deze vorm kan niets apart verbergen.",
    "The whole document: this format cannot hide any part of it.",
];
pub(super) const BARE: Both = ["Dat de persoon deze kaart heeft.", "That the person holds this card."];
pub(super) const NOTHING: Both = ["Er is niets gegeven.", "Nothing was given."];
pub(super) const UNCONFIRMED: Both = [
    "Het antwoord is verstuurd en niemand heeft de ontvangst bevestigd. De gegevens zijn misschien gedeeld.",
    "The answer was sent and nobody confirmed that it arrived. The data may have been shared.",
];
pub(super) const AGREED: Both = [
    "De persoon zag in Leerpas wie wat vroeg en koos om te delen.",
    "The person was shown in Leerpas who asked for what, and chose to share.",
];
pub(super) const REFUSED: Both = [
    "De persoon zag in Leerpas wie wat vroeg en koos om niet te delen.",
    "The person was shown in Leerpas who asked for what, and chose not to share.",
];
pub(super) const WITHDRAW: Both = ["Toestemming intrekken", "Withdraw consent"];
pub(super) const ACCESS: Both = ["Gegevens inzien", "See the data"];
pub(super) const ERASE: Both = ["Gegevens laten wissen", "Have the data erased"];
pub(super) const COMPLAIN: Both = ["Een klacht indienen", "Lodge a complaint"];

/// The sentence as JSON-LD has it.
pub(super) fn said([nl, en]: &Both) -> Value {
    json!([{"@value": nl, "@language": "nl"}, {"@value": en, "@language": "en"}])
}
