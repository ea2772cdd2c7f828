//! The happy flow for verifiers of the OpenID Foundation's conformance suite: `oid4vp-1final-verifier-happy-flow`.

use crate::common::{Desk, badge_query, body, sd_jwt_query};
use leerpas_credential::report::Verdict;
use leerpas_openid::vp::ResponseMode;
use leerpas_share::Choice;
use serde_json::json;

#[test]
fn oid4vp_1final_verifier_happy_flow() {
    for mode in [ResponseMode::DirectPost, ResponseMode::DirectPostJwt] {
        for of_badge in [false, true] {
            let query = if of_badge {
                badge_query(json!([{"path": ["name"]}]))
            } else {
                sd_jwt_query(json!([{"path": ["title"]}, {"path": ["ects"]}]))
            };
            let mut desk = Desk::asking(query, mode);
            let request = desk.request();
            // What the module looks at in a request.
            assert_eq!(
                (&request["response_type"], &request["response_mode"]),
                (&json!("vp_token"), &json!(mode.as_str()))
            );
            assert_eq!(request["aud"], "https://self-issued.me/v2");
            for absent in ["scope", "client_id_scheme", "presentation_definition", "redirect_uri", "transaction_data"] {
                assert!(request.get(absent).is_none(), "{absent}");
            }
            let nonce = request["nonce"].as_str().unwrap();
            assert!((16..=43).contains(&nonce.len()) && nonce.bytes().all(|byte| byte.is_ascii_alphanumeric()));
            let original =
                if of_badge { desk.world.badge(&desk.key, |_| {}) } else { desk.world.sd_jwt(&desk.key, |_| {}) };
            let exchange = desk.wallet(&original, &Choice::default());
            assert_eq!(desk.judge(&body(&exchange)).verdict, Verdict::Valid);
        }
    }
}
