//! Names and their numbers at one moment.
//!
//! People, venues and the words of short lists (districts, kinds …) have numbers, and a number is cheaper to group, to
//! join and to carry than its text. [`crate::numbers`] plans with numbers and asks for names where they are shown.

use arrow::array::{Array, ArrayRef, AsArray, StringViewArray, StringViewBuilder, UInt32Array, make_view};
use arrow::buffer::{Buffer, ScalarBuffer};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, UInt32Type};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use rustc_hash::FxHashMap;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use vonglau_core::moment::Registers;
use vonglau_core::params::Params;

/// Where a field says of whom its numbers are.
const KEY: &str = "register";
/// Letters of a usual pseudonym.
const LETTERS: usize = 16;

/// Of what the numbers of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Register {
    People,
    Venues,
    /// Words of short lists.
    Words,
}

impl Register {
    pub const fn name(self) -> &'static str {
        match self {
            Self::People => "person",
            Self::Venues => "venue",
            Self::Words => "word",
        }
    }

    /// The register of a field's numbers; None where it holds no numbers of names.
    pub fn of(field: &Field) -> Option<Self> {
        let name = field.metadata().get(KEY)?;
        [Self::People, Self::Venues, Self::Words].into_iter().find(|register| register.name() == name)
    }

    /// The field that holds numbers in place of names.
    pub fn field(self, named: &Field) -> Field {
        let metadata = HashMap::from([(KEY.to_owned(), self.name().to_owned())]);
        Field::new(named.name(), DataType::UInt32, true).with_metadata(metadata)
    }
}

/// Texts and the numbers that they have one after the other.
#[derive(Debug, Default)]
struct Listed {
    numbers: FxHashMap<Arc<str>, u32>,
    texts: Vec<Arc<str>>,
}

impl Listed {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let (number, text) = (u32::try_from(self.texts.len()).unwrap_or(u32::MAX), Arc::<str>::from(text));
        self.texts.push(Arc::clone(&text));
        self.numbers.insert(text, number);
        number
    }
}

/// Numbers from here on are of names that a register does not hold: of the archive, or of a statement.
const OTHERS: u32 = 1 << 31;

/// All names of a moment. A text has one number in a register, and a number one text.
#[derive(Debug)]
pub struct Names {
    registers: Registers,
    words: RwLock<Listed>,
    others: RwLock<Listed>,
    districts: Vec<u32>,
    wards: Vec<u32>,
    kinds: Vec<u32>,
}

impl Names {
    pub fn new(registers: Registers, params: &Params) -> Self {
        let mut words = Listed::default();
        let districts = params.districts.iter().map(|district| words.number(&district.code)).collect();
        let wards = params.wards.iter().map(|ward| words.number(&ward.code)).collect();
        let kinds = params.venue_kinds.iter().map(|kind| words.number(&kind.name)).collect();
        Self { registers, words: RwLock::new(words), others: RwLock::default(), districts, wards, kinds }
    }

    /// The word number of a district by its place in the list.
    pub fn district(&self, place: Option<u16>) -> Option<u32> {
        self.districts.get(usize::from(place?)).copied()
    }

    /// The word number of a ward by its place in the list.
    pub fn ward(&self, place: Option<u16>) -> Option<u32> {
        self.wards.get(usize::from(place?)).copied()
    }

    /// The word number of a kind of venue by its place in the list.
    pub fn kind(&self, place: u16) -> Option<u32> {
        self.kinds.get(usize::from(place)).copied()
    }

    /// The number of a word.
    pub fn word(&self, text: &str) -> u32 {
        if let Some(number) = self.words.read().unwrap_or_else(PoisonError::into_inner).numbers.get(text) {
            return *number;
        }
        self.words.write().unwrap_or_else(PoisonError::into_inner).number(text)
    }

    fn other(&self, text: &str) -> u32 {
        OTHERS + self.others.write().unwrap_or_else(PoisonError::into_inner).number(text)
    }

    /// The number of a text in a register; a text that it does not hold gets one too.
    pub fn number(&self, register: Register, text: &str) -> u32 {
        let held = match register {
            Register::People => self.registers.person(text),
            Register::Venues => self.registers.venue_number(text),
            Register::Words => Some(self.word(text)),
        };
        held.unwrap_or_else(|| self.other(text))
    }

