//! An event that was refused: what is kept of it, and why.

use super::field::Field;
use super::json::{Fields, Value};
use super::person::{self, PersonalNumber, Sent};
use super::text;
use serde::Serialize;
use vonglau_core::event::{Event, Kind};

/// A refused event, without identity.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// None where it is none of ours.
    pub kind: Option<Kind>,
    /// The field that is wrong; empty for the event as a whole.
    pub field: &'static str,
    /// What is wrong and what to do, for people. Never quotes a value.
    pub reason: &'static str,
    pub event: Box<Redacted>,
}

/// What is kept of a refused event: as sent, and only where it has a form that cannot name a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Redacted {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub venue: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Box<str>>,
}

impl Refusal {
    /// A text that gave no event at all.
    pub fn whole(reason: &'static str) -> Self {
        Self { kind: None, field: "", reason, event: Box::default() }
    }

    pub(super) fn of(
        fields: &Fields<'_>,
        kind: Option<Kind>,
        field: &'static str,
        reason: &'static str,
    ) -> Self {
        Self { kind, field, reason, event: Box::new(Redacted::of(fields)) }
    }

    /// A checked event that something later refuses (the clock).
    pub fn of_event(event: &Event, field: &'static str, reason: &'static str) -> Self {
        Self { kind: Some(event.kind()), field, reason, event: Box::new(Redacted::of_event(event)) }
    }
}

impl Redacted {
    fn of(fields: &Fields<'_>) -> Self {
        let kept = |field: Field, harmless: fn(&str) -> bool| {
            fields.known.iter().find(|(name, _)| *name == field).and_then(|(_, value)| match value {
                Value::Text(text) if harmless(text) => Some(text.as_ref().into()),
                _ => None,
            })
        };
        Self {
            kind: kept(Field::Kind, is_harmless_id),
            id: kept(Field::Id, is_harmless_id),
            at: kept(Field::At, text::is_timelike),
            person: kept(Field::Person, |text| matches!(person::read(text), Ok(Sent::Token(_)))),
            venue: kept(Field::Venue, is_harmless_id),
            mode: kept(Field::Mode, is_harmless_id),
            direction: kept(Field::Direction, is_harmless_id),
            status: kept(Field::Status, is_harmless_id),
        }
    }

    fn of_event(event: &Event) -> Self {
        let journaled = event.journaled();
        let value: serde_json::Value = serde_json::from_str(&journaled).unwrap_or_default();
        let text = |name: &str| value.get(name).and_then(|value| value.as_str());
        let kept = |name: &str| text(name).map(Into::into);
        Self {
            kind: kept("kind"),
            id: text("id").filter(|id| is_harmless_id(id)).map(Into::into),
            at: kept("at"),
            person: kept("person"),
            venue: text("venue").filter(|venue| is_harmless_id(venue)).map(Into::into),
            mode: kept("mode"),
            direction: kept("direction"),
            status: kept("status"),
        }
    }
}

/// Has the form of an id, and is no personal number.
fn is_harmless_id(text: &str) -> bool {
    text::is_id(text) && PersonalNumber::parse(text).is_none()
}
