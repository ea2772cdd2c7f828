//! Every rule of the profile, on lines as they are in the log, and the graph that the document stands for.

use leerpas_core::{ActivityId, CountingEntropy, Evidence, Language, Url};
use leerpas_credential::jsonld::{Contexts, HashAlgorithm, canonicalise_with};
use proptest::prelude::*;

use super::*;

const AT: i64 = 1_795_000_000;
const DPV: &str = "https://w3id.org/dpv#";

fn claim(card: &str, path: &str, weight: Weight, optional: bool) -> SharedClaim {
    SharedClaim { card: card.parse().unwrap(), path: path.to_owned(), weight, optional }
}

fn told() -> Told {
    Told {
        asked: Timestamp::from_second(AT - 60).ok(),
        language: Some(Language::Nl),
        purpose_language: Some(Language::Nl),
        retention: Some("30 dagen".to_owned()),
        policy: Url::parse("https://werk.example/privacy").ok(),
        terms: Url::parse("https://werk.example/voorwaarden").ok(),
        contacts: vec!["privacy@werk.example".to_owned(), "+31201234567".to_owned()],
    }
}

fn line(outcome: Outcome, told: Option<Told>) -> Activity {
    let declined = outcome == Outcome::Declined;
    // As the log has it: what a later version writes besides is none of a receipt's business.
    let bare = json!({"id": "c0ffee00c0ffee00", "at": Timestamp::from_second(AT).unwrap(), "kind": "shared", "party": null,
        "purpose": null, "cards": [], "titles": [], "claims": [], "outcome": outcome, "error": null});
    Activity {
        party: Some(Party {
            name: "Werkplaats BV".to_owned(),
            identifier: "x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk".to_owned(),
            host: Some("desk.example".to_owned()),
            evidence: Evidence::Proved,
        }),
        purpose: told.as_ref().map(|_| "Sollicitatie".to_owned()),
        cards: if declined {
            Vec::new()
        } else {
            vec!["aaaa0000aaaa0000".parse().unwrap(), "bbbb1111".parse().unwrap()]
        },
        titles: if declined { Vec::new() } else { vec!["Watermanagement".to_owned(), "Diploma".to_owned()] },
        claims: match declined {
            true => Vec::new(),
            false => vec![
                claim("aaaa0000aaaa0000", "ects", Weight::Plain, false),
                claim("aaaa0000aaaa0000", "given_name", Weight::Plain, true),
                claim("aaaa0000aaaa0000", "birth_date", Weight::Sensitive, false),
                claim("aaaa0000aaaa0000", "religion", Weight::Special, false),
                claim("bbbb1111", "*", Weight::Plain, false),
            ],
        },
        told,
        ..serde_json::from_value(bare).unwrap()
    }
}

fn made(activity: &Activity) -> Value {
    let env = Env { now: Timestamp::from_second(AT + 5).unwrap(), entropy: &CountingEntropy::default() };
    receipt(activity, env).unwrap()
}

fn record(activity: &Activity) -> Value {
    made(activity)["dpv:hasRecordOfActivity"].clone()
}

/// The document with its written-out context under an address, as the strict reader of the program takes it.
fn n_quads(document: &Value) -> String {
    const HERE: &str = "https://leerpas.example/receipt";
    let contexts = Contexts::known().with(HERE, &json!({"@context": document["@context"]})).unwrap();
    let mut named = document.clone();
    named["@context"] = json!(HERE);
    canonicalise_with(&named, &contexts, HashAlgorithm::Sha256).unwrap()
}

