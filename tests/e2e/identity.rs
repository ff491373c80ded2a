//! Identity stops at the gateway.

use crate::events::{MARKET, an_hour_together, at};
use serde_json::json;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use vonglau_tests::City;

/// A number as the register gives them: Hanoi, male, born 1980.
const NUMBER: &str = "001080123456";
const NAME: &str = "Nguyen Van Thu";

#[tokio::test]
async fn a_persons_number_is_in_no_stream_answer_or_log() {
    let city = City::by_events().await;
    city.take(&an_hour_together("case-a", "contact-a", "other-a")).await;
    let card = format!("{NUMBER}||{NAME}|01021980|Nam|Hai Ba Trung, Ha Noi|01012021");
    let scan = |id: &str, person: &str, clock: &str| json!({"kind": "scan", "id": id, "at": at(clock), "person": person, "venue": MARKET, "mode": "person_qr"});
    let seq = city.take(&[scan("s1", &card, "12:00"), scan("s2", NUMBER, "12:20")]).await;
    let bad = json!({"kind": "scan", "id": "s3", "at": "never", "person": card, "venue": MARKET, "mode": "person_qr"});
    let refused = city.server.send(&[bad]).await;
    let present = city.get_at(&format!("/api/v1/venues/{MARKET}/present"), seq).await;
    let people = present["items"].as_array().unwrap();
    assert_eq!(people.len(), 4, "card and number are one person: {present}");
    assert_eq!(city.server.get(&format!("/api/v1/persons/{NUMBER}/visits")).await.status, 400);

    let mut seen = vec![refused.text, present.to_string(), city.server.get("/metrics").await.text];
    seen.push(std::fs::read_to_string(city.folder.path().join("server.log")).unwrap());
    assert!(seen.iter().all(|text| !text.contains(NUMBER) && !text.contains(NAME)));
    for stream in ["EVENTS", "REJECTED"] {
        let held = files_under(&city.folder.path().join("nats"), stream);
        assert!(!held.is_empty(), "{stream} has files");
        for bytes in held {
            assert!(!holds(&bytes, NUMBER) && !holds(&bytes, NAME), "{stream} holds an identity");
        }
    }
    for entry in std::fs::read_dir(city.folder.path().join("data")).unwrap() {
        let entry = entry.unwrap();
        let (mode, is_folder) =
            (entry.metadata().unwrap().permissions().mode() & 0o777, entry.path().is_dir());
        assert_eq!(mode, if is_folder { 0o700 } else { 0o600 }, "{:?}", entry.path());
        assert!(
            is_folder || !holds(&std::fs::read(entry.path()).unwrap(), NUMBER),
            "{:?} is not encrypted",
            entry.path()
        );
    }
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Contents of all files below a folder that lie in a folder of this name.
fn files_under(folder: &Path, name: &str) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_under(&path, name));
        } else if path.components().any(|part| part.as_os_str() == name) {
            found.push(std::fs::read(&path).unwrap());
        }
    }
    found
}
