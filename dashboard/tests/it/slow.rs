//! A client that does not read.

use crate::fake::Server;
use crate::socket::Socket;
use serde_json::json;
use std::sync::Arc;
use vonglau_core::figure::Figure;

const CELLS: u64 = 2_000;
const TOPICS: [&str; 2] = ["hexes:risk:10", "city"];

#[tokio::test]
async fn a_client_that_falls_behind_starts_anew_and_slows_nobody_else() {
    let server = Server::start();
    let mut quick = Socket::open(&server).await;
    let mut slow = Socket::open(&server).await;
    quick.subscribe(&TOPICS).await;
    slow.subscribe(&TOPICS).await;
    // More moments, and in each more bytes, than anything on the way to the slow client holds.
    let mut told = 0;
    for n in 0_u32..30 {
        server.fake.change(|view| {
            let value = f64::from(n) + 0.125;
            view.cells[0][3] =
                Arc::new((0..CELLS).map(|cell| (0x08a4_1533_9200_0000 + cell, value)).collect());
            view.city.now[Figure::ScansToday as usize] = Some(n.into());
        });
        for _ in TOPICS {
            told += u32::from(quick.told().await["delta"].is_object());
        }
    }
    assert_eq!(told, 60, "the other client got every frame");

    let last = server.fake.newest().stream_seq;
    let mut anew = Vec::new();
    loop {
        let message = slow.told().await;
        if message["resync"] == json!(true) {
            anew.push(message["topic"].clone());
            assert!(slow.told().await["snapshot"].is_object());
        }
        let current =
            slow.held["city"] == quick.held["city"] && slow.held[TOPICS[0]] == quick.held[TOPICS[0]];
        if current && !anew.is_empty() {
            break;
        }
        assert!(message["stream_seq"].as_u64().unwrap_or(0) <= last);
    }
    assert!(TOPICS.iter().all(|topic| anew.contains(&json!(topic))), "{anew:?}");
    assert_eq!(slow.seqs, quick.seqs);
}
