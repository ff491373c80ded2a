//! JSON of events into loose fields: streaming, borrowing, with the contract's bounds on shape.
//!
//! What fails here fails the whole text (a line, or a body): no JSON, a lone surrogate, nesting over the bound.
//! A key that comes twice is noted and refuses only its event.

use super::field::Field;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;

/// Arrays and objects within each other.
pub const NESTING_MAX: u8 = 16;
/// Items of a list that are kept; no field takes as many.
pub const LIST_ITEMS_MAX: usize = 33;

/// A value, as far as any field could want it.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    Null,
    Bool,
    /// Written without fraction and exponent.
    Whole(i64),
    /// Any other number.
    Number(f64),
    Text(Cow<'a, str>),
    List(Vec<Self>),
    Object,
}

/// The fields of one event, as they came.
#[derive(Clone, Debug, Default)]
pub struct Fields<'a> {
    pub known: Vec<(Field, Value<'a>)>,
    /// Fields of no kind of event, null ones apart.
    pub unknown: u32,
    /// A key came twice; its name where it is a field of ours.
    pub twice: Option<&'static str>,
}

/// One event's JSON.
#[derive(Clone, Debug)]
pub enum Parsed<'a> {
    Fields(Fields<'a>),
    /// JSON, but no object.
    NoObject,
}

/// Why a text failed, where serde's own error would not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Nesting,
    NeitherObjectNorArray,
    TooMany,
}

/// What is noted while one text is read.
#[derive(Debug, Default)]
pub struct Notes {
    twice_inside: Cell<bool>,
    fault: Cell<Option<Fault>>,
}

impl Notes {
    /// The fault that ended the reading, if it was one of ours.
    pub fn fault(&self) -> Option<Fault> {
        self.fault.get()
    }

    fn fail<E: Error>(&self, fault: Fault) -> E {
        self.fault.set(Some(fault));
        E::custom("refused")
    }

    fn open<E: Error>(&self, depth: u8) -> Result<u8, E> {
        if depth == NESTING_MAX { Err(self.fail(Fault::Nesting)) } else { Ok(depth + 1) }
    }
}

/// Reads one event from a text of its own.
///
/// # Errors
/// Where the text is no JSON or nested too deep.
pub fn one<'a>(text: &'a str, notes: &Notes) -> serde_json::Result<Parsed<'a>> {
    let mut json = serde_json::Deserializer::from_str(text);
    let parsed = EventSeed { notes, depth: 0 }.deserialize(&mut json)?;
    json.end()?;
    Ok(parsed)
}

/// Reads a body: an object, or an array of at most `events_max` events, each handed to `each`.
///
/// # Errors
/// Where the text is no JSON, nested too deep, neither object nor array, or holds too many events.
pub fn many<'a>(
    text: &'a str,
    notes: &Notes,
    events_max: usize,
    each: &mut dyn FnMut(Parsed<'a>),
) -> serde_json::Result<()> {
    let mut json = serde_json::Deserializer::from_str(text);
    json.deserialize_any(BodyVisitor { notes, events_max, each })?;
    json.end()
}

struct BodyVisitor<'n, 'a> {
    notes: &'n Notes,
    events_max: usize,
    each: &'n mut dyn FnMut(Parsed<'a>),
}

impl<'a> Visitor<'a> for BodyVisitor<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or an array")
    }

    fn visit_map<A: MapAccess<'a>>(self, map: A) -> Result<(), A::Error> {
        let fields = read_fields(map, self.notes, 1)?;
        (self.each)(Parsed::Fields(fields));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut count = 0;
        while let Some(parsed) = seq.next_element_seed(EventSeed { notes: self.notes, depth: 1 })? {
            if count == self.events_max {
                return Err(self.notes.fail(Fault::TooMany));
            }
            count += 1;
            (self.each)(parsed);
        }
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Err(self.notes.fail(Fault::NeitherObjectNorArray))
    }
    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.visit_bool(false)
    }
    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.visit_bool(false)
    }
    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.visit_bool(false)
    }
    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        self.visit_bool(false)
    }
    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.visit_bool(false)
    }
}

/// An event; `depth` counts what is open around it.
struct EventSeed<'n> {
    notes: &'n Notes,
    depth: u8,
}

