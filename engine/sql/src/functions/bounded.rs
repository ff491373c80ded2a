//! Functions of `DataFusion` of whose results one can be far larger than all that they are given. What arrays hold is not
//! counted by the memory for statements, and a call is not interrupted: so what a call would make is worked out before.

use super::joined::{JOINED, Joined};
use crate::error::{SqlError, SqlErrorKind};
use crate::large::{bytes, leaves};
use arrow::array::{Array, AsArray, Int64Array};
use arrow::compute::cast;
use arrow::compute::kernels::length::length;
use arrow::datatypes::{DataType, Int64Type, IntervalMonthDayNanoType, IntervalUnit, TimeUnit};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{FunctionRegistry, SessionState};
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    ColumnarValue, Documentation, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl,
    Signature,
};
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes that one call may make for a batch of rows, about.
const BYTES_MAX: u128 = 64 << 20;
/// So many calls of a statement may make that much; of more each may make less.
const CALLS_FULL: u128 = 4;
/// Letters that one call may compare with letters, for a batch of rows.
const STEPS_MAX: u128 = 1 << 30;
/// Bytes of a number in a list, and at most of a letter.
const NUMBER: u128 = 8;
const LETTER: u128 = 4;
/// Letters that a sign of a format stands for, about: `%c` for `Fri Oct 15 08:00:00 2021`.
const LETTERS_OF_SIGN: u128 = 13;
/// Microseconds of a day; a month of an interval has at least 28.
const DAY: i64 = 86_400_000_000;
const MONTH_DAYS: i64 = 28;

/// What a call makes, by the arguments and the number of rows.
type Makes = fn(&[Numbers], usize) -> u128;

/// What must be known of an argument.
#[derive(Clone, Copy)]
enum Of {
    /// Its value: of a time microseconds, of an interval too.
    Value,
    /// How long the text or list is.
    Length,
    /// How many values the list has, those of lists in it counted.
    Leaves,
    /// Bytes of one of its values, about.
    Size,
}

/// The functions: their arguments (one alone stands for all), and what they make.
const FUNCTIONS: [(&str, &[Of], u128, Makes); 24] = [
    ("repeat", &[Of::Length, Of::Value], BYTES_MAX, |args, rows| {
        each(rows, |n| args[0].at(n) * args[1].at(n))
    }),
    ("lpad", &[Of::Length, Of::Value], BYTES_MAX, |args, rows| each(rows, |n| args[1].at(n) * LETTER)),
    ("rpad", &[Of::Length, Of::Value], BYTES_MAX, |args, rows| each(rows, |n| args[1].at(n) * LETTER)),
    ("replace", &[Of::Length, Of::Length, Of::Length], BYTES_MAX, |args, rows| {
        each(rows, |n| (args[0].at(n) / args[1].at(n).max(1) + 1) * args[2].at(n))
    }),
    ("regexp_replace", &[Of::Length, Of::Length, Of::Length], BYTES_MAX, |args, rows| {
        each(rows, |n| (args[0].at(n) + 1) * args[2].at(n))
    }),
    ("range", &[Of::Value, Of::Value, Of::Value], BYTES_MAX, steps),
    ("generate_series", &[Of::Value, Of::Value, Of::Value], BYTES_MAX, steps),
    ("array_repeat", &[Of::Size, Of::Value], BYTES_MAX, |args, rows| {
        each(rows, |n| args[0].at(n).max(NUMBER) * args[1].at(n))
    }),
    ("array_resize", &[Of::Length, Of::Value, Of::Size], BYTES_MAX, |args, rows| {
        each(rows, |n| args[1].at(n) * args.get(2).map_or(NUMBER, |size| size.at(n).max(NUMBER)))
    }),
    ("array_replace_all", &[Of::Leaves, Of::Size, Of::Size], BYTES_MAX, |args, rows| {
        each(rows, |n| args[0].at(n) * args[2].at(n))
    }),
    ("array_replace_n", &[Of::Leaves, Of::Size, Of::Size], BYTES_MAX, |args, rows| {
        each(rows, |n| args[0].at(n) * args[2].at(n))
    }),
    ("to_char", &[Of::Size, Of::Length], BYTES_MAX, |args, rows| {
        each(rows, |n| args[1].at(n) * LETTERS_OF_SIGN)
    }),
    ("array_to_string", &[Of::Leaves, Of::Length, Of::Length], BYTES_MAX, |args, rows| {
        let of_null = |n| args.get(2).map_or(0, |text| text.at(n));
        each(rows, |n| args[0].at(n) * (args[1].at(n) + of_null(n)))
    }),
    ("concat", &[Of::Length], BYTES_MAX, |args, rows| each(rows, |n| sum(args, n))),
    (JOINED, &[Of::Length], BYTES_MAX, |args, rows| each(rows, |n| sum(args, n))),
    ("concat_ws", &[Of::Length], BYTES_MAX, |args, rows| {
        let between = u128::try_from(args.len()).unwrap_or(u128::MAX);
        each(rows, |n| sum(args, n) + args[0].at(n) * between)
    }),
    ("overlay", &[Of::Length, Of::Length], BYTES_MAX, |args, rows| each(rows, |n| sum(args, n))),
    ("string_to_array", &[Of::Length, Of::Length], BYTES_MAX, |args, rows| {
        each(rows, |n| args[0].at(n) * NUMBER)
    }),
    ("make_array", &[Of::Size], BYTES_MAX, |args, rows| each(rows, |n| sum(args, n))),
    ("array_concat", &[Of::Size], BYTES_MAX, |args, rows| each(rows, |n| sum(args, n))),
    ("array_append", &[Of::Size], BYTES_MAX, |args, rows| each(rows, |n| sum(args, n))),
    ("array_prepend", &[Of::Size], BYTES_MAX, |args, rows| each(rows, |n| sum(args, n))),
    ("array_union", &[Of::Size], BYTES_MAX, |args, rows| each(rows, |n| sum(args, n))),
    ("levenshtein", &[Of::Length, Of::Length], STEPS_MAX, |args, rows| {
        each(rows, |n| args[0].at(n) * args[1].at(n))
    }),
];

