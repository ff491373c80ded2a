//! Columns and tables as they are documented, and how rows become columns.

use crate::names::Register;
use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, StringViewArray,
    TimestampMicrosecondArray, UInt32Array,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use std::sync::Arc;
use vonglau_core::time::{Day, Time};

/// Microseconds of a second.
const MICROS: i64 = 1_000_000;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// `text`
    Text,
    /// `text`: the pseudonym of a person
    Person,
    /// `text`: the id of a venue
    Venue,
    /// `text`: one word of a short list
    Word,
    /// `bigint`
    Int,
    /// `double precision`
    Real,
    /// `boolean`
    Bool,
    /// `timestamp with time zone`, in the city's zone
    Time,
    /// `date`, local
    Date,
}

/// A column: what it is, in both languages, and in which unit.
#[derive(Clone, Debug)]
pub struct Column {
    pub name: &'static str,
    pub holds: Holds,
    pub unit: Option<&'static str>,
    pub vi: &'static str,
    pub en: &'static str,
}

/// A table: what a row is, in both languages.
#[derive(Clone, Debug)]
pub struct TableDoc {
    pub name: &'static str,
    pub vi: &'static str,
    pub en: &'static str,
    pub columns: Vec<Column>,
}

/// A column without a unit.
pub const fn column(name: &'static str, holds: Holds, vi: &'static str, en: &'static str) -> Column {
    Column { name, holds, unit: None, vi, en }
}

impl Column {
    /// In a unit.
    #[must_use]
    pub const fn unit(mut self, unit: &'static str) -> Self {
        self.unit = Some(unit);
        self
    }

    /// The type's name in PostgreSQL.
    pub const fn type_name(&self) -> &'static str {
        match self.holds {
            Holds::Text | Holds::Person | Holds::Venue | Holds::Word => "text",
            Holds::Int => "bigint",
            Holds::Real => "double precision",
            Holds::Bool => "boolean",
            Holds::Time => "timestamp with time zone",
            Holds::Date => "date",
        }
    }

    fn field(&self, zone: &Arc<str>) -> Field {
        let data_type = match self.holds {
            Holds::Text | Holds::Person | Holds::Venue | Holds::Word => DataType::Utf8View,
            Holds::Int => DataType::Int64,
            Holds::Real => DataType::Float64,
            Holds::Bool => DataType::Boolean,
            Holds::Time => DataType::Timestamp(TimeUnit::Microsecond, Some(Arc::clone(zone))),
            Holds::Date => DataType::Date32,
        };
        // No comment in it: plans compare what fields carry, and what a union or a recursion gives carries none.
        Field::new(self.name, data_type, true)
    }
}

impl Holds {
    /// Of whom the texts are names, where they have numbers.
    pub const fn register(self) -> Option<Register> {
        match self {
            Self::Person => Some(Register::People),
            Self::Venue => Some(Register::Venues),
            Self::Word => Some(Register::Words),
            _ => None,
        }
    }
}

impl TableDoc {
    /// The registers of the columns that hold names.
    pub fn registers(&self) -> Vec<Option<Register>> {
        self.columns.iter().map(|column| column.holds.register()).collect()
    }

    /// The columns with numbers in place of names; None where it holds none.
    pub fn numbered_schema(&self, named: &SchemaRef) -> Option<SchemaRef> {
        let registers = self.registers();
        registers.iter().any(Option::is_some).then(|| {
            let fields = named.fields().iter().zip(registers);
            let fields = fields.map(|(field, register)| match register {
                Some(register) => Arc::new(register.field(field)),
                None => Arc::clone(field),
            });
            Arc::new(Schema::new(fields.collect::<Vec<_>>()))
        })
    }

    /// The columns as Arrow has them; times in the city's zone.
    pub fn schema(&self, zone: &Arc<str>) -> SchemaRef {
        let fields: Vec<Field> = self.columns.iter().map(|column| column.field(zone)).collect();
        Arc::new(Schema::new(fields))
    }
}

/// Text of a column.
pub fn text<T: AsRef<str>>(values: impl IntoIterator<Item = Option<T>>) -> ArrayRef {
    Arc::new(values.into_iter().collect::<StringViewArray>())
}

/// Whole numbers of a column.
pub fn int(values: impl IntoIterator<Item = Option<i64>>) -> ArrayRef {
    Arc::new(values.into_iter().collect::<Int64Array>())
}

/// Numbers of a column.
pub fn real(values: impl IntoIterator<Item = Option<f64>>) -> ArrayRef {
    Arc::new(values.into_iter().collect::<Float64Array>())
}

/// Truths of a column.
pub fn truth(values: impl IntoIterator<Item = Option<bool>>) -> ArrayRef {
    Arc::new(values.into_iter().collect::<BooleanArray>())
}

/// Times of a column, in the city's zone.
pub fn time(zone: &Arc<str>, values: impl IntoIterator<Item = Option<Time>>) -> ArrayRef {
    let micros = values.into_iter().map(|at| at.map(|at| at.0 * MICROS));
    Arc::new(micros.collect::<TimestampMicrosecondArray>().with_timezone(Arc::clone(zone)))
}

/// Times of a column, in seconds since 1970.
pub fn seconds(zone: &Arc<str>, values: impl IntoIterator<Item = i64>) -> ArrayRef {
    let micros: Vec<i64> = values.into_iter().map(|at| at * MICROS).collect();
    Arc::new(TimestampMicrosecondArray::from(micros).with_timezone(Arc::clone(zone)))
}

/// Local dates of a column.
pub fn date(values: impl IntoIterator<Item = Option<Day>>) -> ArrayRef {
    Arc::new(values.into_iter().map(|day| day.map(|day| day.0)).collect::<Date32Array>())
}

/// Numbers of a column, of which some are not there.
pub fn numbers(values: impl IntoIterator<Item = Option<u32>>) -> ArrayRef {
    Arc::new(values.into_iter().collect::<UInt32Array>())
}
