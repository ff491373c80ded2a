//! What producers send against the contract's golden files, and against noise.

use crate::common::params::params;
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};
use std::fs;
use vonglau_core::event::{Event, Kind};
use vonglau_ingest::identity::Pseudonyms;
use vonglau_ingest::wire::{BodyError, Decoder};

const EVENTS_MAX: usize = 100;

fn decoder() -> Decoder {
    Decoder::new(&params(), Pseudonyms::new(&[7; 32]).unwrap())
}

fn golden<T: for<'de> Deserialize<'de>>(name: &str) -> Vec<T> {
    let path = format!("{}/tests/golden/wire/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// A text is sent as it stands, anything else as JSON.
fn bytes(sent: &Value) -> Vec<u8> {
    sent.as_str().map_or_else(|| sent.to_string(), str::to_owned).into_bytes()
}

#[derive(Deserialize)]
struct Taken {
    what: String,
    sent: Value,
    journaled: String,
    #[serde(default)]
    unknown_fields: u32,
}

#[test]
fn what_the_contract_shows_is_taken_and_has_its_journaled_form() {
    let pseudonym = "Y29n";
    for Taken { what, sent, journaled, unknown_fields } in golden::<Taken>("taken.json") {
        let checked = decoder().event(&bytes(&sent)).unwrap_or_else(|refusal| panic!("{what}: {refusal:?}"));
        let numbered = journaled.contains("PSEUDONYM");
        let person = checked.identity.map_or_else(|| pseudonym.into(), |identity| identity.pseudonym.text());
        assert_eq!(checked.event.journaled(), journaled.replace("PSEUDONYM", &person), "{what}");
        assert_eq!(checked.unknown_fields, unknown_fields, "{what}");
        assert_eq!(checked.identity.is_some(), numbered, "{what}");
        assert_eq!(Event::from_journaled(journaled.as_bytes()).unwrap().journaled(), journaled, "{what}");
    }
}

#[derive(Deserialize)]
struct Refused {
    what: String,
    sent: Value,
    kind: Option<Kind>,
    field: String,
    reason: String,
    event: Value,
}

#[test]
fn what_is_wrong_is_refused_with_field_and_reason_and_without_identity() {
    for Refused { what, sent, kind, field, reason, event } in golden::<Refused>("refused.json") {
        let refusal = decoder().event(&bytes(&sent)).map(|_| ()).expect_err(&what);
        assert_eq!((refusal.field, refusal.reason), (field.as_str(), reason.as_str()), "{what}");
        assert_eq!(refusal.kind, kind, "{what}");
        assert_eq!(serde_json::to_value(&refusal.event).unwrap(), event, "{what}");
        let value = sent.get(refusal.field).filter(|value| !value.is_null());
        let value = value.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        // A word of a few letters may be part of a sentence by chance.
        assert!(value.is_none_or(|value| value.len() < 6 || !refusal.reason.contains(&value)), "{what}");
    }
}

#[test]
fn both_golden_files_cover_every_kind() {
    for kind in Kind::ALL {
        let of = |value: &Value| value["kind"] == kind.name();
        assert!(golden::<Taken>("taken.json").iter().any(|taken| of(&taken.sent)), "{kind}");
        assert!(golden::<Refused>("refused.json").iter().any(|refused| refused.kind == Some(kind)), "{kind}");
    }
}

#[test]
fn a_line_that_is_not_utf8_is_refused() {
    let refusal = decoder().event(b"{\"kind\":\"tick\",\"id\":\"\xff\"}").map(|_| ()).unwrap_err();
    assert_eq!((refusal.field, refusal.reason), ("", "not UTF-8: encode the event as UTF-8"));
}

#[test]
fn a_body_is_an_object_or_an_array_and_each_event_stands_for_itself() {
    let tick = json!({"kind":"tick","id":"t","at":"2021-10-18T03:05:00Z"});
    let one = decoder().body(tick.to_string().as_bytes(), EVENTS_MAX).unwrap();
    assert!(one.len() == 1 && one[0].is_ok());
    let body = format!("[{tick}, {{\"kind\":\"tick\",\"kind\":\"tick\"}}, 5, [], {{}}, {tick}]");
    let many = decoder().body(body.as_bytes(), EVENTS_MAX).unwrap();
    let good: Vec<bool> = many.iter().map(Result::is_ok).collect();
    assert_eq!(good, [true, false, false, false, false, true], "a key twice refuses its own event alone");
    assert!(decoder().body(b"[]", EVENTS_MAX).unwrap().is_empty());
}

#[test]
fn a_body_that_does_not_parse_is_refused_as_a_whole() {
    let refused = |body: &[u8]| decoder().body(body, EVENTS_MAX).map(|_| ()).unwrap_err();
    for body in ["", " ", "{", "[{},]", "{}{}", "[{\"x\":\"\\udc00\"}]", "{\"x\":01}", "nul"] {
        assert!(matches!(refused(body.as_bytes()), BodyError::Syntax { .. }), "{body}");
    }
    assert!(matches!(refused(b"{\"x\":\"\xc3\"}"), BodyError::Utf8 { byte: 6 }));
    for body in ["5", "\"x\"", "null", "true", "-1.5"] {
        assert!(matches!(refused(body.as_bytes()), BodyError::NeitherObjectNorArray), "{body}");
    }
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(decoder().body(deep(16).as_bytes(), EVENTS_MAX).is_ok());
    assert!(matches!(refused(deep(17).as_bytes()), BodyError::Nesting));
    assert!(matches!(refused(deep(100_000).as_bytes()), BodyError::Nesting));
    let many = format!("[{}{{}}]", "{},".repeat(EVENTS_MAX));
    assert!(matches!(refused(many.as_bytes()), BodyError::TooMany { events_max: EVENTS_MAX }));
}

#[test]
fn a_number_too_great_to_be_held_refuses_its_event_alone() {
    let tick = json!({"kind":"tick","id":"t","at":"2021-10-18T03:05:00Z","more":0});
    let venue = r#"{"kind":"venue","id":"v","at":"2021-10-18T03:05:00Z","venue":"v","type":"market","capacity":N,"lat":21,"lon":105}"#;
    let huge = "9".repeat(400);
    let body = format!(
        "[{},{}]",
        venue.replace('N', &huge),
        tick.to_string().replace("\"more\":0", "\"more\":-1e999")
    );
    let events = decoder().body(body.as_bytes(), EVENTS_MAX).unwrap();
    assert_eq!(events[0].as_ref().unwrap_err().field, "capacity");
    assert_eq!(events[1].as_ref().unwrap().unknown_fields, 1, "an unknown field is ignored, however great");
    let line = venue.replace('N', "1").replace("\"lat\":21", "\"lat\":1E+400");
    assert_eq!(decoder().event(line.as_bytes()).unwrap_err().field, "lat");
}

#[test]
fn in_ndjson_lines_of_white_space_are_no_events() {
    let tick = r#"{"kind":"tick","id":"t","at":"2021-10-18T03:05:00Z"}"#;
    let body = format!("\n{tick}\r\n \t\r\nrubbish\n[{tick}]\n{tick}");
    let lines = decoder().lines(body.as_bytes(), EVENTS_MAX).unwrap();
    let good: Vec<bool> = lines.iter().map(Result::is_ok).collect();
    assert_eq!(good, [true, false, false, true]);
    let many = "{}\n".repeat(EVENTS_MAX + 1);
    assert!(matches!(decoder().lines(many.as_bytes(), EVENTS_MAX), Err(BodyError::TooMany { .. })));
}

/// JSON that has the fields of events, with all sorts of values in them.
fn eventlike() -> impl Strategy<Value = String> {
    let names = [
        "kind", "id", "at", "person", "venue", "mode", "type", "status", "lat", "lon", "dose", "symptoms",
        "x",
    ];
    let texts = [
        "scan",
        "case",
        "venue",
        "tick",
        "declaration",
        "2021-10-15T08:31:07+07:00",
        "001180012345",
        "P000001",
        "f0",
        "patrol",
        "other",
        "001180012345||A|01021980|Nữ|H|01012021",
        "\u{0}",
        "…",
    ];
    let value = prop_oneof![
        prop::sample::select(texts.to_vec()).prop_map(|text| Value::from(text).to_string()),
        any::<f64>().prop_map(|n| Value::from(n).to_string()),
        any::<i64>().prop_map(|n| n.to_string()),
        any::<String>().prop_map(|text| Value::from(text).to_string()),
        Just("null".to_owned()),
        Just(r#"["a",["b",{"c":1,"c":2}]]"#.to_owned()),
    ];
    let field =
        (prop::sample::select(names.to_vec()), value).prop_map(|(name, value)| format!("\"{name}\":{value}"));
    prop::collection::vec(field, 0..10).prop_map(|fields| format!("{{{}}}", fields.join(",")))
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let decoder = decoder();
        drop(decoder.event(&bytes));
        drop(decoder.body(&bytes, EVENTS_MAX));
        drop(decoder.lines(&bytes, EVENTS_MAX));
    }

    #[test]
    fn what_is_taken_reads_back_and_what_is_refused_says_nothing_of_a_person(text in eventlike()) {
        match decoder().event(text.as_bytes()) {
            Ok(checked) => {
                let journaled = checked.event.journaled();
                prop_assert_eq!(&Event::from_journaled(journaled.as_bytes()).unwrap(), &checked.event);
                prop_assert!(!journaled.contains("001180012345") || checked.event.id().contains("001180012345")
                    || !text.contains("\"person\":\"001180012345"));
            }
            Err(refusal) => {
                let kept = serde_json::to_string(&refusal.event).unwrap();
                prop_assert!(!kept.contains("001180012345") && !kept.contains('…'));
            }
        }
    }
}