/// Our own schema: which member answers which field that the guide says must be there. A pointer with `*` goes through a
/// list, and each entry must have it.
const MUST: [(&str, &str); 34] = [
    ("8.1.1", "/dct:conformsTo/@id"),
    ("8.1.2", "/dct:identifier"),
    ("8.1.2", "/dpv:hasIdentifier"),
    ("8.1.3", "/dpv:hasDataSubject/@id"),
    ("8.2.1", "/dpv:hasNotice/*/@type"),
    ("8.2.2", "/dpv:hasNotice/0/dct:language"),
    ("8.3.1", "/dpv:hasProcess/@type"),
    ("8.3.2", "/dpv:hasProcess/dpv:hasPurpose/@type"),
    ("8.3.3", "/dpv:hasProcess/dpv:hasPersonalData/*/@type"),
    ("8.3.3.1", "/dpv:hasProcess/dpv:hasPersonalData/*/skos:broader/@id"),
    ("8.3.4.2", "/dpv:hasProcess/dpv:hasStorageCondition/*/@type"),
    ("8.3.4.2", "/dpv:hasProcess/dpv:hasStorageCondition/0/dpv:hasLocation"),
    ("8.3.4.2", "/dpv:hasProcess/dpv:hasStorageCondition/1/dpv:hasDuration"),
    ("8.3.5", "/dpv:hasDataController/@id"),
    ("8.3.7", "/dpv:hasProcess/dpv:hasRecipient/0/@id"),
    ("8.3.8", "/dpv:hasConsentControl/@type"),
    ("8.3.8", "/dpv:hasConsentControl/dpv:isExercisedAt"),
    ("8.3.9", "/dpv:hasJurisdiction/@id"),
    ("8.3.10", "/dpv:hasRight/*/@type"),
    ("8.3.10", "/dpv:hasRight/*/dpv:isExercisedAt"),
    ("8.4.1", "/dpv:hasEntity/*/dpv:hasName"),
    ("8.4.2", "/dpv:hasEntity/*/dpv:hasIdentifier"),
    ("8.4.3", "/dpv:hasEntity/*/@type"),
    ("8.4.4", "/dpv:hasEntity/1/schema:contactPoint/0/@type"),
    ("8.4.4", "/dpv:hasEntity/2/schema:contactPoint/0/@type"),
    ("8.4.4.1", "/dpv:hasEntity/1/schema:contactPoint"),
    ("8.4.4.1", "/dpv:hasEntity/2/schema:contactPoint/1/schema:postalCode"),
    ("8.5.1", "/dpv:hasLegalBasis/@id"),
    ("8.5.2", "/dpv:hasConsentStatus/*/@type"),
    ("8.5.3", "/dpv:hasConsentStatus/*/dpv:isIndicatedAtTime"),
    ("8.5.4", "/dpv:hasConsentStatus/*/dpv:hasDuration"),
    ("8.5.5", "/dpv:hasConsentStatus/*/dpv:isIndicatedBy/@id"),
    ("8.5.6", "/dpv:hasConsentStatus/1/dpv:hasIndicationMethod"),
    ("8.3.9", "/dpv:hasAuthority/@id"),
];

/// Whether something is there, and not nothing.
fn is_there(value: &Value, pointer: &str) -> bool {
    let Some((name, rest)) = pointer.trim_start_matches('/').split_once('/').or(Some((&pointer[1..], ""))) else {
        return false;
    };
    let below = |value: &Value| match rest {
        "" => !matches!(value, Value::Null) && *value != json!([]) && *value != json!({}) && *value != json!(""),
        _ => is_there(value, &format!("/{rest}")),
    };
    match (name, value) {
        ("*", Value::Array(list)) => !list.is_empty() && list.iter().all(below),
        (index, Value::Array(list)) => index.parse::<usize>().ok().and_then(|n| list.get(n)).is_some_and(below),
        (name, value) => value.get(name).is_some_and(below),
    }
}

fn decided() -> Vec<Activity> {
    let outcomes = [Outcome::Done, Outcome::Uncertain, Outcome::Declined];
    outcomes.into_iter().flat_map(|outcome| [line(outcome, None), line(outcome, Some(told()))]).collect()
}

#[test]
fn dpv_27560_8_every_field_that_must_be_there_is_there() {
    for activity in decided() {
        let record = record(&activity);
        for (section, pointer) in MUST {
            assert!(is_there(&record, pointer), "{section} {pointer} of {:?}: {record:#}", activity.outcome);
        }
        let postal = |point: &Value| point["@type"] == "schema:PostalAddress";
        let points = record.pointer("/dpv:hasEntity/1/schema:contactPoint").unwrap().as_array().unwrap();
        assert!(points.iter().any(postal), "8.4.4.1");
    }
    assert!(!is_there(&json!({"a": []}), "/a/*/b") && !is_there(&json!({"a": [{"b": ""}]}), "/a/*/b"));
    assert!(is_there(&json!({"a": [{"b": 1}]}), "/a/0/b") && !is_there(&json!({"a": {}}), "/a"));
}

