//! Makes `ui/src/bridge/contract.ts` from the views, so that the window cannot drift from the engine.

use ts_rs::{Config, TS};

use crate::handlers::LinkHandlerView;
use crate::view::{
    ActivityView, AlignmentView, AnswerView, ApprovalView, BeforeView, CandidateView, CardDetail, CardSummary,
    CheckPartView, CheckView, ChoiceView, ChosenCard, ClaimView, CodeView, ContentView, CopiesView, CreditView,
    FactView, FailureView, FramesView, GradeView, InstitutionView, KeyView, LeftOut, PartyView, PlanView,
    PlannedClaimView, QueryView, RecoveryKeyView, SessionView, Settings, Snapshot, TrustedView, VaultState,
    WaitingView, WorkView,
};

/// The commands of the window: name, arguments and answer, in TypeScript.
const COMMANDS: &[(&str, &str, &str)] = &[
    ("snapshot", "{}", "Snapshot"),
    ("save_settings", "{ settings: Settings }", "Snapshot"),
    ("create_vault", "{ passphrase: string }", "RecoveryKeyView"),
    ("unlock", "{ passphrase: string }", "Snapshot"),
    ("unlock_with_keychain", "{}", "Snapshot"),
    ("recover", "{ recoveryKey: string; passphrase: string }", "Snapshot"),
    ("lock", "{}", "Snapshot"),
    ("cards", "{ query: string }", "CardSummary[]"),
    ("card", "{ id: string }", "CardDetail"),
    ("delete_card", "{ id: string }", "null"),
    ("check_card", "{ id: string }", "CardDetail"),
    ("check_cards", "{}", "null"),
    ("save_card", "{ id: string; picture: boolean }", "string"),
    ("identities", "{}", "string[]"),
    ("set_identities", "{ identities: string[] }", "string[]"),
    ("trusted", "{}", "TrustedView[]"),
    ("trust_issuer", "{ card: string }", "CardDetail"),
    ("distrust", "{ id: string }", "TrustedView[]"),
    ("approvals", "{}", "ApprovalView[]"),
    ("approval_key", "{ server: string }", "ApprovalView[]"),
    ("add_approval", "{ server: string; approval: string }", "ApprovalView[]"),
    ("remove_approval", "{ server: string }", "ApprovalView[]"),
    ("logo", "{ name: string; identifier: string }", "string | null"),
    ("activity", "{}", "ActivityView[]"),
    ("save_receipt", "{ id: string }", "string"),
    ("keys", "{}", "KeyView[]"),
    ("waiting", "{}", "WaitingView[]"),
    ("collect", "{ id: string }", "SessionView"),
    ("give_up", "{ id: string }", "WaitingView[]"),
    ("copies", "{ card: string }", "CopiesView"),
    ("refill", "{ card: string }", "CopiesView"),
    ("institutions", "{}", "InstitutionView[]"),
    ("visit", "{ address: string }", "SessionView"),
    ("session", "{}", "SessionView"),
    ("arrive_text", "{ text: string }", "SessionView"),
    ("arrive_file", "{ name: string; base64: string }", "SessionView"),
    ("look", "{ base64: string }", "boolean"),
    ("answer", "{ answer: AnswerView }", "SessionView"),
    ("cancel", "{}", "SessionView"),
    ("open_link", "{ url: string }", "null"),
    ("link_handlers", "{}", "LinkHandlerView[]"),
    ("take_links", "{}", "LinkHandlerView[]"),
];

/// The events of the window: name and payload, in TypeScript.
const EVENTS: &[(&str, &str)] = &[("session", "SessionView"), ("snapshot", "Snapshot"), ("cards", "null")];

/// The whole contract as one TypeScript module.
pub fn contract() -> String {
    let config = Config::default().with_large_int("number");
    let mut out = String::from("// Made from crates/ipc by `cargo xtask contract`. Do not edit.\n\n");
    macro_rules! declare {
        ($($view:ty),* $(,)?) => {
            $(out.push_str(&format!("export {}\n\n", <$view>::decl(&config)));)*
        };
    }
    declare!(
        Snapshot,
        VaultState,
        Settings,
        RecoveryKeyView,
        PartyView,
        CardSummary,
        CardDetail,
        CreditView,
        GradeView,
        AlignmentView,
        WorkView,
        ContentView,
        FactView,
        ClaimView,
        CheckView,
        CheckPartView,
        SessionView,
        FramesView,
        CodeView,
        PlanView,
        QueryView,
        CandidateView,
        PlannedClaimView,
        BeforeView,
        AnswerView,
        ChosenCard,
        LeftOut,
        FailureView,
        LinkHandlerView,
        ActivityView,
        KeyView,
        TrustedView,
        ChoiceView,
        WaitingView,
        CopiesView,
        InstitutionView,
        ApprovalView,
    );
    out.push_str("export type ErrorKind =\n");
    for kind in leerpas_core::ErrorKind::ALL {
        out.push_str(&format!("  | '{}'\n", kind.as_str()));
    }
    out.push_str(";\n\nexport interface Commands {\n");
    for (name, arguments, answer) in COMMANDS {
        out.push_str(&format!("  {name}: {{ arguments: {arguments}; answer: {answer} }};\n"));
    }
    out.push_str("}\n\nexport interface Events {\n");
    for (name, payload) in EVENTS {
        out.push_str(&format!("  {name}: {payload};\n"));
    }
    out.push_str("}\n");
    out
}

/// The names of all commands, for the shell's own test that it answers each.
pub fn command_names() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().map(|(name, _, _)| *name)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_window_has_the_contract_of_this_engine() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ui/src/bridge/contract.ts");
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert_eq!(kept, super::contract(), "run `cargo xtask contract`");
    }
}
