//! The tables beside the pages' answers.

use crate::city::{golden, refused, rows};
use serde_json::{Value, json};
use vonglau_tests::{City, eventually};

fn picked(items: &Value, fields: &[&str]) -> Vec<Vec<Value>> {
    let items = items["items"].as_array().unwrap();
    items.iter().map(|item| fields.iter().map(|field| item[*field].clone()).collect()).collect()
}

/// A page writes 210 where SQL writes 210.0: the same number.
fn by_value(rows: Vec<Vec<Value>>) -> Vec<Vec<Value>> {
    let cell = |cell: Value| cell.as_f64().map_or(cell, |number| json!(number));
    rows.into_iter().map(|row| row.into_iter().map(cell).collect()).collect()
}

#[tokio::test]
async fn the_tables_say_what_the_pages_say() {
    let city = golden(&[]).await;
    for (path, fields, sql) in [
        (
            "/api/v1/cases?limit=1000",
            "person episode reported onset sampled isolated_at from to ended outcome found district ward contacts contacts_f0",
            "SELECT person, episode, reported_at, onset, sampled, isolated_at, infectious_from, infectious_to, ended_at, \
             outcome, found, district, ward, contacts, contacts_f0 FROM cases ORDER BY reported_at DESC, person, episode",
        ),
        (
            "/api/v1/cases/P0006/contacts?limit=1000",
            "person class first last seconds indirect_seconds score",
            "SELECT person, class, first_at, last_at, seconds, indirect_seconds, score FROM contacts \
             WHERE f0 = 'P0006' ORDER BY score DESC, person",
        ),
        (
            "/api/v1/persons/P0008/visits?limit=1000",
            "venue from to open",
            "SELECT venue, start_at, end_at, open FROM visits WHERE person = 'P0008' ORDER BY start_at",
        ),
        (
            "/api/v1/venues/V-CHO/present?from=2021-10-18T07:00:00%2B07:00&to=2021-10-18T08:00:00%2B07:00&limit=1000",
            "person class from to seconds",
            "SELECT person, class, from_at, to_at, seconds FROM exposed_at('V-CHO', '2021-10-18T07:00:00+07:00', \
             '2021-10-18T08:00:00+07:00') ORDER BY from_at, person",
        ),
        (
            "/api/v1/alerts?limit=1000",
            "id rule severity district ward venue venue_name lat lon person state value since changed ended",
            "SELECT id, rule, severity, district, ward, venue, venue_name, lat, lon, person, state, value, since, \
             changed, ended FROM alerts ORDER BY since DESC, id",
        ),
    ] {
        let fields: Vec<_> = fields.split(' ').collect();
        let page = picked(&city.get(path).await, &fields);
        assert!(!page.is_empty(), "{path}");
        let table = rows(&city, sql).await;
        assert_eq!(by_value(table), by_value(page), "{path}");
    }
    for layer in ["risk", "presence"] {
        let page = city.get(&format!("/api/v1/hexes?layer={layer}&res=9")).await["items"].clone();
        let sql = format!("SELECT cell, value, band FROM hex_{layer} WHERE res = 9 ORDER BY cell");
        let mut page: Vec<Vec<Value>> = serde_json::from_value(page).unwrap();
        page.sort_by_key(|item| item[0].as_str().unwrap().to_owned());
        let found = rows(&city, &sql).await;
        assert_eq!(found.len(), page.len(), "{layer}");
        for (row, item) in found.iter().zip(&page) {
            // JSON of the page may write a whole number without a point.
            assert_eq!(
                (&row[0], row[1].as_f64(), &row[2]),
                (&item[0], item[1].as_f64(), &item[2]),
                "{layer}"
            );
        }
    }
}

#[tokio::test]
async fn districts_have_the_figures_of_the_page() {
    let city = golden(&[]).await;
    let page = city.get("/api/v1/districts").await;
    let names =
        ["scans_today", "people_today", "present_now", "f0_new_7d", "f0_active", "f1_open", "breaches_24h"];
    let sql = format!("SELECT code, {} FROM districts ORDER BY code", names.join(", "));
    let expected: Vec<Vec<Value>> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|district| {
            let figures = names.iter().map(|name| district["figures"][*name]["value"].clone());
            std::iter::once(district["code"].clone()).chain(figures).collect()
        })
        .collect();
    assert!(expected.iter().any(|row| row[4] != json!(0)));
    assert_eq!(rows(&city, &sql).await, expected);
}

