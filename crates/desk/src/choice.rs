//! What somebody picked on the page, as a query (OpenID4VP 1.0, 6): kinds of credentials, and of a microcredential each
//! part with whether it is needed or welcome.

use serde_json::{Map, Value, json};

use crate::templates::{badge, microcredential};

/// The parts that can be picked, as the page names them, with the claims of the template that they stand for.
const PARTS: &[(&str, &[&str])] = &[
    ("issuer", &["issuer"]),
    ("credit", &["credit"]),
    ("level", &["level"]),
    ("name", &["given_name", "family_name"]),
    ("result", &["result"]),
];

/// The query for a choice: `kinds`, a list of `microcredential` and `badge`; `both`, whether all of them are needed and
/// not one of them; `several`, whether more than one may be given of each kind; `parts`, each with `needed` or `welcome`. The
/// title is always asked for: without it nobody knows
/// what was shown.
///
/// # Errors
/// In words for who wrote the program that asked.
pub fn query(choice: &Value) -> Result<Value, &'static str> {
    let kinds: Vec<&str> = choice["kinds"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut credentials = Vec::new();
    for (kind, make) in [("microcredential", of_parts as fn(&Value) -> _), ("badge", |_: &Value| Ok(badge()))] {
        if kinds.contains(&kind) {
            credentials.push(make(&choice["parts"])?);
        }
    }
    if credentials.is_empty() || credentials.len() != kinds.len() {
        return Err("kinds must be a list of microcredential and badge, each once");
    }
    match &choice["several"] {
        Value::Bool(true) => credentials.iter_mut().for_each(|credential| credential["multiple"] = json!(true)),
        Value::Bool(false) | Value::Null => {}
        _ => return Err("several must be true or false"),
    }
    let mut query = Map::from_iter([("credentials".to_owned(), json!(credentials))]);
    match (&choice["both"], kinds.len()) {
        (Value::Bool(false) | Value::Null, 2) => {
            let sets = json!([{ "options": [["microcredential"], ["badge"]] }]);
            query.insert("credential_sets".to_owned(), sets);
        }
        (Value::Bool(_) | Value::Null, _) => {}
        _ => return Err("both must be true or false"),
    }
    Ok(Value::Object(query))
}

/// The template's query with the chosen parts alone. A wallet gives the first set that the learner agrees to, so those
/// with more come first.
fn of_parts(parts: &Value) -> Result<Value, &'static str> {
    let none = Map::new();
    let parts = match parts {
        Value::Object(parts) => parts,
        Value::Null => &none,
        _ => return Err("parts must be an object"),
    };
    let (mut needed, mut welcome) = (vec!["title"], Vec::new());
    for (part, how) in parts {
        let (_, claims) = PARTS.iter().find(|(name, _)| name == part).ok_or("there is no such part")?;
        match how.as_str() {
            Some("needed") => needed.extend(*claims),
            Some("welcome") => welcome.push(*claims),
            _ => return Err("a part is needed or welcome"),
        }
    }
    let mut query = microcredential();
    let asked: Vec<&str> = needed.iter().chain(welcome.iter().copied().flatten()).copied().collect();
    if let Some(claims) = query["claims"].as_array_mut() {
        claims.retain(|claim| claim["id"].as_str().is_some_and(|id| asked.contains(&id)));
    }
    let mut sets: Vec<Vec<&str>> = (0..1_usize << welcome.len())
        .map(|picked| {
            let more = welcome.iter().enumerate().filter(|(place, _)| picked & (1 << place) != 0);
            needed.iter().copied().chain(more.flat_map(|(_, claims)| claims.iter().copied())).collect()
        })
        .collect();
    sets.sort_by_key(|set| std::cmp::Reverse(set.len()));
    if let Some(members) = query.as_object_mut() {
        if welcome.is_empty() {
            members.remove("claim_sets");
        } else {
            members.insert("claim_sets".to_owned(), json!(sets));
        }
    }
    Ok(query)
}

#[cfg(test)]
mod tests {
    use leerpas_openid::dcql::DcqlQuery;

    use super::*;

    fn ids(query: &Value) -> Vec<&str> {
        query["claims"].as_array().unwrap().iter().map(|claim| claim["id"].as_str().unwrap()).collect()
    }

    #[test]
    fn openid4vp_6_every_choice_is_a_query_that_a_wallet_takes() {
        for kinds in [json!(["microcredential"]), json!(["badge"]), json!(["badge", "microcredential"])] {
            for both in [json!(true), json!(false), Value::Null] {
                for how in ["needed", "welcome"] {
                    let parts: Map<_, _> = PARTS.iter().map(|(name, _)| ((*name).to_owned(), json!(how))).collect();
                    let choice = json!({ "kinds": kinds, "both": both, "parts": parts });
                    DcqlQuery::parse(&query(&choice).unwrap()).unwrap();
                }
            }
        }
    }

    #[test]
    fn what_is_needed_is_in_every_set_and_what_was_not_picked_in_none() {
        let choice = json!({ "kinds": ["microcredential"], "parts": { "credit": "needed", "name": "welcome", "result": "welcome" } });
        let query = query(&choice).unwrap();
        assert!(query.get("credential_sets").is_none());
        let asked = &query["credentials"][0];
        assert_eq!(ids(asked), ["title", "credit", "given_name", "family_name", "result"]);
        let sets = json!([
            ["title", "credit", "given_name", "family_name", "result"],
            ["title", "credit", "given_name", "family_name"],
            ["title", "credit", "result"],
            ["title", "credit"],
        ]);
        assert_eq!(asked["claim_sets"], sets);
        let only = super::query(&json!({ "kinds": ["microcredential"], "parts": {} })).unwrap();
        assert_eq!(ids(&only["credentials"][0]), ["title"]);
        assert!(only["credentials"][0].get("claim_sets").is_none());
    }

    #[test]
    fn one_of_two_or_both() {
        let of = |both: bool| query(&json!({ "kinds": ["microcredential", "badge"], "both": both })).unwrap();
        assert_eq!(of(false)["credential_sets"][0]["options"], json!([["microcredential"], ["badge"]]));
        assert!(of(true).get("credential_sets").is_none(), "without sets everything is needed");
    }

    #[test]
    fn a_choice_that_makes_no_sense_is_refused() {
        for bad in [
            json!({}),
            json!({ "kinds": [] }),
            json!({ "kinds": ["diploma"] }),
            json!({ "kinds": ["badge", "badge"] }),
            json!({ "kinds": ["badge"], "both": "yes" }),
            json!({ "kinds": ["microcredential"], "parts": { "birthdate": "needed" } }),
            json!({ "kinds": ["microcredential"], "parts": { "name": true } }),
            json!({ "kinds": ["microcredential"], "parts": [] }),
            json!("text"),
        ] {
            assert!(query(&bad).is_err(), "{bad}");
        }
    }
}
