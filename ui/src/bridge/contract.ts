// Made from crates/ipc by `cargo xtask contract`. Do not edit.

export type Snapshot = { 
/**
 * Whether there is a vault, and whether it is open.
 */
vault: VaultState, 
/**
 * The settings; readable while locked.
 */
settings: Settings, 
/**
 * The version of the program.
 */
version: string, 
/**
 * A link that arrived and waits for the lock or for the running session.
 */
waiting: boolean, 
/**
 * One waited too long and is gone.
 */
tooLate: boolean, 
/**
 * What stopped before its end when the program ended or the vault was locked.
 */
brokenOff: Array<ActivityView>, 
/**
 * The host of a sign-in that waits for the browser, also while something else is on the screen.
 */
signInWaits: string | null, 
/**
 * A sign-in waits while the vault is locked; where is said to nobody.
 */
signInSleeps: boolean, };

export type VaultState = "missing" | "locked" | "open";

export type Settings = { 
/**
 * `nl` or `en`.
 */
language: string, 
/**
 * `system`, `light` or `dark`.
 */
theme: string, 
/**
 * Minutes without a key or a click until the wallet locks itself; 0 is never.
 */
lockAfterMinutes: number, 
/**
 * Whether this computer's keychain may open the vault.
 */
keychain: boolean, };

export type RecoveryKeyView = { 
/**
 * Groups of characters, to be written down in this order.
 */
groups: Array<string>, };

export type PartyView = { 
/**
 * The name to show.
 */
name: string, 
/**
 * The host that the person can recognise.
 */
host: string | null, 
/**
 * `listed`, `own` (added by the person), `proved` or `claimed`.
 */
evidence: string, 
/**
 * The full identifier, for those who look closely.
 */
identifier: string, };

export type CardSummary = { 
/**
 * Its identifier.
 */
id: string, 
/**
 * The title.
 */
title: string, 
/**
 * Who issued it.
 */
issuer: PartyView, 
/**
 * A `data:` URL.
 */
picture: string | null, 
/**
 * For example `4.5`.
 */
credit: string | null, 
/**
 * `ECTS`, `SBU`, `hours`, `credits`, or the issuer's own word.
 */
creditUnit: string | null, 
/**
 * For example `EQF 6`.
 */
level: string | null, 
/**
 * `valid`, `not_yet_valid`, `expired`, `revoked`, `suspended`, `invalid` or `unknown`.
 */
status: string, 
/**
 * Date of issue.
 */
issued: string | null, 
/**
 * Date until which it holds.
 */
expires: string | null, 
/**
 * When it was last checked.
 */
checked: string | null, 
/**
 * `dc+sd-jwt`, `vc+sd-jwt`, `ldp_vc`, `vc+jwt`, `jwt_vc_json`, `ob2` or `elm`.
 */
format: string, 
/**
 * When its status was last known, if the last check heard nothing newer.
 */
knownAt: string | null, };

export type CardDetail = { 
/**
 * What the list shows.
 */
summary: CardSummary, 
/**
 * What it says about itself.
 */
description: string | null, 
/**
 * The name of the person it is about.
 */
holder: string | null, 
/**
 * When it came into the wallet; absent while it is only being reviewed.
 */
received: string | null, 
/**
 * Facts that many cards have, in the order to show them; only those present.
 */
facts: Array<FactView>, 
/**
 * What the learner knows and can do.
 */
learningOutcomes: Array<string>, 
/**
 * Skills.
 */
skills: Array<string>, 
/**
 * Every study load, the main one first.
 */
credits: Array<CreditView>, 
/**
 * Every level as text, for example `EQF 6`, the main one first.
 */
levels: Array<string>, 
/**
 * Every result with its scale.
 */
results: Array<GradeView>, 
/**
 * What it is set against, but for levels and outcomes, which have places of their own.
 */
alignments: Array<AlignmentView>, 
/**
 * The work that it rests on.
 */
evidence: Array<WorkView>, 
/**
 * The parts of a diploma, a transcript or a record, each followed by its own parts.
 */
contents: Array<ContentView>, 
/**
 * The study load of all parts together, one sum for each unit.
 */
totals: Array<CreditView>, 
/**
 * Every claim, flat, in the order of the original or of the issuer.
 */
claims: Array<ClaimView>, 
/**
 * The checks by name.
 */
checks: Array<CheckView>, 
/**
 * `valid`, `invalid` or `unknown`.
 */
verdict: string, 
/**
 * How many copies with a key of their own there are; 0 for a badge from a file.
 */
copies: number, 
/**
 * Who issued it, as the last check found it.
 */
issuer: PartyView, 
/**
 * Whether it can be saved as a picture with the badge inside.
 */
bakeable: boolean, 
/**
 * The card as its issuer draws it: a `data:` URL for an `<img>` and for nothing else.
 */
rendering: string | null, };