#[tokio::test]
async fn refused_events_are_in_rejected() {
    let city = golden(&[]).await;
    let refused = refused(&city).await;
    let of = [json!("scan"), json!("mode"), json!("http")];
    let one = refused.iter().find(|row| row[..3] == of).unwrap();
    assert!(one[3].is_string() && one[4].is_string(), "{one:?}");
}

#[tokio::test]
async fn what_is_done_about_an_alert_is_in_its_row() {
    let city = golden(&[]).await;
    let sql =
        "SELECT id, state, acknowledged_by, note FROM alerts WHERE rule = 'cluster' AND venue = 'V-BEN'";
    let before = rows(&city, sql).await;
    assert_eq!(before.len(), 1, "{before:?}");
    assert_eq!(before[0][1..], [json!("open"), Value::Null, Value::Null]);
    let command = json!({"by": "desk-004", "do": "acknowledge", "alert": before[0][0], "note": "đang xử lý"});
    let answer = city.server.post("/api/v1/commands", "application/json", command.to_string()).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    let after = [before[0][0].clone(), json!("acknowledged"), json!("desk-004"), json!("đang xử lý")];
    eventually("the alert is acknowledged", async || {
        (rows(&city, sql).await == [after.clone()]).then_some(())
    })
    .await;
}

/// Who stands on the page of the contacts to be reached, and in the rows of the worked question.
async fn not_reached(city: &City) -> [Vec<String>; 2] {
    let page = city.get("/api/v1/contacts?state=overdue&limit=1000").await;
    let mut page: Vec<String> =
        picked(&page, &["person"]).iter().map(|row| row[0].as_str().unwrap().to_owned()).collect();
    let catalog = city.get("/api/v1/sql/catalog").await;
    let questions = catalog["questions"].as_array().unwrap();
    let question = questions.iter().find(|question| question["id"] == "f1-not-reached").unwrap();
    let mut asked: Vec<String> = rows(city, question["sql"].as_str().unwrap())
        .await
        .iter()
        .map(|row| row[0].as_str().unwrap().to_owned())
        .collect();
    page.sort();
    asked.sort();
    [page, asked]
}

#[tokio::test]
async fn a_meeting_across_midnight_is_followed_from_the_day_on_which_it_began() {
    let city = golden(&[]).await;
    let scan = |id: &str, at: &str, person: &str, direction: &str| {
        json!({"kind": "scan", "id": id, "at": format!("2021-{at}+07:00"), "person": person, "venue": "V-SAN",
               "mode": "venue_qr", "direction": direction})
    };
    let night = [
        scan("n1", "10-19T23:30:00", "P0901", "in"),
        scan("n2", "10-19T23:30:00", "P0902", "in"),
        scan("n3", "10-20T00:30:00", "P0901", "out"),
        scan("n4", "10-20T00:30:00", "P0902", "out"),
        json!({"kind": "case", "id": "n5", "at": "2021-10-20T11:00:00+07:00", "person": "P0901", "status": "f0",
               "onset": "2021-10-18T00:00:00+07:00", "found": "community"}),
    ];
    for (noon, is_followed) in [("11-02T12:00:00", true), ("11-03T12:00:00", false)] {
        let later = scan(noon, noon, "P0903", "in");
        let lines: Vec<String> = night.iter().chain([&later]).map(Value::to_string).collect();
        let receipt = city.server.post("/v1/events", "application/x-ndjson", lines.join("\n")).await.json();
        city.get_at("/api/v1/city", receipt["stream_seq"].as_u64().unwrap()).await;
        let [page, asked] = not_reached(&city).await;
        assert_eq!(asked, page, "{noon}");
        assert_eq!(asked.iter().any(|person| person == "P0902"), is_followed, "{noon}: {asked:?}");
    }
}
