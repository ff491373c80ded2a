//! Functions of the catalog that tools call.

use super::super::settings::SERVER_VERSION;
use super::tables::Known;
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int32Array, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Int32Type, Int64Type};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Takes the arguments and the number of rows.
type Work = Arc<dyn Fn(&[ArrayRef], usize) -> Result<ArrayRef> + Send + Sync>;

/// A function that takes anything and gives one type.
struct Told {
    name: &'static str,
    signature: Signature,
    gives: DataType,
    work: Work,
}

impl std::fmt::Debug for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Told").field("name", &self.name).finish_non_exhaustive()
    }
}

impl PartialEq for Told {
    fn eq(&self, other: &Self) -> bool {
        // Two of one name differ by what they know.
        self.name == other.name && Arc::ptr_eq(&self.work, &other.work)
    }
}

impl Eq for Told {}

impl Hash for Told {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for Told {
    fn name(&self) -> &str {
        self.name
    }
    fn signature(&self) -> &Signature {
        &self.signature
    }
    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.gives.clone())
    }
    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let arrays: Vec<ArrayRef> =
            args.args.into_iter().map(|arg| arg.into_array(rows)).collect::<Result<_>>()?;
        Ok(ColumnarValue::Array((self.work)(&arrays, rows)?))
    }
}

fn told(
    name: &'static str,
    arguments: &[usize],
    gives: DataType,
    work: impl Fn(&[ArrayRef], usize) -> Result<ArrayRef> + Send + Sync + 'static,
) -> ScalarUDF {
    let counts = arguments.iter().map(|count| match count {
        0 => TypeSignature::Nullary,
        count => TypeSignature::Any(*count),
    });
    let signature = Signature::one_of(counts.collect(), Volatility::Stable);
    ScalarUDF::new_from_impl(Told { name, signature, gives, work: Arc::new(work) })
}

fn text(name: &'static str, value: impl Into<String>) -> ScalarUDF {
    let value = value.into();
    told(name, &[0], DataType::Utf8, move |_, rows| {
        Ok(Arc::new(StringArray::from(vec![value.as_str(); rows])))
    })
}

/// Always the same truth, whatever is asked.
fn truth(name: &'static str, arguments: &[usize], value: bool) -> ScalarUDF {
    told(name, arguments, DataType::Boolean, move |_, rows| {
        Ok(Arc::new(BooleanArray::from(vec![value; rows])))
    })
}

/// Nothing, whatever is asked: there are no such things here.
fn nothing(name: &'static str, arguments: &[usize], gives: &DataType) -> ScalarUDF {
    let held = gives.clone();
    told(name, arguments, gives.clone(), move |_, rows| Ok(arrow::array::new_null_array(&held, rows)))
}

/// Functions that are the same for every session.
pub fn all(known: &Arc<Known>) -> Vec<ScalarUDF> {
    let version = format!(
        "PostgreSQL {SERVER_VERSION} compatible, Vong Lau {}, read-only, DataFusion {}",
        env!("CARGO_PKG_VERSION"),
        datafusion::DATAFUSION_VERSION
    );
    let mut all = vec![
        text("version", version),
        text("pg_client_encoding", "UTF8"),
        text("getdatabaseencoding", "UTF8"),
    ];
    all.push(told("pg_get_userbyid", &[1], DataType::Utf8, |_, rows| {
        Ok(Arc::new(StringArray::from(vec!["vonglau"; rows])))
    }));
    for name in [
        "pg_type_is_visible",
        "pg_function_is_visible",
        "pg_operator_is_visible",
        "pg_collation_is_visible",
        "pg_opclass_is_visible",
        "pg_statistics_obj_is_visible",
        "pg_ts_config_is_visible",
    ] {
        all.push(truth(name, &[1], true));
    }
    all.push(truth("pg_is_in_recovery", &[0], false));
    all.push(truth("pg_is_other_temp_schema", &[1], false));
    all.extend(privileges());
    for (name, arguments) in [
        ("pg_get_indexdef", &[1, 3][..]),
        ("pg_get_viewdef", &[1, 2]),
        ("pg_get_triggerdef", &[1, 2]),
        ("pg_get_ruledef", &[1, 2]),
        ("pg_get_functiondef", &[1]),
        ("pg_get_function_sqlbody", &[1]),
        ("pg_get_serial_sequence", &[2]),
        ("pg_get_partition_constraintdef", &[1]),
        ("pg_tablespace_location", &[1]),
        ("shobj_description", &[2]),
        ("inet_server_addr", &[0]),
        ("inet_client_addr", &[0]),
        ("pg_advisory_unlock_all", &[0]),
    ] {
        all.push(nothing(name, arguments, &DataType::Utf8));
    }
    for name in ["pg_table_size", "pg_indexes_size", "pg_database_size", "pg_tablespace_size"] {
        all.push(nothing(name, &[1], &DataType::Int64));
    }
    all.push(nothing("inet_server_port", &[0], &DataType::Int32));
    all.push(told("pg_my_temp_schema", &[0], DataType::Int32, |_, rows| {
        Ok(Arc::new(Int32Array::from(vec![0; rows])))
    }));
    all.push(told("pg_size_pretty", &[1], DataType::Utf8, |args, _| Ok(Arc::new(pretty(&args[0])?))));
    all.push(told("array_to_string", &[2, 3], DataType::Utf8, |args, rows| {
        Ok(Arc::new(joined(args, rows)?))
    }));
    all.extend(descriptions(known));
    all.extend(lookups(known));
    all
}

