//! The way into the journal.

use crate::common::{City, NatsServer, scan, until};
use serde_json::{Value, json};
use std::fs;
use vonglau_core::params::Clock;
use vonglau_core::time::Time;

fn tick(at: &str) -> Value {
    json!({"kind":"tick","id":"t","at":at})
}

fn case(at: &str) -> Value {
    json!({"kind":"case","id":"c1","at":at,"person":"P000001","status":"f0"})
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_in_the_journal_once_they_are_answered_and_keep_their_order() {
    let server = NatsServer::start();
    let city = City::start(&server, Clock::Events).await;
    let at = "2021-10-15T08:31:07+07:00";
    let body =
        json!([scan("s1", "P000001", at), scan("s2", "P000002", at), case(at), scan("s3", "P000003", at)]);
    let answer = city.json(&body).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, json!({"accepted":4,"duplicates":0,"rejected":[],"stream_seq":3}));
    let messages = server.messages("EVENTS").await;
    let subjects: Vec<&str> = messages.iter().map(|message| message.subject.as_str()).collect();
    assert_eq!(subjects, ["city.scan", "city.case", "city.scan"]);
    let ids: Vec<Value> = server.lines("EVENTS").await.iter().map(|line| line["id"].clone()).collect();
    assert_eq!(ids, ["s1", "s2", "c1", "s3"]);
    for message in &messages {
        let headers = message.headers.as_ref().unwrap();
        assert_eq!(headers.get("Vonglau-Schema").unwrap().as_str(), "1");
        assert_eq!(headers.get("Vonglau-Now").unwrap().as_str(), "1634261467");
        assert_eq!(headers.get("Nats-Msg-Id").unwrap().as_str().len(), 32);
    }
    assert_eq!(city.ingest.nats.head(), 3);
    assert_eq!(city.ingest.nats.durable(), Some(true));
    assert_eq!(city.ingest.gateway.now(), Some(Time(1_634_261_467)));
    city.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_events_are_told_by_index_and_kept_without_identity() {
    let server = NatsServer::start();
    let city = City::start(&server, Clock::Events).await;
    let card = "001180012345|012345678|Nguyễn Thị A|01021980|Nữ|Tràng Tiền|01012021";
    let bad_card = card.replace("01021980", "01021981");
    let at = "2021-10-15T01:31:07Z";
    let lines = [
        scan("s1", card, at).to_string(),
        String::new(),
        scan("s2", &bad_card, at).to_string(),
        "rubbish".into(),
        scan("s3", "001180012345", at).to_string(),
        json!({"kind":"flight","id":"f1","full_name":"Nguyễn Thị A"}).to_string(),
    ];
    let answer = city.post("application/x-ndjson", lines.join("\n")).await;
    assert_eq!(answer.status, 200);
    assert_eq!((&answer.body["accepted"], &answer.body["duplicates"]), (&json!(1), &json!(1)));
    let told: Vec<_> =
        answer.body["rejected"].as_array().unwrap().iter().map(|r| (&r["index"], &r["field"])).collect();
    assert_eq!(told, [(&json!(1), &json!("person")), (&json!(2), &json!("")), (&json!(4), &json!("kind"))]);
    let mut subjects: Vec<_> =
        server.messages("REJECTED").await.iter().map(|m| m.subject.to_string()).collect();
    subjects.sort();
    assert_eq!(subjects, ["city.rejected.scan", "city.rejected.unknown", "city.rejected.unknown"]);
    let rejected = server.lines("REJECTED").await;
    let of_scan = rejected.iter().find(|line| line["field"] == "person").unwrap();
    assert_eq!(of_scan["event"], json!({"kind":"scan","id":"s2","at":at,"venue":"V","mode":"person_qr"}));
    assert_eq!(of_scan["source"], "http");
    assert!(of_scan["at"].as_str().unwrap().ends_with('Z'));
    for stream in ["EVENTS", "REJECTED"] {
        let text = format!("{:?}", server.lines(stream).await);
        assert!(
            !text.contains("001180012345") && !text.contains("Nguy") && !text.contains("012345678"),
            "{stream}"
        );
    }
    // Eight bytes of head and one record: both ways of sending the number are one person.
    assert_eq!(fs::metadata(city.data.path().join("identities.vault")).unwrap().len(), 8 + 64);
    let counters = &city.ingest.counters;
    assert_eq!((counters.rejected_total(), counters.rejected(None)), (3, 2));
    city.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_refusals_are_two_and_equal_bodies_are_no_new_events() {
    let server = NatsServer::start();
    let city = City::start(&server, Clock::Events).await;
    city.post("application/x-ndjson", "rubbish\nrubbish").await;
    assert_eq!(server.lines("REJECTED").await.len(), 2);
    let body = json!([scan("s1", "P000001", "2021-10-15T01:31:07Z")]);
    let (first, second) = (city.json(&body).await, city.json(&body).await);
    assert_eq!(first.body, json!({"accepted":1,"duplicates":0,"rejected":[],"stream_seq":1}));
    assert_eq!(second.body, json!({"accepted":0,"duplicates":1,"rejected":[],"stream_seq":1}));
    city.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrives_together_is_joined_and_nothing_is_lost() {
    const REQUESTS: usize = 400;
    let server = NatsServer::start();
    let city = City::start(&server, Clock::Events).await;
    let posts = (0..REQUESTS).map(|n| {
        let body = scan(&format!("s{n}"), &format!("P{n:06}"), "2021-10-15T01:31:07Z");
        let city = &city;
        async move { city.json(&body).await }
    });
    for answer in futures_util::future::join_all(posts).await {
        assert_eq!((answer.status, &answer.body["accepted"]), (200, &json!(1)));
    }
    let messages = server.messages("EVENTS").await.len();
    assert_eq!(server.lines("EVENTS").await.len(), REQUESTS);
    assert!(messages < REQUESTS / 2, "{messages} messages");
    city.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_has_at_most_five_hundred_events() {
    let server = NatsServer::start();
    let city = City::start(&server, Clock::Events).await;
    let event = |n: usize| scan(&format!("s{n}"), &format!("P{n:06}"), "2021-10-15T01:31:07Z").to_string();
    let body: Vec<String> = (0..1_201).map(event).collect();
    let answer = city.post("application/x-ndjson", body.join("\n")).await;
    assert_eq!(answer.body, json!({"accepted":1201,"duplicates":0,"rejected":[],"stream_seq":3}));
    let messages = server.messages("EVENTS").await;
    let counts: Vec<usize> = messages.iter().map(|m| m.payload.split(|b| *b == b'\n').count()).collect();
    assert_eq!(counts, [500, 500, 201]);
    city.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_refuses_scans_that_are_too_old_and_now_outlives_a_restart() {
    let server = NatsServer::start();
    let city = City::start(&server, Clock::Events).await;
    assert_eq!(city.ingest.gateway.now(), None);
    let old = scan("old", "P000001", "2021-10-01T00:00:00Z");
    assert_eq!(city.json(&json!([old, case("2021-12-01T00:00:00Z")])).await.body["accepted"], 2);
    let again = scan("again", "P000001", "2021-10-01T00:00:01Z");
    let answer = city.json(&again).await;
    assert_eq!(answer.body["rejected"][0]["field"], "at");
    assert!(answer.body["rejected"][0]["reason"].as_str().unwrap().starts_with("too old"));
    assert_eq!(answer.body.get("stream_seq"), None);
    city.stop().await;

    let city = City::start(&server, Clock::Events).await;
    assert_eq!(city.ingest.gateway.now(), Time::parse_utc("2021-12-01T00:00:00Z"));
    assert_eq!(city.json(&again).await.body["accepted"], 0);
    let rejected = server.lines("REJECTED").await;
    assert_eq!(rejected.len(), 2);
    let kept = json!({"kind":"scan","id":"again","at":"2021-10-01T00:00:01Z","person":"P000001","venue":"V","mode":"person_qr"});
    assert_eq!(rejected[0]["event"], kept);
    city.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_repeats_a_refused_event_is_refused_like_it() {
    let server = NatsServer::start();
    let city = City::start(&server, Clock::Events).await;
    city.json(&case("2021-12-01T00:00:00Z")).await;
    let old = |id: &str| scan(id, "P000001", "2021-10-01T00:00:00Z");
    let new = |id: &str| scan(id, "P000002", "2021-12-01T00:00:00Z");
    let answer = city.json(&json!([old("a"), new("b"), old("c"), {}, new("d"), old("a")])).await.body;
    let indexes: Vec<_> = answer["rejected"].as_array().unwrap().iter().map(|one| &one["index"]).collect();
    assert_eq!(indexes, [0, 2, 3, 5]);
    assert_eq!((&answer["accepted"], &answer["duplicates"]), (&json!(1), &json!(1)));
    assert_eq!(server.lines("REJECTED").await.len(), 4);
    city.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn under_the_simulated_clock_ticks_come_from_outside_and_in_order() {
    let server = NatsServer::start();
    let city = City::start(&server, Clock::Simulated).await;
    let at = |minute: u8| format!("2021-10-15T00:{minute:02}:00Z");
    assert_eq!(city.json(&tick(&at(5))).await.body["accepted"], 1);
    assert_eq!(city.json(&tick(&at(5))).await.body["rejected"][0]["field"], "at");
    assert_eq!(city.json(&scan("s", "P000001", &at(16))).await.body["rejected"][0]["field"], "at");
    assert_eq!(city.json(&json!([tick(&at(6)), scan("s", "P000001", &at(16))])).await.body["accepted"], 2);
    assert_eq!(city.ingest.gateway.now(), Time::parse_utc(&at(6)));
    city.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn under_the_wall_clock_the_service_ticks_and_ticks_from_outside_are_refused() {
    let server = NatsServer::start();
    let city = City::start(&server, Clock::Wall).await;
    until("the service ticks", || city.ingest.gateway.now().is_some()).await;
    let now = city.ingest.gateway.now().unwrap();
    assert_eq!(city.json(&tick(&now.plus(100).to_string())).await.body["rejected"][0]["field"], "kind");
    assert_eq!(city.json(&scan("s", "P000001", &now.plus(500).to_string())).await.body["accepted"], 1);
    assert_eq!(city.json(&scan("s", "P000001", &now.plus(900).to_string())).await.body["accepted"], 0);
    until("it ticks again", || city.ingest.gateway.now() > Some(now)).await;
    assert_eq!(server.messages("EVENTS").await[0].subject.as_str(), "city.tick");
    city.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_nats_events_are_answered_503_and_with_it_they_are_taken() {
    let mut server = NatsServer::start();
    server.kill();
    let city = City::begin(server.url(), None, Clock::Events).await;
    let body = scan("s", "P000001", "2021-10-15T01:31:07Z");
    let answer = city.json(&body).await;
    assert_eq!((answer.status, &answer.body["status"]), (503, &json!(503)));
    assert_eq!(answer.headers["retry-after"], "2");
    server.restart();
    city.connected().await;
    assert_eq!(city.json(&body).await.status, 200);
    assert_eq!(city.ingest.nats.durable(), None, "nobody could tell");
    server.kill();
    let answer = city.json(&scan("s2", "P000001", "2021-10-15T01:31:08Z")).await;
    assert_eq!(answer.status, 503);
    server.restart();
    city.connected().await;
    assert_eq!(city.json(&body).await.status, 200);
    city.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_journal_is_answered_503() {
    let server = NatsServer::start();
    let city = City::start(&server, Clock::Events).await;
    let context = server.jetstream().await;
    let mut config = context.get_stream("EVENTS").await.unwrap().cached_info().config.clone();
    config.max_bytes = 1_000;
    context.update_stream(config).await.unwrap();
    let body: Vec<Value> =
        (0..100).map(|n| scan(&format!("s{n}"), &format!("P{n:06}"), "2021-10-15T01:31:07Z")).collect();
    let answer = city.json(&json!(body)).await;
    assert_eq!((answer.status, answer.headers["retry-after"].to_str().unwrap()), (503, "30"));
    assert!(answer.body["detail"].as_str().unwrap().contains("full"));
    assert_eq!(city.ingest.gateway.now(), None, "what was not taken does not move the clock");
    city.stop().await;
}