#[test]
fn dpv_27560_9_1_a_receipt_has_a_name_a_date_and_the_record_that_it_is_of() {
    let activity = line(Outcome::Done, Some(told()));
    let entropy = CountingEntropy::default();
    let env = Env { now: Timestamp::from_second(AT + 5).unwrap(), entropy: &entropy };
    let (first, second) = (receipt(&activity, env).unwrap(), receipt(&activity, env).unwrap());
    assert_eq!(first["@type"], "dpv:ConsentReceipt");
    assert_eq!(first["dct:conformsTo"]["@id"], "https://w3id.org/dpv/schema/dpv-27560#receipt");
    assert_eq!(first["dct:created"], json!({"@type": "xsd:dateTime", "@value": env.now.to_string()}));
    assert_eq!(first["dpv:hasIdentifier"], first["dct:identifier"]);
    assert_eq!(first["dpv:hasRecordOfActivity"], second["dpv:hasRecordOfActivity"], "the record is the same each time");
    assert_ne!(first["dct:identifier"], second["dct:identifier"], "each receipt is one of its own");
    let uuid = first["dct:identifier"].as_str().unwrap();
    assert_eq!((uuid.len(), &uuid[..9], &uuid[23..24]), (45, "urn:uuid:", "4"), "{uuid}");
    let record = &first["dpv:hasRecordOfActivity"];
    assert_eq!(record["@type"], "dpv:ConsentRecord");
    assert_eq!(record["dct:conformsTo"]["@id"], "https://w3id.org/dpv/schema/dpv-27560#record");
}

#[test]
fn dpv_27560_8_5_2_a_yes_is_given_a_no_is_refused_and_each_was_asked_for() {
    for (outcome, state) in [
        (Outcome::Done, "dpv:ConsentGiven"),
        (Outcome::Uncertain, "dpv:ConsentGiven"),
        (Outcome::Declined, "dpv:ConsentRefused"),
    ] {
        let record = record(&line(outcome, Some(told())));
        let events = record["dpv:hasConsentStatus"].as_array().unwrap();
        assert_eq!((events.len(), &events[0]["@type"]), (2, &json!("dpv:ConsentRequested")));
        assert_eq!(events[1]["@type"][0], state);
        let at = |event: &Value| event["dpv:isIndicatedAtTime"]["@value"].as_str().unwrap().to_owned();
        assert_eq!(at(&events[1]), Timestamp::from_second(AT).unwrap().to_string());
        assert!(at(&events[0]) < at(&events[1]), "asked before answered");
        assert_eq!(events[0]["dpv:isIndicatedBy"], record["dpv:hasDataController"], "8.5.5: who asked");
        assert_eq!(events[1]["dpv:isIndicatedBy"], record["dpv:hasDataSubject"], "8.5.5: who answered");
    }
    let given = record(&line(Outcome::Done, None));
    assert_eq!(
        given.pointer("/dpv:hasConsentStatus/1/dpv:hasDuration/rdf:value"),
        Some(&json!("1")),
        "8.5.4: one answer"
    );
}

#[test]
fn dpv_27560_8_3_4_what_may_have_been_shared_says_so() {
    let sharing = |outcome| record(&line(outcome, None)).pointer("/dpv:hasProcess/dpv:hasProcessing").unwrap().clone();
    assert_eq!(sharing(Outcome::Done)["dpv:hasActivityStatus"]["@id"], "dpv:ActivityCompleted");
    assert_eq!(sharing(Outcome::Declined)["dpv:hasActivityStatus"]["@id"], "dpv:ActivityNotCompleted");
    let uncertain = sharing(Outcome::Uncertain);
    assert_eq!(uncertain["dpv:hasApplicability"]["@id"], "dpv:UnknownApplicability");
    assert!(uncertain["dct:description"][0]["@value"].as_str().unwrap().contains("misschien gedeeld"));
    assert!(uncertain.get("dpv:hasActivityStatus").is_none(), "it is not said to be completed");
}

