//! The shapes that the window shows. Words for people are not here: they live in `ui/src/words`.
//!
//! Instants are RFC 3339 text, amounts are decimal text, enumerations are the stable words of `core`.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

mod approvals;
mod later;
mod learning;
mod records;

pub use approvals::ApprovalView;
pub use later::{ChoiceView, CopiesView, InstitutionView, WaitingView};
pub use learning::{AlignmentView, ClaimView, ContentView, CreditView, FactView, GradeView, WorkView};
pub use records::{ActivityView, KeyView, TrustedView};

/// Everything the window needs at its start and after each change of state.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// Whether there is a vault, and whether it is open.
    pub vault: VaultState,
    /// The settings; readable while locked.
    pub settings: Settings,
    /// The version of the program.
    pub version: String,
    /// A link that arrived and waits for the lock or for the running session.
    pub waiting: bool,
    /// One waited too long and is gone.
    pub too_late: bool,
    /// What stopped before its end when the program ended or the vault was locked.
    pub broken_off: Vec<ActivityView>,
    /// The host of a sign-in that waits for the browser, also while something else is on the screen.
    pub sign_in_waits: Option<String>,
    /// A sign-in waits while the vault is locked; where is said to nobody.
    pub sign_in_sleeps: bool,
}

/// Whether there is a vault, and whether it is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum VaultState {
    /// First start.
    Missing,
    /// There is one; it is locked.
    Locked,
    /// It is open.
    Open,
}

/// What a person can set. Kept beside the vault in clear, since the lock screen needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// `nl` or `en`.
    pub language: String,
    /// `system`, `light` or `dark`.
    pub theme: String,
    /// Minutes without a key or a click until the wallet locks itself; 0 is never.
    pub lock_after_minutes: u32,
    /// Whether this computer's keychain may open the vault.
    pub keychain: bool,
}

/// The recovery key, shown once.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RecoveryKeyView {
    /// Groups of characters, to be written down in this order.
    pub groups: Vec<String>,
}

/// Somebody at the other side.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PartyView {
    /// The name to show.
    pub name: String,
    /// The host that the person can recognise.
    pub host: Option<String>,
    /// `listed`, `own` (added by the person), `proved` or `claimed`.
    pub evidence: String,
    /// The full identifier, for those who look closely.
    pub identifier: String,
}

/// A card in a list.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CardSummary {
    /// Its identifier.
    pub id: String,
    /// The title.
    pub title: String,
    /// Who issued it.
    pub issuer: PartyView,
    /// A `data:` URL.
    pub picture: Option<String>,
    /// For example `4.5`.
    pub credit: Option<String>,
    /// `ECTS`, `SBU`, `hours`, `credits`, or the issuer's own word.
    pub credit_unit: Option<String>,
    /// For example `EQF 6`.
    pub level: Option<String>,
    /// `valid`, `not_yet_valid`, `expired`, `revoked`, `suspended`, `invalid` or `unknown`.
    pub status: String,
    /// Date of issue.
    pub issued: Option<String>,
    /// Date until which it holds.
    pub expires: Option<String>,
    /// When it was last checked.
    pub checked: Option<String>,
    /// `dc+sd-jwt`, `vc+sd-jwt`, `ldp_vc`, `vc+jwt`, `jwt_vc_json`, `ob2` or `elm`.
    pub format: String,
    /// When its status was last known, if the last check heard nothing newer.
    pub known_at: Option<String>,
}

/// A card, opened.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CardDetail {
    /// What the list shows.
    pub summary: CardSummary,
    /// What it says about itself.
    pub description: Option<String>,
    /// The name of the person it is about.
    pub holder: Option<String>,
    /// When it came into the wallet; absent while it is only being reviewed.
    pub received: Option<String>,
    /// Facts that many cards have, in the order to show them; only those present.
    pub facts: Vec<FactView>,
    /// What the learner knows and can do.
    pub learning_outcomes: Vec<String>,
    /// Skills.
    pub skills: Vec<String>,
    /// Every study load, the main one first.
    pub credits: Vec<CreditView>,
    /// Every level as text, for example `EQF 6`, the main one first.
    pub levels: Vec<String>,
    /// Every result with its scale.
    pub results: Vec<GradeView>,
    /// What it is set against, but for levels and outcomes, which have places of their own.
    pub alignments: Vec<AlignmentView>,
    /// The work that it rests on.
    pub evidence: Vec<WorkView>,
    /// The parts of a diploma, a transcript or a record, each followed by its own parts.
    pub contents: Vec<ContentView>,
    /// The study load of all parts together, one sum for each unit.
    pub totals: Vec<CreditView>,
    /// Every claim, flat, in the order of the original or of the issuer.
    pub claims: Vec<ClaimView>,
    /// The checks by name.
    pub checks: Vec<CheckView>,
    /// `valid`, `invalid` or `unknown`.
    pub verdict: String,
    /// How many copies with a key of their own there are; 0 for a badge from a file.
    pub copies: u32,
    /// Who issued it, as the last check found it.
    pub issuer: PartyView,
    /// Whether it can be saved as a picture with the badge inside.
    pub bakeable: bool,
    /// The card as its issuer draws it: a `data:` URL for an `<img>` and for nothing else.
    pub rendering: Option<String>,
}

