//! Starting and stopping.

use crate::events::{market, scan};
use serde_json::json;
use std::time::{Duration, Instant};
use vonglau_tests::{City, Websocket};

#[tokio::test]
async fn an_empty_city_waits_and_answers() {
    let city = City::by_events().await;
    let status = city.state("waiting").await;
    assert_eq!((&status["stream_seq"], &status["event_time"]), (&json!(0), &json!(null)));
    assert_eq!((&status["durable"], &status["clock"]), (&json!(true), &json!("events")));
    assert_eq!(city.server.get("/healthz").await.status, 200);
    assert_eq!(city.server.get("/readyz").await.status, 200);
}

#[tokio::test]
async fn who_asks_after_having_sent_finds_it_in_the_answer() {
    let city = City::by_events().await;
    city.state("waiting").await;
    for n in 0..20 {
        let seq = city.take(&[market(), scan(&format!("guest-{n}"), "08:00", "in")]).await;
        let picture = city.get("/api/v1/city").await;
        assert!(picture["stream_seq"].as_u64() >= Some(seq), "{seq} is not in {picture}");
        assert_eq!(picture["figures"]["scans_today"]["value"], json!(n + 1));
    }
}

#[tokio::test]
async fn it_ends_cleanly_within_twenty_seconds_when_asked_to() {
    let mut city = City::by_events().await;
    city.state("waiting").await;
    let mut client = Websocket::subscribe(&city.server, &["city", "districts"]).await;
    client.until("the city", |client| !client.topic("city").is_null()).await;
    let began = Instant::now();
    assert_eq!(city.server.terminate().await.code(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

#[tokio::test]
async fn it_ends_cleanly_without_nats_too() {
    let mut city = City::by_events().await;
    city.cut_nats().await;
    city.state("cut").await;
    assert_eq!(city.server.terminate().await.code(), Some(0));
}