#[test]
fn dpv_27560_8_3_what_the_requester_did_not_tell_is_said_to_be_unknown() {
    let silent = record(&line(Outcome::Done, None));
    let missing = json!({"dpv:hasApplicability": {"@id": "dpv:NotAvailable"}});
    for pointer in [
        "/dpv:hasNotice/0/dct:language",
        "/dpv:hasNotice/0/dct:date",
        "/dpv:hasProcess/dpv:hasStorageCondition/0/dpv:hasLocation",
        "/dpv:hasConsentControl/dpv:isExercisedAt",
        "/dpv:hasRight/0/dpv:isExercisedAt",
        "/dpv:hasConsentStatus/0/dpv:isIndicatedAtTime",
        "/dpv:hasEntity/0/dpv:hasName",
    ] {
        assert_eq!(silent.pointer(pointer), Some(&missing), "{pointer}");
    }
    for pointer in ["/dpv:hasNotice/1", "/dpv:hasProcess/dpv:hasPurpose", "/dpv:hasEntity/1/schema:contactPoint/0"] {
        let found = silent.pointer(pointer).unwrap();
        assert_eq!(found["dpv:hasApplicability"]["@id"], "dpv:NotAvailable", "{pointer}");
    }
    let others = silent.pointer("/dpv:hasProcess/dpv:hasRecipient/1/dpv:hasApplicability/@id").unwrap();
    assert_eq!(others, "dpv:UnknownApplicability", "whether anybody else gets it");
    let kept = silent.pointer("/dpv:hasProcess/dpv:hasStorageCondition/1/dpv:hasDuration/@id").unwrap();
    assert_eq!(kept, "dpv:IndeterminateDuration");
}

#[test]
fn dpv_27560_8_what_the_requester_told_is_there_as_it_told_it() {
    let record = record(&line(Outcome::Done, Some(told())));
    for (pointer, value) in [
        ("/dpv:hasNotice/0/dct:language", json!("nl")),
        ("/dpv:hasNotice/1/schema:url", json!("https://werk.example/privacy")),
        ("/dpv:hasNotice/2/schema:url", json!("https://werk.example/voorwaarden")),
        ("/dpv:hasProcess/dpv:hasPurpose/dct:description", json!({"@value": "Sollicitatie", "@language": "nl"})),
        ("/dpv:hasProcess/dpv:hasStorageCondition/1/dpv:hasDuration/dct:description", json!("30 dagen")),
        ("/dpv:hasEntity/1/dpv:hasName", json!("Werkplaats BV")),
        ("/dpv:hasEntity/1/schema:contactPoint/0/schema:email", json!("privacy@werk.example")),
        ("/dpv:hasEntity/1/schema:contactPoint/1/schema:telephone", json!("+31201234567")),
        ("/dpv:hasConsentControl/dpv:isExercisedAt", json!(["privacy@werk.example", "+31201234567"])),
        ("/dpv:hasRight/3/dpv:isExercisedAt", json!("https://autoriteitpersoonsgegevens.nl/")),
        ("/dpv:hasAuthority/@id", json!("legal-nl:DPA-NL")),
    ] {
        assert_eq!(record.pointer(pointer), Some(&value), "{pointer}");
    }
    let by_page = Told { contacts: Vec::new(), ..told() };
    let record = self::record(&line(Outcome::Done, Some(by_page)));
    assert_eq!(
        record.pointer("/dpv:hasConsentControl/dpv:isExercisedAt"),
        Some(&json!("https://werk.example/privacy"))
    );
}