/// One check with its result.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CheckView {
    /// `format`, `signature`, `issuer_key`, `issuer_trust`, `holder`, `kind`, `validity`, `status`, `nonce`, `audience`,
    /// `claims`, `recipient`, `endorsements`, `contents`, `type_metadata`, `transaction` or `schema`.
    pub name: String,
    /// `pass`, `warn`, `fail` or `unknown`.
    pub result: String,
    /// The evidence in English, for those who look closely.
    pub detail: String,
    /// A word for why, that the window may have a sentence for.
    pub reason: Option<String>,
    /// When this was last known, if it is not fresh.
    pub known_at: Option<String>,
    /// Where the check looked at several things, each of them; else empty.
    pub parts: Vec<CheckPartView>,
}

/// One of several things that a check looked at.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CheckPartView {
    /// What it is: an identifier, such as the kind of a proof.
    pub name: String,
    /// `pass`, `warn`, `fail` or `unknown`.
    pub result: String,
    /// A word for why, that the window may have a sentence for.
    pub reason: Option<String>,
    /// The evidence in English, for those who look closely.
    pub detail: String,
}

/// What the running session asks or says. There is one session at a time.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(tag = "stage", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum SessionView {
    /// Nothing is going on.
    Idle,
    /// Something is being fetched or sent; can be cancelled.
    Working {
        /// `offer`, `metadata`, `authorization`, `token`, `credential`, `verify`, `request`, `response`.
        step: String,
    },
    /// An offer: take it? Nothing but the offer itself was fetched so far.
    Offer {
        /// Who offers, as far as is known now.
        issuer: PartyView,
        /// The names of what is offered.
        titles: Vec<String>,
        /// The code to ask for, if the institution gave one.
        code: Option<CodeView>,
        /// The host at which the person will sign in with their browser, where that is the way.
        sign_in: Option<String>,
    },
    /// Sign in at the institution with the person's own browser?
    SignIn {
        /// Where to send the browser: https, and for this sign-in only.
        url: String,
        /// The host that the person should see there.
        host: String,
    },
    /// What to collect at an institution that the person went to themself?
    Choose {
        /// Where.
        issuer: PartyView,
        /// What there is.
        options: Vec<ChoiceView>,
    },
    /// Cards to look at before they are kept. Checked already.
    Review {
        /// The cards; for an import, one for each file.
        cards: Vec<CardDetail>,
        /// `issuer` or `file`.
        source: String,
        /// The person has the same card already.
        duplicate: bool,
        /// `newer` or `older` where one of them is another issue of a card that is kept: the newer of the two stays.
        version: Option<String>,
    },
    /// A request: share these?
    Share {
        /// All there is to see.
        plan: Box<PlanView>,
    },
    /// An answer as pictures, for a room without a network: shown until the person says whether they were read.
    Frames {
        /// All there is to show.
        frames: Box<FramesView>,
    },
    /// Cards were kept.
    Kept {
        /// Which.
        cards: Vec<CardSummary>,
    },
    /// The institution hands something out later.
    Later {
        /// What was kept already.
        cards: Vec<CardSummary>,
        /// What is waited for.
        waiting: Vec<WaitingView>,
    },
    /// A request was answered.
    Shared {
        /// Who has it now.
        party: PartyView,
        /// `done` or `uncertain`.
        outcome: String,
        /// How many claims.
        count: u32,
        /// Where the requester wants the person to go on; https only. Opened on a click.
        go_on: Option<String>,
    },
    /// The person said no and nothing was shared or kept.
    Declined,
    /// It failed, and nothing was shared or kept.
    Failed {
        /// Why.
        failure: FailureView,
        /// Whether the same question can be asked again, as after a wrong code.
        retry: bool,
    },
}

/// An answer as QR codes that follow one another.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FramesView {
    /// Who is to read them.
    pub party: PartyView,
    /// Squares along each side of every code, without the light border of four.
    pub size: u32,
    /// Each code: its squares row after row, most significant bit first, one for dark; in base64.
    pub codes: Vec<String>,
    /// How many of them a reader needs, give or take two.
    pub needed: u32,
    /// How long each is shown, in milliseconds.
    pub milliseconds: u32,
}

