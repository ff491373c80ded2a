//! Starting and stopping.

use serde_json::json;
use vonglau_tests::City;

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
async fn it_ends_cleanly_when_asked_to() {
    let mut city = City::by_events().await;
    city.state("waiting").await;
    assert_eq!(city.server.terminate().await.code(), Some(0));
}