export type CreditView = { 
/**
 * In decimal notation, for example `4.5`.
 */
amount: string, 
/**
 * `ECTS`, `SBU`, `hours`, `credits`, or the issuer's own word.
 */
unit: string, };

export type GradeView = { 
/**
 * What was measured.
 */
name: string | null, 
/**
 * The value as it is written.
 */
value: string, 
/**
 * The ends or the steps of the scale.
 */
scale: string | null, 
/**
 * What was needed to pass.
 */
required: string | null, };

export type AlignmentView = { 
/**
 * The name of the target.
 */
name: string, 
/**
 * The framework that it belongs to.
 */
framework: string | null, 
/**
 * Its code there.
 */
code: string | null, 
/**
 * Its address, shown as text.
 */
address: string | null, 
/**
 * What it is about.
 */
description: string | null, };

export type WorkView = { 
/**
 * Its name.
 */
name: string | null, 
/**
 * What was made, and how.
 */
narrative: string | null, 
/**
 * What kind of work it is.
 */
genre: string | null, 
/**
 * Its address, shown as text.
 */
address: string | null, };

export type ContentView = { 
/**
 * Its name.
 */
title: string, 
/**
 * How deep it lies: 0 is a direct part.
 */
depth: number, 
/**
 * What it is, as it is written.
 */
kind: string | null, 
/**
 * Study load.
 */
credit: CreditView | null, 
/**
 * Level as text.
 */
level: string | null, 
/**
 * The result.
 */
result: string | null, 
/**
 * When it was awarded.
 */
date: string | null, 
/**
 * Who awarded it, where that is somebody else.
 */
issuer: string | null, };

export type FactView = { 
/**
 * `language`, `assessment`, `supervision`, `participation`, `quality`, `programme`, `criteria`, or the name of a
 * further fact of `core::PARTICULARS`.
 */
name: string, 
/**
 * The value as text.
 */
value: string, };

export type ClaimView = { 
/**
 * The path, joined with `.`.
 */
path: string, 
/**
 * The issuer's own name for it in the person's language, if there is one.
 */
label: string | null, 
/**
 * The value as text.
 */
value: string, };

export type CheckView = { 
/**
 * `format`, `signature`, `issuer_key`, `issuer_trust`, `holder`, `kind`, `validity`, `status`, `nonce`, `audience`,
 * `claims`, `recipient`, `endorsements`, `contents`, `type_metadata`, `transaction` or `schema`.
 */
name: string, 
/**
 * `pass`, `warn`, `fail` or `unknown`.
 */
result: string, 
/**
 * The evidence in English, for those who look closely.
 */
detail: string, 
/**
 * A word for why, that the window may have a sentence for.
 */
reason: string | null, 
/**
 * When this was last known, if it is not fresh.
 */
knownAt: string | null, 
/**
 * Where the check looked at several things, each of them; else empty.
 */
parts: Array<CheckPartView>, };

export type CheckPartView = { 
/**
 * What it is: an identifier, such as the kind of a proof.
 */
name: string, 
/**
 * `pass`, `warn`, `fail` or `unknown`.
 */
result: string, 
/**
 * A word for why, that the window may have a sentence for.
 */
reason: string | null, 
/**
 * The evidence in English, for those who look closely.
 */
detail: string, };

export type SessionView = { "stage": "idle" } | { "stage": "working", 
/**
 * `offer`, `metadata`, `authorization`, `token`, `credential`, `verify`, `request`, `response`.
 */
step: string, } | { "stage": "offer", 
/**
 * Who offers, as far as is known now.
 */
issuer: PartyView, 
/**
 * The names of what is offered.
 */
titles: Array<string>, 
/**
 * The code to ask for, if the institution gave one.
 */
code: CodeView | null, 
/**
 * The host at which the person will sign in with their browser, where that is the way.
 */
signIn: string | null, } | { "stage": "sign_in", 
/**
 * Where to send the browser: https, and for this sign-in only.
 */
url: string, 
/**
 * The host that the person should see there.
 */
host: string, } | { "stage": "choose", 
/**
 * Where.
 */
issuer: PartyView, 
/**
 * What there is.
 */
options: Array<ChoiceView>, } | { "stage": "review", 
/**
 * The cards; for an import, one for each file.
 */
cards: Array<CardDetail>, 
/**
 * `issuer` or `file`.
 */
source: string, 
/**
 * The person has the same card already.
 */
duplicate: boolean, 
/**
 * `newer` or `older` where one of them is another issue of a card that is kept: the newer of the two stays.
 */
version: string | null, } | { "stage": "share", 
/**
 * All there is to see.
 */
plan: PlanView, } | { "stage": "frames", 
/**
 * All there is to show.
 */
frames: FramesView, } | { "stage": "kept", 
/**
 * Which.
 */
cards: Array<CardSummary>, } | { "stage": "later", 
/**
 * What was kept already.
 */
cards: Array<CardSummary>, 
/**
 * What is waited for.
 */
waiting: Array<WaitingView>, } | { "stage": "shared", 
/**
 * Who has it now.
 */
party: PartyView, 
/**
 * `done` or `uncertain`.
 */
outcome: string, 
/**
 * How many claims.
 */
count: number, 
/**
 * Where the requester wants the person to go on; https only. Opened on a click.
 */
goOn: string | null, } | { "stage": "declined" } | { "stage": "failed", 
/**
 * Why.
 */
failure: FailureView, 
/**
 * Whether the same question can be asked again, as after a wrong code.
 */
retry: boolean, };

