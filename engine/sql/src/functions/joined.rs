//! `a || b || …` of texts as one function, so that it is bounded as functions are. Lists are put together by functions
//! already.

use arrow::compute::cast;
use arrow::compute::kernels::concat_elements::concat_elements_dyn;
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{ScalarValue, internal_err};
use datafusion::error::Result;
use datafusion::logical_expr::type_coercion::binary::BinaryTypeCoercer;
use datafusion::logical_expr::{
    ColumnarValue, Expr, Operator, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use std::sync::Arc;

/// Its name, which is its operator.
pub const JOINED: &str = "||";

/// What the operators do: text after text, null as soon as one is.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Joined {
    signature: Signature,
}

impl Default for Joined {
    fn default() -> Self {
        Self { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Joined {
    fn name(&self) -> &str {
        JOINED
    }

    /// As the operators' column is called.
    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        let names: Vec<String> = args.iter().map(|arg| arg.schema_name().to_string()).collect();
        Ok(names.join(" || "))
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    /// Null of null, whichever it is.
    fn is_strict(&self) -> bool {
        true
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        Ok(vec![of_all(types)?; types.len()])
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        of_all(types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let types: Vec<DataType> = args.arg_fields.iter().map(|field| field.data_type().clone()).collect();
        let may_be_null = args.arg_fields.iter().any(|field| field.is_nullable());
        Ok(Arc::new(Field::new(JOINED, self.return_type(&types)?, may_be_null)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let wanted = args.return_type();
        // Values alone are put together once, not for each row.
        let is_alone = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let rows = if is_alone { 1 } else { args.number_rows };
        let mut texts = Vec::new();
        for arg in &args.args {
            texts.push(cast(&arg.to_array(rows)?, wanted)?);
        }
        // By twos, and those by twos: each text is copied as often as that, not as often as there are others after it.
        while texts.len() > 1 {
            let joined = texts.chunks(2).map(|pair| match pair {
                [left, right] => concat_elements_dyn(left, right),
                alone => Ok(Arc::clone(&alone[0])),
            });
            texts = joined.collect::<std::result::Result<_, _>>()?;
        }
        let Some(joined) = texts.pop() else { return internal_err!("|| stands between texts") };
        if is_alone {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&joined, 0)?));
        }
        Ok(ColumnarValue::Array(joined))
    }
}

/// The type of texts of such types put together.
fn of_all(types: &[DataType]) -> Result<DataType> {
    let Some((first, others)) = types.split_first() else { return internal_err!("|| stands between texts") };
    others.iter().try_fold(first.clone(), |left, right| {
        BinaryTypeCoercer::new(&left, &Operator::StringConcat, right).get_result_type()
    })
}
