//! The SQL functions of epidemiologists: H3 cells, rates, ages, epidemiological weeks, local time, windows, and text
//! without accents. All of them give null as soon as one argument is null.

mod bounded;
mod call;
mod clock;
mod epi;
mod h3;
#[cfg(test)]
mod idioms;
mod joined;
mod kind;
mod planned;
mod text;
mod time;

use std::sync::Arc;

use datafusion::common::{Result, internal_datafusion_err, plan_err};
use datafusion::execution::FunctionRegistry;
use datafusion::execution::SessionState;
use datafusion::logical_expr::{Expr, ScalarUDF};

pub use bounded::{Calls, bound};
use call::{Function, Spec};
use clock::Clock;
pub use planned::with_bounds;

/// What people are told about a function.
#[derive(Clone, Debug)]
pub struct FunctionDoc {
    pub name: &'static str,
    /// `name(parameter type, …) → type`, with PostgreSQL's names of types.
    pub signature: String,
    /// It stands in FROM.
    pub is_table: bool,
    /// What it gives, in Vietnamese and in English.
    pub vi: &'static str,
    pub en: &'static str,
}

fn specs() -> impl Iterator<Item = &'static Spec> {
    [h3::SPECS, epi::SPECS, time::SPECS, text::SPECS].into_iter().flatten()
}

/// Puts all functions into a session.
///
/// `zone` is the city's, by its name in the zone database; an unknown name is an error. So is a session of another
/// zone (`datafusion.execution.time_zone`): without it `timestamptz '…'` and `now()` come without a zone, and would
/// be taken for the city's clock.
pub fn register(state: &mut SessionState, zone: &str) -> Result<()> {
    let own = state.config_options().execution.time_zone.as_deref();
    if own != Some(zone) {
        return plan_err!("the session's time zone must be {zone:?}, not {own:?}");
    }
    for function in scalar_functions(zone)? {
        state.register_udf(function)?;
    }
    Ok(())
}

/// All scalar functions, for the city's zone.
pub fn scalar_functions(zone: &str) -> Result<Vec<Arc<ScalarUDF>>> {
    let clock = Arc::new(Clock::named(zone)?);
    let function = |spec| Arc::new(ScalarUDF::new_from_impl(Function::new(spec, Arc::clone(&clock))));
    Ok(specs().map(function).collect())
}

/// The date of a time on a city's clock.
///
/// # Errors
/// When there is no such zone.
pub fn local_date(zone: &str, at: Expr) -> Result<Expr> {
    let function = scalar_functions(zone)?.into_iter().find(|function| function.name() == "local_date");
    let function = function.ok_or_else(|| internal_datafusion_err!("there is no local_date"))?;
    Ok(function.call(vec![at]))
}

/// A page's text for each scalar function, in the order to show.
pub fn docs() -> Vec<FunctionDoc> {
    let doc = |spec: &'static Spec| FunctionDoc {
        name: spec.name,
        signature: spec.signature(),
        is_table: false,
        vi: spec.vi,
        en: spec.en,
    };
    specs().map(doc).collect()
}

#[cfg(test)]
mod testing;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use datafusion::prelude::SessionContext;

    use super::*;

    #[test]
    fn every_function_has_a_doc_and_every_doc_a_function() {
        let empty = SessionContext::new();
        let context = testing::context("Asia/Ho_Chi_Minh");
        let ours: BTreeSet<_> = context.udfs().difference(&empty.udfs()).cloned().collect();
        let told: BTreeSet<_> = docs().into_iter().map(|doc| doc.name.to_owned()).collect();
        assert_eq!(ours, told);
        assert_eq!(told.len(), docs().len());
        for doc in docs() {
            assert!(doc.signature.starts_with(&format!("{}(", doc.name)), "{}", doc.signature);
            assert!(doc.signature.contains(" → "), "{}", doc.signature);
            assert!(doc.vi.len() > 10 && doc.en.len() > 10 && doc.vi != doc.en, "{}", doc.name);
        }
    }

    #[test]
    fn an_unknown_zone_is_an_error() {
        let error = scalar_functions("Asia/Hanoi").unwrap_err().to_string();
        assert!(error.contains("Asia/Hanoi"), "{error}");
    }

    #[test]
    fn a_session_of_another_zone_is_refused() {
        let context = SessionContext::new();
        let error = register(&mut context.state_ref().write(), "Asia/Ho_Chi_Minh").unwrap_err().to_string();
        assert!(error.contains("Asia/Ho_Chi_Minh"), "{error}");
    }

    #[test]
    fn the_session_tells_what_a_function_does() {
        let functions = scalar_functions("Asia/Ho_Chi_Minh").unwrap();
        assert!(functions.iter().all(|function| {
            function.documentation().is_some_and(|doc| doc.syntax_example.starts_with(function.name()))
        }));
    }
}
