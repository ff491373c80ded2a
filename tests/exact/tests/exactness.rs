//! The engine against the judge, over random histories: promises 2, 3, 5 and 6.

use proptest::prelude::*;
use proptest::test_runner::Config;
use std::sync::Arc;
use vonglau_core::apart::{Search, SecondOrder};
use vonglau_core::wards::WardMap;
use vonglau_exact::compare::{Engine, compare_alerts, compare_answers, compare_view, judge};
use vonglau_exact::histories::{Draw, draws, events};
use vonglau_exact::rules::{Variant, pace, params, variants};

/// Histories a property is tried on; `make exact HISTORIES=…` tries more.
fn histories(usual: u32) -> Config {
    let cases = std::env::var("HISTORIES").ok().and_then(|n| n.parse().ok()).unwrap_or(usual);
    Config { cases, failure_persistence: None, max_shrink_iters: 20_000, ..Config::default() }
}

/// How a history is fed and looked at.
#[derive(Clone, Copy, Debug)]
struct Course {
    /// So many events are taken together, as the driver does; 0: step by step.
    together: usize,
    /// After so many events view and answers are compared.
    every: usize,
    /// Are alerts compared after each chunk, clusters told? Else only with the view.
    tells: bool,
}

/// A fifth is compared after each event.
fn courses() -> impl Strategy<Value = Course> {
    let together = prop_oneof![2 => Just(0), 1 => Just(1), 2 => 2..9_usize];
    let every = prop_oneof![4 => Just(5), 1 => Just(1)];
    (together, every, any::<bool>()).prop_map(|(together, every, tells)| Course { together, every, tells })
}

fn one_history(draws: &[Draw], variant: Variant, course: Course) -> Result<(), TestCaseError> {
    let params = params(variant);
    let wards = Arc::new(WardMap::new(&params.wards));
    let mut engine = Engine::new(&params, &wards, pace(variant));
    let mut judge = judge(&params, &wards);
    let (events, mut compared) = (events(draws, variant), 0);
    let mut put_apart: Option<(Search, SecondOrder)> = None;
    for (n, taken) in events.chunks(course.together.max(1)).enumerate() {
        if course.together == 0 {
            engine.step(&taken[0]);
        } else {
            engine.take(taken);
        }
        for event in taken {
            judge.push(event);
        }
        let told = |difference: String| {
            let last = taken[taken.len() - 1].journaled();
            TestCaseError::fail(format!("after chunk {n} up to {last}: {difference}"))
        };
        if course.tells {
            engine.tell_clusters();
            compare_alerts(&engine.view, &judge).map_err(told)?;
        }
        let done = n * course.together.max(1) + taken.len();
        if done == events.len() || done - compared >= course.every {
            engine.settle();
            compare_view(&params, &engine.view, &judge).map_err(told)?;
            compare_answers(&engine.situation, &judge).map_err(told)?;
            compared = done;
            // What was put apart is what was then, whatever has come since.
            if let Some((search, found)) = put_apart {
                prop_assert_eq!(search.run(), found);
            }
            put_apart =
                engine.situation.search_second_order().zip(engine.situation.second_order_shown().cloned());
            let found_at_once = engine.situation.search_second_order().map(Search::run);
            prop_assert_eq!(found_at_once.as_ref(), engine.situation.second_order_shown());
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(histories(300))]

    #[test]
    fn after_every_event_the_picture_is_the_judges(
        draws in draws(28), variant in variants(), course in courses(),
    ) {
        one_history(&draws, variant, course)?;
    }
}
