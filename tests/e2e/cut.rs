//! NATS goes away and comes back.

use crate::events::{an_hour_together, market, scan};
use serde_json::json;
use vonglau_tests::{City, eventually};

#[tokio::test]
async fn without_nats_events_are_refused_for_now_and_nothing_is_lost() {
    let mut city = City::by_events().await;
    let seq = city.take(&an_hour_together("case-a", "contact-a", "other-a")).await;
    city.get_at("/api/v1/city", seq).await;
    city.cut_nats().await;
    city.state("cut").await;
    assert_eq!(city.server.get("/readyz").await.status, 503);
    let refused = city.server.send(&[scan("guest", "12:00", "in")]).await;
    assert_eq!((refused.status, refused.content_type.as_str()), (503, "application/problem+json"));
    assert!(refused.retry_after.is_some_and(|seconds| seconds.parse::<u32>().is_ok()));
    let picture = city.get("/api/v1/city").await;
    assert_eq!(picture["figures"]["scans_today"]["value"], json!(6), "the last picture stays");

    city.mend_nats().await;
    city.state("live").await;
    let taken = eventually("the scan is taken", async || {
        let answer = city.server.send(&[scan("guest", "12:00", "in")]).await;
        (answer.status == 200).then(|| answer.json()["stream_seq"].as_u64().unwrap())
    });
    let picture = city.get_at("/api/v1/city", taken.await).await;
    assert_eq!(picture["figures"]["scans_today"]["value"], json!(7));
}

#[tokio::test]
async fn a_service_that_starts_without_nats_says_so_and_goes_on_when_it_is_there() {
    let mut city = City::by_events().await;
    city.take(&[market()]).await;
    city.cut_nats().await;
    city.crash().await;
    city.state("cut").await;
    assert_eq!(city.server.get("/healthz").await.status, 200);
    city.mend_nats().await;
    let status = city.state("live").await;
    assert!(status["stream_seq"].as_u64() >= Some(1));
}

#[tokio::test]
async fn what_producers_publish_to_nats_is_taken_over() {
    let city = City::by_events().await;
    city.state("waiting").await;
    let client = async_nats::connect(city.nats_url()).await.unwrap();
    let lines: Vec<String> =
        an_hour_together("case-a", "contact-a", "other-a").iter().map(ToString::to_string).collect();
    client.publish("in.scan.007", lines.join("\n").into()).await.unwrap();
    client.publish("in.scan.007", "rubbish".into()).await.unwrap();
    client.flush().await.unwrap();
    eventually("the scans are counted", async || {
        let figures = city.get("/api/v1/city").await["figures"].clone();
        (figures["scans_today"]["value"] == json!(6)).then_some(())
    })
    .await;
    eventually("the rubbish is counted", async || {
        (city.get("/api/v1/status").await["rejected"] == json!(1)).then_some(())
    })
    .await;
}
