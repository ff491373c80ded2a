//! The journal as the driver reads it.

use crate::common::{City, NatsServer, scan};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::Receiver;
use vonglau_core::event::Event;
use vonglau_core::params::Clock;
use vonglau_ingest::{JournalBatch, JournalMessage, JournalSubject, decode_message};

const DEADLINE: Duration = Duration::from_mins(1);

async fn next(journal: &mut Receiver<JournalBatch>, count: usize) -> Vec<JournalMessage> {
    let mut messages = Vec::new();
    while messages.len() < count {
        let batch = tokio::time::timeout(DEADLINE, journal.recv()).await.unwrap().unwrap();
        assert!(!batch.messages.is_empty());
        messages.extend(batch.messages);
    }
    messages
}

fn ids(messages: &[JournalMessage]) -> Vec<String> {
    let mut ids = Vec::new();
    for message in messages {
        assert_eq!(decode_message(message, |event| ids.push(event.id().to_owned())), 0);
    }
    ids
}

fn event(n: usize) -> Value {
    scan(&format!("s{n}"), &format!("P{n:06}"), "2021-10-15T01:31:07Z")
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_read_from_a_sequence_on_and_across_a_cut_without_gap_or_repeat() {
    let mut server = NatsServer::start();
    let city = City::start(&server, Clock::Events).await;
    for n in 1..=4 {
        assert_eq!(city.json(&event(n)).await.status, 200);
    }
    let mut journal = city.ingest.journal(3);
    let read = next(&mut journal, 2).await;
    assert_eq!(ids(&read), ["s3", "s4"]);
    assert_eq!(read.iter().map(|m| m.seq).collect::<Vec<_>>(), [3, 4]);
    assert!(read[0].received_ms > 1_600_000_000_000 && read[0].subject == JournalSubject::Scan);
    server.kill();
    server.restart();
    city.connected().await;
    let (mut taken, begun) = (0, Instant::now());
    while taken < 3 {
        assert!(begun.elapsed() < DEADLINE);
        taken += usize::from(city.json(&event(5 + taken)).await.status == 200);
    }
    let read = next(&mut journal, 3).await;
    assert_eq!(ids(&read), ["s5", "s6", "s7"]);
    assert_eq!(read.iter().map(|m| m.seq).collect::<Vec<_>>(), [5, 6, 7]);
    assert_eq!(city.ingest.nats.ask_head().await, Some(7));
    city.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_journal_comes_whole_and_in_order_to_a_slow_reader() {
    const MESSAGES: usize = 3_000;
    let server = NatsServer::start();
    let city = City::start(&server, Clock::Events).await;
    // Cases and scans in turn: no two of them can be joined.
    let body: Vec<Value> = (0..MESSAGES)
        .map(|n| match n % 2 {
            0 => event(n),
            _ => json!({"kind":"case","id":format!("s{n}"),"at":"2021-10-15T01:31:07Z","retracts":"x"}),
        })
        .collect();
    assert_eq!(city.json(&json!(body)).await.body["stream_seq"], MESSAGES);
    let read = next(&mut city.ingest.journal(0), MESSAGES).await;
    assert_eq!(ids(&read), (0..MESSAGES).map(|n| format!("s{n}")).collect::<Vec<_>>());
    city.stop().await;
}

#[test]
fn lines_that_are_no_events_are_counted_and_left_out() {
    let scan = r#"{"at":"2021-10-15T01:31:07Z","id":"s","kind":"scan","mode":"patrol","person":"P000001","venue":"V"}"#;
    let payload = format!("{scan}\nrubbish\n\n{{}}\n{scan}");
    let message = JournalMessage {
        seq: 1,
        received_ms: 0,
        subject: JournalSubject::Scan,
        source: vonglau_ingest::Source::Http,
        payload: payload.into(),
    };
    let mut events = Vec::new();
    assert_eq!(decode_message(&message, |event| events.push(event)), 2);
    assert!(events.len() == 2 && events.iter().all(|event| matches!(event, Event::Scan(_))));
}