export type FramesView = { 
/**
 * Who is to read them.
 */
party: PartyView, 
/**
 * Squares along each side of every code, without the light border of four.
 */
size: number, 
/**
 * Each code: its squares row after row, most significant bit first, one for dark; in base64.
 */
codes: Array<string>, 
/**
 * How many of them a reader needs, give or take two.
 */
needed: number, 
/**
 * How long each is shown, in milliseconds.
 */
milliseconds: number, };

export type CodeView = { 
/**
 * Digits only.
 */
numeric: boolean, 
/**
 * How many characters, if the institution says so.
 */
length: number | null, 
/**
 * The institution's own words about where to find it, 300 characters at most.
 */
description: string | null, 
/**
 * The host that will receive it.
 */
host: string, 
/**
 * The last one was wrong.
 */
wrong: boolean, };

export type PlanView = { 
/**
 * Who asks.
 */
requester: PartyView, 
/**
 * Who says that this is the requester's name, where that was not proved otherwise.
 */
attestedBy: string | null, 
/**
 * Why the host deserves a second look: `looks_like`, `foreign_letters` or `long`.
 */
hostCaution: string | null, 
/**
 * The host of an institution for which it could be taken.
 */
looksLike: string | null, 
/**
 * Why, in the requester's words.
 */
purpose: string | null, 
/**
 * What is asked, one entry for each query.
 */
queries: Array<QueryView>, 
/**
 * What this party got before: times and paths.
 */
before: Array<BeforeView>, 
/**
 * The registrar of the trust list that registered the requester.
 */
registrar: string | null, 
/**
 * What it is registered for.
 */
registeredFor: string | null, 
/**
 * It asks for more than it is registered for.
 */
beyondRegistration: boolean, 
/**
 * Sentences that the answer confirms, in the requester's words.
 */
statements: Array<string>, 
/**
 * Until when the requester keeps it, in the requester's words.
 */
retention: string | null, 
/**
 * The answer is shown on this screen as pictures and goes over no network.
 */
offline: boolean, 
/**
 * Approval must carry this: it stands for exactly what is shown.
 */
fingerprint: string, };

export type QueryView = { 
/**
 * The query's identifier.
 */
id: string, 
/**
 * Whether the request fails without it.
 */
required: boolean, 
/**
 * Whether several cards may answer it.
 */
multiple: boolean, 
/**
 * Whoever gets the answer could use it again, because the card's key is not proved.
 */
reusable: boolean, 
/**
 * Cards that fit, the proposed one first.
 */
candidates: Array<CandidateView>, };

export type CandidateView = { 
/**
 * The card.
 */
card: CardSummary, 
/**
 * What would be shared.
 */
claims: Array<PlannedClaimView>, 
/**
 * Somebody else saw this copy, and no fresh one is left: the two could compare.
 */
linkable: boolean, 
/**
 * The format knows no selection: the whole document is shared.
 */
whole: boolean, };

export type PlannedClaimView = { 
/**
 * The path, joined with `.`.
 */
path: string, 
/**
 * The issuer's own name for it.
 */
label: string | null, 
/**
 * The value as text.
 */
value: string, 
/**
 * Whether it was asked for; if not, it goes along because the format cannot hide it.
 */
asked: boolean, 
/**
 * Whether the person may leave it out.
 */
optional: boolean, 
/**
 * Why it deserves a second look: `number`, `birth`, `picture`, `health`, `origin` or `contact`.
 */
sensitive: string | null, };

