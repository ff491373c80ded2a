//! A busy venue turns out to be of another kind: all its visits are formed anew, in slices.

use super::runner::Runner;
use crate::city;
use crate::report::Report;
use rustc_hash::FxHashSet;
use vonglau_core::ask::{Answer, Question};

/// Venues by rank: the busiest, the tenth and the hundredth.
const RANKS: [u32; 3] = [0, 9, 99];
const OTHER_KIND: &str = "cafe";

/// `kind_change_s_per_million_people`: to another kind and back.
pub fn change(runner: &mut Runner, report: &mut Report) {
    "kind changes".clone_into(&mut runner.phase);
    let now = runner.situation.now().unwrap_or(city::START);
    let mut costs = Vec::new();
    for rank in RANKS {
        let people = people_at(runner, rank);
        for (turn, kind) in [OTHER_KIND, city::kind(rank)].into_iter().enumerate() {
            let record = city::record(rank, &format!("k{turn}"), kind, now);
            let spent = runner.batch(vec![record]).as_secs_f64();
            super::progress(&format!("venue {rank}, {people} people, is a {kind}: {spent:.2} s"));
            costs.push(spent * 1e6 / f64::from(people.max(1)));
        }
    }
    report.add("kind_change_s_per_million_people", "s", &costs);
}

fn people_at(runner: &Runner, venue: u32) -> u32 {
    let asked = Question::Present(city::venue(venue), None, None);
    let Answer::Present(rows) = runner.situation.ask(&asked) else { return 0 };
    let people: FxHashSet<_> = rows.into_iter().map(|row| row.person).collect();
    let count = u32::try_from(people.len()).unwrap_or(u32::MAX);
    drop(people);
    // Millions of small texts were given back: the allocator puts them together at the next large request, which is none
    // of the change's.
    drop(std::hint::black_box(Vec::<u8>::with_capacity(1 << 20)));
    count
}
