//! The engine against the judge, over random histories: promises 2, 3, 5 and 6.

use proptest::prelude::*;
use proptest::test_runner::Config;
use std::sync::Arc;
use vonglau_core::wards::WardMap;
use vonglau_exact::compare::{Engine, compare_alerts, compare_answers, compare_view, judge};
use vonglau_exact::histories::{draws, events};
use vonglau_exact::rules::{pace, params, variants};

/// Histories a property is tried on; `make exact HISTORIES=…` tries more.
fn histories(usual: u32) -> Config {
    let cases = std::env::var("HISTORIES").ok().and_then(|n| n.parse().ok()).unwrap_or(usual);
    Config { cases, failure_persistence: None, max_shrink_iters: 20_000, ..Config::default() }
}

proptest! {
    #![proptest_config(histories(300))]

    #[test]
    fn after_every_event_the_picture_is_the_judges(draws in draws(28), variant in variants()) {
        let params = params(variant);
        let wards = Arc::new(WardMap::new(&params.wards));
        let mut engine = Engine::new(&params, &wards, pace(variant));
        let mut judge = judge(&params, &wards);
        let events = events(&draws, variant);
        for (n, event) in events.iter().enumerate() {
            engine.step(event);
            judge.push(event);
            let told = |difference: String| {
                TestCaseError::fail(format!("after event {n} {}: {difference}", event.journaled()))
            };
            compare_alerts(&engine.view, &judge).map_err(told)?;
            if n + 1 == events.len() || n % 5 == 4 {
                engine.settle();
                compare_view(&params, &engine.view, &judge).map_err(told)?;
                compare_answers(&engine.situation, &judge).map_err(told)?;
            }
        }
    }
}