#[test]
fn dpv_27560_8_3_3_each_claim_has_its_name_category_weight_and_necessity() {
    let record = record(&line(Outcome::Done, None));
    let data = record.pointer("/dpv:hasProcess/dpv:hasPersonalData").unwrap().as_array().unwrap();
    let rows: Vec<_> = data
        .iter()
        .map(|one| {
            let at = |pointer: &str| one.pointer(pointer).unwrap().as_str().unwrap();
            (at("/@type"), at("/dct:identifier"), at("/skos:broader/@id"), at("/dpv:hasNecessity/@id"))
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("dpv:PersonalData", "ects", "pd:EducationQualification", "dpv:Required"),
            ("dpv:PersonalData", "given_name", "pd:Name", "dpv:Optional"),
            ("dpv:SensitivePersonalData", "birth_date", "pd:BirthDate", "dpv:Required"),
            ("dpv:SpecialCategoryPersonalData", "religion", "dpv:PersonalData", "dpv:Required"),
            ("dpv:PersonalData", "*", "dpv:PersonalData", "dpv:Required"),
        ]
    );
    assert_eq!(data[0]["dct:isPartOf"], data[3]["dct:isPartOf"]);
    assert_ne!(data[0]["dct:isPartOf"], data[4]["dct:isPartOf"], "cards are told apart");
    assert!(data[4].get("dct:description").is_some(), "that it is the whole document is said");
}

#[test]
fn dpv_27560_8_3_3_a_card_without_a_named_claim_and_a_refusal_are_said_too() {
    let mut bare = line(Outcome::Done, None);
    bare.claims.clear();
    let data = record(&bare).pointer("/dpv:hasProcess/dpv:hasPersonalData").unwrap().clone();
    assert_eq!(data.as_array().unwrap().len(), 2, "one for each card");
    let refused = record(&line(Outcome::Declined, None));
    let data = refused.pointer("/dpv:hasProcess/dpv:hasPersonalData").unwrap().as_array().unwrap();
    assert_eq!((data.len(), &data[0]["dpv:hasApplicability"]["@id"]), (1, &json!("dpv:NotApplicable")));
}

#[test]
fn ts27560_only_what_a_person_decided_about_has_a_receipt() {
    let env = Env { now: Timestamp::UNIX_EPOCH, entropy: &CountingEntropy::default() };
    for outcome in [Outcome::Started, Outcome::Failed] {
        assert_eq!(receipt(&line(outcome, None), env), Err(NoReceipt::Undecided));
    }
    for kind in [ActivityKind::Received, ActivityKind::Imported, ActivityKind::Deleted] {
        assert_eq!(receipt(&Activity { kind, ..line(Outcome::Done, None) }, env), Err(NoReceipt::NotShared));
    }
    assert_eq!(receipt(&Activity { party: None, ..line(Outcome::Done, None) }, env), Err(NoReceipt::NotShared));
    assert_eq!(NoReceipt::Undecided.kind(), ErrorKind::Usage);
}

#[test]
fn ts27560_how_the_requester_was_known_is_said() {
    let mut found = Vec::new();
    for evidence in [Evidence::Listed, Evidence::Own, Evidence::Proved, Evidence::Claimed] {
        let mut activity = line(Outcome::Done, None);
        activity.party.as_mut().unwrap().evidence = evidence;
        let said = record(&activity).pointer("/dpv:hasEntity/1/dct:provenance/dct:description").unwrap().clone();
        assert_eq!((said[0]["@language"].as_str(), said[1]["@language"].as_str()), (Some("nl"), Some("en")));
        assert!(!found.contains(&said));
        found.push(said);
    }
}

/// The document is read by the strict reader: a word that no context defines, a relative name or a lost value fails.
#[test]
fn dpv_27560_the_document_stands_for_one_graph_and_reads_back_as_the_same() {
    for activity in decided() {
        let document = made(&activity);
        let quads = n_quads(&document);
        let again: Value = serde_json::from_str(&serde_json::to_string_pretty(&document).unwrap()).unwrap();
        assert_eq!(n_quads(&again), quads);
        let record = record(&activity)["@id"].as_str().unwrap().to_owned();
        let receipt = document["@id"].as_str().unwrap();
        for statement in [
            format!("<{receipt}> <{DPV}hasRecordOfActivity> <{record}> ."),
            format!("<{record}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{DPV}ConsentRecord> ."),
            format!(
                "<{record}> <http://purl.org/dc/terms/conformsTo> <https://w3id.org/dpv/schema/dpv-27560#record> ."
            ),
            format!("<{record}> <{DPV}hasDataController> <{record}#requester> ."),
            format!("<{record}> <{DPV}hasAuthority> <https://w3id.org/dpv/legal/nl#DPA-NL> ."),
            format!("<{record}> <{DPV}hasApplicableLaw> <https://w3id.org/dpv/legal/eu#law-GDPR> ."),
            format!("<{record}#requester> <{DPV}hasName> \"Werkplaats BV\" ."),
        ] {
            assert!(quads.lines().any(|line| line == statement), "{statement}\n{quads}");
        }
    }
}

