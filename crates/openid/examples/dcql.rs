//! Answers DCQL queries from standard input, so that other implementations can be asked the same.
//!
//! One line in: `{"query": …, "credentials": [{"format", "types", "claims", "holder_bound", "aki"}]}`. One line out: for each
//! query id the credentials that fit, each with the index of the claim set that is proposed and all that would do, and
//! whether the request can be answered; or `{"refused": …}`.

#![expect(clippy::print_stdout, reason = "standard output is where the answers go")]

use std::io::{self, BufRead};

use leerpas_core::Format;
use leerpas_openid::dcql::{CredentialQuery, DcqlQuery, Descriptor};
use serde_json::{Map, Value, json};

struct Held {
    format: Format,
    types: Vec<String>,
    claims: Value,
    holder_bound: bool,
    authorities: Vec<Vec<u8>>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for line in io::stdin().lock().lines() {
        let asked: Value = serde_json::from_str(&line?)?;
        println!("{}", answer(&asked)?);
    }
    Ok(())
}

fn answer(asked: &Value) -> Result<Value, Box<dyn std::error::Error>> {
    let query = match DcqlQuery::parse(&asked["query"]) {
        Ok(query) => query,
        Err(error) => return Ok(json!({ "refused": error.to_string() })),
    };
    let held = asked["credentials"].as_array().into_iter().flatten().map(held).collect::<Result<Vec<_>, _>>()?;
    let cards: Vec<Descriptor<'_>> = held.iter().map(descriptor).collect();
    let evaluation = query.evaluate(&cards);
    let mut matches = Map::new();
    for (found, asked) in evaluation.queries.iter().zip(&query.credentials) {
        let fits: Vec<Value> = found.candidates.iter().map(|fit| sets(asked, *fit, &cards)).collect();
        matches.insert(found.id.clone(), Value::Array(fits));
    }
    Ok(json!({ "matches": matches, "answered": evaluation.selection(&query).is_some() }))
}

/// Which claim sets this credential satisfies: each is asked for alone.
fn sets(asked: &CredentialQuery, index: usize, cards: &[Descriptor<'_>]) -> Value {
    let alone = |set: &Vec<usize>| CredentialQuery { claim_sets: vec![set.clone()], ..asked.clone() };
    let satisfied = (0..).zip(&asked.claim_sets).filter(|(_, set)| alone(set).answered_by(&cards[index]));
    json!({ "credential": index, "claim_sets": satisfied.map(|(place, _)| place).collect::<Vec<usize>>() })
}

fn held(value: &Value) -> Result<Held, Box<dyn std::error::Error>> {
    let texts = |name: &str| value[name].as_array().into_iter().flatten().filter_map(Value::as_str);
    Ok(Held {
        format: serde_json::from_value(value["format"].clone())?,
        types: texts("types").map(str::to_owned).collect(),
        claims: value["claims"].clone(),
        holder_bound: value["holder_bound"] == true,
        authorities: texts("aki").map(|one| one.as_bytes().to_vec()).collect(),
    })
}

fn descriptor(held: &Held) -> Descriptor<'_> {
    Descriptor {
        format: held.format,
        types: &held.types,
        claims: &held.claims,
        holder_bound: held.holder_bound,
        authorities: &held.authorities,
    }
}