export type BeforeView = { 
/**
 * The last time.
 */
last: string, 
/**
 * How often.
 */
times: number, 
/**
 * Titles of the cards.
 */
titles: Array<string>, 
/**
 * Paths of the claims.
 */
paths: Array<string>, };

export type AnswerView = { "answer": "take", 
/**
 * The code.
 */
code: string | null, } | { "answer": "choose", 
/**
 * By their identifiers; one at least.
 */
ids: Array<string>, } | { "answer": "sign_in" } | { "answer": "keep" } | { "answer": "share", 
/**
 * The fingerprint of the plan that was shown.
 */
fingerprint: string, 
/**
 * The card for each query; a query that is absent gets none, and one that takes several may be there again.
 */
cards: Array<ChosenCard>, 
/**
 * What is left out.
 */
without: Array<LeftOut>, } | { "answer": "shown", 
/**
 * Whether the other side read them, as far as the person can tell.
 */
read: boolean, } | { "answer": "decline" };

export type ChosenCard = { 
/**
 * The query.
 */
query: string, 
/**
 * The card.
 */
card: string, };

export type LeftOut = { 
/**
 * The query.
 */
query: string, 
/**
 * The path.
 */
path: string, };

export type FailureView = { 
/**
 * The kind, for which the window has words.
 */
kind: string, 
/**
 * At which step.
 */
step: string, 
/**
 * In English, behind "details" and in the code to copy.
 */
message: string, 
/**
 * Since when it is so, where that helps.
 */
since?: string, 
/**
 * The authorization server that has to approve this program first: for the place in the settings.
 */
approver?: string, };

export type LinkHandlerView = { 
/**
 * What such a link begins with, without the colon.
 */
scheme: string, 
/**
 * The program, as it calls itself; nothing where there is none.
 */
program: string | null, 
/**
 * Whether that is this Leerpas.
 */
ours: boolean, };

export type ActivityView = { 
/**
 * Its identifier.
 */
id: string, 
/**
 * When.
 */
at: string, 
/**
 * `received`, `imported`, `shared` or `deleted`.
 */
kind: string, 
/**
 * With whom.
 */
party: PartyView | null, 
/**
 * Why, in the party's words.
 */
purpose: string | null, 
/**
 * Titles of the cards.
 */
titles: Array<string>, 
/**
 * Paths of the claims that were shared.
 */
claims: Array<string>, 
/**
 * `done`, `declined`, `failed`, `uncertain` or `started`.
 */
outcome: string, 
/**
 * The error kind, if it failed.
 */
error: string | null, 
/**
 * Whether the request was read as a code from another screen.
 */
elsewhere: boolean, };

export type KeyView = { 
/**
 * Its identifier.
 */
id: string, 
/**
 * `holder`.
 */
purpose: string, 
/**
 * The title of the card that it belongs to.
 */
card: string | null, 
/**
 * The thumbprint of the public half (RFC 7638), base64url.
 */
thumbprint: string, 
/**
 * When it was made.
 */
made: string, };

export type TrustedView = { 
/**
 * Its identifier here.
 */
id: string, 
/**
 * The name in the person's language.
 */
name: string, 
/**
 * The first of its identifiers: what was proved.
 */
identifier: string, 
/**
 * When it was added.
 */
added: string, 
/**
 * Whether it came with a signed list; else the person added it.
 */
fromList: boolean, 
/**
 * Its logo from the list, made safe: a `data:` URL for an `<img>`.
 */
logo: string | null, };

export type ChoiceView = { 
/**
 * For `AnswerView::Choose`.
 */
id: string, 
/**
 * Its name.
 */
title: string, };

export type WaitingView = { 
/**
 * Its identifier here.
 */
id: string, 
/**
 * Its name.
 */
title: string, 
/**
 * Who hands it out.
 */
issuer: PartyView, 
/**
 * Since when.
 */
since: string, 
/**
 * Before this the institution does not want to be asked.
 */
askAfter: string, };

export type CopiesView = { 
/**
 * All of them.
 */
all: number, 
/**
 * Those that nobody has seen.
 */
fresh: number, 
/**
 * Whether the institution gives more.
 */
refillable: boolean, };

export type InstitutionView = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its address.
 */
address: string, };

export type ApprovalView = { 
/**
 * The identifier of the server: an https address.
 */
server: string, 
/**
 * The public half of the key, as a JWK in one line: what the institution has to approve.
 */
key: string, 
/**
 * By which name the server knows this program; nothing as long as it is not approved.
 */
client: string | null, 
/**
 * Until when the approval holds.
 */
until: string | null, };

