//! What the employer tells about itself, from the desk's folder.

use leerpas_core::{ErrorKind, OsEntropy, SystemClock};
use leerpas_credential::trust::TrustList;
use leerpas_desk::{Desk, DeskError, DeskOptions, start};
use leerpas_net::{Client, Policy};

async fn started(about: &str) -> Result<Desk, DeskError> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("about.json"), about).unwrap();
    let options = DeskOptions {
        listen: ([127, 0, 0, 1], 0).into(),
        data: folder.path().to_owned(),
        trust: TrustList::empty(),
        client: Client::new(Policy::default()).unwrap(),
        clock: std::sync::Arc::new(SystemClock),
        entropy: std::sync::Arc::new(OsEntropy),
    };
    start(options).await
}

#[tokio::test]
async fn ts27560_what_learners_would_not_be_told_keeps_the_desk_from_starting() {
    assert!(started(r#"{"policy_uri": "https://werk.example/privacy"}"#).await.is_ok());
    for wrong in ["{", r#"{"policy_uri": "werk.example/privacy"}"#, r#"{"privacy": "https://werk.example/"}"#] {
        let refused = started(wrong).await.err().unwrap();
        assert_eq!(refused.kind(), ErrorKind::StorageFailed);
        assert!(refused.to_string().contains("about.json"), "{refused}");
    }
}
