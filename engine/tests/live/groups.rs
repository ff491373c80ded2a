//! Groupings of scans: kept by adding each scan, and the same as asking anew.

use crate::city::{Client, Setup, quick, setup};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use vonglau_dashboard::port::live::LiveBegin;

const DAY: i64 = 86_400;
const GROUPINGS: [&str; 9] = [
    "SELECT count(*) AS n, count(direction), min(scanned_at), max(person) FROM scans",
    "SELECT venue, count(*) AS n, min(scanned_at), max(scanned_at), max(person) FROM scans GROUP BY venue",
    "SELECT district, count(*) FROM scans WHERE mode = 'person_qr' GROUP BY district",
    "SELECT mode, direction, count(*) FILTER (WHERE venue = 'HN-1') AS first, count(DISTINCT person) AS people,
        max(venue) FILTER (WHERE person > 'P4') FROM scans WHERE person <> 'P3' GROUP BY mode, direction",
    "SELECT person, count(DISTINCT venue), sum(length(venue)), avg(date_part('minute', scanned_at)) FROM scans
        GROUP BY person HAVING count(*) > 2 ORDER BY 2 DESC, person",
    "SELECT date_trunc('hour', scanned_at) AS hour, count(*) + 1 FROM scans GROUP BY hour",
    "SELECT DISTINCT person, direction FROM scans WHERE venue <> 'HN-2'",
    "SELECT count(DISTINCT person) FROM scans WHERE person > 'P5'",
    "SELECT upper(s.person) || s.venue AS what, sum(1) FROM (SELECT * FROM scans WHERE venue > 'HN-2') AS s GROUP BY what",
];

/// Numbers that look drawn, the same each time.
struct Draw(u64);

impl Draw {
    fn below(&mut self, n: u64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((self.0 >> 33) % n).unwrap()
    }
}

/// Some messages: mostly scans, some of them twice, some late; a venue that moves; a break of the tap; days that pass.
fn go_on(setup: &Setup, draw: &mut Draw, now: &mut i64) {
    for _ in 0..=draw.below(12) {
        let (person, venue) = (format!("P{}", draw.below(9)), format!("HN-{}", draw.below(5)));
        *now += draw.below(600);
        let late = if draw.below(4) == 0 { draw.below(20_000) } else { 0 };
        setup.city.scan(&person, &venue, *now - late);
        match draw.below(60) {
            0 => setup.city.break_taps(),
            1 => setup.city.venue(&venue, if *now % 2 == 0 { "001" } else { "007" }, *now),
            2 => *now += 7 * DAY,
            3 => setup.city.scan(&person, &venue, *now - late),
            _ => {}
        }
    }
}

fn counted(rows: &[Value]) -> BTreeMap<String, i64> {
    let mut all = BTreeMap::new();
    for row in rows {
        *all.entry(row.to_string()).or_default() += 1;
    }
    all
}

#[tokio::test]
async fn groups_are_what_asking_anew_gives_over_random_streams() {
    for seed in 0..2 {
        let (setup, mut draw, mut now) = (setup(quick()), Draw(seed), 0);
        go_on(&setup, &mut draw, &mut now);
        let follow = |sql: &&str| Client::follow(&setup, sql, LiveBegin::Fresh);
        let mut clients: Vec<Client> = GROUPINGS.iter().map(follow).collect();
        for round in 0..40 {
            // Some come while nobody waits for them, and some while all is read.
            go_on(&setup, &mut draw, &mut now);
            if round % 4 == 0 {
                for (client, sql) in clients.iter_mut().zip(GROUPINGS) {
                    client.until(&setup.ask(sql).await).await;
                }
            }
        }
        assert_eq!(setup.live.counts().feeds, GROUPINGS.len());
        for (client, sql) in clients.iter().zip(GROUPINGS) {
            assert_eq!(client.resyncs, 0, "{sql}");
            assert!(!client.rows.is_empty(), "{sql}");
        }
        assert!(now > 22 * DAY, "the edge has moved");
    }
}

