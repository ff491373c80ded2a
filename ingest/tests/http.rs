//! How HTTP is spoken.

use crate::common::{Answer, City, NatsServer, scan};
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpStream;
use vonglau_core::params::Clock;

#[tokio::test(flavor = "multi_thread")]
async fn problems_have_the_contracts_form_and_nothing_of_a_bad_body_is_taken() {
    let server = NatsServer::start();
    let city = City::start(&server, Clock::Events).await;
    let good = scan("s", "P000001", "2021-10-15T01:31:07Z");
    let client = reqwest::Client::new();
    let url = format!("{}/v1/events", city.url);
    let post = || client.post(&url).body(good.to_string());
    let of = |content_type: &str| post().header("content-type", content_type);
    let many = "{}\n".repeat((1 << 20) / 32 + 1);
    let cases = [
        (400, client.post(&url).header("content-type", "application/json").body(format!("[{good},"))),
        (400, client.post(&url).header("content-type", "application/json").body("5")),
        (400, client.post(&url).header("content-type", "application/json").body(r#"{"x":"\ud800"}"#)),
        (415, post()),
        (415, of("text/plain")),
        (415, of("application/json").header("content-encoding", "gzip")),
        (413, client.post(&url).header("content-type", "application/json").body(vec![b' '; (1 << 20) + 1])),
        (413, client.post(&url).header("content-type", "application/x-ndjson").body(many)),
        (405, client.get(&url)),
    ];
    for (status, request) in cases {
        let answer = Answer::of(request).await;
        assert_eq!(answer.status, status, "{answer:?}");
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        assert_eq!(answer.body["status"], status);
        for name in ["type", "title", "detail"] {
            assert!(answer.body[name].is_string(), "{answer:?}");
        }
    }
    assert!(server.messages("EVENTS").await.is_empty());
    let answer =
        Answer::of(of("Application/JSON; charset=utf-8").header("content-encoding", "identity")).await;
    assert_eq!(answer.body["accepted"], 1);
    assert_eq!(
        city.post("application/x-ndjson", "").await.body,
        json!({"accepted":0,"duplicates":0,"rejected":[]})
    );
    city.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_the_greatest_size_is_taken() {
    let server = NatsServer::start();
    let city = City::start(&server, Clock::Events).await;
    let mut body = scan("s", "P000001", "2021-10-15T01:31:07Z").to_string().into_bytes();
    body.resize(1 << 20, b' ');
    assert_eq!(city.post("application/json", body).await.body["accepted"], 1);
    city.stop().await;
}

/// Says that its body has `body_bytes`, and writes `sent` of them before it reads.
fn stubborn(address: &str, body_bytes: usize, sent: usize) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "POST /v1/events HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {body_bytes}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&vec![b' '; sent]).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_sends_too_much_gets_to_read_why() {
    let city = City::begin("nats://127.0.0.1:1".into(), None, Clock::Events).await;
    let address = city.url.trim_start_matches("http://").to_owned();
    // All of it, as plain clients do, or none, as those that wait to be told to go on.
    for sent in [20 << 20, 0] {
        let address = address.clone();
        let answer = tokio::task::spawn_blocking(move || stubborn(&address, 20 << 20, sent)).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
        assert!(answer.contains("body_mib_max"), "{answer}");
    }
    city.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_description_and_its_page_are_served() {
    let city = City::begin("nats://127.0.0.1:1".into(), None, Clock::Events).await;
    let document = Answer::of(reqwest::Client::new().get(format!("{}/openapi.json", city.url))).await;
    assert_eq!(document.headers["content-type"], "application/json");
    assert!(document.body["paths"]["/v1/events"]["post"].is_object());
    let page = reqwest::get(format!("{}/openapi", city.url)).await.unwrap();
    assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    assert!(page.text().await.unwrap().contains("openapi.json"));
    city.stop().await;
}
