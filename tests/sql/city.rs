//! The golden city, and how it is asked.

use reqwest::Response;
use serde_json::{Value, json};
use vonglau_tests::{City, eventually};

const EVENTS: &str = include_str!("golden.ndjson");
/// So many of its lines are refused.
const REFUSED: usize = 5;

/// A service that has taken in the golden city.
pub async fn golden(more: &[(&str, &str)]) -> City {
    let environment = [&[("VONGLAU_CITY__CLOCK", "events"), ("VONGLAU_SQL__PG_LISTEN", "")], more].concat();
    let city = City::start(&environment).await;
    let answer = city.server.post("/v1/events", "application/x-ndjson", EVENTS).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let receipt = answer.json();
    assert_eq!(receipt["rejected"].as_array().unwrap().len(), REFUSED, "{receipt}");
    city.get_at("/api/v1/city", receipt["stream_seq"].as_u64().unwrap()).await;
    city
}

/// Asks and gives the answer as it comes.
pub async fn send(url: &str, sql: &str, accept: &str) -> Response {
    let request = reqwest::Client::new().post(format!("{url}/api/v1/sql")).header("accept", accept);
    request.body(json!({ "sql": sql }).to_string()).send().await.unwrap()
}

/// Asks; gives status and JSON.
pub async fn ask(url: &str, sql: &str) -> (u16, Value) {
    let response = send(url, sql, "application/json").await;
    let status = response.status().as_u16();
    (status, serde_json::from_str(&response.text().await.unwrap()).unwrap())
}

/// Asks what must be answered; gives the rows.
pub async fn rows(city: &City, sql: &str) -> Vec<Vec<Value>> {
    let (status, body) = ask(&city.server.url, sql).await;
    assert_eq!(status, 200, "{sql}: {body}");
    assert_eq!(body["truncated"], json!(false), "{sql}");
    let rows = body["rows"].as_array().unwrap();
    rows.iter().map(|row| row.as_array().unwrap().clone()).collect()
}

/// The rows of `rejected`, once all that was refused is there: it comes by a stream of its own.
pub async fn refused(city: &City) -> Vec<Vec<Value>> {
    let sql = "SELECT kind, field, source, rejected_at, reason FROM rejected";
    eventually("all that was refused", async || {
        let found = rows(city, sql).await;
        (found.len() == REFUSED).then_some(found)
    })
    .await
}
