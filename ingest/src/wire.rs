//! What producers send: the one code that decodes and checks events, for HTTP, NATS and import alike.
//!
//! Bytes in, [`Checked`] or [`Refusal`] out; no clock and no IO. What the clock refuses is judged later
//! ([`crate::clock`]). A refusal holds nothing that names a person, and its reason never quotes a value.

mod field;
mod huge;
mod json;
mod kinds;
mod person;
mod places;
mod reader;
mod refusal;
pub(crate) mod text;

pub use person::PersonalNumber;
pub use refusal::{Redacted, Refusal};

use crate::identity::{Pseudonym, Pseudonyms};
use json::{Fault, Fields, NESTING_MAX, Notes, Parsed};
use kinds::Builder;
use person::Sent;
use places::Places;
use reader::Reader;
use thiserror::Error;
use vonglau_core::event::{Event, Kind};
use vonglau_core::params::Params;

/// An event that was taken.
#[derive(Clone, Debug)]
pub struct Checked {
    pub event: Event,
    /// Fields that no event of this kind has.
    pub unknown_fields: u32,
    /// Who the pseudonym is, where a number came; for the vault alone.
    pub identity: Option<Identity>,
}

/// Who a pseudonym is.
#[derive(Clone, Copy, Debug)]
pub struct Identity {
    pub pseudonym: Pseudonym,
    pub number: PersonalNumber,
}

/// One event's fate so far.
pub type Decoded = Result<Checked, Refusal>;

/// Why a body is refused as a whole.
#[derive(Debug, Error)]
pub enum BodyError {
    #[error(
        "the body does not parse as JSON (line {line}, column {column}): send an object or an array, in UTF-8, without lone surrogates"
    )]
    Syntax { line: usize, column: usize },
    #[error("the body is not UTF-8 (byte {byte}): encode it as UTF-8")]
    Utf8 { byte: usize },
    #[error("the body is nested deeper than {NESTING_MAX} levels: send plain events")]
    Nesting,
    #[error("the body is neither an object nor an array: send one event or an array of events")]
    NeitherObjectNorArray,
    #[error("the body holds more than {events_max} events: send fewer at once")]
    TooMany { events_max: usize },
}

const BROKEN_JSON: &str = "not valid JSON: send one object, without lone surrogates";
const NO_UTF8: &str = "not UTF-8: encode the event as UTF-8";
const TOO_DEEP: &str = "nested deeper than 16 levels: send plain fields";
const NO_OBJECT: &str = "not an object: an event is a JSON object";
const TWICE: &str = "a key comes twice: send each field once";
const NO_KIND: &str = "missing: say which kind of event it is";
const KIND_NO_TEXT: &str = "not a text: write the kind of event in quotes";
const UNKNOWN_KIND: &str = "not known: use venue, scan, case, vaccination, resident, declaration or command";

/// Decodes and checks events by the city's configuration.
#[derive(Debug)]
pub struct Decoder {
    places: Places,
    pseudonyms: Pseudonyms,
}

impl Decoder {
    pub fn new(params: &Params, pseudonyms: Pseudonyms) -> Self {
        Self { places: Places::new(params), pseudonyms }
    }

    /// One event, as JSON.
    ///
    /// # Errors
    /// The refusal, where something is wrong with it.
    pub fn event(&self, line: &[u8]) -> Decoded {
        let Ok(text) = str::from_utf8(line) else { return Err(Refusal::whole(NO_UTF8)) };
        let notes = Notes::default();
        match json::one(text, &notes) {
            Ok(parsed) => self.check(&parsed),
            Err(_) if notes.fault() == Some(Fault::Nesting) => Err(Refusal::whole(TOO_DEEP)),
            Err(_) => match huge::tamed(text) {
                Some(tamed) => self.event(tamed.as_bytes()),
                None => Err(Refusal::whole(BROKEN_JSON)),
            },
        }
    }

