//! Frames: what they lead to, in which order, and how a client comes back.

use crate::fake::Server;
use crate::sample;
use crate::socket::Socket;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::Message;
use vonglau_core::figure::Figure;
use vonglau_core::rows::Layer;
use vonglau_core::view::{Delta, View};
use vonglau_dashboard::FRAME_MS_MIN;
use vonglau_dashboard::patch::without_nulls;

const ALL: [&str; 7] =
    ["city", "districts", "district:007", "hexes:risk:8", "hexes:presence:8", "alerts", "series:scans"];

/// Changes something in every topic, the n-th time.
fn change(view: &mut View, n: u64) {
    let count = i64::try_from(n).unwrap();
    view.now = view.now.map(|now| now.plus(60));
    view.city.now[Figure::ScansToday as usize] = Some(count);
    view.city.now[Figure::KnownContactsPct as usize] = n.is_multiple_of(2).then_some(count);
    view.districts[1].now[Figure::F0New7d as usize] = Some(count);
    view.f2_as_of = view.now;
    for layer in [Layer::Risk, Layer::Presence] {
        let value = Some(f64::from(u32::try_from(n).unwrap()) / 4.0);
        for (nth, value) in [(n % 5, value), ((n + 2) % 5, None)] {
            view.apply(Delta::Cell { layer, res: 8, cell: 0x0884_1533_9200_0000 + nth, value });
        }
    }
    let mut row = sample::breach();
    row.id = format!("isolation_breach:P{}:2021-10-15", n % 3).into();
    row.note = n.is_multiple_of(2).then(|| format!("{n}").into());
    let alerts = Arc::make_mut(&mut view.alerts);
    alerts.insert(row.id.clone(), row);
    alerts.remove(&*format!("isolation_breach:P{}:2021-10-15", (n + 1) % 3));
    view.minutes.insert(view.now.unwrap(), n);
}

/// What HTTP gives for a topic, as a frame would say it.
async fn by_http(server: &Server, topic: &str) -> Value {
    let rows = |list: &Value, key: &str, value: &dyn Fn(&Value) -> Value| -> Value {
        let items = list["items"].as_array().unwrap();
        items
            .iter()
            .map(|row| (row[key].as_str().unwrap().to_owned(), value(row)))
            .collect::<Map<_, _>>()
            .into()
    };
    let found = match topic {
        "city" => server.json("/api/v1/city").await["figures"].clone(),
        "district:007" => server.json("/api/v1/districts/007").await["figures"].clone(),
        "districts" => rows(&server.json("/api/v1/districts").await, "code", &|row| row["figures"].clone()),
        "alerts" => rows(&server.json("/api/v1/alerts").await, "id", &Value::clone),
        "series:scans" => {
            let zone = &server.fake.params.zone;
            let minutes = server.fake.newest().view.minutes.clone();
            minutes.into_iter().map(|(at, n)| (zone.write(at), json!(n))).collect::<Map<_, _>>().into()
        }
        hexes => {
            let layer = hexes.split(':').nth(1).unwrap();
            let list = server.json(&format!("/api/v1/hexes?layer={layer}&res=8")).await;
            let items = list["items"].as_array().unwrap();
            let cell = |row: &Value| (row[0].as_str().unwrap().to_owned(), json!([row[1], row[2]]));
            items.iter().map(cell).collect::<Map<_, _>>().into()
        }
    };
    without_nulls(found)
}

#[tokio::test]
async fn the_fold_of_all_deltas_is_what_http_gives() {
    let server = Server::start();
    let mut socket = Socket::open(&server).await;
    socket.subscribe(&ALL).await;
    for n in 0..8 {
        server.fake.change(|view| change(view, n));
        let newest = server.fake.newest().stream_seq;
        // Every topic changes with every picture, and what belongs to one moment shares its position.
        for _ in ALL {
            assert_eq!(socket.told().await["stream_seq"], json!(newest));
        }
        for topic in ALL {
            assert_eq!(socket.held[topic], by_http(&server, topic).await, "{topic} after {n}");
        }
        assert_eq!(server.fake.sent.load(Ordering::Relaxed), newest);
    }
}

#[tokio::test]
async fn seq_is_the_same_for_all_clients() {
    let server = Server::start();
    let mut first = Socket::open(&server).await;
    first.subscribe(&["city"]).await;
    for n in 0..3 {
        server.fake.change(|view| change(view, n));
        first.until(server.fake.newest().stream_seq).await;
    }
    let mut second = Socket::open(&server).await;
    second.subscribe(&["city"]).await;
    assert_eq!(first.seqs, second.seqs);
    server.fake.change(|view| change(view, 3));
    let (a, b) = (first.told().await, second.told().await);
    assert_eq!(a, b);
    assert_eq!(first.held, second.held);
}

#[tokio::test]
async fn a_topic_that_did_not_change_has_no_frame() {
    let server = Server::start();
    let mut socket = Socket::open(&server).await;
    socket.subscribe(&["alerts:001", "district:008", "city"]).await;
    server.fake.change(|view| view.city.now[Figure::ScansToday as usize] = Some(7));
    assert_eq!(socket.told().await["topic"], "city");
    server.fake.change(|view| view.now = view.now.map(|now| now.plus(1)));
    server.fake.change(|view| view.city.now[Figure::ScansToday as usize] = Some(8));
    let frame = socket.told().await;
    assert_eq!(frame["delta"], json!({ "scans_today": { "value": 8 } }));
}

