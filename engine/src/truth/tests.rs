use super::table;
use super::tally::{Infection, KindCounts, Missed, Traced, TruthReport, tally};
use vonglau_core::rows::{Class, ContactRow, Overlap};
use vonglau_core::time::Time;

const MARKET: &str = "HN-1";
const CAFE: &str = "HN-2";

fn infection(infected: &str, source: Option<(&str, &str)>, at: i64) -> Infection {
    let source = source.map(|(by, venue)| (by.into(), venue.into()));
    Infection { infected: infected.into(), source, at: Time(at) }
}

fn contact(person: &str, venues: &[&str]) -> ContactRow {
    let overlap = |venue: &&str| Overlap {
        from: Time(0),
        to: Time(900),
        venue: (*venue).into(),
        indirect: false,
        venue_name: None,
    };
    ContactRow {
        person: person.into(),
        first: Time(0),
        last: Time(900),
        seconds: 900,
        indirect_seconds: 0,
        overlaps: venues.iter().map(overlap).collect(),
        score_sum: 0,
        class: Class::F1,
        via: Vec::new(),
    }
}

/// One case with a window [100, 200), whose list is given.
fn traced(contacts: Vec<ContactRow>) -> Traced {
    Traced {
        windows: [("case".into(), vec![(Time(100), Time(200))])].into(),
        contacts: [("case".into(), contacts)].into(),
        kinds: [(MARKET.into(), "market".into()), (CAFE.into(), "cafe".into())].into(),
        from: Time(0),
    }
}

fn counts(of: [u32; 5]) -> KindCounts {
    let [infections, known, found, contacts, contacts_infected] = of;
    KindCounts { infections, known, found, contacts, contacts_infected }
}

#[test]
fn what_was_found_and_how_many_contacts_it_took_is_counted_by_kind_and_once_in_all() {
    let infections = [
        infection("a", Some(("case", MARKET)), 150),
        infection("b", Some(("case", CAFE)), 150),
        infection("c", Some(("nobody", MARKET)), 150),
        infection("d", None, 150),
    ];
    let lists = vec![contact("a", &[MARKET, CAFE]), contact("b", &[CAFE]), contact("x", &[MARKET, MARKET])];
    let report = tally(&infections, &traced(lists));
    assert_eq!((report.cases, report.from_outside), (1, 1));
    assert_eq!(report.all, counts([3, 2, 2, 3, 2]));
    assert_eq!(report.kinds["market"], counts([2, 1, 1, 2, 1]));
    assert_eq!(report.kinds["cafe"], counts([1, 1, 1, 2, 1]));
    assert_eq!(report.missed, Missed::default());
}

#[test]
fn whoever_was_met_elsewhere_too_is_found_but_no_contact_of_that_place_caught_it() {
    let report = tally(&[infection("a", Some(("case", CAFE)), 150)], &traced(vec![contact("a", &[MARKET])]));
    assert_eq!(report.all, counts([1, 1, 1, 1, 1]));
    assert_eq!(report.kinds["cafe"], counts([1, 1, 1, 0, 0]));
    assert_eq!(report.kinds["market"], counts([0, 0, 0, 1, 0]));
}

#[test]
fn a_pair_that_met_before_the_time_counted_is_found_but_asks_for_no_contact() {
    let infections = [infection("a", Some(("case", MARKET)), 150)];
    let late = Traced { from: Time(1), ..traced(vec![contact("a", &[MARKET])]) };
    assert_eq!(tally(&infections, &late).all, counts([1, 1, 1, 0, 0]));
}

#[test]
fn what_was_missed_lay_outside_the_window_or_was_too_short() {
    let infections = [99, 100, 199, 200].map(|at| infection(&format!("p{at}"), Some(("case", MARKET)), at));
    let report = tally(&infections, &traced(Vec::new()));
    assert_eq!(report.missed, Missed { outside_window: 2, too_short: 2 });
    assert_eq!(report.all, counts([4, 4, 0, 0, 0]));
}

#[test]
fn the_table_tells_both_languages_and_a_dash_where_nothing_can_be_divided() {
    let asked = crate::config::Asked { demo: true, ..crate::config::Asked::default() };
    let params = crate::config::Config::load(&asked, std::iter::empty()).unwrap().params;
    let report = tally(&[infection("a", Some(("case", CAFE)), 150)], &traced(Vec::new()));
    let text = table::write(&TruthReport { people: 10, ..report }, &params);
    let cafe = text.lines().find(|line| line.contains("Cafe") || line.contains("Café")).unwrap();
    assert!(cafe.contains("0.0 %") && cafe.trim_end().ends_with('–'), "{text}");
    assert!(text.contains("Tất cả · All") && text.contains("Kind of venue"), "{text}");
    let ends: Vec<usize> =
        text.lines().filter(|line| line.contains("  ")).take(4).map(|l| l.chars().count()).collect();
    assert!(ends.windows(2).all(|pair| pair[0] == pair[1]), "columns line up: {text}");
}