/// All of a row's arguments.
fn sum(args: &[Numbers], row: usize) -> u128 {
    args.iter().map(|arg| arg.at(row)).sum()
}

fn each(rows: usize, of: impl Fn(usize) -> u128) -> u128 {
    (0..rows).map(of).fold(0, u128::saturating_add)
}

/// Of a list from a value to another in steps: to a value alone from nought, in steps of one.
fn steps(args: &[Numbers], rows: usize) -> u128 {
    each(rows, |n| {
        let (from, to) = match args {
            [to] => (0, to.signed(n)),
            _ => (args[0].signed(n), args[1].signed(n)),
        };
        let step = args.get(2).map_or(1, |step| step.signed(n)).unsigned_abs().max(1);
        u128::from(to.abs_diff(from) / step) * NUMBER
    })
}

/// What is known of one argument, row by row.
struct Numbers {
    values: Int64Array,
    is_for_all: bool,
}

impl Numbers {
    fn of(arg: &ColumnarValue, what: Of) -> Result<Self> {
        let is_for_all = matches!(arg, ColumnarValue::Scalar(_));
        // One value is for all rows, and not copied for each of them.
        let array = arg.to_array(1)?;
        let wanted = match (what, array.data_type()) {
            (Of::Size, _) => return Ok(Self { values: vec![size(&array)].into(), is_for_all: true }),
            (Of::Length, DataType::Null) => return Ok(Self { values: vec![0].into(), is_for_all: true }),
            (Of::Length, _) => length(&array)?,
            (Of::Leaves, _) => {
                let leaves = leaves(&array).into_iter().map(|n| i64::try_from(n).unwrap_or(i64::MAX));
                Arc::new(leaves.collect::<Int64Array>())
            }
            (Of::Value, DataType::Interval(_)) => micros(&array)?,
            (Of::Value, DataType::Date32 | DataType::Timestamp(..)) => {
                cast(&array, &DataType::Timestamp(TimeUnit::Microsecond, None))?
            }
            (Of::Value, _) => array,
        };
        let values = cast(&wanted, &DataType::Int64)?.as_primitive::<Int64Type>().clone();
        Ok(Self { values, is_for_all })
    }

    fn signed(&self, row: usize) -> i64 {
        let row = if self.is_for_all { 0 } else { row };
        if self.values.is_null(row) { 0 } else { self.values.value(row) }
    }

