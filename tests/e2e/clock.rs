//! The clocks: what gives now, and what they refuse.

use crate::events::{at, market, scan};
use serde_json::{Value, json};
use vonglau_tests::{City, eventually};

fn reason(receipt: &Value) -> (&Value, &str) {
    (&receipt["rejected"][0]["field"], receipt["rejected"][0]["reason"].as_str().unwrap_or_default())
}

#[tokio::test]
async fn a_quiet_city_ages_by_the_services_own_ticks() {
    let city = City::start(&[]).await;
    let status = city.state("waiting").await;
    assert_eq!(status["clock"], json!("wall"));
    let first = eventually("a tick", async || {
        let city_now = city.get("/api/v1/city").await["event_time"].clone();
        city_now.as_str().map(str::to_owned)
    });
    let first = first.await;
    eventually("the next tick", async || {
        let now = city.get("/api/v1/city").await["event_time"].clone();
        (now.as_str() > Some(first.as_str())).then_some(())
    })
    .await;
    assert_eq!(city.state("waiting").await["state"], json!("waiting"), "ticks alone are no events");
    let mut ahead = scan("guest", "08:00", "in");
    ahead["at"] = json!("2099-01-01T00:00:00+07:00");
    let receipt = city.server.send(&[ahead, scan("guest", "08:00", "in")]).await.json();
    assert_eq!(receipt["accepted"], json!(0), "one lies ahead, one before the edge: {receipt}");
    assert_eq!(reason(&receipt).0, "at");
}

#[tokio::test]
async fn a_simulated_city_moves_by_the_ticks_it_is_sent() {
    let city = City::start(&[("VONGLAU_CITY__CLOCK", "simulated")]).await;
    let tick = |clock: &str| json!({"kind": "tick", "id": format!("t{}", &clock[..2]), "at": at(clock)});
    let seq = city.take(&[market(), tick("09:00"), scan("guest", "08:30", "in")]).await;
    let picture = city.get_at("/api/v1/city", seq).await;
    assert_eq!(picture["event_time"], json!("2021-10-15T09:00:00+07:00"));
    assert_eq!(picture["figures"]["present_now"]["value"], json!(1));
    let receipt = city.server.send(&[tick("09:00")]).await.json();
    assert_eq!(reason(&receipt).0, "at", "{receipt}");
    let seq = city.take(&[tick("12:00")]).await;
    let picture = city.get_at("/api/v1/city", seq).await;
    assert_eq!(picture["figures"]["present_now"]["value"], json!(0), "time alone ends a visit");
}

#[tokio::test]
async fn data_that_stops_is_told_with_the_time_of_the_last() {
    let city =
        City::start(&[("VONGLAU_CITY__CLOCK", "events"), ("VONGLAU_CITY__STOPPED_AFTER_S", "1")]).await;
    city.take(&[market(), scan("guest", "08:00", "in")]).await;
    let status = eventually("the data has stopped", async || {
        let status = city.get("/api/v1/status").await;
        (!status["stopped_since"].is_null()).then_some(status)
    })
    .await;
    assert_eq!(status["stopped_since"], status["arrived"]["scan"]);
    assert_eq!(status["headline"]["rule"], json!("not_live"));
}
