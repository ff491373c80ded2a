//! A small situation with something of everything.

use crate::shipped;
use std::sync::Arc;
use vonglau_core::ask::{Answer, Question};
use vonglau_core::event::{Found, Status as CaseStatus};
use vonglau_core::figure::Figure;
use vonglau_core::params::{Params, Severity};
use vonglau_core::rows::{
    AlertRow, AlertState, BackwardRow, CaseRow, CellRow, Chain, ChainNode, Class, ClusterFacts, ContactRow,
    FollowRow, Overlap, PresentRow, Rule, VenueRow, VisitRow,
};
use vonglau_core::time::{Day, Time};
use vonglau_core::view::{Area, Delta, View};

/// The shipped rules with three districts and the wards of one.
pub fn params() -> Params {
    let mut params = shipped::params().unwrap();
    params.districts.retain(|district| ["001", "007", "008"].contains(&&*district.code));
    params.wards.retain(|ward| &*ward.district == "001");
    params
}

/// A moment of 15 October 2021 in Hanoi.
pub fn at(clock: &str) -> Time {
    Time::parse_utc(&format!("2021-10-15T{clock}Z")).unwrap().plus(-7 * 3_600)
}

pub const CELL_10: u64 = 0x08a4_1533_92b0_7fff;
const CELL_8: u64 = 0x0884_1533_92bf_ffff;

/// A picture at 10:30.
pub fn view(params: &Params) -> View {
    let mut view = View::new(params.districts.len(), params.wards.len());
    for delta in deltas() {
        view.apply(delta);
    }
    view
}

fn figure(area: Area, figure: Figure, now: i64, day_before: Option<i64>) -> Delta {
    Delta::Figure { area, figure, now: Some(now), day_before, week_before: day_before.map(|held| held - 1) }
}

fn deltas() -> Vec<Delta> {
    use vonglau_core::rows::Layer;
    vec![
        Delta::Now(at("10:30:00")),
        Delta::LevelTable(Some("4800/QĐ-BYT".into())),
        Delta::F2AsOf(at("10:29:30")),
        figure(Area::City, Figure::ScansToday, 1_234, Some(1_100)),
        figure(Area::City, Figure::Incidence7d100k, 5_980, Some(4_000)),
        figure(Area::City, Figure::KnownContactsPct, 100, None),
        figure(Area::City, Figure::F2Open, 17, None),
        figure(Area::City, Figure::Level, 2, Some(3)),
        figure(Area::District(1), Figure::F0New7d, 25, Some(20)),
        figure(Area::Ward(0), Figure::ScansToday, 3, None),
        Delta::Cell { layer: Layer::Risk, res: 8, cell: CELL_8, value: Some(61.5) },
        Delta::Cell { layer: Layer::Presence, res: 8, cell: CELL_8, value: Some(20.0) },
        Delta::Cell { layer: Layer::Risk, res: 10, cell: CELL_10, value: Some(0.125) },
        Delta::Alert(Box::new(breach())),
        Delta::Alert(Box::new(cluster())),
        Delta::Minute { minute: at("10:28:00"), scans: 12 },
        Delta::Minute { minute: at("10:29:00"), scans: 9 },
    ]
}

pub fn breach() -> AlertRow {
    AlertRow {
        id: "isolation_breach:P000001:2021-10-15".into(),
        rule: Rule::IsolationBreach,
        severity: Severity::Critical,
        district: Some("007".into()),
        ward: None,
        venue: Some("HN-000123".into()),
        venue_name: Some("Chợ Hôm".into()),
        lat: Some(21.0),
        lon: Some(105.8525),
        person: Some("P000001".into()),
        state: AlertState::Open,
        value: 2,
        since: at("10:05:00"),
        changed: at("10:20:00"),
        ended: None,
        silenced_until: None,
        acknowledged_by: None,
        note: None,
        facts: None,
    }
}

fn cluster() -> AlertRow {
    AlertRow {
        id: "cluster:HN-000200:2021-10-14".into(),
        rule: Rule::Cluster,
        severity: Severity::High,
        district: Some("001".into()),
        ward: Some("00001".into()),
        venue: Some("HN-000200".into()),
        venue_name: None,
        person: None,
        state: AlertState::Silenced,
        value: 21,
        since: at("09:00:00"),
        silenced_until: Some(at("11:00:00")),
        acknowledged_by: Some("desk-001".into()),
        note: Some("đã gọi".into()),
        facts: Some(ClusterFacts { f0: 1, f1: 20 }),
        ..breach()
    }
}

