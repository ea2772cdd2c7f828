//! Numbers and JSON values as RDF literals.

use serde_json::{Number, Value};

use super::{JsonLdError, cut};

/// A number as RDF has it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum RdfNumber {
    /// Without a fraction and below 10²¹.
    Integer(String),
    /// In the canonical form of `xsd:double`: `5.5E0`.
    Double(String),
}

/// The digits of a number without zeros at either end, and the power of ten of the first.
#[derive(PartialEq, Eq)]
struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

/// A JSON number as its canonical lexical form (JSON-LD 1.1 API, section 8.6: sixteen digits of a double).
///
/// A number with more digits than that would be signed as another number than is shown, so it is a loss.
///
/// # Errors
/// When a double does not hold the number.
pub(super) fn rdf_number(number: &Number, always_double: bool, property: &str) -> Result<RdfNumber, JsonLdError> {
    let lost = || JsonLdError::DataLoss { term: cut(property) };
    let text = number.to_string();
    let double: f64 = text.parse().map_err(|_| lost())?;
    if !double.is_finite() {
        return Err(lost());
    }
    let decimal = Decimal::parse(&text).ok_or_else(lost)?;
    if Decimal::parse(&format!("{double:.15e}")).as_ref() != Some(&decimal) {
        return Err(lost());
    }
    let Decimal { negative, digits, exponent } = decimal;
    let sign = if negative { "-" } else { "" };
    let places = usize::try_from(exponent).ok().filter(|places| *places < 21 && digits.len() <= places + 1);
    Ok(match places {
        Some(places) if !always_double => {
            RdfNumber::Integer(format!("{sign}{digits}{}", "0".repeat(places + 1 - digits.len())))
        }
        _ => {
            let (first, rest) = digits.split_at(1);
            let rest = if rest.is_empty() { "0" } else { rest };
            RdfNumber::Double(format!("{sign}{first}.{rest}E{exponent}"))
        }
    })
}

impl Decimal {
    /// Reads what the grammar of JSON calls a number. Zero has one digit, no sign and the power nought.
    fn parse(text: &str) -> Option<Self> {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let power: i64 = power.parse().ok()?;
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        let trimmed = digits.trim_start_matches('0');
        let skipped = digits.len() - trimmed.len();
        let trimmed = trimmed.trim_end_matches('0');
        if trimmed.is_empty() {
            return Some(Self { negative: false, digits: "0".to_owned(), exponent: 0 });
        }
        let first = i64::try_from(whole.len()).ok()?.checked_sub(1 + i64::try_from(skipped).ok()?)?;
        Some(Self { negative, digits: trimmed.to_owned(), exponent: power.checked_add(first)? })
    }
}

/// A JSON value as a JSON literal: canonical by RFC 8785 (JSON-LD 1.1 API, section 8.6).
///
/// # Errors
/// When a number is not what a double holds.
pub(super) fn json_literal(value: &Value, property: &str) -> Result<String, JsonLdError> {
    let mut text = String::new();
    write_json(value, property, &mut text)?;
    Ok(text)
}

fn write_json(value: &Value, property: &str, text: &mut String) -> Result<(), JsonLdError> {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => text.push_str(&json_number(number, property)?),
        Value::String(value) => write_text(value, text),
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_json(item, property, text)?;
            }
            text.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            // RFC 8785, section 3.2.3: by UTF-16 code units.
            members.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            text.push('{');
            for (index, (name, value)) in members.into_iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_text(name, text);
                text.push(':');
                write_json(value, property, text)?;
            }
            text.push('}');
        }
    }
    Ok(())
}

/// RFC 8785, section 3.2.2.2.
fn write_text(value: &str, text: &mut String) {
    text.push('"');
    for character in value.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\u{8}' => text.push_str("\\b"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\u{c}' => text.push_str("\\f"),
            '\r' => text.push_str("\\r"),
            control if control < ' ' => text.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => text.push(other),
        }
    }
    text.push('"');
}

