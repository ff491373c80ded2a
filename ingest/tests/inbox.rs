//! What producers publish straight to NATS.

use crate::common::{City, NatsServer, scan, until};
use async_nats::HeaderMap;
use serde_json::{Value, json};
use vonglau_core::params::Clock;

const AT: &str = "2021-10-15T01:31:07Z";

#[tokio::test(flavor = "multi_thread")]
async fn it_is_taken_over_in_order_and_emptied() {
    let server = NatsServer::start();
    let city = City::start(&server, Clock::Events).await;
    let context = server.jetstream().await;
    let ndjson = [scan("s1", "P000001", AT), scan("s2", "x", AT), scan("s3", "P000003", AT)];
    let ndjson = ndjson.map(|event| event.to_string()).join("\n");
    let case = json!({"kind":"case","id":"c1","at":"2021-12-01T00:00:00Z","person":"P000001","status":"f0"});
    let old = scan("old", "P000001", AT);
    for (subject, payload) in [
        ("in.scan.007", ndjson),
        // The event's own kind counts, not the subject.
        ("in.scan.007", case.to_string()),
        ("in.anything", old.to_string()),
    ] {
        context.publish(subject, payload.into()).await.unwrap().await.unwrap();
    }
    until("three events are taken and two are refused", || {
        let counters = &city.ingest.counters;
        counters.rejected_total() == 2 && city.ingest.nats.head() >= 2
    })
    .await;
    let ids: Vec<Value> = server.lines("EVENTS").await.iter().map(|line| line["id"].clone()).collect();
    assert_eq!(ids, ["s1", "s3", "c1"]);
    let rejected = server.lines("REJECTED").await;
    let told: Vec<_> =
        rejected.iter().map(|line| (&line["event"]["id"], &line["field"], &line["source"])).collect();
    let (nats, at) = (json!("nats"), json!("at"));
    assert_eq!(told, [(&json!("s2"), &json!("person"), &nats), (&json!("old"), &at, &nats)]);
    empty(&server).await;
    city.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_or_of_another_version_is_refused_whole() {
    let server = NatsServer::start();
    let city = City::start(&server, Clock::Events).await;
    let context = server.jetstream().await;
    let many = vec![scan("s", "P000001", AT).to_string(); 501].join("\n");
    context.publish("in.scan.007", many.into()).await.unwrap().await.unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("Vonglau-Schema", "2");
    let event = scan("s", "P000001", AT).to_string();
    context
        .publish_with_headers("in.scan.007", headers.clone(), event.clone().into())
        .await
        .unwrap()
        .await
        .unwrap();
    headers.insert("Vonglau-Schema", "1");
    context.publish_with_headers("in.scan.007", headers, event.into()).await.unwrap().await.unwrap();
    until("all are taken over", || {
        city.ingest.counters.rejected_total() == 2 && city.ingest.nats.head() == 1
    })
    .await;
    let messages = server.messages("REJECTED").await;
    assert!(messages.iter().all(|message| message.subject.as_str() == "city.rejected.unknown"));
    for line in server.lines("REJECTED").await {
        assert_eq!((&line["event"], &line["field"]), (&json!({}), &json!("")));
    }
    empty(&server).await;
    city.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_event_may_take_many_lines_and_an_empty_message_is_refused() {
    let server = NatsServer::start();
    let city = City::start(&server, Clock::Events).await;
    let context = server.jetstream().await;
    let event = serde_json::to_string_pretty(&scan("s", "P000001", AT)).unwrap();
    for payload in [event, String::new(), " \n".into()] {
        context.publish("in.scan", payload.into()).await.unwrap().await.unwrap();
    }
    until("one is taken, two are refused", || {
        city.ingest.counters.rejected_total() == 2 && city.ingest.nats.head() == 1
    })
    .await;
    empty(&server).await;
    city.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_published_while_the_gateway_was_away_is_taken_over_later() {
    let mut server = NatsServer::start();
    City::start(&server, Clock::Events).await.stop().await;
    let context = server.jetstream().await;
    context.publish("in.scan.007", scan("s", "P000001", AT).to_string().into()).await.unwrap().await.unwrap();
    server.kill();
    let city = City::begin(server.url(), None, Clock::Events).await;
    server.restart();
    until("it is taken over", || city.ingest.nats.head() == 1).await;
    empty(&server).await;
    city.stop().await;
}

/// Waits until nothing is left in INBOX.
async fn empty(server: &NatsServer) {
    let stream = server.jetstream().await.get_stream("INBOX").await.unwrap();
    for _ in 0..1_000 {
        if stream.get_info().await.unwrap().state.messages == 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("INBOX is not emptied");
}
