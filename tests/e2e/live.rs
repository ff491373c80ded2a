//! Queries that are followed: each change once, in order, and the same as asking anew.

use crate::events::{MARKET, an_hour_together, at, f0, market, scan};
use serde_json::{Value, json};
use vonglau_tests::{City, LiveClient, eventually, sorted};

const SCANS: &str = "SELECT person, direction FROM scans WHERE venue = 'HN-000123'";
const CASES: &str = "SUBSCRIBE (SELECT person, outcome FROM cases)";
const BY_PERSON: &str = "SELECT person, count(*) AS n FROM scans GROUP BY person";

async fn ask(city: &City, sql: &str) -> Value {
    let body = json!({ "sql": sql }).to_string();
    let answer = city.server.post("/api/v1/sql", "application/json", body).await;
    assert_eq!(answer.status, 200, "{sql}: {}", answer.text);
    answer.json()
}

/// What asking anew gives, once it includes a position.
async fn ask_at(city: &City, sql: &str, seq: u64) -> Vec<String> {
    eventually(&format!("{sql} at {seq}"), async || {
        let fresh = ask(city, sql).await;
        (fresh["stream_seq"].as_u64() >= Some(seq)).then(|| sorted(fresh["rows"].as_array().unwrap()))
    })
    .await
}

async fn metric(city: &City, name: &str) -> u64 {
    let text = city.server.get("/metrics").await.text;
    let line = text.lines().find(|line| line.split(' ').next() == Some(name));
    line.expect(name).rsplit(' ').next().unwrap().parse().unwrap()
}

fn retracted(person: &str, clock: &str) -> Value {
    json!({"kind": "case", "id": format!("x-{person}"), "at": at(clock), "retracts": format!("c-{person}")})
}

#[tokio::test]
async fn a_scan_is_told_as_it_comes_and_a_repeated_one_is_not() {
    let city = City::by_events().await;
    city.take(&an_hour_together("P-0A", "P-0B", "P-0C")).await;
    let mut client = LiveClient::connect(&city.server).await;
    client.follow("q1", SCANS).await;
    let first = client.until("q1", "the whole result", |query| query.rows.len() == 6).await.clone();
    assert_eq!(first.frames.len(), 1);
    let snapshot = &first.frames[0];
    assert_eq!(snapshot["kept_by"], "deltas", "{snapshot}");
    assert_eq!(
        snapshot["columns"],
        json!([{"name": "person", "type": "text"}, {"name": "direction", "type": "text"}])
    );
    city.take(&[scan("P-0D", "12:00", "in")]).await;
    let query = client.until("q1", "the scan", |query| query.position > first.position).await;
    assert_eq!(query.frames[1]["added"], json!([["P-0D", "in"]]));
    assert!(query.frames[1].get("removed").is_none() && query.frames[1].get("changed").is_none());
    // Another id, the same scan; and one at another venue.
    let mut again = scan("P-0D", "12:00", "in");
    again["id"] = json!("again");
    let mut elsewhere = scan("P-0D", "12:10", "in");
    elsewhere["venue"] = json!("HN-000999");
    city.take(&[again, elsewhere, scan("P-0D", "13:00", "out")]).await;
    let query = client.until("q1", "the next scan", |query| query.position > first.position + 1).await;
    assert_eq!(query.frames[2]["added"], json!([["P-0D", "out"]]));
    let fresh = ask(&city, SCANS).await;
    assert_eq!(query.sorted(), sorted(fresh["rows"].as_array().unwrap()));
}

#[tokio::test]
async fn a_retraction_changes_a_followed_query_of_cases() {
    let city = City::by_events().await;
    city.take(&[market(), f0("P-0A", "08:00"), f0("P-0B", "08:10")]).await;
    let mut client = LiveClient::connect(&city.server).await;
    client.follow("cases", CASES).await;
    let query = client.until("cases", "both cases", |query| query.rows.len() == 2).await;
    assert_eq!(query.frames[0]["kept_by"], "rerun");
    assert!(query.frames[0]["cost_ms"].is_u64() && query.frames[0]["every_s"].as_f64().unwrap() >= 1.0);
    city.take(&[retracted("P-0A", "09:00")]).await;
    let query = client.until("cases", "the retraction", |query| query.rows.len() == 1).await;
    let last = query.frames.last().unwrap();
    assert_eq!(last["removed"].as_array().unwrap().len(), 1, "{last}");
    assert_eq!(last["removed"][0][0], "P-0A");
    assert!(last.get("added").is_none());
}

