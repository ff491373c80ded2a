//! One shape for all functions: a name, parameters of a few kinds, and a run over whole columns.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, PrimitiveArray};
use arrow::datatypes::{ArrowPrimitiveType, DataType, Int64Type};
use datafusion::common::{Result, ScalarValue, exec_err, internal_err, plan_err};
use datafusion::logical_expr::preimage::PreimageResult;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{
    ColumnarValue, DocSection, Documentation, Expr, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};

use super::clock::Clock;
pub(super) use super::kind::Kind;
use super::kind::told;

/// Everything there is to know about one function.
pub(super) struct Spec {
    pub name: &'static str,
    pub params: &'static [(&'static str, Kind)],
    /// The type it gives, from the types of the arguments as coerced.
    pub returns: fn(&[DataType], &Clock) -> DataType,
    /// The same, for people.
    pub result: &'static str,
    pub run: fn(&Call<'_>) -> Result<ArrayRef>,
    /// The days `[first, after)` whose moments it maps to this date: lets a filter on it prune by time.
    pub days: Option<fn(i32) -> (i64, i64)>,
    pub vi: &'static str,
    pub en: &'static str,
}

impl Spec {
    /// `name(parameter type, …) → type`
    pub(super) fn signature(&self) -> String {
        let params: Vec<_> =
            self.params.iter().map(|(name, kind)| format!("{name} {}", kind.name())).collect();
        format!("{}({}) → {}", self.name, params.join(", "), self.result)
    }
}

/// The arguments of one call, as columns.
pub(super) struct Call<'a> {
    pub name: &'static str,
    pub clock: &'a Clock,
    /// The type that was promised.
    pub returns: &'a DataType,
    pub rows: usize,
    args: &'a [ColumnarValue],
}

/// A column that may be one value for all rows.
pub(super) enum Column<T> {
    One(T),
    Each(Vec<T>),
}

impl<T: Copy> Column<T> {
    pub(super) fn at(&self, row: usize) -> T {
        match self {
            Self::One(value) => *value,
            Self::Each(values) => values[row],
        }
    }
}

impl Call<'_> {
    pub(super) fn arg(&self, index: usize) -> Result<&ColumnarValue> {
        if let Some(arg) = self.args.get(index) {
            Ok(arg)
        } else {
            internal_err!("{} was called without argument {}", self.name, index + 1)
        }
    }

    /// The argument as a column of all rows.
    pub(super) fn array(&self, index: usize) -> Result<ArrayRef> {
        self.arg(index)?.to_array(self.rows)
    }

    /// The argument by `read`, which is asked once if it is one value for all rows.
    pub(super) fn column<T>(
        &self,
        index: usize,
        read: impl Fn(&dyn Array) -> Result<Vec<T>>,
    ) -> Result<Column<T>> {
        match self.arg(index)? {
            ColumnarValue::Array(array) => Ok(Column::Each(read(array)?)),
            one @ ColumnarValue::Scalar(_) => {
                if let Some(value) = read(&one.to_array(1)?)?.pop() {
                    Ok(Column::One(value))
                } else {
                    internal_err!("{}: a value was lost", self.name)
                }
            }
        }
    }

    pub(super) fn integers(&self, index: usize) -> Result<Column<Option<i64>>> {
        self.column(index, |array| Ok(primitive::<Int64Type>(array)?.iter().collect()))
    }
}

/// A column as what the coercion made of it.
pub(super) fn primitive<T: ArrowPrimitiveType>(array: &dyn Array) -> Result<&PrimitiveArray<T>> {
    if let Some(array) = array.as_primitive_opt::<T>() {
        Ok(array)
    } else {
        internal_err!("expected {}, not {}", T::DATA_TYPE, array.data_type())
    }
}

/// A [`Spec`] as DataFusion wants it.
pub(super) struct Function {
    spec: &'static Spec,
    clock: Arc<Clock>,
    signature: Signature,
    documentation: Documentation,
}

impl Function {
    pub(super) fn new(spec: &'static Spec, clock: Arc<Clock>) -> Self {
        let section = DocSection { include: true, label: "Vọng Lâu", description: None };
        let documentation = Documentation::builder(section, spec.en, spec.signature()).build();
        Self { spec, clock, signature: Signature::user_defined(Volatility::Immutable), documentation }
    }

    fn key(&self) -> (&'static str, &str) {
        (self.spec.name, &self.clock.name)
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.spec.signature())
    }
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Function {}

impl Hash for Function {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl ScalarUDFImpl for Function {
    fn name(&self) -> &str {
        self.spec.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        let spec = self.spec;
        if given.len() != spec.params.len() {
            return plan_err!(
                "{} takes {} arguments, not {}: {}",
                spec.name,
                spec.params.len(),
                given.len(),
                spec.signature()
            );
        }
        let mut coerced = Vec::with_capacity(given.len());
        for (place, ((param, kind), given)) in spec.params.iter().zip(given).enumerate() {
            match kind.coerce(given, &self.clock) {
                Some(to) => coerced.push(to),
                None => {
                    return plan_err!(
                        "argument {} ({param}) of {} is {}, not {}: {}",
                        place + 1,
                        spec.name,
                        kind.name(),
                        told(given),
                        spec.signature()
                    );
                }
            }
        }
        Ok(coerced)
    }

    fn return_type(&self, given: &[DataType]) -> Result<DataType> {
        if given.len() != self.spec.params.len() {
            return plan_err!("{}: {}", self.spec.name, self.spec.signature());
        }
        Ok((self.spec.returns)(given, &self.clock))
    }

    fn is_strict(&self) -> bool {
        true
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let constant = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let call = Call {
            name: self.spec.name,
            clock: &self.clock,
            returns: args.return_type(),
            rows: if constant { 1 } else { args.number_rows },
            args: &args.args,
        };
        let result = (self.spec.run)(&call)?;
        if result.len() != call.rows {
            return internal_err!("{} gave {} rows for {}", call.name, result.len(), call.rows);
        }
        if constant {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&result, 0)?));
        }
        Ok(ColumnarValue::Array(result))
    }

    fn preimage(&self, args: &[Expr], value: &Expr, info: &SimplifyContext) -> Result<PreimageResult> {
        let (Some(days), [arg]) = (self.spec.days, args) else { return Ok(PreimageResult::None) };
        let Some(ScalarValue::Date32(Some(day))) = value.as_literal() else {
            return Ok(PreimageResult::None);
        };
        let (first, after) = days(*day);
        let range = self.clock.range(first, after, &info.get_data_type(arg)?)?;
        Ok(range.map_or(PreimageResult::None, |interval| PreimageResult::Range {
            expr: arg.clone(),
            interval: Box::new(interval),
        }))
    }

    fn documentation(&self) -> Option<&Documentation> {
        Some(&self.documentation)
    }
}

/// An error of execution for what lies outside of what can be counted.
pub(super) fn out_of_range<T>(name: &str, what: &str) -> Result<T> {
    exec_err!("{name}: {what} is out of range")
}
