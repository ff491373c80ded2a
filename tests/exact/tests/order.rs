//! Order, repetition, batches and corrections: promises 2, 3 and 5.

use proptest::prelude::*;
use proptest::test_runner::Config;
use std::sync::Arc;
use vonglau_core::event::{CaseTag, CaseUpdate, Event, Found, Status, Tick, TickTag};
use vonglau_core::params::{Clock, Params};
use vonglau_core::situation::Pace;
use vonglau_core::time::{HOUR, Time};
use vonglau_core::wards::WardMap;
use vonglau_exact::compare::{Engine, SetPicture};
use vonglau_exact::histories::{draws, events};
use vonglau_exact::rules::{pace, params, variants};

fn histories(usual: u32) -> Config {
    let cases = std::env::var("HISTORIES").ok().and_then(|n| n.parse().ok()).unwrap_or(usual);
    Config { cases, failure_persistence: None, ..Config::default() }
}

fn run(params: &Params, wards: &Arc<WardMap>, pace: Pace, events: &[Event]) -> Engine {
    let mut engine = Engine::new(params, wards, pace);
    for event in events {
        engine.step(event);
    }
    engine
}

/// The last tick comes last, so that every order ends at the same `now`.
fn end(params: &Params, events: &mut Vec<Event>) {
    let last = events.iter().map(Event::at).max().unwrap_or(Time::MIN).plus(HOUR);
    if params.clock != Clock::Events {
        events.push(Event::Tick(Tick { at: last, id: "last".into(), kind: TickTag }));
    }
}

fn case(id: &str, at: Time, retracts: Option<&str>) -> Event {
    let says = retracts.is_none();
    Event::Case(CaseUpdate {
        at,
        district: says.then(|| "007".into()),
        found: says.then_some(Found::Community),
        id: id.into(),
        isolated_at: None,
        kind: CaseTag,
        onset: None,
        person: says.then(|| "P-aa".into()),
        retracts: retracts.map(Into::into),
        sampled: None,
        status: says.then_some(Status::F0),
        supersedes: None,
        ward: None,
    })
}

proptest! {
    #![proptest_config(histories(300))]

    #[test]
    fn any_order_and_any_repetition_of_the_same_events_gives_the_same_picture(
        (draws, order) in draws(40).prop_flat_map(|draws| {
            let numbers: Vec<usize> = (0..draws.len() * 2).collect();
            (Just(draws), Just(numbers).prop_shuffle())
        }),
        variant in variants(),
    ) {
        let params = params(variant);
        let wards = Arc::new(WardMap::new(&params.wards));
        let straight = events(&draws, variant);
        let mut turned: Vec<Event> =
            order.iter().map(|n| straight[n % straight.len()].clone()).chain(straight.iter().rev().cloned()).collect();
        let mut straight = straight;
        end(&params, &mut straight);
        end(&params, &mut turned);
        let mut first = run(&params, &wards, pace(variant), &straight);
        let mut second = run(&params, &wards, pace(variant), &turned);
        prop_assert_eq!(SetPicture::of(&mut first, &params), SetPicture::of(&mut second, &params));
    }

    #[test]
    fn the_same_log_gives_the_same_state_however_many_are_taken_together_and_pictures_asked_for(
        draws in draws(40), variant in variants(), every in 1..7_usize,
    ) {
        let params = params(variant);
        let wards = Arc::new(WardMap::new(&params.wards));
        let events = events(&draws, variant);
        let mut straight = run(&params, &wards, pace(variant), &events);
        let mut asked = Engine::new(&params, &wards, pace(variant));
        for together in events.chunks(every) {
            asked.take(together);
            asked.settle();
        }
        straight.settle();
        prop_assert_eq!(straight.situation.digest(), asked.situation.digest());
        prop_assert_eq!(straight.view, asked.view);
    }

    #[test]
    fn a_case_taken_back_leaves_nothing_behind(
        draws in draws(30), variant in variants(), place in any::<prop::sample::Index>(),
    ) {
        let params = params(variant);
        let wards = Arc::new(WardMap::new(&params.wards));
        let mut without = events(&draws, variant);
        let n = place.index(without.len());
        let at = without[n].at();
        let mut with = without.clone();
        with.insert(n, case("wrong", at, None));
        with.push(case("taken-back", at, Some("wrong")));
        end(&params, &mut without);
        end(&params, &mut with);
        let mut without = run(&params, &wards, pace(variant), &without);
        let mut with = run(&params, &wards, pace(variant), &with);
        prop_assert_eq!(
            SetPicture::of(&mut without, &params).without_case_history(),
            SetPicture::of(&mut with, &params).without_case_history()
        );
    }
}
