//! JSON in its one canonical form (RFC 8785), which hashes and signatures of JSON are made over.

use serde_json::{Map, Value};

/// The canonical text: members sorted by UTF-16, no white space, numbers as ECMAScript writes them (RFC 8785,
/// section 3.2). A number that no double can hold becomes `null`; [`super::parse`] lets none through.
pub fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Object(members) => write_object(members, out),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Number(number) => out.push_str(&number.as_f64().map_or_else(|| "null".to_owned(), number_text)),
        // Strings, booleans and null are written by serde_json as section 3.2.2 wants them.
        other => out.push_str(&other.to_string()),
    }
}

fn write_object(members: &Map<String, Value>, out: &mut String) {
    let mut sorted: Vec<(&String, &Value)> = members.iter().collect();
    sorted.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
    out.push('{');
    for (index, (name, value)) in sorted.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        out.push_str(&Value::from(name.as_str()).to_string());
        out.push(':');
        write(value, out);
    }
    out.push('}');
}

/// `Number::toString` of ECMAScript (section 3.2.2.3): the shortest digits that give the same double.
fn number_text(number: f64) -> String {
    if !number.is_finite() {
        return "null".to_owned();
    }
    if number == 0.0 {
        return "0".to_owned();
    }
    let sign = if number < 0.0 { "-" } else { "" };
    let scientific = format!("{:e}", number.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    // The point stands after this many digits.
    let point = exponent.parse::<i32>().unwrap_or_default() + 1;
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let zeros = |n: i32| "0".repeat(usize::try_from(n).unwrap_or_default());
    let at = usize::try_from(point).unwrap_or_default().min(digits.len());
    let text = match point {
        1..=21 if point >= count => format!("{digits}{}", zeros(point - count)),
        1..=21 => format!("{}.{}", &digits[..at], &digits[at..]),
        -5..=0 => format!("0.{}{digits}", zeros(-point)),
        _ => {
            let power = point - 1;
            let mark = if power < 0 { "-" } else { "+" };
            let rest = if digits.len() > 1 { format!(".{}", &digits[1..]) } else { String::new() };
            format!("{}{rest}e{mark}{}", &digits[..1], power.abs())
        }
    };
    format!("{sign}{text}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rfc8785_3_2_2_3_numbers_are_those_of_ecmascript() {
        for (number, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (-1.5, "-1.5"),
            (4.5, "4.5"),
            (1e21, "1e+21"),
            (1e20, "100000000000000000000"),
            (123_456.789, "123456.789"),
            (1e-6, "0.000001"),
            (1e-7, "1e-7"),
            (1.25e-9, "1.25e-9"),
            (5e-324, "5e-324"),
            (1.797_693_134_862_315_7e308, "1.7976931348623157e+308"),
            (9_007_199_254_740_992.0, "9007199254740992"),
            (333_333_333.333_333_3, "333333333.3333333"),
        ] {
            assert_eq!(number_text(number), text);
        }
    }

    #[test]
    fn rfc8785_3_2_3_members_are_sorted_by_utf16() {
        // U+10000 is a surrogate pair from D800 on, and so comes before U+E000.
        let value = json!({"\u{e000}": 1, "\u{10000}": 2, "b": {"z": null, "a": [true, "é\n\u{1}"]}, "a": 4.50});
        assert_eq!(
            canonical(&value),
            "{\"a\":4.5,\"b\":{\"a\":[true,\"é\\n\\u0001\"],\"z\":null},\"\u{10000}\":2,\"\u{e000}\":1}"
        );
    }
}
