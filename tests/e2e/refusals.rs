//! Bad input is a value.

use crate::events::{an_hour_together, at, f0, market, scan};
use serde_json::json;
use vonglau_tests::{City, eventually};

#[tokio::test]
async fn rubbish_is_refused_and_changes_nothing() {
    let city = City::by_events().await;
    let seq = city.take(&an_hour_together("case-a", "contact-a", "other-a")).await;
    let before = city.get_at("/api/v1/city", seq).await["figures"].clone();
    let wrong_kind = json!({"kind": "scam", "id": "x", "at": at("08:00")});
    let mut no_venue = scan("guest", "09:00", "in");
    no_venue.as_object_mut().unwrap().remove("venue");
    let body = format!("{{\"kind\n\n{wrong_kind}\n{no_venue}\n{}", scan("guest", "99:00", "in"));
    let receipt = city.server.post("/v1/events", "application/x-ndjson", body).await;
    assert_eq!(receipt.status, 200);
    let receipt = receipt.json();
    assert_eq!((&receipt["accepted"], &receipt["duplicates"]), (&json!(0), &json!(0)));
    let refused = receipt["rejected"].as_array().unwrap();
    let fields: Vec<_> =
        refused.iter().map(|refused| (refused["index"].clone(), refused["field"].clone())).collect();
    assert_eq!(
        fields,
        [(0, ""), (1, "kind"), (2, "venue"), (3, "at")].map(|(n, field)| (json!(n), json!(field)))
    );
    assert!(
        refused.iter().all(|refused| refused["reason"].as_str().is_some_and(|reason| !reason.is_empty()))
    );

    let garbage: Vec<u8> = (0..=255).cycle().take(10_000).collect();
    assert_eq!(city.server.post("/v1/events", "application/json", garbage).await.status, 400);
    assert_eq!(city.server.post("/v1/events", "text/plain", "x").await.status, 415);
    assert_eq!(city.server.post("/v1/events", "application/json", "[".repeat(100_000)).await.status, 400);
    assert_eq!(city.server.post("/v1/events", "application/json", " ".repeat(9 << 20)).await.status, 413);
    assert_eq!(city.server.get("/nowhere").await.status, 404);
    assert_eq!(city.server.get("/api/v1/districts/998").await.status, 404);
    assert_eq!(city.server.get("/api/v1/hexes?layer=risk&res=11").await.status, 400);

    assert_eq!(city.get("/api/v1/city").await["figures"], before);
    let rejected = city.get("/api/v1/status").await["rejected"].as_u64();
    assert_eq!(rejected, Some(4));
    let metrics = city.server.get("/metrics").await.text;
    assert!(metrics.contains("vonglau_rejected_total{kind=\"scan\"} 2"), "{metrics}");
    assert!(metrics.contains("vonglau_events_total{kind=\"scan\"} 6"), "{metrics}");
}

#[tokio::test]
async fn a_repeated_event_changes_nothing() {
    let city = City::by_events().await;
    let mut events = an_hour_together("case-a", "contact-a", "other-a");
    events.push(f0("case-a", "12:00"));
    let once = city.take(&events).await;
    let before = city.get_at("/api/v1/city", once).await["figures"].clone();
    events.reverse();
    events.push(market());
    let twice = city.take(&events).await;
    assert_eq!(city.get_at("/api/v1/city", twice.max(once)).await["figures"], before);
}

#[tokio::test]
async fn a_command_goes_through_the_journal() {
    let city = City::by_events().await;
    city.state("waiting").await;
    let command = |alert: &str| json!({"by": "desk-007", "do": "acknowledge", "alert": alert}).to_string();
    let post = async |body: String| city.server.post("/api/v1/commands", "application/json", body).await;
    assert_eq!(post(command("none")).await.status, 409, "before the first event there is no time");
    let mut isolated = f0("case-a", "08:00");
    isolated["isolated_at"] = json!(at("08:00"));
    let breach = city.take(&[market(), isolated, scan("case-a", "09:00", "in")]).await;
    assert_eq!(post(command("none")).await.status, 404);
    let alerts = city.get_at("/api/v1/alerts?state=open", breach).await;
    let id = alerts["items"][0]["id"].as_str().unwrap().to_owned();
    let taken = post(command(&id)).await;
    assert_eq!(taken.status, 202, "{}", taken.text);
    let seq = taken.json()["stream_seq"].as_u64().unwrap();
    let alerts = city.get_at("/api/v1/alerts", seq).await;
    assert_eq!(
        (&alerts["items"][0]["state"], &alerts["items"][0]["acknowledged_by"]),
        (&json!("acknowledged"), &json!("desk-007"))
    );
}

#[tokio::test]
async fn an_alert_is_told_on_nats() {
    use futures_util::StreamExt as _;
    let city = City::by_events().await;
    city.state("waiting").await;
    let client = async_nats::connect(city.nats_url()).await.unwrap();
    let mut alerts = client.subscribe("alert.*").await.unwrap();
    client.flush().await.unwrap();
    let mut isolated = f0("case-a", "08:00");
    isolated["isolated_at"] = json!(at("08:00"));
    city.take(&[market(), isolated, scan("case-a", "09:00", "in")]).await;
    let told = tokio::time::timeout(vonglau_tests::DEADLINE, alerts.next()).await.unwrap().unwrap();
    assert_eq!(told.subject.as_str(), "alert.007");
    let row: serde_json::Value = serde_json::from_slice(&told.payload).unwrap();
    assert_eq!(
        (&row["rule"], &row["state"], &row["person"]),
        (&json!("isolation_breach"), &json!("open"), &json!("case-a"))
    );
    eventually("the same row stands in the list", async || {
        (city.get("/api/v1/alerts").await["items"][0] == row).then_some(())
    })
    .await;
}