#[tokio::test]
async fn a_group_that_counts_otherwise_is_a_changed_row() {
    let city = City::by_events().await;
    city.take(&an_hour_together("P-0A", "P-0B", "P-0C")).await;
    let mut client = LiveClient::connect(&city.server).await;
    client.follow("n", BY_PERSON).await;
    client.until("n", "the groups", |query| query.rows.len() == 3).await;
    city.take(&[scan("P-0A", "12:00", "in"), scan("P-0D", "12:00", "in")]).await;
    let query = client.until("n", "the new group", |query| query.rows.len() == 4).await;
    let last = query.frames.last().unwrap();
    assert_eq!(last["changed"], json!([[["P-0A", 2], ["P-0A", 3]]]), "{last}");
    assert_eq!(last["added"], json!([["P-0D", 1]]));
}

#[tokio::test]
async fn who_comes_back_has_no_gap_and_no_repeat() {
    let city = City::by_events().await;
    city.take(&[market()]).await;
    let mut client = LiveClient::connect(&city.server).await;
    client.follow("q1", SCANS).await;
    client.follow("n", BY_PERSON).await;
    client.until("q1", "the whole result", |query| query.frames.len() == 1).await;
    client.until("n", "the whole result", |query| query.frames.len() == 1).await;
    let (run, mut held) = (client.run.clone(), client.queries.clone());
    for round in 0..4 {
        drop(client);
        // What comes while nobody listens, and what comes while somebody comes back.
        let minute = |n: usize| format!("12:{:02}", round * 10 + n);
        city.take(&[scan("P-0A", &minute(1), "in"), scan(&format!("P-1{round}"), &minute(2), "in")]).await;
        client = LiveClient::connect(&city.server).await;
        assert_eq!(client.run, run);
        for (id, sql) in [("q1", SCANS), ("n", BY_PERSON)] {
            client.resume(id, sql, (&run, held.remove(id).unwrap())).await;
        }
        let seq = city.take(&[scan("P-0B", &minute(3), "in")]).await;
        for (id, sql) in [("q1", SCANS), ("n", BY_PERSON)] {
            let fresh = ask_at(&city, sql, seq).await;
            client.until(id, "what asking anew gives", |query| query.sorted() == fresh).await;
        }
        held = client.queries.clone();
    }
    for query in held.values() {
        assert_eq!(query.frames.iter().filter(|frame| frame.get("snapshot").is_some()).count(), 1);
        assert_eq!(query.frames.iter().filter(|frame| frame["resumed"] == true).count(), 4);
    }
    // A position of another run means nothing here.
    let mut other = LiveClient::connect(&city.server).await;
    other.resume("q1", SCANS, ("another", held.remove("q1").unwrap())).await;
    let query =
        other.until("q1", "a new result", |query| query.frames.last().unwrap()["resync"] == true).await;
    assert!(query.frames.last().unwrap()["snapshot"].is_array());
}

#[tokio::test]
async fn a_venue_that_moves_changes_the_rows_of_its_scans() {
    let sql = "SELECT person, district FROM scans";
    let city = City::by_events().await;
    city.take(&[market(), scan("P-0A", "08:00", "in"), scan("P-0B", "08:00", "in")]).await;
    let mut client = LiveClient::connect(&city.server).await;
    client.follow("q1", sql).await;
    client.until("q1", "the whole result", |query| query.rows.len() == 2).await;
    let mut moved = market();
    (moved["id"], moved["at"]) = (json!("v2"), json!(at("09:00")));
    (moved["district"], moved["lat"], moved["lon"]) = (json!("001"), json!(21.0358), json!(105.8245));
    city.take(&[moved, scan("P-0C", "09:30", "in")]).await;
    let fresh = sorted(&[json!(["P-0A", "001"]), json!(["P-0B", "001"]), json!(["P-0C", "001"])]);
    client.until("q1", "the new district", |query| query.sorted() == fresh).await;
}