export type ErrorKind =
  | 'usage'
  | 'locked'
  | 'wrong_passphrase'
  | 'weak_passphrase'
  | 'vault_missing'
  | 'vault_exists'
  | 'vault_damaged'
  | 'vault_foreign'
  | 'vault_newer'
  | 'vault_in_use'
  | 'storage_failed'
  | 'not_recognised'
  | 'input_too_large'
  | 'no_badge_in_picture'
  | 'badge_damaged'
  | 'insecure_address'
  | 'address_refused'
  | 'offer_invalid'
  | 'offer_unsupported'
  | 'attestation_needed'
  | 'approval_needed'
  | 'sign_in_late'
  | 'offer_expired'
  | 'issuer_mismatch'
  | 'issuer_metadata_invalid'
  | 'tx_code_wrong'
  | 'tx_code_needed'
  | 'credential_unreadable'
  | 'credential_unsupported'
  | 'credential_not_genuine'
  | 'credential_not_yours'
  | 'credential_expired'
  | 'credential_not_yet_valid'
  | 'credential_not_as_offered'
  | 'credential_revoked'
  | 'credential_uncheckable'
  | 'card_not_found'
  | 'request_invalid'
  | 'request_unsigned'
  | 'request_not_genuine'
  | 'request_wrong_address'
  | 'request_expired'
  | 'request_unsupported'
  | 'request_scope'
  | 'request_answered'
  | 'response_refused'
  | 'response_unconfirmed'
  | 'reply_unreadable'
  | 'reply_too_large'
  | 'other_side_failed'
  | 'unreachable'
  | 'timed_out'
  | 'interrupted'
  | 'declined'
  | 'nothing_fits'
  | 'busy'
  | 'no_session'
  | 'issuance_denied'
  | 'grant_ended'
  | 'too_early'
  | 'internal'
;

export interface Commands {
  snapshot: { arguments: {}; answer: Snapshot };
  save_settings: { arguments: { settings: Settings }; answer: Snapshot };
  create_vault: { arguments: { passphrase: string }; answer: RecoveryKeyView };
  unlock: { arguments: { passphrase: string }; answer: Snapshot };
  unlock_with_keychain: { arguments: {}; answer: Snapshot };
  recover: { arguments: { recoveryKey: string; passphrase: string }; answer: Snapshot };
  lock: { arguments: {}; answer: Snapshot };
  cards: { arguments: { query: string }; answer: CardSummary[] };
  card: { arguments: { id: string }; answer: CardDetail };
  delete_card: { arguments: { id: string }; answer: null };
  check_card: { arguments: { id: string }; answer: CardDetail };
  check_cards: { arguments: {}; answer: null };
  save_card: { arguments: { id: string; picture: boolean }; answer: string };
  identities: { arguments: {}; answer: string[] };
  set_identities: { arguments: { identities: string[] }; answer: string[] };
  trusted: { arguments: {}; answer: TrustedView[] };
  trust_issuer: { arguments: { card: string }; answer: CardDetail };
  distrust: { arguments: { id: string }; answer: TrustedView[] };
  approvals: { arguments: {}; answer: ApprovalView[] };
  approval_key: { arguments: { server: string }; answer: ApprovalView[] };
  add_approval: { arguments: { server: string; approval: string }; answer: ApprovalView[] };
  remove_approval: { arguments: { server: string }; answer: ApprovalView[] };
  logo: { arguments: { name: string; identifier: string }; answer: string | null };
  activity: { arguments: {}; answer: ActivityView[] };
  save_receipt: { arguments: { id: string }; answer: string };
  keys: { arguments: {}; answer: KeyView[] };
  waiting: { arguments: {}; answer: WaitingView[] };
  collect: { arguments: { id: string }; answer: SessionView };
  give_up: { arguments: { id: string }; answer: WaitingView[] };
  copies: { arguments: { card: string }; answer: CopiesView };
  refill: { arguments: { card: string }; answer: CopiesView };
  institutions: { arguments: {}; answer: InstitutionView[] };
  visit: { arguments: { address: string }; answer: SessionView };
  session: { arguments: {}; answer: SessionView };
  arrive_text: { arguments: { text: string }; answer: SessionView };
  arrive_file: { arguments: { name: string; base64: string }; answer: SessionView };
  look: { arguments: { base64: string }; answer: boolean };
  answer: { arguments: { answer: AnswerView }; answer: SessionView };
  cancel: { arguments: {}; answer: SessionView };
  open_link: { arguments: { url: string }; answer: null };
  link_handlers: { arguments: {}; answer: LinkHandlerView[] };
  take_links: { arguments: {}; answer: LinkHandlerView[] };
}

export interface Events {
  session: SessionView;
  snapshot: Snapshot;
  cards: null;
}
