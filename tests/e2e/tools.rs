//! The other subcommands against a running city.

use crate::events::MARKET;
use serde_json::json;
use tokio::process::Command;
use vonglau_tests::{City, binary};

async fn run(arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(binary()).args(arguments).output().await.unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[tokio::test]
async fn import_ends_with_0_for_all_1_for_some_and_2_for_none() {
    let city = City::by_events().await;
    let file = |name: &str, text: &str| {
        let path = city.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let venues = file(
        "venues.csv",
        "id,at,venue,type,district\nv1,2021-10-01T00:00:00+07:00,HN-000123,market,007\nv2,2021-10-01T00:00:00+07:00,HN-000124,cafe,\n",
    );
    let (code, told) = run(&["import", &venues, "--kind", "venue", "--to", &city.server.url]).await;
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(city.get("/api/v1/venues").await["items"].as_array().unwrap().len(), 2);

    let scans = file(
        "scans.ndjson",
        &format!(
            "{}\nrubbish\n",
            json!({"kind": "scan", "id": "s1", "at": "2021-10-15T08:00:00+07:00", "person": "guest", "venue": MARKET, "mode": "venue_qr"})
        ),
    );
    let (code, told) = run(&["import", &scans, "--to", &city.server.url]).await;
    assert_eq!(code, Some(1), "{told}");
    assert_eq!(city.get("/api/v1/city").await["figures"]["scans_today"]["value"], json!(1));
    assert_eq!(run(&["import", &scans, "--to", "http://127.0.0.1:9"]).await.0, Some(2));
    assert_eq!(run(&["import", "/nonexistent.csv", "--to", &city.server.url]).await.0, Some(2));
}

#[tokio::test]
async fn a_simulated_day_fills_the_city() {
    let city = City::by_events().await;
    let truth = city.folder.path().join("truth.ndjson");
    let simulate = [
        "simulate",
        "--to",
        &city.server.url,
        "--people",
        "500",
        "--days",
        "2",
        "--seed",
        "7",
        "--start",
        "2021-10-15T00:00:00+07:00",
        "--truth",
        truth.to_str().unwrap(),
    ];
    let (code, told) = run(&simulate).await;
    assert_eq!(code, Some(0), "{told}");
    let figures = city.get("/api/v1/city").await["figures"].clone();
    assert!(figures["venues_active"]["value"].as_u64() > Some(0), "{figures}");
    assert!(truth.exists());
}