#[tokio::test]
async fn a_thousand_clients_of_one_query_are_one_plan() {
    let city = City::by_events().await;
    city.take(&[market(), scan("P-0A", "08:00", "in")]).await;
    let mut clients = Vec::new();
    for n in 0..1_000 {
        let mut client = LiveClient::connect(&city.server).await;
        // However it is written.
        let blanks = " ".repeat(n % 3);
        client.follow("n", &format!("SELECT{blanks} count(*) FROM scans")).await;
        clients.push(client);
    }
    for client in &mut clients {
        client.until("n", "the whole result", |query| query.frames.len() == 1).await;
    }
    assert_eq!(metric(&city, "vonglau_sql_feeds").await, 1);
    assert_eq!(metric(&city, "vonglau_sql_followers").await, 1_000);
    let runs = metric(&city, "vonglau_sql_runs_total").await;
    city.take(&[scan("P-0B", "08:01", "in")]).await;
    for client in &mut clients {
        let query = client.until("n", "the change", |query| query.frames.len() == 2).await;
        assert_eq!(query.frames[1]["changed"], json!([[[1], [2]]]));
    }
    let more = metric(&city, "vonglau_sql_runs_total").await - runs;
    assert_eq!(more, 0, "a scan is added to the count");
    drop(clients);
    eventually("all are gone", async || (metric(&city, "vonglau_sql_followers").await == 0).then_some(()))
        .await;
    assert_eq!(metric(&city, "vonglau_sql_feeds").await, 1, "it is kept up for those who come back");
}

#[tokio::test]
async fn what_cannot_be_followed_is_said_and_the_connection_stays() {
    let city = City::by_events().await;
    city.take(&[market(), scan("P-0A", "08:00", "in")]).await;
    let mut client = LiveClient::connect(&city.server).await;
    for (id, sql, status) in [
        ("syntax", "SELECT FROM WHERE", 400),
        ("table", "SELECT 1 FROM scan", 400),
        ("write", "DELETE FROM scans", 403),
        ("show", "SHOW TABLES", 400),
        ("value", "SELECT 1 / (count(*) - count(*)) FROM scans", 400),
    ] {
        client.follow(id, sql).await;
        let query = client.until(id, "the error", |query| query.error.is_some()).await;
        let error = query.error.as_ref().unwrap();
        assert_eq!(error["status"], status, "{id}: {error}");
        assert!(!error["detail"].as_str().unwrap().is_empty());
    }
    assert_eq!(client.queries["table"].error.as_ref().unwrap()["line"], 1);
    for n in 0..16 {
        client.follow(&format!("q{n}"), "SELECT count(*) FROM scans").await;
    }
    client.follow("one too many", "SELECT count(*) FROM scans").await;
    let query = client.until("one too many", "the bound", |query| query.error.is_some()).await;
    assert_eq!(query.error.as_ref().unwrap()["bound"], "live_per_connection");
    client.say(&json!({"sql": {"id": "q3", "unsubscribe": true}})).await;
    client.queries.remove("one too many");
    client.follow("one too many", SCANS).await;
    let query = client.until("one too many", "the whole result", |query| !query.rows.is_empty()).await;
    assert_eq!(query.rows, [json!(["P-0A", "in"])]);
    assert_eq!(MARKET, "HN-000123");
}