#[tokio::test]
async fn pictures_that_come_faster_are_told_four_times_a_second() {
    let server = Server::start();
    let mut socket = Socket::open(&server).await;
    socket.subscribe(&["city"]).await;
    let begin = Instant::now();
    let fake = Arc::clone(&server.fake);
    let last = fake.newest().stream_seq + 150;
    tokio::spawn(async move {
        for n in 0..150 {
            fake.change(|view| view.city.now[Figure::ScansToday as usize] = Some(n));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    let mut frames = 0;
    while socket.told().await["stream_seq"] != json!(last) {
        frames += 1;
    }
    let moments = begin.elapsed().as_millis() / u128::from(FRAME_MS_MIN);
    assert!(frames <= moments + 2, "{frames} frames in {moments} quarters of a second");
    assert_eq!(socket.held["city"]["scans_today"]["value"], 149);
}

#[tokio::test]
async fn a_client_that_comes_back_is_told_what_it_missed() {
    let server = Server::start();
    let mut first = Socket::open(&server).await;
    first.subscribe(&["city", "alerts"]).await;
    let mut other = Socket::open(&server).await;
    other.subscribe(&["city", "alerts"]).await;
    let (held, seqs, run) = (first.held.clone(), first.seqs.clone(), first.run());
    drop(first);
    for n in 0..3 {
        server.fake.change(|view| change(view, n));
        other.until(server.fake.newest().stream_seq).await;
        other.told().await;
    }
    let mut again = Socket::open(&server).await;
    again.held = held;
    again.seqs.clone_from(&seqs);
    again.send(json!({ "subscribe": ["city", "alerts"], "resume": seqs, "run": run })).await;
    for _ in 0..6 {
        let frame = again.told().await;
        assert!(frame["delta"].is_object(), "{frame}");
    }
    assert_eq!((&again.held, &again.seqs), (&other.held, &other.seqs));
}

#[tokio::test]
async fn what_cannot_be_resumed_begins_anew() {
    let server = Server::start();
    let mut socket = Socket::open(&server).await;
    socket.subscribe(&["city"]).await;
    let run = socket.run();
    let seq = socket.seqs["city"];
    for (seq, run) in [(seq, "another".to_owned()), (seq + 9, run.clone()), (0, run)] {
        socket.send(json!({ "subscribe": ["city"], "resume": { "city": seq }, "run": run })).await;
        assert_eq!(socket.told().await, json!({ "topic": "city", "resync": true }));
        assert!(socket.told().await["snapshot"].is_object());
    }
}

#[tokio::test]
async fn an_unsubscribed_topic_is_told_no_more_and_can_be_asked_for_again() {
    let server = Server::start();
    let mut socket = Socket::open(&server).await;
    socket.subscribe(&["city", "alerts"]).await;
    socket.send(json!({ "unsubscribe": ["city"], "subscribe": ["series:scans"] })).await;
    assert_eq!(socket.told().await["topic"], "series:scans");
    server.fake.change(|view| change(view, 1));
    assert_eq!(socket.told().await["topic"], "alerts");
    assert_eq!(socket.told().await["topic"], "series:scans");
    socket.subscribe(&["city"]).await;
    assert_eq!(socket.held["city"], by_http(&server, "city").await);
}

#[tokio::test]
async fn a_status_comes_each_second_to_everyone() {
    let server = Server::start();
    let mut socket = Socket::open(&server).await;
    for _ in 0..3 {
        assert_eq!(socket.message().await["status"]["state"], "live");
    }
}

#[tokio::test]
async fn a_bad_message_is_answered_and_the_connection_stays() {
    let server = Server::start();
    let mut socket = Socket::open(&server).await;
    for bad in [
        "",
        "{",
        "[]",
        "null",
        "{}",
        r#"{"subscribe":"city"}"#,
        r#"{"subscribe":[1]}"#,
        r#"{"resume":{"city":-1}}"#,
    ] {
        socket.raw(Message::text(bad)).await;
        let error = &socket.told().await["error"];
        assert!(
            error["title"].is_string() && error["detail"].is_string() && error["topic"].is_null(),
            "{bad}: {error}"
        );
    }
    for unknown in
        ["town", "district:999", "district:", "hexes:risk", "hexes:risk:6", "hexes:risk:08", "alerts:"]
    {
        socket.send(json!({ "subscribe": [unknown] })).await;
        assert_eq!(socket.told().await["error"]["topic"], unknown);
    }
    let many: Vec<_> = (0..1_000).map(|n| format!("t{n}")).collect();
    socket.send(json!({ "subscribe": many })).await;
    assert!(socket.told().await["error"].is_object());
    socket.subscribe(&["city"]).await;
}

#[tokio::test]
async fn too_long_a_message_is_closed_with_1009_and_a_binary_one_with_1003() {
    let server = Server::start();
    for length in [(64 << 10) + 1, 2 << 20] {
        let mut socket = Socket::open(&server).await;
        socket.raw(Message::text("x".repeat(length))).await;
        assert_eq!(socket.closed().await, 1_009, "{length}");
    }
    let mut socket = Socket::open(&server).await;
    socket.raw(Message::text(" ".repeat(64 << 10))).await;
    assert!(socket.told().await["error"].is_object());
    socket.raw(Message::binary(vec![1, 2, 3])).await;
    assert_eq!(socket.closed().await, 1_003);
}

#[tokio::test]
async fn a_stopping_service_says_goodbye() {
    let server = Server::start();
    let mut socket = Socket::open(&server).await;
    server.shutdown.cancel();
    assert_eq!(socket.closed().await, 1_001);
}
