//! The tables beside the pages' answers.

use crate::city::{golden, refused, rows};
use serde_json::{Value, json};
use vonglau_tests::eventually;

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