#[tokio::test]
async fn figures_and_cells_are_kept_by_what_differs_and_are_what_asking_anew_gives() {
    let city = City::by_events().await;
    city.take(&an_hour_together("P-0A", "P-0B", "P-0C")).await;
    let queries = [
        ("rows", "SELECT code, scans_today, people_today FROM districts WHERE scans_today > 0 ORDER BY code"),
        ("cells", "SELECT cell, res, value FROM hex_presence WHERE res < 10"),
        ("alerts", "SELECT id, rule, state FROM alerts"),
        (
            "groups",
            "SELECT res, count(*) AS cells, sum(value) AS people, avg(value), min(value), max(cell) FROM hex_presence \
             GROUP BY res HAVING count(*) > 0",
        ),
        ("one", "SELECT count(*), sum(scans_today), max(name) FROM wards WHERE district IN ('007', '001')"),
    ];
    let mut client = LiveClient::connect(&city.server).await;
    for (id, sql) in queries {
        client.follow(id, sql).await;
    }
    for round in 0..4 {
        let scans = (0..5).map(|n| {
            let mut scan = scan(&format!("P-2{round}{n}"), &format!("1{}:0{n}", round + 1), "in");
            scan["venue"] = json!(if n < 3 { MARKET } else { "HN-000777" });
            scan
        });
        let mut elsewhere = market();
        elsewhere["venue"] = json!("HN-000777");
        (elsewhere["id"], elsewhere["district"]) = (json!("v7"), json!("001"));
        (elsewhere["lat"], elsewhere["lon"]) = (json!(21.0358), json!(105.8245));
        let seq = city.take(&std::iter::once(elsewhere).chain(scans).collect::<Vec<_>>()).await;
        for (id, sql) in queries {
            let fresh = ask_at(&city, sql, seq).await;
            let query = client.until(id, "what asking anew gives", |query| query.sorted() == fresh).await;
            assert_eq!(query.frames[0]["kept_by"], "deltas", "{id}");
            assert!(query.frames[1..].iter().all(|frame| frame.get("snapshot").is_none()), "{id}");
        }
    }
    assert!(!client.queries["cells"].rows.is_empty() && !client.queries["rows"].rows.is_empty());
    let changed = client.queries["rows"].frames.iter().any(|frame| frame.get("changed").is_some());
    assert!(changed, "a district keeps its code");
}

#[tokio::test]
async fn groupings_of_scans_are_kept_by_adding_each_and_are_what_asking_anew_gives() {
    let city = City::by_events().await;
    city.take(&an_hour_together("P-0A", "P-0B", "P-0C")).await;
    let queries = [
        ("districts", "SELECT district, count(*) AS n FROM scans WHERE direction = 'in' GROUP BY district"),
        (
            "venues",
            "SELECT venue, count(DISTINCT person) AS people, min(scanned_at), max(scanned_at), \
             count(*) FILTER (WHERE direction = 'out') AS outs FROM scans GROUP BY venue HAVING count(*) > 1 ORDER BY venue",
        ),
        ("all", "SELECT count(*), sum(length(person)), avg(date_part('hour', scanned_at)) FROM scans"),
        ("people", "SELECT DISTINCT person FROM scans"),
    ];
    let mut client = LiveClient::connect(&city.server).await;
    for (id, sql) in queries {
        client.follow(id, sql).await;
        let query = client.until(id, "the whole result", |query| query.frames.len() == 1).await;
        let first = &query.frames[0];
        assert_eq!((&first["kept_by"], &first["every_s"]), (&json!("deltas"), &json!(1)), "{id}: {first}");
    }
    let runs = metric(&city, "vonglau_sql_runs_total").await;
    for round in 0..3 {
        let mut scans: Vec<Value> = (0..6)
            .map(|n| {
                let mut scan = scan(&format!("P-2{round}{}", n / 2), &format!("1{}:0{n}", round + 2), "in");
                (scan["venue"], scan["direction"]) =
                    (json!(format!("HN-00077{}", n % 3)), json!(if n < 4 { "in" } else { "out" }));
                scan
            })
            .collect();
        // One comes again, under another id.
        let mut again = scans[0].clone();
        again["id"] = json!(format!("again-{round}"));
        scans.push(again);
        let seq = city.take(&scans).await;
        for (id, sql) in queries {
            let fresh = ask_at(&city, sql, seq).await;
            client.until(id, "what asking anew gives", |query| query.sorted() == fresh).await;
        }
    }
    assert_eq!(metric(&city, "vonglau_sql_runs_total").await, runs, "nothing was read again");
    let changed = client.queries["venues"].frames.iter().any(|frame| frame.get("changed").is_some());
    assert!(changed, "a venue keeps its name");
    // A venue that gets a place puts its scans into a district.
    let mut place = market();
    (place["venue"], place["id"], place["at"]) = (json!("HN-000771"), json!("v771"), json!(at("15:00")));
    let seq = city.take(&[place]).await;
    let fresh = ask_at(&city, queries[0].1, seq).await;
    let query = client.until("districts", "the new place", |query| query.sorted() == fresh).await;
    assert!(query.frames[1..].iter().all(|frame| frame.get("snapshot").is_none()), "nobody begins anew");
}