/// What is used of DPV 2.3, looked up in its published tables: `dpv`, `pd`, `loc`, `legal/eu`, `legal/nl`, `legal/eu/gdpr`.
const TERMS: &str = include_str!("terms.txt");

#[test]
fn dpv_2_3_every_term_is_one_of_the_vocabulary() {
    let known: Vec<&str> = TERMS.split_ascii_whitespace().collect();
    let mut used = Vec::new();
    for activity in decided() {
        words_of(&made(&activity), &mut used);
    }
    used.extend(kinds::all().map(str::to_owned));
    let of_dpv = |word: &&String| ["dpv:", "pd:", "loc:", "legal-", "eu-gdpr:"].iter().any(|own| word.starts_with(own));
    for word in used.iter().filter(of_dpv) {
        assert!(known.contains(&word.as_str()), "{word}");
    }
    assert!(used.len() > 100, "the walk finds them");
}

/// Every name of a member, every type and every name of a node.
fn words_of(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(list) => list.iter().for_each(|one| words_of(one, found)),
        Value::Object(members) => {
            for (name, value) in members.iter().filter(|(name, _)| *name != "@context") {
                found.push(name.clone());
                if ["@id", "@type"].contains(&name.as_str()) {
                    let one = std::slice::from_ref(value);
                    let words = value.as_array().map_or(one, Vec::as_slice).iter().filter_map(Value::as_str);
                    found.extend(words.map(str::to_owned));
                }
                words_of(value, found);
            }
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the log holds: no title, no name of the vault is in the receipt, it is a graph, and its schema holds.
    #[test]
    fn ts27560_no_title_and_no_identifier_of_the_vault_is_in_a_receipt(
        titles in proptest::collection::vec("[A-Z]{3}[a-z]{9}", 0..4),
        paths in proptest::collection::vec("[a-z_]{1,12}(\\.[a-z0-9]{1,8}){0,3}|\\*", 0..6),
        (name, identifier, purpose) in (any::<String>(), any::<String>(), any::<Option<String>>()),
        (retention, contacts) in (any::<Option<String>>(), proptest::collection::vec(any::<String>(), 0..4)),
        (outcome, ids) in (0_usize..3, proptest::collection::vec("[0-9a-f]{16}", 5)),
    ) {
        let mut activity = line([Outcome::Done, Outcome::Uncertain, Outcome::Declined][outcome], Some(told()));
        activity.id = ids[0].parse::<ActivityId>().unwrap();
        activity.cards = ids[1..].iter().map(|id| id.parse().unwrap()).collect();
        activity.claims = paths.iter().enumerate()
            .map(|(n, path)| claim(&ids[1 + n % 4], path, Weight::Plain, n % 2 == 0)).collect();
        activity.titles.clone_from(&titles);
        activity.purpose = purpose;
        if let Some(party) = &mut activity.party {
            (party.name, party.identifier) = (name.clone(), identifier.clone());
        }
        activity.told = Some(Told { retention: retention.clone(), contacts: contacts.clone(), ..told() });
        let document = made(&activity);
        prop_assert!(!n_quads(&document).is_empty());
        let foreign = [&name, &identifier].into_iter().chain(&activity.purpose).chain(&retention).chain(&contacts);
        let foreign: String = foreign.map(String::as_str).collect::<Vec<_>>().join(" ");
        let text = document.to_string();
        for secret in titles.iter().chain(&ids).filter(|secret| !foreign.contains(secret.as_str())) {
            prop_assert!(!text.contains(secret.as_str()), "{} is in {}", secret, text);
        }
    }
}
