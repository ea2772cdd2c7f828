//! Proof chains: a proof that covers other proofs, and so comes after them (VC Data Integrity 1.0, sections 2.1.2
//! and 4.5).

use serde_json::{Map, Value};

use super::{Proof, ProofError};

/// The proofs that one builds on, and those that these build on, by their places in the set; itself not among them.
///
/// # Errors
/// When one is missing, two have the name that is meant, or the chain comes back to itself.
pub fn builds_on(set: &[Proof], proof: &Proof) -> Result<Vec<usize>, ProofError> {
    let members: Vec<&Map<String, Value>> = set.iter().map(Proof::members).collect();
    walk(&members, proof.members())
}

/// The proofs that a proof names, as its signature covers them: in the order in which it names them.
///
/// # Errors
/// As [`builds_on`].
pub(super) fn covered(document: &Value, proof: &Map<String, Value>) -> Result<Vec<Value>, ProofError> {
    if !proof.contains_key("previousProof") {
        return Ok(Vec::new());
    }
    let set: Vec<&Map<String, Value>> = match document.get("proof") {
        Some(Value::Array(set)) => set.iter().filter_map(Value::as_object).collect(),
        Some(Value::Object(one)) => vec![one],
        _ => Vec::new(),
    };
    walk(&set, proof)?;
    let named = previous(proof)?.into_iter().map(|id| find(&set, id));
    named.map(|place| Ok(set.get(place?).map(|found| Value::Object((*found).clone())).unwrap_or_default())).collect()
}

fn walk(set: &[&Map<String, Value>], proof: &Map<String, Value>) -> Result<Vec<usize>, ProofError> {
    let mut found = Vec::new();
    let mut on_the_way = Vec::new();
    step(set, proof, &mut on_the_way, &mut found)?;
    Ok(found)
}

/// Goes down from one proof. A set has few proofs, so the depth is small; one that was found before is not gone into
/// again, so that the work is too.
fn step<'p>(
    set: &[&'p Map<String, Value>],
    proof: &'p Map<String, Value>,
    on_the_way: &mut Vec<&'p Map<String, Value>>,
    found: &mut Vec<usize>,
) -> Result<(), ProofError> {
    if on_the_way.contains(&proof) {
        return Err(ProofError::PreviousProof);
    }
    on_the_way.push(proof);
    for id in previous(proof)? {
        let place = find(set, id)?;
        let Some(before) = set.get(place).copied() else { return Err(ProofError::PreviousProof) };
        if on_the_way.contains(&before) {
            return Err(ProofError::PreviousProof);
        }
        if !found.contains(&place) {
            step(set, before, on_the_way, found)?;
            found.push(place);
        }
    }
    on_the_way.pop();
    Ok(())
}

/// The names in `previousProof`: one, or a list of them.
fn previous(proof: &Map<String, Value>) -> Result<Vec<&str>, ProofError> {
    let malformed = ProofError::Malformed { member: "previousProof" };
    match proof.get("previousProof") {
        None => Ok(Vec::new()),
        Some(Value::String(id)) => Ok(vec![id]),
        Some(Value::Array(ids)) if !ids.is_empty() && ids.len() <= super::PROOFS => {
            ids.iter().map(Value::as_str).collect::<Option<_>>().ok_or(malformed)
        }
        Some(_) => Err(malformed),
    }
}

/// The one proof of this name. With two it would be open which one is meant.
fn find(set: &[&Map<String, Value>], id: &str) -> Result<usize, ProofError> {
    let mut named = set.iter().enumerate().filter(|(_, proof)| proof.get("id").and_then(Value::as_str) == Some(id));
    match (named.next(), named.next()) {
        (Some((place, _)), None) => Ok(place),
        _ => Err(ProofError::PreviousProof),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::data_integrity::proofs;

    /// A set of proofs, each with what it builds on.
    fn set(previous: &[Value]) -> Vec<Proof> {
        let proof = |(number, previous): (usize, &Value)| {
            let mut proof = json!({
                "id": format!("urn:p:{number}"), "type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022",
                "verificationMethod": "did:key:z", "proofPurpose": "assertionMethod", "proofValue": "z1"
            });
            if !previous.is_null() {
                proof["previousProof"] = previous.clone();
            }
            proof
        };
        let list: Vec<Value> = previous.iter().enumerate().map(proof).collect();
        proofs(&json!({"proof": list})).unwrap()
    }

    #[test]
    fn vc_di_2_1_2_all_that_a_proof_builds_on_is_found_once() {
        let set = set(&[json!(null), json!("urn:p:0"), json!("urn:p:0"), json!(["urn:p:1", "urn:p:2"])]);
        assert_eq!(builds_on(&set, &set[0]), Ok(vec![]));
        assert_eq!(builds_on(&set, &set[1]), Ok(vec![0]));
        assert_eq!(builds_on(&set, &set[3]), Ok(vec![0, 1, 2]));
    }

    #[test]
    fn security_b10_a_missing_or_circular_previous_proof_is_refused() {
        for circle in [
            vec![json!("urn:p:0")],
            vec![json!("urn:p:1"), json!("urn:p:0")],
            vec![json!("urn:p:1"), json!("urn:p:2"), json!(["urn:p:0"])],
            vec![json!("urn:p:9")],
            vec![json!("urn:p:1"), json!("urn:p:9")],
        ] {
            let set = set(&circle);
            assert_eq!(builds_on(&set, &set[0]), Err(ProofError::PreviousProof), "{circle:?}");
        }
        // The proof itself is outside the circle.
        let set = set(&[json!("urn:p:1"), json!("urn:p:2"), json!("urn:p:1")]);
        assert_eq!(builds_on(&set, &set[0]), Err(ProofError::PreviousProof));
    }

    #[test]
    fn security_b10_a_name_that_two_proofs_have_is_refused() {
        let mut set = set(&[json!(null), json!("urn:p:0"), json!(null)]);
        set[2] = set[0].clone();
        assert_eq!(builds_on(&set, &set[1]), Err(ProofError::PreviousProof));
    }

    #[test]
    fn vc_di_2_1_previous_proof_is_a_text_or_a_list_of_texts() {
        for odd in [json!(1), json!([]), json!({}), json!(["urn:p:0", 1])] {
            let set = set(&[json!(null), odd.clone()]);
            assert_eq!(builds_on(&set, &set[1]), Err(ProofError::Malformed { member: "previousProof" }), "{odd}");
        }
    }
}
