//! Totals of a group that rows come to and go from: exact, so that what came and went leaves nothing behind.
//!
//! Where rows only come, of the least and the greatest nothing but themselves is held.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use datafusion::common::ScalarValue;
use datafusion::error::{DataFusionError, Result};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Sums of reals are held in units of 2^-64, exactly: what is finer or larger cannot be.
const SUM_UNIT_BITS: i32 = 64;
/// A real has 53 significant bits; with so many more below the units a million of them still fit 127 bits.
const SHIFT_MAX: i32 = 50;

/// An aggregate function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Count,
    /// Of different values.
    Distinct,
    Sum,
    Avg,
    Min,
    Max,
}

impl Kind {
    /// By the function's name; `of_distinct`: each value counts once.
    pub fn named(name: &str, of_distinct: bool) -> Option<Self> {
        match name {
            "count" if of_distinct => Some(Self::Distinct),
            "count" => Some(Self::Count),
            "sum" if !of_distinct => Some(Self::Sum),
            "avg" if !of_distinct => Some(Self::Avg),
            "min" => Some(Self::Min),
            "max" => Some(Self::Max),
            _ => None,
        }
    }

    /// The type of the total of values of a type; None: it cannot be held.
    pub fn gives(self, of: &DataType) -> Option<DataType> {
        match (self, of) {
            (Self::Count, _) => Some(DataType::Int64),
            (Self::Distinct, of) if is_in_order(of) => Some(DataType::Int64),
            (Self::Sum, DataType::Int64 | DataType::Float64)
            | (Self::Avg, DataType::Float64)
            | (Self::Min | Self::Max, _) => Some(of.clone()),
            _ => None,
        }
    }
}

/// Can values of a type be told apart by their order? Of reals some have none.
fn is_in_order(of: &DataType) -> bool {
    of.is_integer()
        || of.is_string()
        || matches!(of, DataType::Boolean | DataType::Date32 | DataType::Timestamp(..))
}

/// The total of one group.
#[derive(Clone, Debug)]
pub struct Total {
    kind: Kind,
    of: DataType,
    only_comes: bool,
    /// Values that are not null.
    count: i64,
    sum: i128,
    /// For the least, the greatest and the different ones: how often each is there.
    values: BTreeMap<Ordered, u64>,
}

/// What is known of values that are not at hand.
#[derive(Debug)]
pub enum Known {
    /// How many there are that are not null.
    Count(i64),
    /// How many, and their sum, which is whole.
    Sum(i64, i64),
    /// One of them, or the least or greatest; null: there is none.
    Value(ScalarValue),
}

impl Total {
    /// `only_comes`: no value ever goes.
    pub fn new(kind: Kind, of: DataType, only_comes: bool) -> Self {
        Self { kind, of, only_comes, count: 0, sum: 0, values: BTreeMap::new() }
    }

    /// Values that are held one by one.
    pub fn held(&self) -> usize {
        self.values.len()
    }

    /// Values come of which this is known.
    ///
    /// # Errors
    /// They cannot be held exactly.
    pub fn know(&mut self, known: Known) -> Result<()> {
        match known {
            Known::Count(count) => self.count += count,
            Known::Sum(count, sum) => {
                let units = if self.of == DataType::Int64 { 0 } else { SUM_UNIT_BITS.unsigned_abs() };
                self.count += count;
                self.add(i128::from(sum) << units)?;
            }
            Known::Value(value) if value.is_null() => {}
            Known::Value(value) => self.value_comes(value),
        }
        Ok(())
    }

    fn add(&mut self, value: i128) -> Result<()> {
        self.sum = self.sum.checked_add(value).ok_or_else(unheld)?;
        Ok(())
    }

    fn value_comes(&mut self, value: ScalarValue) {
        *self.values.entry(Ordered(value)).or_default() += 1;
        if self.only_comes && self.values.len() > 1 {
            match self.kind {
                Kind::Min => drop(self.values.pop_last()),
                Kind::Max => drop(self.values.pop_first()),
                _ => {}
            }
        }
    }