/// `has_…_privilege(…, privilege)`: everybody may read and nobody may do anything else.
fn privileges() -> Vec<ScalarUDF> {
    let reads = |name| {
        told(name, &[2, 3, 4], DataType::Boolean, |args, rows| {
            let Some(asked) = args.last() else { return Ok(Arc::new(BooleanArray::from(vec![true; rows]))) };
            let asked = words(asked)?;
            let may = |asked: Option<&str>| {
                asked.map(|asked| {
                    let mut words = asked.split(',').map(|word| word.trim().to_uppercase());
                    words.any(|word| {
                        matches!(word.as_str(), "SELECT" | "USAGE" | "EXECUTE" | "CONNECT" | "MEMBER")
                    })
                })
            };
            Ok(Arc::new(asked.iter().map(may).collect::<BooleanArray>()))
        })
    };
    [
        "has_table_privilege",
        "has_schema_privilege",
        "has_database_privilege",
        "has_any_column_privilege",
        "has_column_privilege",
        "has_function_privilege",
        "has_sequence_privilege",
        "has_type_privilege",
        "has_language_privilege",
        "has_foreign_data_wrapper_privilege",
        "has_server_privilege",
        "has_tablespace_privilege",
        "pg_has_role",
    ]
    .map(reads)
    .into()
}

fn descriptions(known: &Arc<Known>) -> Vec<ScalarUDF> {
    let comment = |name, arguments: &[usize], with_column: bool| {
        let known = Arc::clone(known);
        told(name, arguments, DataType::Utf8, move |args, rows| {
            let numbers = ints(&args[0])?;
            let places = if with_column { Some(ints(&args[1])?) } else { None };
            let told = (0..rows).map(|row| {
                let number = numbers.is_valid(row).then(|| numbers.value(row))?;
                let place = places.as_ref().map_or(0, |places| places.value(row));
                known.comments.get(&(number, place)).map(String::as_str)
            });
            Ok(Arc::new(told.collect::<StringArray>()))
        })
    };
    let of_function = |name, tell: fn(&(String, String)) -> &str| {
        let known = Arc::clone(known);
        told(name, &[1], DataType::Utf8, move |args, _| {
            let numbers = ints(&args[0])?;
            let told = numbers.iter().map(|number| known.functions.get(&number?).map(tell));
            Ok(Arc::new(told.collect::<StringArray>()))
        })
    };
    vec![
        comment("obj_description", &[1, 2], false),
        comment("col_description", &[2], true),
        of_function("pg_get_function_arguments", |function| &function.0),
        of_function("pg_get_function_identity_arguments", |function| &function.0),
        of_function("pg_get_function_result", |function| &function.1),
    ]
}

