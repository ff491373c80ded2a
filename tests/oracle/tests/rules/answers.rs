use crate::fixture::{Told, t, told};
use vonglau_core::ask::{Answer, Question};
use vonglau_core::event::Status;
use vonglau_core::rows::{BackwardRow, Chain, Class, PresentRow};

fn chain(told: &Told, root: &str, depth: u8) -> Chain {
    match told.at("25T00:00").ask(&Question::Chain(root.into(), depth)) {
        Answer::Chain(chain) => *chain,
        other => panic!("{other:?}"),
    }
}

fn meet(told: &mut Told, a: &str, b: &str, venue: &str, day: &str, from: &str, to: &str) {
    told.stay(a, venue, day, from, to);
    told.stay(b, venue, day, from, to);
}

#[test]
fn cases_count_their_contacts_by_episode_and_come_latest_first() {
    let mut told = told();
    told.case("c1", "an", Status::F0, "16T08:00");
    told.case("c2", "binh", Status::F0, "16T08:00");
    told.case("c3", "chi", Status::F0, "17T08:00");
    for person in ["an", "binh", "dung", "em"] {
        told.stay(person, "m", "15", "08:00", "09:00");
    }
    let Answer::Cases(rows) = told.at("18T00:00").ask(&Question::Cases) else { panic!("no cases") };
    let counts: Vec<_> = rows.iter().map(|r| (&*r.person, r.contacts, r.contacts_f0)).collect();
    assert_eq!(counts, [("chi", 0, 0), ("an", 2, 1), ("binh", 2, 1)]);
}

#[test]
fn contacts_come_by_score_descending_then_person() {
    let mut told = told();
    told.case("c1", "an", Status::F0, "16T08:00");
    told.stay("an", "m", "15", "08:00", "09:00");
    told.stay("em", "m", "15", "08:00", "08:30");
    told.stay("dung", "m", "15", "08:30", "09:00");
    told.stay("bo", "m", "15", "08:00", "08:20");
    let people: Vec<_> = told.contacts("17T00:00", "an").into_iter().map(|r| r.person).collect();
    assert_eq!(people, ["dung".into(), "em".into(), "bo".into()]);
    assert_eq!(told.at("17T00:00").ask(&Question::Contacts("bo".into())), Answer::NotFound);
}

#[test]
fn in_a_chain_each_person_stands_once_nearest_then_earliest_then_under_the_lesser_parent() {
    let mut told = told();
    for (id, person) in [("c1", "a"), ("c2", "b"), ("c3", "c")] {
        told.case(id, person, Status::F0, "18T08:00");
    }
    meet(&mut told, "a", "b", "m", "16", "09:00", "09:20");
    meet(&mut told, "a", "c", "n", "16", "08:00", "08:20");
    // d meets c earlier than b; e meets both at once; f met a and b.
    meet(&mut told, "b", "d", "m", "17", "09:00", "09:20");
    meet(&mut told, "c", "d", "n", "17", "08:00", "08:20");
    for person in ["b", "c", "e"] {
        told.stay(person, "h", "17", "12:00", "12:20");
    }
    meet(&mut told, "b", "f", "m", "17", "14:00", "14:20");
    meet(&mut told, "a", "f", "m", "17", "15:00", "15:20");
    let full = chain(&told, "a", 3);
    assert!(!full.truncated);
    let children: Vec<_> = full.root.children.iter().map(|n| (&*n.person, n.class, n.reported)).collect();
    let reported = Some(t("18T08:00"));
    assert_eq!(children, [("c", Class::F0, reported), ("b", Class::F0, reported), ("f", Class::F1, None)]);
    let names = |n: usize| -> Vec<String> {
        full.root.children[n].children.iter().map(|c| c.person.to_string()).collect()
    };
    assert_eq!(names(0), ["d"]);
    assert_eq!(names(1), ["e"]);
    assert_eq!((full.root.class, full.root.contact, full.root.reported), (Class::F0, None, reported));
    assert!(chain(&told, "a", 1).root.children.iter().all(|child| child.children.is_empty()));
}