    /// The numbers that a register has for values, which may be texts or numbers; in order, each once.
    pub fn held(&self, register: Register, values: &[ScalarValue]) -> Vec<u32> {
        let texts: Vec<String> =
            values.iter().filter_map(|value| value.try_as_str().flatten().map(ToOwned::to_owned)).collect();
        let mut numbers = match register {
            Register::People => self.registers.people_of(&texts),
            Register::Venues => self.registers.venues_of(&texts),
            Register::Words => texts.iter().map(|text| self.word(text)).collect(),
        };
        numbers.extend(values.iter().filter_map(|value| match value {
            ScalarValue::UInt32(number) => number.filter(|number| *number < OTHERS),
            _ => None,
        }));
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    /// Texts as numbers.
    ///
    /// # Errors
    /// When the array holds no texts: a fault of ours.
    pub fn numbers(&self, register: Register, texts: &ArrayRef) -> Result<UInt32Array> {
        let texts = cast(texts, &DataType::Utf8View)?;
        let texts: &StringViewArray = texts.as_string_view();
        if register == Register::Words {
            return Ok(texts.iter().map(|text| text.map(|text| self.word(text))).collect());
        }
        let known = texts.iter().flatten();
        let known = match register {
            Register::Venues => self.registers.each_venue(known),
            _ => self.registers.each_person(known),
        };
        let mut known = known.into_iter();
        let mut number = |text: &str| known.next().flatten().unwrap_or_else(|| self.other(text));
        Ok(texts.iter().map(|text| text.map(&mut number)).collect())
    }

    /// Numbers as texts.
    ///
    /// # Errors
    /// None in practice: names are text.
    pub fn texts(&self, register: Register, numbers: &UInt32Array) -> Result<ArrayRef> {
        let others = numbers.values().iter().any(|number| *number >= OTHERS);
        match register {
            Register::People if !others && numbers.null_count() == 0 => self.people(numbers.values()),
            _ => Ok(self.listed(register, numbers)),
        }
    }

    fn listed(&self, register: Register, numbers: &UInt32Array) -> ArrayRef {
        let words = self.words.read().unwrap_or_else(PoisonError::into_inner);
        let others = self.others.read().unwrap_or_else(PoisonError::into_inner);
        let mut person = Vec::with_capacity(LETTERS);
        let mut texts = StringViewBuilder::with_capacity(numbers.len()).with_deduplicate_strings();
        for number in numbers {
            let Some(number) = number else {
                texts.append_null();
                continue;
            };
            if number >= OTHERS {
                texts.append_option(others.texts.get((number - OTHERS) as usize));
                continue;
            }
            match register {
                Register::Words => texts.append_option(words.texts.get(number as usize)),
                Register::Venues => texts.append_option(self.registers.venue(number).map(|venue| &*venue.id)),
                Register::People => {
                    person.clear();
                    self.registers.write_person(number, &mut person);
                    texts.append_value(String::from_utf8_lossy(&person));
                }
            }
        }
        Arc::new(texts.finish())
    }

    /// Pseudonyms of people in the register.
    ///
    /// # Errors
    /// None in practice: pseudonyms are text.
    pub fn people(&self, numbers: &[u32]) -> Result<ArrayRef> {
        let mut text = Vec::with_capacity(numbers.len() * LETTERS);
        let views: Vec<u128> = numbers
            .iter()
            .map(|number| {
                let from = text.len();
                self.registers.write_person(*number, &mut text);
                make_view(&text[from..], 0, u32::try_from(from).unwrap_or(u32::MAX))
            })
            .collect();
        let buffers: Arc<[Buffer]> = vec![Buffer::from_vec(text)].into();
        Ok(Arc::new(StringViewArray::try_new(ScalarBuffer::from(views), buffers, None)?))
    }

    /// A column as a field wants it: names as numbers, or numbers as names.
    ///
    /// # Errors
    /// When it is neither: a fault of ours.
    pub fn fit(&self, made: ArrayRef, field: &Field, register: Option<Register>) -> Result<ArrayRef> {
        let Some(register) = register else { return Ok(made) };
        match (field.data_type(), made.as_primitive_opt::<UInt32Type>()) {
            (DataType::UInt32, None) => Ok(Arc::new(self.numbers(register, &made)?)),
            (DataType::UInt32, Some(_)) | (_, None) => Ok(made),
            (_, Some(numbers)) => self.texts(register, numbers),
        }
    }
}