fn lookups(known: &Arc<Known>) -> Vec<ScalarUDF> {
    let number = |name, find: fn(&Known, &str) -> Option<i32>| {
        let known = Arc::clone(known);
        told(name, &[1], DataType::Int32, move |args, _| {
            let names = words(&args[0])?;
            let found = names.iter().map(|name| {
                let name = name?.trim_matches('"');
                find(&known, name.rsplit_once('.').map_or(name, |(_, name)| name))
            });
            Ok(Arc::new(found.collect::<Int32Array>()))
        })
    };
    vec![
        number("to_regclass", |known, name| known.classes.get(name).copied()),
        number("to_regtype", |known, name| known.types.get(alias(name)).copied()),
    ]
}

/// Names of types as people write them, as the catalog has them.
fn alias(name: &str) -> &str {
    match name {
        "boolean" => "bool",
        "smallint" => "int2",
        "integer" | "int" => "int4",
        "bigint" => "int8",
        "real" => "float4",
        "double precision" => "float8",
        "timestamp with time zone" => "timestamptz",
        "timestamp without time zone" => "timestamp",
        "character varying" => "varchar",
        other => other,
    }
}

/// Functions that answer for one session.
pub fn of_session(user: &str, pid: i32, settings: Arc<BTreeMap<String, String>>) -> Vec<ScalarUDF> {
    vec![
        text("session_user", user),
        text("current_user", user),
        told("pg_backend_pid", &[0], DataType::Int32, move |_, rows| {
            Ok(Arc::new(Int32Array::from(vec![pid; rows])))
        }),
        told("current_setting", &[1, 2], DataType::Utf8, move |args, _| {
            let values = words(&args[0])?
                .iter()
                .map(|name| match name.map(|name| (name, settings.get(&name.to_lowercase()))) {
                    None => Ok(None),
                    Some((_, Some(value))) => Ok(Some(value.clone())),
                    Some((_, None)) if args.len() > 1 => Ok(None),
                    Some((name, None)) => Err(DataFusionError::Plan(format!("there is no setting {name}"))),
                })
                .collect::<Result<StringArray>>()?;
            Ok(Arc::new(values))
        }),
    ]
}

fn pretty(bytes: &ArrayRef) -> Result<StringArray> {
    let bytes = cast(bytes, &DataType::Int64)?;
    let told = bytes.as_primitive::<Int64Type>().iter().map(|bytes| {
        bytes.map(|bytes| {
            let units = ["bytes", "kB", "MB", "GB", "TB"];
            let (mut value, mut unit) = (bytes, 0);
            while value.abs() >= 10 * 1024 && unit + 1 < units.len() {
                value /= 1024;
                unit += 1;
            }
            format!("{value} {}", units[unit])
        })
    });
    Ok(told.collect())
}

/// Elements with a word between them; what the catalog holds as text already stays as it is.
fn joined(args: &[ArrayRef], rows: usize) -> Result<StringArray> {
    let between = words(&args[1])?;
    let nulls = args.get(2).map(words).transpose()?;
    let (DataType::List(field) | DataType::LargeList(field) | DataType::FixedSizeList(field, _)) =
        args[0].data_type()
    else {
        return words(&args[0]);
    };
    let texts = DataType::List(Arc::new(Field::new("item", DataType::Utf8, true)));
    let lists = match field.data_type() {
        DataType::List(_) => {
            return Err(DataFusionError::Plan("array_to_string takes arrays of one level".to_owned()));
        }
        _ => cast(&args[0], &texts)?,
    };
    let lists = lists.as_list::<i32>();
    let joined = (0..rows).map(|row| {
        lists.is_valid(row).then(|| {
            let values = lists.value(row);
            let values = values.as_string::<i32>();
            let null = nulls.as_ref().filter(|nulls| nulls.is_valid(row)).map(|nulls| nulls.value(row));
            let shown: Vec<&str> = values.iter().filter_map(|value| value.or(null)).collect();
            shown.join(between.value(row))
        })
    });
    Ok(joined.collect())
}

fn ints(array: &ArrayRef) -> Result<Int32Array> {
    Ok(cast(array, &DataType::Int32)?.as_primitive::<Int32Type>().clone())
}

fn words(array: &ArrayRef) -> Result<StringArray> {
    Ok(cast(array, &DataType::Utf8)?.as_string::<i32>().clone())
}
