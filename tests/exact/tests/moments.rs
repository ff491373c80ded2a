//! What SQL reads: a moment is the judge's picture, and it stays as it was while the engine goes on.

use proptest::prelude::*;
use proptest::test_runner::Config;
use std::sync::Arc;
use vonglau_core::moment::Registers;
use vonglau_core::wards::WardMap;
use vonglau_exact::compare::{Engine, judge};
use vonglau_exact::histories::{draws, events};
use vonglau_exact::moment::{compare_moment, moment, told};
use vonglau_exact::rules::{pace, params, variants};

/// Histories a property is tried on; `make exact HISTORIES=…` tries more.
fn histories(usual: u32) -> Config {
    let cases = std::env::var("HISTORIES").ok().and_then(|n| n.parse().ok()).unwrap_or(usual);
    Config { cases, failure_persistence: None, max_shrink_iters: 20_000, ..Config::default() }
}

proptest! {
    #![proptest_config(histories(200))]

    #[test]
    fn a_moment_is_the_judges_and_stays_as_it_was(draws in draws(28), variant in variants()) {
        let params = params(variant);
        let wards = Arc::new(WardMap::new(&params.wards));
        let mut engine = Engine::new(&params, &wards, pace(variant));
        let mut judge = judge(&params, &wards);
        let mut registers = Registers::default();
        let mut before = Vec::new();
        for (n, event) in events(&draws, variant).iter().enumerate() {
            engine.step(event);
            judge.push(event);
            if n % 6 == 5 {
                let moment = moment(&engine.situation, &mut registers);
                let told_then = told(&moment);
                compare_moment(&moment, &judge).map_err(TestCaseError::fail)?;
                before.push((moment, told_then));
            }
        }
        for (moment, told_then) in before {
            prop_assert_eq!(told(&moment), told_then);
        }
    }
}
