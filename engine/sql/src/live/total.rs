//! Totals of a group that rows come to and go from: exact, so that what came and went leaves nothing behind.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use datafusion::common::ScalarValue;
use datafusion::error::{DataFusionError, Result};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Sums of reals are held in units of 2^-64, exactly: what is finer or larger cannot be.
const SUM_UNIT_BITS: i32 = 64;
/// A real has 53 significant bits; with so many more below the units a million of them still fit 127 bits.
const SHIFT_MAX: i32 = 50;

/// An aggregate function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Count,
    Sum,
    Avg,
    Min,
    Max,
}

impl Kind {
    /// By the function's name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "count" => Some(Self::Count),
            "sum" => Some(Self::Sum),
            "avg" => Some(Self::Avg),
            "min" => Some(Self::Min),
            "max" => Some(Self::Max),
            _ => None,
        }
    }

    /// The type of the total of values of a type; None: it cannot be held.
    pub fn gives(self, of: &DataType) -> Option<DataType> {
        match (self, of) {
            (Self::Count, _) => Some(DataType::Int64),
            (Self::Sum, DataType::Int64 | DataType::Float64)
            | (Self::Avg, DataType::Float64)
            | (Self::Min | Self::Max, _) => Some(of.clone()),
            _ => None,
        }
    }
}

/// The total of one group.
#[derive(Clone, Debug)]
pub struct Total {
    kind: Kind,
    of: DataType,
    /// Values that are not null.
    count: i64,
    sum: i128,
    /// For the least and the greatest: how often each is there.
    values: BTreeMap<Ordered, u64>,
}

impl Total {
    pub fn new(kind: Kind, of: DataType) -> Self {
        Self { kind, of, count: 0, sum: 0, values: BTreeMap::new() }
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
                self.sum += if comes { value } else { -value };
            }
            Kind::Min | Kind::Max => {
                let value = Ordered(ScalarValue::try_from_array(array, row)?);
                let count = self.values.entry(value.clone()).or_default();
                *count = if comes { *count + 1 } else { count.saturating_sub(1) };
                if *count == 0 {
                    self.values.remove(&value);
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

fn unheld() -> DataFusionError {
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
mod tests {
    use super::*;
    use arrow::array::{Float64Array, Int64Array};
    use std::sync::Arc;

    fn total(kind: Kind, come: &[f64], gone: &[f64]) -> ScalarValue {
        let mut total = Total::new(kind, DataType::Float64);
        for (values, comes) in [(come, true), (gone, false)] {
            let array: ArrayRef = Arc::new(Float64Array::from(values.to_vec()));
            (0..values.len()).for_each(|row| total.take(&array, row, comes).unwrap());
        }
        total.value().unwrap()
    }

    #[test]
    fn what_came_and_went_leaves_nothing_behind() {
        let (many, one) = ([0.1, 1e9, 0.123, -7.25, 1e-3], [0.1, 1e9, -7.25, 1e-3]);
        assert_eq!(total(Kind::Sum, &many, &one), ScalarValue::Float64(Some(0.123)));
        assert_eq!(total(Kind::Avg, &many, &one), ScalarValue::Float64(Some(0.123)));
        assert_eq!(total(Kind::Sum, &many, &many), ScalarValue::Float64(None));
        assert_eq!(total(Kind::Count, &many, &one), ScalarValue::Int64(Some(1)));
    }

    #[test]
    fn the_next_is_least_when_the_least_goes() {
        assert_eq!(total(Kind::Min, &[3.0, 1.0, 1.0, 2.0], &[1.0]), ScalarValue::Float64(Some(1.0)));
        assert_eq!(total(Kind::Min, &[3.0, 1.0, 1.0, 2.0], &[1.0, 1.0]), ScalarValue::Float64(Some(2.0)));
        assert_eq!(total(Kind::Max, &[3.0, 1.0], &[3.0]), ScalarValue::Float64(Some(1.0)));
        assert_eq!(total(Kind::Max, &[3.0], &[3.0]), ScalarValue::Float64(None));
    }

    #[test]
    fn a_real_is_held_exactly_or_not_at_all() {
        for value in [0.0, -0.0, 1.0, -2.5, 0.001, 960.125, 1e11, 105.8525, -1e-3, f64::from(u32::MAX)] {
            assert!((real(scaled(value).unwrap()) - value).abs() < f64::MIN_POSITIVE, "{value}");
        }
        for value in [f64::NAN, f64::INFINITY, 1e300, 1e-30, 0.1 * 1e-9] {
            assert_eq!(scaled(value), None, "{value}");
        }
    }

    #[test]
    fn whole_numbers_are_summed_as_such() {
        let mut total = Total::new(Kind::Sum, DataType::Int64);
        let array: ArrayRef = Arc::new(Int64Array::from(vec![Some(i64::MAX), None, Some(-1)]));
        (0..3).for_each(|row| total.take(&array, row, true).unwrap());
        assert_eq!(total.value().unwrap(), ScalarValue::Int64(Some(i64::MAX - 1)));
    }
}
