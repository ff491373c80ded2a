//! `vonglau import`.

use crate::common::{City, NatsServer};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use vonglau_core::event::Kind;
use vonglau_core::params::Clock;
use vonglau_ingest::import::{ImportError, ImportOptions, run};

const VENUES: &str = "id,at,venue,type,name,lat,lon,capacity\n\
                      v1,2021-10-01T00:00:00Z,A,market,Chợ A,21.01,105.85,800\n\
                      v2,2021-10-01T00:00:00Z,B,temple,,,,\n\
                      v3,2021-10-01T00:00:00Z,C,other,\"C, góc phố\",,,many\n\
                      v4,2021-10-01T00:00:00Z,D,other,,,,\n";

#[tokio::test(flavor = "multi_thread")]
async fn files_are_taken_and_what_is_refused_is_reported_by_line() {
    let server = NatsServer::start();
    let city = City::start(&server, Clock::Events).await;
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| -> PathBuf {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let scans: Vec<String> = (0..1_200)
        .map(|n| json!({"kind":"scan","id":format!("s{n}"),"at":"2021-10-15T01:31:07Z","person":format!("P{n:06}"),"venue":"A","mode":"patrol"}).to_string())
        .collect();
    let report = folder.path().join("report.ndjson");
    let options = ImportOptions {
        files: vec![file("venues.csv", VENUES), file("scans.ndjson", &scans.join("\n"))],
        to: format!("{}/", city.url),
        kind: Some(Kind::Venue),
        report: Some(report.clone()),
    };
    assert!(!run(options.clone()).await.unwrap(), "some are refused");
    assert_eq!(server.lines("EVENTS").await.len(), 1_202);
    let told: Vec<Value> =
        fs::read_to_string(report).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<_> =
        told.iter().map(|row| (row["line"].as_u64().unwrap(), row["field"].as_str().unwrap())).collect();
    assert_eq!(told, [(3, "type"), (4, "capacity")]);
    assert_eq!(server.lines("REJECTED").await[0]["source"], "import");
    let good = ImportOptions { files: vec![options.files[1].clone()], report: None, ..options };
    assert!(run(good).await.unwrap(), "sent again, all are taken");
    city.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_run_says_why() {
    let options =
        |files: Vec<PathBuf>, to: &str| ImportOptions { files, to: to.into(), kind: None, report: None };
    let nowhere = "http://127.0.0.1:1";
    assert!(matches!(run(options(vec![], nowhere)).await, Err(ImportError::NoFile)));
    let absent = PathBuf::from("/nowhere/at/all.csv");
    assert!(matches!(run(options(vec![absent.clone()], nowhere)).await, Err(ImportError::Read { .. })));
    for address in ["", "127.0.0.1:1", "https://127.0.0.1:1", "ftp://x"] {
        let refused = run(options(vec![absent.clone()], address)).await;
        assert!(matches!(refused, Err(ImportError::Address { .. })), "{address}");
    }
}
