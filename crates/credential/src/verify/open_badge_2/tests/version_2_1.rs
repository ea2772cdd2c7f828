//! Open Badges 2.1: the badges of 2.0, under another context and with profiles that also say where a host's interface is.
//! What the interface adds (lists of badges over the network, with a sign-in) is no file.

use super::*;

/// The contexts under which issuers of 2.1 write.
const CONTEXTS: [&str; 3] = [
    "https://w3id.org/openbadges/v2",
    "https://purl.imsglobal.org/spec/ob/v2p1/context.json",
    "https://purl.imsglobal.org/spec/ob/v2p1/ob_v2p1.jsonld",
];

/// As a platform of 2.1 gives it out: types in lists, pictures as objects, evidence, and an extension of edubadges.
fn badge_2_1(context: &str) -> Value {
    changed(assertion(), |a| {
        a["@context"] = json!([context, "https://api.edubadges.example/extensions/ECTSExtension/v2/context.json"]);
        a["type"] = json!(["Assertion"]);
        a["verification"] = json!({"type": ["HostedBadge"]});
        a["image"] = json!({"id": "https://badges.example/assertions/1/image"});
        a["evidence"] = json!([{"type": "Evidence", "narrative": "Een verslag", "name": "Verslag"}]);
    })
}

fn class_2_1(context: &str) -> Value {
    changed(badge_class(), |b| {
        b["@context"] = json!(context);
        b["type"] = json!(["BadgeClass"]);
        b["tags"] = json!(["algoritmen"]);
        b["alignment"] =
            json!([{"type": "AlignmentObject", "targetName": "Programmeren", "targetUrl": "https://esco.example/1"}]);
        b["extensions:ECTSExtension"] = json!({"type": ["Extension", "extensions:ECTSExtension"], "ECTS": 4.5});
    })
}

/// A profile of 2.1 names the manifest of its host.
fn profile_2_1(context: &str) -> Value {
    changed(profile(), |p| {
        p["@context"] = json!(context);
        p["type"] = json!(["Profile"]);
        p["badgeConnectAPI"] = json!([{"type": "BadgeConnectAPI", "id": "https://badges.example/.well-known/badgeconnect.json",
            "apiBase": "https://badges.example/bc/v1", "version": "v1p0"}]);
    })
}

#[test]
fn open_badges_2_1_hosted_is_read_shown_and_verified_like_2_0() {
    for context in CONTEXTS {
        let badge = badge_2_1(context);
        let (checked, asked) = run(badge.to_string().as_bytes(), policy(), |url| {
            Some(Answer::Json(match url {
                ASSERTION => badge.clone(),
                BADGE => class_2_1(context),
                ISSUER => profile_2_1(context),
                _ => return None,
            }))
        });
        let report = &checked.report;
        assert_eq!(report.verdict, Verdict::Valid, "{context}: {report:#?}");
        assert_eq!(asked, [ASSERTION, BADGE, ISSUER], "neither a context nor the interface of the host is fetched");
        assert_eq!(found(report, CheckName::Recipient), (CheckResult::Pass, None));
        let facts = checked.facts(&TrustList::empty());
        assert_eq!((facts.title.as_str(), facts.issuer.name.as_str()), ("Datastructuren", "Hogeschool Delta"));
        assert_eq!(
            facts.credit.map(|credit| (credit.amount, credit.unit)),
            Some(("4.5".to_owned(), "ECTS".to_owned()))
        );
        assert_eq!(facts.skills, ["Programmeren"]);
        assert_eq!(facts.evidence.len(), 1);
    }
}

#[test]
fn open_badges_2_1_signed_is_verified_like_2_0_and_may_be_withdrawn() {
    let signed = Signed::new();
    let context = CONTEXTS[1];
    let badge = changed(badge_2_1(context), |a| a["verification"] = json!({"type": "SignedBadge", "creator": KEY}));
    let jws = signed.jws(&badge);
    let check = |revoked: Value| {
        signed.run(&jws, |url, document| match url {
            BADGE => *document = class_2_1(context),
            ISSUER => {
                document["type"] = json!(["Profile"]);
                document["publicKey"] = json!([KEY]);
            }
            LIST => document["revokedAssertions"] = revoked.clone(),
            _ => {}
        })
    };
    let (report, _) = check(json!([]));
    assert_eq!(report.verdict, Verdict::Valid, "{report:#?}");
    let (report, _) = check(json!([{"id": ASSERTION}]));
    assert_eq!(found(&report, CheckName::Status), (CheckResult::Fail, Some(Reason::Revoked)));
}

#[test]
fn open_badges_2_1_a_badge_baked_into_a_picture_comes_out() {
    let (checked, _) = run(&baked(&badge_2_1(CONTEXTS[1]).to_string(), 8), policy(), |url| {
        Some(Answer::Json(match url {
            ASSERTION => badge_2_1(CONTEXTS[1]),
            BADGE => class_2_1(CONTEXTS[1]),
            ISSUER => profile_2_1(CONTEXTS[1]),
            _ => return None,
        }))
    });
    assert_eq!(checked.report.verdict, Verdict::Valid, "{:#?}", checked.report);
}
