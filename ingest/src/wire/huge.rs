//! Numbers that are JSON, but greater than any that can be held. They are out of every field's range, which is the
//! fault of their event alone: the text around them is read all the same.

use serde::de::IgnoredAny;
use std::fmt::Write;

/// What is read in place of such a number: no whole number, and out of every range.
const OUT_OF_RANGE: f64 = 1e300;

/// The text with its huge numbers brought down to one that can be held; none where it has none, or is no JSON.
pub fn tamed(text: &str) -> Option<String> {
    // What is ignored is held against the grammar, but not against the range of numbers.
    serde_json::from_str::<IgnoredAny>(text).ok()?;
    let mut tamed = String::with_capacity(text.len());
    let mut found = false;
    for (n, part) in outside_and_in_strings(text).enumerate() {
        if n % 2 == 1 {
            tamed.push_str(part);
            continue;
        }
        for token in part.split_inclusive([',', ':', '[', ']', '{', '}', ' ', '\t', '\r', '\n']) {
            let number = token.trim_end_matches([',', ':', '[', ']', '{', '}', ' ', '\t', '\r', '\n']);
            if number.parse::<f64>().is_ok_and(f64::is_infinite) {
                found = true;
                write!(tamed, "{OUT_OF_RANGE:e}").ok()?;
                tamed.push_str(&token[number.len()..]);
            } else {
                tamed.push_str(token);
            }
        }
    }
    found.then_some(tamed)
}

/// The parts of a JSON text by turns: outside of strings, then a string with its quotes.
fn outside_and_in_strings(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    let mut inside = false;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = if inside { string_end(rest) } else { rest.find('"').unwrap_or(rest.len()) };
        inside = !inside;
        let (part, after) = rest.split_at(end);
        rest = after;
        Some(part)
    })
}

/// Where the string ends with which a text begins.
fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_that_cannot_be_held_are_changed_and_never_within_strings() {
        let digits = "9".repeat(400);
        let text = format!(r#"[{{"a":-1e999,"b":"1e999 \" 1e999","c":[1e308,{digits}],"d\\":1E+999}} ]"#);
        let read = r#"[{"a":1e300,"b":"1e999 \" 1e999","c":[1e308,1e300],"d\\":1e300} ]"#;
        assert_eq!(tamed(&text).unwrap(), read);
        assert_eq!(tamed("1e999").unwrap(), "1e300");
    }

    #[test]
    fn a_text_without_them_or_that_is_no_json_is_left_alone() {
        for text in
            ["", r#"{"a":1}"#, r#""1e999""#, "[01e999]", "[1.e999]", "[1e999", "{1e999}", "[1e999 1]", "inf"]
        {
            assert_eq!(tamed(text), None, "{text}");
        }
    }
}