/// What the made-up situation answers. The case is P000001; everybody else is a stranger.
pub fn answer(question: &Question) -> Answer {
    let known = |person: &str| person == "P000001";
    match question {
        Question::Cases => Answer::Cases(cases()),
        Question::Contacts(person) if known(person) => {
            Answer::Contacts(vec![contact("P000002"), contact("P000003")])
        }
        Question::SecondOrder(person) if known(person) => Answer::Contacts(vec![second_order()]),
        Question::Chain(person, depth) if known(person) => Answer::Chain(Box::new(chain(*depth))),
        Question::Backward(person) if known(person) => Answer::Backward(vec![backward()]),
        Question::Visits(person, ..) if known(person) => Answer::Visits(visits()),
        Question::Visits(..) => Answer::Visits(Vec::new()),
        Question::Present(venue, ..) if &**venue == "HN-000123" => Answer::Present(present()),
        Question::Followed => Answer::Followed(followed()),
        Question::Venues => Answer::Venues(venues()),
        Question::Venue(venue) if &**venue == "HN-000123" => Answer::Venue(Box::new(venues().remove(0))),
        Question::Cell(_) => Answer::Cell(Box::new(CellRow {
            values: [61.5, 20.0, 1.0],
            district: Some("001".into()),
            ward: None,
            venues: venues(),
            cases: vec!["P000001".into()],
        })),
        Question::Series(asked) if asked.from == asked.to => Answer::TooLong,
        Question::Series(_) => Answer::Series(vec![(at("09:00:00"), Some(598)), (at("10:00:00"), None)]),
        _ => Answer::NotFound,
    }
}

fn cases() -> Vec<CaseRow> {
    let first = CaseRow {
        person: "P000001".into(),
        episode: 1,
        reported: at("09:00:00"),
        onset: Some(at("00:00:00").plus(-86_400)),
        sampled: None,
        isolated_at: Some(at("10:00:00")),
        from: at("00:00:00").plus(-4 * 86_400),
        to: at("10:00:00"),
        ended: None,
        outcome: None,
        found: Some(Found::Community),
        district: Some("007".into()),
        ward: Some("00256".into()),
        contacts: 2,
        contacts_f0: 1,
    };
    let second = CaseRow {
        person: "P000009".into(),
        reported: at("08:00:00"),
        ended: Some(at("10:10:00")),
        outcome: Some(CaseStatus::Recovered),
        found: None,
        district: None,
        ward: None,
        ..first
    };
    vec![first, second]
}

fn contact(person: &str) -> ContactRow {
    ContactRow {
        person: person.into(),
        first: at("08:00:00"),
        last: at("08:40:00"),
        seconds: 2_400,
        indirect_seconds: 0,
        overlaps: vec![Overlap {
            from: at("08:00:00"),
            to: at("08:40:00"),
            venue: "HN-000123".into(),
            indirect: false,
            venue_name: Some("Chợ Hôm".into()),
        }],
        score_sum: 2_400 * 935 * 800,
        class: if person == "P000002" { Class::F0 } else { Class::F1 },
        via: Vec::new(),
    }
}

fn second_order() -> ContactRow {
    ContactRow { class: Class::F2, via: vec!["P000003".into()], score_sum: 0, ..contact("P000004") }
}

fn chain(depth: u8) -> Chain {
    let node = |person: &str, class, contact, children| ChainNode {
        person: person.into(),
        class,
        reported: (class == Class::F0).then(|| at("09:00:00")),
        contact,
        children,
    };
    let leaf = node("P000003", Class::F1, Some(contact("P000003")), Vec::new());
    let link = node("P000002", Class::F0, Some(contact("P000002")), vec![leaf]);
    Chain { root: node("P000001", Class::F0, None, vec![link]), truncated: depth == 1 }
}

fn backward() -> BackwardRow {
    let score_sum = 60_000_500 * 1_000;
    BackwardRow { venue: "HN-000123".into(), hour: at("07:00:00"), seconds: 1_800, f0: 2, score_sum }
}

fn visits() -> Vec<VisitRow> {
    let visit = |from, to, open| VisitRow { venue: "HN-000123".into(), from: at(from), to: at(to), open };
    vec![visit("08:00:00", "08:40:00", false), visit("10:20:00", "10:30:00", true)]
}

fn present() -> Vec<PresentRow> {
    let row = |person: &str, class| PresentRow {
        person: person.into(),
        class,
        from: at("08:00:00"),
        to: at("08:40:00"),
        seconds: 2_400,
    };
    vec![row("P000001", Some(Class::F0)), row("P000003", Some(Class::F1)), row("P000005", None)]
}

fn followed() -> Vec<FollowRow> {
    let row = |person: &str, overdue: bool| FollowRow {
        person: person.into(),
        last_exposure: Day::parse("2021-10-15").unwrap(),
        due: overdue.then(|| at("09:30:00")),
        told: None,
        cases: vec!["P000001".into()],
        district: Some("007".into()),
        overdue,
    };
    vec![row("P000003", true), row("P000006", false)]
}

fn venues() -> Vec<VenueRow> {
    let market = VenueRow {
        venue: "HN-000123".into(),
        name: Some("Chợ Hôm".into()),
        venue_type: "market".into(),
        district: Some("007".into()),
        ward: Some("00256".into()),
        lat: Some(21.0),
        lon: Some(105.8525),
        capacity: Some(800),
        last_scan: Some(at("10:29:00")),
        present_now: 12,
        silent: false,
        known: true,
    };
    let stranger = VenueRow {
        venue: "HN-000999".into(),
        name: None,
        venue_type: "other".into(),
        district: None,
        ward: None,
        lat: None,
        lon: None,
        capacity: None,
        last_scan: None,
        present_now: 0,
        silent: true,
        known: false,
    };
    vec![market, stranger]
}

/// The view as the engine hands it over.
pub fn shared(params: &Params) -> Arc<View> {
    Arc::new(view(params))
}