impl<'a> DeserializeSeed<'a> for EventSeed<'_> {
    type Value = Parsed<'a>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Parsed<'a>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for EventSeed<'_> {
    type Value = Parsed<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event")
    }

    fn visit_map<A: MapAccess<'a>>(self, map: A) -> Result<Parsed<'a>, A::Error> {
        let depth = self.notes.open(self.depth)?;
        read_fields(map, self.notes, depth).map(Parsed::Fields)
    }

    fn visit_seq<A: SeqAccess<'a>>(self, seq: A) -> Result<Parsed<'a>, A::Error> {
        ValueSeed { notes: self.notes, depth: self.depth }.visit_seq(seq).map(|_| Parsed::NoObject)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Parsed<'a>, E> {
        Ok(Parsed::NoObject)
    }
    fn visit_i64<E: Error>(self, _: i64) -> Result<Parsed<'a>, E> {
        Ok(Parsed::NoObject)
    }
    fn visit_u64<E: Error>(self, _: u64) -> Result<Parsed<'a>, E> {
        Ok(Parsed::NoObject)
    }
    fn visit_f64<E: Error>(self, _: f64) -> Result<Parsed<'a>, E> {
        Ok(Parsed::NoObject)
    }
    fn visit_str<E: Error>(self, _: &str) -> Result<Parsed<'a>, E> {
        Ok(Parsed::NoObject)
    }
    fn visit_unit<E: Error>(self) -> Result<Parsed<'a>, E> {
        Ok(Parsed::NoObject)
    }
}

/// The fields of an open object of an event.
fn read_fields<'a, A: MapAccess<'a>>(mut map: A, notes: &Notes, depth: u8) -> Result<Fields<'a>, A::Error> {
    notes.twice_inside.set(false);
    let mut fields = Fields { known: Vec::with_capacity(10), ..Fields::default() };
    let mut seen = 0_u64;
    let mut seen_unknown = HashSet::new();
    while let Some(key) = map.next_key_seed(KeySeed)? {
        let value = map.next_value_seed(ValueSeed { notes, depth })?;
        match key {
            Key::Known(field) => {
                if seen & field.bit() == 0 {
                    fields.known.push((field, value));
                } else {
                    fields.twice = Some(field.name());
                }
                seen |= field.bit();
            }
            Key::Other(name) => {
                fields.unknown += u32::from(value != Value::Null);
                if !seen_unknown.insert(name) {
                    fields.twice = fields.twice.or(Some(""));
                }
            }
        }
    }
    if notes.twice_inside.get() {
        fields.twice = fields.twice.or(Some(""));
    }
    Ok(fields)
}

enum Key<'a> {
    Known(Field),
    Other(Cow<'a, str>),
}

struct KeySeed;

impl<'a> DeserializeSeed<'a> for KeySeed {
    type Value = Key<'a>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Key<'a>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'a> Visitor<'a> for KeySeed {
    type Value = Key<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E: Error>(self, name: &'a str) -> Result<Key<'a>, E> {
        Ok(Field::named(name).map_or(Key::Other(Cow::Borrowed(name)), Key::Known))
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Key<'a>, E> {
        Ok(Field::named(name).map_or_else(|| Key::Other(Cow::Owned(name.to_owned())), Key::Known))
    }
}

/// Any value; `depth` counts what is open around it.
#[derive(Clone, Copy)]
struct ValueSeed<'n> {
    notes: &'n Notes,
    depth: u8,
}

impl<'a> DeserializeSeed<'a> for ValueSeed<'_> {
    type Value = Value<'a>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Value<'a>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for ValueSeed<'_> {
    type Value = Value<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'a str) -> Result<Value<'a>, E> {
        Ok(Value::Text(Cow::Borrowed(text)))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Value<'a>, E> {
        Ok(Value::Text(Cow::Owned(text.to_owned())))
    }
    fn visit_bool<E: Error>(self, _: bool) -> Result<Value<'a>, E> {
        Ok(Value::Bool)
    }
    fn visit_i64<E: Error>(self, number: i64) -> Result<Value<'a>, E> {
        Ok(Value::Whole(number))
    }
    #[expect(clippy::cast_precision_loss, reason = "past 2^63 it is out of every field's range")]
    fn visit_u64<E: Error>(self, number: u64) -> Result<Value<'a>, E> {
        Ok(i64::try_from(number).map_or(Value::Number(number as f64), Value::Whole))
    }
    fn visit_f64<E: Error>(self, number: f64) -> Result<Value<'a>, E> {
        Ok(Value::Number(number))
    }
    fn visit_unit<E: Error>(self) -> Result<Value<'a>, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut seq: A) -> Result<Value<'a>, A::Error> {
        let depth = self.notes.open(self.depth)?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(Self { depth, ..self })? {
            if items.len() < LIST_ITEMS_MAX {
                items.push(item);
            }
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Value<'a>, A::Error> {
        let depth = self.notes.open(self.depth)?;
        let mut seen = HashSet::new();
        while let Some(key) = map.next_key::<Cow<'a, str>>()? {
            if !seen.insert(key) {
                self.notes.twice_inside.set(true);
            }
            map.next_value_seed(Self { depth, ..self })?;
        }
        Ok(Value::Object)
    }
}