    fn value_goes(&mut self, value: ScalarValue) {
        if let Entry::Occupied(mut place) = self.values.entry(Ordered(value)) {
            *place.get_mut() -= 1;
            if *place.get() == 0 {
                place.remove();
            }
        }
    }

    /// A value comes, or goes.
    ///
    /// # Errors
    /// It cannot be held exactly.
    pub fn take(&mut self, array: &ArrayRef, row: usize, comes: bool) -> Result<()> {
        if array.is_null(row) {
            return Ok(());
        }
        self.count += if comes { 1 } else { -1 };
        match self.kind {
            Kind::Count => {}
            Kind::Sum | Kind::Avg => {
                let value = match self.of {
                    DataType::Int64 => Some(i128::from(array.as_primitive::<Int64Type>().value(row))),
                    _ => scaled(array.as_primitive::<Float64Type>().value(row)),
                };
                let value = value.ok_or_else(unheld)?;
                self.add(if comes { value } else { -value })?;
            }
            Kind::Min | Kind::Max | Kind::Distinct => {
                let value = ScalarValue::try_from_array(array, row)?;
                if comes {
                    self.value_comes(value);
                } else {
                    self.value_goes(value);
                }
            }
        }
        Ok(())
    }

    /// The total now.
    ///
    /// # Errors
    /// It does not fit its type.
    pub fn value(&self) -> Result<ScalarValue> {
        let extreme = |value: Option<&Ordered>| match value {
            Some(value) => Ok(value.0.clone()),
            None => ScalarValue::try_new_null(&self.of),
        };
        match self.kind {
            Kind::Count => Ok(ScalarValue::Int64(Some(self.count))),
            Kind::Distinct => Ok(ScalarValue::Int64(i64::try_from(self.values.len()).ok())),
            Kind::Sum if self.of == DataType::Int64 => {
                let sum = i64::try_from(self.sum).map_err(|_large| unheld())?;
                Ok(ScalarValue::Int64((self.count > 0).then_some(sum)))
            }
            Kind::Sum => Ok(ScalarValue::Float64((self.count > 0).then(|| real(self.sum)))),
            Kind::Avg => {
                let count = whole(self.count);
                Ok(ScalarValue::Float64((self.count > 0).then(|| real(self.sum) / count)))
            }
            Kind::Min => extreme(self.values.keys().next()),
            Kind::Max => extreme(self.values.keys().next_back()),
        }
    }
}

/// What says that something cannot be kept up by what comes and goes.
pub fn unheld() -> DataFusionError {
    DataFusionError::NotImplemented("a total that cannot be held exactly".to_owned())
}

/// A real in units of 2^-64, where it is a whole number of them and not too large.
fn scaled(value: f64) -> Option<i128> {
    let bits = value.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    let (significand, exponent) = match i32::try_from((bits >> 52) & 0x7ff).unwrap_or_default() {
        0x7ff => return None,
        0 => (fraction, -1_074),
        exponent => (fraction | (1 << 52), exponent - 1_075),
    };
    let shift = exponent + SUM_UNIT_BITS;
    let magnitude = match u32::try_from(shift) {
        _ if significand == 0 => 0,
        Ok(left) if shift <= SHIFT_MAX => i128::from(significand) << left,
        Ok(_) => return None,
        Err(_) => {
            let right = shift.unsigned_abs();
            if significand.trailing_zeros() < right {
                return None;
            }
            i128::from(significand >> right)
        }
    };
    Some(if value.is_sign_negative() { -magnitude } else { magnitude })
}

#[expect(clippy::cast_precision_loss, reason = "the nearest real is what is meant")]
fn real(sum: i128) -> f64 {
    sum as f64 * (-f64::from(SUM_UNIT_BITS)).exp2()
}

#[expect(clippy::cast_precision_loss, reason = "rows are fewer than 2^53")]
const fn whole(count: i64) -> f64 {
    count as f64
}

/// Values of one type, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Ordered(ScalarValue);

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ordered {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.partial_cmp(&other.0).unwrap_or(Ordering::Equal)
    }
}

#[cfg(test)]
mod tests;