    /// The event that a text is as a whole, over as many lines as it likes; none where it is no one JSON value.
    pub fn whole(&self, text: &[u8]) -> Option<Decoded> {
        let text = str::from_utf8(text).ok()?;
        let parsed = json::one(text, &Notes::default()).ok()?;
        Some(self.check(&parsed))
    }

    /// The body of `application/json`: an object, or an array of events.
    ///
    /// # Errors
    /// Where the body as a whole cannot be read: nothing of it is taken.
    pub fn body(&self, body: &[u8], events_max: usize) -> Result<Vec<Decoded>, BodyError> {
        let text = str::from_utf8(body).map_err(|e| BodyError::Utf8 { byte: e.valid_up_to() })?;
        let notes = Notes::default();
        let mut decoded = Vec::new();
        let result = json::many(text, &notes, events_max, &mut |parsed| decoded.push(self.check(&parsed)));
        let Err(error) = result else { return Ok(decoded) };
        match notes.fault() {
            Some(Fault::Nesting) => Err(BodyError::Nesting),
            Some(Fault::NeitherObjectNorArray) => Err(BodyError::NeitherObjectNorArray),
            Some(Fault::TooMany) => Err(BodyError::TooMany { events_max }),
            None => match huge::tamed(text) {
                Some(tamed) => self.body(tamed.as_bytes(), events_max),
                None => Err(BodyError::Syntax { line: error.line(), column: error.column() }),
            },
        }
    }

    /// NDJSON: an event a line; lines of nothing but white space are no events.
    ///
    /// # Errors
    /// Where there are more lines than `events_max`.
    pub fn lines(&self, body: &[u8], events_max: usize) -> Result<Vec<Decoded>, BodyError> {
        let mut decoded = Vec::new();
        for line in lines(body) {
            if decoded.len() == events_max {
                return Err(BodyError::TooMany { events_max });
            }
            decoded.push(self.event(line));
        }
        Ok(decoded)
    }

    fn check(&self, parsed: &Parsed<'_>) -> Decoded {
        match parsed {
            Parsed::NoObject => Err(Refusal::whole(NO_OBJECT)),
            Parsed::Fields(fields) => {
                let kind = kind_of(fields);
                let known = kind.ok().flatten();
                let checked = kind.and_then(|_| self.build(fields, known));
                checked.map_err(|(field, reason)| Refusal::of(fields, known, field, reason))
            }
        }
    }

    fn build(&self, fields: &Fields<'_>, kind: Option<Kind>) -> Result<Checked, reader::Wrong> {
        if let Some(field) = fields.twice {
            return Err((field, TWICE));
        }
        let kind = kind.ok_or((field::Field::Kind.name(), UNKNOWN_KIND))?;
        let mut identity = None;
        let mut to_person = |sent: &str| match person::read(sent) {
            Ok(Sent::Token(token)) => Ok(token.into()),
            Ok(Sent::Number(number)) => {
                let pseudonym = self.pseudonyms.of(&number);
                identity = Some(Identity { pseudonym, number });
                Ok(pseudonym.text())
            }
            Err(reason) => Err((field::Field::Person.name(), reason)),
        };
        let mut reader = Reader::new(fields);
        reader.value(field::Field::Kind);
        let mut builder = Builder { places: &self.places, fields: reader, to_person: &mut to_person };
        let event = builder.event(kind)?;
        let unknown_fields = builder.fields.ignored();
        Ok(Checked { event, unknown_fields, identity })
    }
}

/// The kind of an event: none where it is none of ours.
fn kind_of(fields: &Fields<'_>) -> Result<Option<Kind>, reader::Wrong> {
    let field = field::Field::Kind;
    match Reader::new(fields).text(field) {
        Ok(Some(name)) => Ok(Kind::named(name)),
        Ok(None) => Err((field.name(), NO_KIND)),
        Err(_) => Err((field.name(), KIND_NO_TEXT)),
    }
}

/// The lines of an NDJSON text that hold anything.
pub(crate) fn lines(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    body.split(|b| *b == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty())
}