/// RFC 8785, section 3.2.2.3: the shortest text that reads back as the double, as ECMAScript writes it. As above, a
/// number that a double does not hold is a loss.
fn json_number(number: &Number, property: &str) -> Result<String, JsonLdError> {
    let lost = || JsonLdError::DataLoss { term: cut(property) };
    let text = number.to_string();
    let double: f64 = text.parse().map_err(|_| lost())?;
    let decimal = Decimal::parse(&format!("{double:e}")).filter(|_| double.is_finite()).ok_or_else(lost)?;
    if Decimal::parse(&text).as_ref() != Some(&decimal) {
        return Err(lost());
    }
    let Decimal { negative, digits, exponent } = decimal;
    let sign = if negative { "-" } else { "" };
    let count = i64::try_from(digits.len()).map_err(|_| lost())?;
    let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
    Ok(if !(-6..21).contains(&exponent) {
        let (first, rest) = digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        let plus = if exponent > 0 { "+" } else { "" };
        format!("{sign}{first}{point}{rest}e{plus}{exponent}")
    } else if exponent < 0 {
        format!("{sign}0.{}{digits}", zeros(-exponent - 1))
    } else if count <= exponent + 1 {
        format!("{sign}{digits}{}", zeros(exponent + 1 - count))
    } else {
        let (whole, fraction) = digits.split_at(usize::try_from(exponent + 1).map_err(|_| lost())?);
        format!("{sign}{whole}.{fraction}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rdf(text: &str, always_double: bool) -> Option<RdfNumber> {
        rdf_number(&serde_json::from_str(text).unwrap(), always_double, "p").ok()
    }

    #[test]
    fn json_ld_api_8_6_numbers_have_one_form() {
        for (text, lexical) in [("0", "0"), ("-0", "0"), ("-0.0", "0"), ("42", "42"), ("-7", "-7"), ("1.0", "1")] {
            assert_eq!(rdf(text, false), Some(RdfNumber::Integer(lexical.into())), "{text}");
        }
        for (text, lexical) in
            [("1E+5", "100000"), ("1e20", "100000000000000000000"), ("9007199254740991", "9007199254740991")]
        {
            assert_eq!(rdf(text, false), Some(RdfNumber::Integer(lexical.into())), "{text}");
        }
        for (text, lexical) in
            [("5.5", "5.5E0"), ("0.5", "5.0E-1"), ("1e21", "1.0E21"), ("1e-7", "1.0E-7"), ("-100.25", "-1.0025E2")]
        {
            assert_eq!(rdf(text, false), Some(RdfNumber::Double(lexical.into())), "{text}");
        }
        for (text, lexical) in [("0", "0.0E0"), ("42", "4.2E1"), ("100", "1.0E2")] {
            assert_eq!(rdf(text, true), Some(RdfNumber::Double(lexical.into())), "{text}");
        }
    }

    #[test]
    fn security_b12_a_number_that_a_double_does_not_hold_is_a_loss() {
        for text in ["9007199254740993", "1e400", "-1e400", "0.12345678901234567890", "1e99999999999999999999"] {
            let Ok(number) = serde_json::from_str::<Number>(text) else { continue };
            assert_eq!(rdf_number(&number, false, "p"), Err(JsonLdError::DataLoss { term: "p".into() }), "{text}");
        }
    }

    #[test]
    fn rfc8785_3_2_json_has_one_form() {
        let value = r#"{"b":[1.0,1e21,1e-7,0.000001,-0,333333333.3333333,4.50,2e-3,1E30,123456789],"a":{"é":"\u000f\n\"\\","\u20ac":null,"\ud83d\ude00":true,"\ufb33":false}}"#;
        let value: Value = serde_json::from_str(value).unwrap();
        let text = "{\"a\":{\"é\":\"\\u000f\\n\\\"\\\\\",\"€\":null,\"😀\":true,\"\u{fb33}\":false},\"b\":[1,1e+21,1e-7,0.000001,0,333333333.3333333,4.5,0.002,1e+30,123456789]}";
        assert_eq!(json_literal(&value, "p").unwrap(), text);
        assert!(json_literal(&serde_json::from_str("9007199254740993").unwrap(), "p").is_err());
    }
}