#[tokio::test]
async fn each_grouping_says_how_it_is_kept() {
    let setup = setup(quick());
    (0..30).for_each(|n| setup.city.scan(&format!("P{}", n % 4), "HN-1", n * 100));
    let moving =
        "SELECT venue, count(*) FROM scans WHERE scanned_at > as_of() - interval '1 hour' GROUP BY venue";
    let others = [
        moving,
        "SELECT venue, count(*) FROM scans GROUP BY venue ORDER BY 2 DESC LIMIT 3",
        "SELECT venue, count(DISTINCT person), count(DISTINCT mode) FROM scans GROUP BY venue",
        "SELECT venue, median(length(person)) FROM scans GROUP BY venue",
        "SELECT venue, sum(length(person) * 0.1) FROM scans GROUP BY venue",
        "SELECT venue, sum(DISTINCT length(person)) FROM scans GROUP BY venue",
        "SELECT venue, string_agg(person, ',' ORDER BY person) FROM scans GROUP BY venue",
        "SELECT district, venue, count(*) FROM scans GROUP BY ROLLUP (district, venue)",
        "SELECT count(*) FROM scans JOIN venues USING (venue)",
        "SELECT count(*) FROM (SELECT DISTINCT person FROM scans) AS people",
        "SELECT venue, count(*) FROM scans GROUP BY venue UNION ALL SELECT venue, 0 FROM scans",
    ];
    let all = GROUPINGS.iter().map(|sql| (sql, "deltas")).chain(others.iter().map(|sql| (sql, "rerun")));
    for (sql, kept_by) in all {
        let mut client = Client::follow(&setup, sql, LiveBegin::Fresh);
        let first = client.frame().await;
        assert_eq!(first["kept_by"], kept_by, "{sql}");
        assert!(first["cost_ms"].is_u64() && first["every_s"].is_number(), "{sql}");
        let fresh = setup.ask(sql).await;
        let rows = first["snapshot"].as_array().unwrap();
        assert_eq!(counted(rows), counted(&fresh), "{sql}");
        if sql.contains("ORDER BY 2 DESC, person") {
            assert_eq!(rows, &fresh, "in the order of the query");
        }
    }
}

#[tokio::test]
async fn a_group_with_a_name_is_changed_and_one_without_a_change_is_not_told() {
    let setup = setup(quick());
    setup.city.scan("P0", "HN-1", 0);
    let mut client =
        Client::follow(&setup, "SELECT venue, count(*) FROM scans GROUP BY venue", LiveBegin::Fresh);
    let mut people = Client::follow(
        &setup,
        "SELECT venue, count(DISTINCT person) FROM scans GROUP BY venue",
        LiveBegin::Fresh,
    );
    client.until(&[json!(["HN-1", 1])]).await;
    people.until(&[json!(["HN-1", 1])]).await;
    setup.city.scan("P0", "HN-1", 10);
    let change = client.frame().await;
    assert_eq!(change["changed"], json!([[["HN-1", 1], ["HN-1", 2]]]), "{change}");
    setup.city.scan("P1", "HN-1", 20);
    people.until(&[json!(["HN-1", 2])]).await;
    assert_eq!(people.position - client.position, 0, "nobody new had come with the second scan");
    assert_eq!(setup.live.counts().runs, 2, "each is read once");
}

#[tokio::test]
async fn more_groups_than_a_result_has_rows_are_asked_for_again() {
    let setup = setup(quick());
    (0..10_000).for_each(|n| setup.city.scan(&format!("P{n}"), "HN-1", n));
    let sql = "SELECT person, count(*) FROM scans GROUP BY person";
    let mut client = Client::follow(&setup, sql, LiveBegin::Fresh);
    assert_eq!(client.frame().await["kept_by"], "deltas");
    setup.city.scan("one more", "HN-1", 0);
    while client.resyncs == 0 {
        client.frame().await;
    }
    let mut other = Client::follow(&setup, sql, LiveBegin::Fresh);
    let whole = other.frame().await;
    assert_eq!((whole["kept_by"].as_str(), whole["truncated"].as_bool()), (Some("rerun"), Some(true)));
}
