//! JSON in its one canonical form (RFC 8785), which hashes and signatures of JSON are made over.

use serde_json::{Map, Number, Value};

use super::JsonError;

/// The largest whole number that every reader takes for the same one (RFC 7493, section 2.2).
const EXACT: u64 = (1 << 53) - 1;

/// Writes an object in the canonical form: members in the order of their UTF-16 units, numbers as ECMAScript has them.
///
/// # Errors
/// [`JsonError::Number`] when a number is beyond what a double holds, or a whole number beyond what it holds exactly: two different ones
/// would have the same form, and the signature could not tell them apart.
pub fn canonical(members: &Map<String, Value>) -> Result<String, JsonError> {
    let mut out = String::new();
    write_object(members, &mut out)?;
    Ok(out)
}

fn write(value: &Value, out: &mut String) -> Result<(), JsonError> {
    match value {
        Value::Number(value) => out.push_str(&number(value)?),
        Value::Object(members) => write_object(members, out)?,
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out)?;
            }
            out.push(']');
        }
        // The escapes of strings are the same (RFC 8785, section 3.2.2.2): short ones where there are, `\u00xx` else.
        Value::Null | Value::Bool(_) | Value::String(_) => out.push_str(&value.to_string()),
    }
    Ok(())
}

fn write_object(members: &Map<String, Value>, out: &mut String) -> Result<(), JsonError> {
    let mut sorted: Vec<_> = members.iter().collect();
    sorted.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
    out.push('{');
    for (index, (name, value)) in sorted.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        out.push_str(&Value::from(name.as_str()).to_string());
        out.push(':');
        write(value, out)?;
    }
    out.push('}');
    Ok(())
}

fn number(number: &Number) -> Result<String, JsonError> {
    let text = number.to_string();
    let value = text.parse::<f64>().ok().filter(|value| value.is_finite()).ok_or(JsonError::Number)?;
    let whole = text.strip_prefix('-').unwrap_or(&text);
    let is_whole = whole.bytes().all(|byte| byte.is_ascii_digit());
    if is_whole && whole.parse::<u64>().ok().is_none_or(|whole| whole > EXACT) {
        return Err(JsonError::Number);
    }
    Ok(ecmascript(value))
}

/// A finite number as ECMAScript writes it (ECMA-262, `Number::toString`): the shortest digits that mean this number,
/// in plain notation from 1e-6 up to 1e21.
fn ecmascript(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let scientific = format!("{:e}", value.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits = mantissa.replace('.', "");
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let sign = if value < 0.0 { "-" } else { "" };
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or_default());
    let unsigned = match exponent {
        0..=20 if count <= exponent + 1 => format!("{digits}{}", zeros(exponent + 1 - count)),
        0..=20 => {
            let (whole, rest) = digits.split_at(usize::try_from(exponent + 1).unwrap_or_default());
            format!("{whole}.{rest}")
        }
        -6..=-1 => format!("0.{}{digits}", zeros(-exponent - 1)),
        _ => format!("{mantissa}e{}{exponent}", if exponent > 0 { "+" } else { "" }),
    };
    format!("{sign}{unsigned}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str) -> Result<String, JsonError> {
        let mut out = String::new();
        write(&serde_json::from_str(text).unwrap(), &mut out).map(|()| out)
    }

    #[test]
    fn rfc8785_3_2_2_3_numbers_are_written_as_ecmascript_does() {
        for (text, expected) in [
            ("0", "0"),
            ("-0", "0"),
            ("-0.0", "0"),
            ("4.50", "4.5"),
            ("1E30", "1e+30"),
            ("333333333.33333329", "333333333.3333333"),
            ("1e21", "1e+21"),
            ("1e20", "100000000000000000000"),
            ("1.5e3", "1500"),
            ("0.000001", "0.000001"),
            ("1e-7", "1e-7"),
            ("2e-3", "0.002"),
            ("1.25e-27", "1.25e-27"),
            ("5e-324", "5e-324"),
            ("-1.7976931348623157e308", "-1.7976931348623157e+308"),
            ("9007199254740991", "9007199254740991"),
        ] {
            assert_eq!(form(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn rfc8785_3_1_a_number_without_exact_form_is_refused() {
        for text in ["1e400", "-1e999", "9007199254740993", "-9007199254740992", "123456789012345678901234567890"] {
            assert_eq!(form(text), Err(JsonError::Number), "{text}");
        }
    }

    #[test]
    fn rfc8785_3_2_3_members_are_sorted_by_utf_16_units() {
        let text = "{\"\\ufb33\":1,\"\\ud83d\\ude00\":2,\"\\u20ac\":3,\"1\":[true,null,{}],\"\\r\":4}";
        let expected = "{\"\\r\":4,\"1\":[true,null,{}],\"\u{20ac}\":3,\"\u{1f600}\":2,\"\u{fb33}\":1}";
        assert_eq!(form(text).as_deref(), Ok(expected));
    }

    #[test]
    fn rfc8785_3_2_2_2_strings_have_the_short_escapes() {
        let text = r#""\u0008\u000c\u001f\u007f\/\u20ac\"\\""#;
        assert_eq!(form(text).as_deref(), Ok("\"\\b\\f\\u001f\u{7f}/\u{20ac}\\\"\\\\\""));
    }
}
