//! What a verifier tells about itself goes into its requests, for the holder's own record.

use crate::common::{World, ask, sd_jwt_query};
use leerpas_check::About;
use leerpas_credential::jose::Jws;
use leerpas_openid::vp::{ClientMetadata, ResponseMode};
use serde_json::json;

#[test]
fn ts27560_a_request_tells_where_the_verifier_says_what_it_does_and_how_it_is_reached() {
    let world = World::new();
    let about = json!({"policy_uri": "https://werk.example/privacy", "contacts": ["privacy@werk.example"]});
    let about = About::from_json(about.to_string().as_bytes()).unwrap();
    for (mode, told) in
        [(ResponseMode::DirectPostJwt, true), (ResponseMode::DirectPost, true), (ResponseMode::Frames, false)]
    {
        let pending = ask(&world, sd_jwt_query(json!([{"path": ["title"]}])), mode).telling(&about);
        let object = Jws::parse(&pending.request_object(None, world.time()).unwrap()).unwrap();
        let metadata = ClientMetadata::parse(&object.claims().unwrap()["client_metadata"]).unwrap();
        // A request by value has to fit a QR code.
        assert_eq!(metadata.policy.is_some(), told, "{mode:?}");
        assert_eq!(metadata.contacts.len(), usize::from(told), "{mode:?}");
    }
}