    fn at(&self, row: usize) -> u128 {
        u128::try_from(self.signed(row)).unwrap_or(0)
    }
}

fn size(array: &dyn Array) -> i64 {
    i64::try_from(bytes(array) / array.len().max(1)).unwrap_or(i64::MAX)
}

/// The microseconds of intervals, at least.
fn micros(array: &dyn Array) -> Result<Arc<dyn Array>> {
    let array = cast(array, &DataType::Interval(IntervalUnit::MonthDayNano))?;
    let array = array.as_primitive::<IntervalMonthDayNanoType>();
    let of = |step: arrow::datatypes::IntervalMonthDayNano| {
        let days = i64::from(step.months) * MONTH_DAYS + i64::from(step.days);
        days.saturating_mul(DAY).saturating_add(step.nanoseconds / 1_000)
    };
    Ok(Arc::new(array.unary::<_, Int64Type>(of)))
}

/// A function that is asked only for what it may make, in a statement of so many calls of such functions.
#[derive(Debug)]
struct Bounded(Arc<ScalarUDF>, Calls);

impl PartialEq for Bounded {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Bounded {}

impl Hash for Bounded {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl Bounded {
    fn check(&self, args: &[ColumnarValue], rows: usize) -> Result<()> {
        let Some((name, of, max, makes)) = FUNCTIONS.iter().find(|(name, ..)| *name == self.0.name()) else {
            return Ok(());
        };
        let max = max * CALLS_FULL / self.1.count().max(CALLS_FULL);
        let alone = of.first().filter(|_| of.len() == 1);
        let of = |place| of.get(place).or(alone).copied();
        let known = args.iter().enumerate().map_while(|(place, arg)| Some(Numbers::of(arg, of(place)?)));
        let known = known.collect::<Result<Vec<_>>>()?;
        if known.is_empty() || makes(&known, rows) <= max {
            return Ok(());
        }
        let message = format!("{name} would make more of it than may be in memory at once");
        let hint = "ask for less of it, or for fewer rows".to_owned();
        let error = SqlError::bound(SqlErrorKind::Memory, "function_bytes", message).hint(Some(hint));
        Err(DataFusionError::External(Box::new(error)))
    }
}

impl ScalarUDFImpl for Bounded {
    fn name(&self) -> &str {
        self.0.name()
    }
    fn aliases(&self) -> &[String] {
        self.0.aliases()
    }
    fn signature(&self) -> &Signature {
        self.0.signature()
    }
    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        self.0.schema_name(args)
    }
    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.0.return_type(types)
    }
    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<arrow::datatypes::FieldRef> {
        self.0.return_field_from_args(args)
    }
    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        self.0.coerce_types(types)
    }
    fn simplify(&self, args: Vec<Expr>, info: &SimplifyContext) -> Result<ExprSimplifyResult> {
        self.0.simplify(args, info)
    }
    fn documentation(&self) -> Option<&Documentation> {
        self.0.documentation()
    }
    fn is_strict(&self) -> bool {
        self.0.is_strict()
    }
    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        self.check(&args.args, args.number_rows)?;
        self.0.invoke_with_args(args)
    }
}

/// How many calls of bounded functions a statement has.
#[derive(Clone, Debug, Default)]
pub struct Calls(Arc<AtomicUsize>);

impl Calls {
    pub(super) fn set(&self, calls: usize) {
        self.0.store(calls, Ordering::Relaxed);
    }

    fn count(&self) -> u128 {
        u128::try_from(self.0.load(Ordering::Relaxed)).unwrap_or(u128::MAX)
    }
}

/// Whether a function is one of those.
pub(super) fn is_bounded(name: &str) -> bool {
    FUNCTIONS.iter().any(|(bounded, ..)| *bounded == name)
}

/// Puts the bounded ones in place of those that a session has, for one statement.
///
/// # Errors
/// When a session takes no function: a fault of ours.
pub fn bound(state: &mut SessionState, calls: &Calls) -> Result<()> {
    for (name, ..) in FUNCTIONS {
        let function = match name {
            JOINED => Arc::new(ScalarUDF::new_from_impl(Joined::default())),
            name => state.udf(name)?,
        };
        state.register_udf(Arc::new(ScalarUDF::new_from_impl(Bounded(function, calls.clone()))))?;
    }
    Ok(())
}
