//! The usual journaled scan, read without a JSON parser: nearly every line of the journal is one.
//!
//! Keys come in their order and nothing is escaped, as [`super::Event::journaled`] writes it. Whatever looks otherwise
//! is no usual line, and the JSON parser judges it.

use super::{Direction, Mode, Scan, ScanTag};
use crate::time::Time;

/// None: not a usual line.
pub(super) fn read(line: &[u8]) -> Option<Scan> {
    // Ends of texts are plain quotes then, and a text means what it says.
    if line.iter().any(|byte| *byte < b' ' || *byte == b'\\') {
        return None;
    }
    let mut rest = str::from_utf8(line).ok()?;
    let at = Time::parse_utc(text(&mut rest, "{\"at\":\"")?)?;
    let device = text(&mut rest, ",\"device\":\"");
    let direction = match text(&mut rest, ",\"direction\":\"") {
        None => None,
        Some("in") => Some(Direction::In),
        Some("out") => Some(Direction::Out),
        Some(_) => return None,
    };
    let id = text(&mut rest, ",\"id\":\"")?;
    rest = rest.strip_prefix(",\"kind\":\"scan\"")?;
    let mode = text(&mut rest, ",\"mode\":\"")?;
    let mode = [Mode::PersonQr, Mode::VenueQr, Mode::Checkpoint, Mode::Patrol]
        .into_iter()
        .find(|known| known.name() == mode)?;
    let person = text(&mut rest, ",\"person\":\"")?;
    let venue = text(&mut rest, ",\"venue\":\"")?;
    (rest == "}").then(|| Scan {
        at,
        device: device.map(Into::into),
        direction,
        id: id.into(),
        kind: ScanTag,
        mode,
        person: person.into(),
        venue: venue.into(),
    })
}

/// The text after a key, with which `rest` must begin; `rest` is what follows its closing quote.
fn text<'a>(rest: &mut &'a str, key: &str) -> Option<&'a str> {
    let (text, after) = rest.strip_prefix(key)?.split_once('"')?;
    *rest = after;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: [&str; 3] = [
        r#"{"at":"2021-10-15T01:31:07Z","device":"gate-7","direction":"in","id":"s1","kind":"scan","mode":"person_qr","person":"P000001","venue":"HN-000123"}"#,
        r#"{"at":"2021-10-15T01:31:07Z","direction":"out","id":"s1","kind":"scan","mode":"venue_qr","person":"P000001","venue":"HN-000123"}"#,
        r#"{"at":"2021-10-15T01:31:07Z","device":"cổng 7","id":"s1","kind":"scan","mode":"checkpoint","person":"P000001","venue":"HN-000123"}"#,
    ];

    #[test]
    fn a_usual_line_is_read_as_the_json_parser_reads_it() {
        for line in USUAL {
            let parsed: Scan = serde_json::from_str(line).unwrap();
            assert_eq!(read(line.as_bytes()), Some(parsed), "{line}");
        }
    }

    #[test]
    fn whatever_is_cut_or_changed_is_read_as_the_json_parser_reads_it_or_left_to_it() {
        for line in USUAL {
            for place in (0..line.len()).filter(|place| line.is_char_boundary(*place)) {
                for put in ["", "\"", "\\", "}", ",", "0", " ", "\n", "\u{1}"] {
                    let changed = format!("{}{put}{}", &line[..place], &line[place..]);
                    let cut = &line[..place];
                    for line in [changed.as_str(), cut] {
                        if let Some(scan) = read(line.as_bytes()) {
                            assert_eq!(serde_json::from_str::<Scan>(line).ok(), Some(scan), "{line}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn an_escaped_text_and_another_order_are_left_to_the_json_parser() {
        for line in [
            r#"{"at":"2021-10-15T01:31:07Z","device":"a\"b","id":"s1","kind":"scan","mode":"patrol","person":"P1","venue":"V"}"#,
            r#"{"id":"s1","at":"2021-10-15T01:31:07Z","kind":"scan","mode":"patrol","person":"P1","venue":"V"}"#,
        ] {
            assert_eq!(read(line.as_bytes()), None, "{line}");
            assert!(matches!(
                super::super::Event::scan_from_journaled(line.as_bytes()),
                Ok(super::super::Event::Scan(_))
            ));
        }
    }
}