/// The code that an institution gives along with an offer (OpenID4VCI 1.0, 4.1.1).
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CodeView {
    /// Digits only.
    pub numeric: bool,
    /// How many characters, if the institution says so.
    pub length: Option<u32>,
    /// The institution's own words about where to find it, 300 characters at most.
    pub description: Option<String>,
    /// The host that will receive it.
    pub host: String,
    /// The last one was wrong.
    pub wrong: bool,
}

/// A request with everything that would be shared.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PlanView {
    /// Who asks.
    pub requester: PartyView,
    /// Who says that this is the requester's name, where that was not proved otherwise.
    pub attested_by: Option<String>,
    /// Why the host deserves a second look: `looks_like`, `foreign_letters` or `long`.
    pub host_caution: Option<String>,
    /// The host of an institution for which it could be taken.
    pub looks_like: Option<String>,
    /// Why, in the requester's words.
    pub purpose: Option<String>,
    /// What is asked, one entry for each query.
    pub queries: Vec<QueryView>,
    /// What this party got before: times and paths.
    pub before: Vec<BeforeView>,
    /// The registrar of the trust list that registered the requester.
    pub registrar: Option<String>,
    /// What it is registered for.
    pub registered_for: Option<String>,
    /// It asks for more than it is registered for.
    pub beyond_registration: bool,
    /// Sentences that the answer confirms, in the requester's words.
    pub statements: Vec<String>,
    /// Until when the requester keeps it, in the requester's words.
    pub retention: Option<String>,
    /// The answer is shown on this screen as pictures and goes over no network.
    pub offline: bool,
    /// Approval must carry this: it stands for exactly what is shown.
    pub fingerprint: String,
}

/// One query of a request.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct QueryView {
    /// The query's identifier.
    pub id: String,
    /// Whether the request fails without it.
    pub required: bool,
    /// Whether several cards may answer it.
    pub multiple: bool,
    /// Whoever gets the answer could use it again, because the card's key is not proved.
    pub reusable: bool,
    /// Cards that fit, the proposed one first.
    pub candidates: Vec<CandidateView>,
}

/// A card that fits a query.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CandidateView {
    /// The card.
    pub card: CardSummary,
    /// What would be shared.
    pub claims: Vec<PlannedClaimView>,
    /// Somebody else saw this copy, and no fresh one is left: the two could compare.
    pub linkable: bool,
    /// The format knows no selection: the whole document is shared.
    pub whole: bool,
}

/// One claim that would be shared.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PlannedClaimView {
    /// The path, joined with `.`.
    pub path: String,
    /// The issuer's own name for it.
    pub label: Option<String>,
    /// The value as text.
    pub value: String,
    /// Whether it was asked for; if not, it goes along because the format cannot hide it.
    pub asked: bool,
    /// Whether the person may leave it out.
    pub optional: bool,
    /// Why it deserves a second look: `number`, `birth`, `picture`, `health`, `origin` or `contact`.
    pub sensitive: Option<String>,
}

/// Something that the same party got earlier.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BeforeView {
    /// The last time.
    pub last: String,
    /// How often.
    pub times: u32,
    /// Titles of the cards.
    pub titles: Vec<String>,
    /// Paths of the claims.
    pub paths: Vec<String>,
}

/// What the person says to the running session.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(tag = "answer", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum AnswerView {
    /// To an offer: take it, with the code if one is asked for.
    Take {
        /// The code.
        code: Option<String>,
    },
    /// To the choice at an institution: these.
    Choose {
        /// By their identifiers; one at least.
        ids: Vec<String>,
    },
    /// To a sign-in: the browser is on its way.
    SignIn,
    /// To a review: keep the cards.
    Keep,
    /// To a request: share.
    Share {
        /// The fingerprint of the plan that was shown.
        fingerprint: String,
        /// The card for each query; a query that is absent gets none, and one that takes several may be there again.
        cards: Vec<ChosenCard>,
        /// What is left out.
        without: Vec<LeftOut>,
    },
    /// To pictures: they are no longer needed.
    Shown {
        /// Whether the other side read them, as far as the person can tell.
        read: bool,
    },
    /// No.
    Decline,
}

/// The card that was chosen for a query.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ChosenCard {
    /// The query.
    pub query: String,
    /// The card.
    pub card: String,
}

/// A claim that is left out.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LeftOut {
    /// The query.
    pub query: String,
    /// The path.
    pub path: String,
}

/// A failure: three lines on the screen, of which this gives the facts.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FailureView {
    /// The kind, for which the window has words.
    pub kind: String,
    /// At which step.
    pub step: String,
    /// In English, behind "details" and in the code to copy.
    pub message: String,
    /// Since when it is so, where that helps.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The authorization server that has to approve this program first: for the place in the settings.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approver: Option<String>,
}