#[test]
fn backward_looks_two_weeks_back_from_day_zero_by_venue_and_utc_hour() {
    let mut told = told();
    told.case_with("c1", "an", Status::F0, "18T08:00", |c| c.onset = Some(t("17T00:00")));
    told.case_with("c2", "binh", Status::F0, "16T08:00", |c| c.onset = Some(t("15T00:00")));
    // From 08:50 to 09:10 on day 1 of binh, counted under 08:00; then five minutes more in the same hour.
    meet(&mut told, "an", "binh", "m", "16", "08:50", "09:10");
    meet(&mut told, "an", "binh", "m", "16", "08:30", "08:35");
    // After an's day zero: nothing.
    meet(&mut told, "an", "binh", "m", "17", "00:00", "01:00");
    let Answer::Backward(rows) = told.at("19T00:00").ask(&Question::Backward("an".into())) else {
        panic!("no rows")
    };
    let seconds = 1_500;
    let score_sum = i128::from(seconds) * 900 * 1_000;
    let expected = BackwardRow { venue: "m".into(), hour: t("16T08:00"), seconds, f0: 1, score_sum };
    assert_eq!(rows, [expected]);
}

#[test]
fn visits_are_those_that_overlap_what_is_asked_uncut() {
    let mut told = told();
    told.stay("an", "m", "15", "08:00", "09:00");
    told.stay("an", "n", "15", "10:00", "11:00");
    let count = |from, to| {
        let question = Question::Visits("an".into(), Some(t(from)), Some(t(to)));
        let Answer::Visits(rows) = told.at("16T00:00").ask(&question) else { panic!("no rows") };
        rows.len()
    };
    assert_eq!(count("15T08:30", "15T08:31"), 1);
    assert_eq!(count("15T09:00", "15T10:00"), 0);
    assert_eq!(count("15T08:59:59", "15T10:00:01"), 2);
    assert_eq!(count("15T08:30", "15T08:30"), 0);
    let unknown = told.at("16T00:00").ask(&Question::Visits("nobody".into(), None, None));
    assert_eq!(unknown, Answer::Visits(Vec::new()));
}

#[test]
fn present_are_those_at_the_venue_cut_to_what_is_asked_with_their_class() {
    let mut told = told();
    told.case("c1", "binh", Status::F0, "15T12:00");
    told.stay("binh", "m", "15", "08:00", "09:00");
    told.stay("an", "m", "15", "08:00", "08:30");
    told.stay("chi", "m", "15", "08:50", "09:30");
    let question = Question::Present("m".into(), Some(t("15T08:10")), Some(t("15T09:00")));
    let Answer::Present(rows) = told.at("16T00:00").ask(&question) else { panic!("no rows") };
    let row = |person: &str, class, from, to, seconds| PresentRow {
        person: person.into(),
        class,
        from: t(from),
        to: t(to),
        seconds,
    };
    let expected = [
        row("an", Some(Class::F1), "15T08:10", "15T08:30", 1_200),
        row("binh", Some(Class::F0), "15T08:10", "15T09:00", 3_000),
        row("chi", None, "15T08:50", "15T09:00", 600),
    ];
    assert_eq!(rows, expected);
    assert_eq!(told.at("16T00:00").ask(&Question::Present("zz".into(), None, None)), Answer::NotFound);
}

#[test]
fn venues_have_a_record_or_a_scan() {
    let mut told = told();
    told.venue("m", "market", |v| {
        (v.at, v.name, v.capacity) = (t("9-2T00:00"), Some("Chợ".into()), Some(5));
    });
    told.scan("an", "x", "15T08:00", "in");
    let Answer::Venues(rows) = told.at("15T08:10").ask(&Question::Venues) else { panic!("no rows") };
    assert_eq!(rows.iter().map(|r| &*r.venue).collect::<Vec<_>>(), ["g", "h", "m", "n", "o", "x"]);
    let (m, x) = (&rows[2], &rows[5]);
    assert_eq!((m.name.as_deref(), &*m.venue_type, m.capacity), (Some("Chợ"), "market", Some(5)));
    assert_eq!((m.known, m.silent, m.last_scan, m.lat), (true, true, None, None));
    assert_eq!((x.known, x.silent, x.last_scan, x.present_now), (false, false, Some(t("15T08:00")), 1));
    assert_eq!(&*x.venue_type, "other");
    let one = told.at("15T08:10").ask(&Question::Venue("x".into()));
    assert_eq!(one, Answer::Venue(Box::new(x.clone())));
}
