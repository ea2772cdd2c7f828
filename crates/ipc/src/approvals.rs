//! Approvals of this program by institutions, as views. The approvals themselves stay in the vault.

use leerpas_wallet::Attested;

use crate::view::ApprovalView;

/// What is kept for one authorization server.
pub fn approval(one: &Attested) -> ApprovalView {
    ApprovalView {
        server: one.server.clone(),
        key: one.public_jwk.to_string(),
        client: one.client_id.clone(),
        until: one.expires.map(|until| until.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use leerpas_core::Timestamp;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn attestation_07_the_window_sees_the_public_key_and_the_dates_and_no_more() {
        let one = Attested {
            server: "https://login.example".to_owned(),
            public_jwk: json!({"kty": "EC", "crv": "P-256", "x": "a", "y": "b"}),
            client_id: Some("leerpas".to_owned()),
            expires: Some(Timestamp::from_second(1_790_000_000).unwrap()),
        };
        let view = serde_json::to_value(approval(&one)).unwrap();
        let names: Vec<_> = view.as_object().unwrap().keys().cloned().collect();
        assert_eq!(names, ["server", "key", "client", "until"]);
        assert_eq!(serde_json::from_str::<Value>(view["key"].as_str().unwrap()).unwrap(), one.public_jwk);
        assert_eq!(view["until"], "2026-09-21T14:13:20Z");
    }
}
