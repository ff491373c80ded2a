//! What is asked wrongly, and what cannot be answered.

use crate::fake::{Server, answer};
use crate::sample;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use vonglau_dashboard::port::{CommandRefused, State, Unavailable};

#[tokio::test]
async fn a_wrong_parameter_is_answered_400_with_its_field() {
    let server = Server::start();
    for (path, field) in [
        ("/api/v1/wards?district=999", "district"),
        ("/api/v1/hexes?layer=heat", "layer"),
        ("/api/v1/hexes?res=6", "res"),
        ("/api/v1/hexes/88", "cell"),
        ("/api/v1/hexes/854153393ffffff", "cell"),
        ("/api/v1/cases?status=f0", "status"),
        ("/api/v1/cases?since=2021-10-15", "since"),
        ("/api/v1/cases?since=1999-12-31T23:59:59Z", "since"),
        ("/api/v1/cases?limit=0", "limit"),
        ("/api/v1/cases?limit=1001", "limit"),
        ("/api/v1/cases?cursor=x", "cursor"),
        ("/api/v1/cases?cursor=n1~tP", "cursor"),
        ("/api/v1/cases/P000001/contacts?class=f3", "class"),
        ("/api/v1/cases/P000001/chain?depth=11", "depth"),
        ("/api/v1/venues?cell=x", "cell"),
        ("/api/v1/venues?silent=yes", "silent"),
        ("/api/v1/contacts?state=lost", "state"),
        ("/api/v1/alerts?state=new", "state"),
        ("/api/v1/series", "name"),
        ("/api/v1/series?name=rain", "name"),
        ("/api/v1/series?name=id_conflicts&district=007", "name"),
        ("/api/v1/series?name=scans&step=week", "step"),
        ("/api/v1/series?name=scans_today&step=minute", "step"),
        ("/api/v1/series?name=scans&step=minute&from=2000-01-01T00:00:00Z", "from"),
        ("/api/v1/series?name=scans&from=2021-10-15T00:00:00Z&to=2021-10-15T00:00:00Z", "from"),
    ] {
        let (status, problem) = answer(server.get(path)).await;
        assert_eq!((status, &problem["field"]), (400, &json!(field)), "{path}: {problem}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_answered_404_and_a_wrong_method_405() {
    let server = Server::start();
    for path in [
        "/api/v1/districts/999",
        "/api/v1/cases/P000404/contacts",
        "/api/v1/cases/P000404/contacts?class=f2",
        "/api/v1/cases/P000404/chain",
        "/api/v1/cases/P000404/backward",
        "/api/v1/venues/HN-404",
        "/api/v1/venues/HN-404/present",
        "/nothing/here",
    ] {
        let response = server.get(path).send().await.unwrap();
        assert_eq!(response.status(), 404, "{path}");
        assert_eq!(response.headers()["content-type"], "application/problem+json", "{path}");
    }
    for path in ["/api/v1/city", "/api/v1/sql/catalog", "/healthz", "/"] {
        let response = server.post(path).send().await.unwrap();
        assert_eq!(response.status(), 405, "{path}");
        assert_eq!(response.headers()["content-type"], "application/problem+json", "{path}");
    }
    assert_eq!(server.json("/api/v1/persons/P000404/visits").await["items"], json!([]));
}

#[tokio::test]
async fn unknown_parameters_are_ignored_and_a_bare_plus_is_read_as_one() {
    let server = Server::start();
    let cases =
        server.json("/api/v1/cases?colour=red&since=2021-10-15T09:00:00+07:00&district=&limit=5").await;
    assert_eq!(cases["items"].as_array().unwrap().len(), 1);
}

/// The values of one key over the items of a list.
fn all(list: &Value, key: &str) -> Vec<String> {
    list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item[key].as_str().unwrap_or_default().into())
        .collect()
}

#[tokio::test]
async fn lists_are_narrowed_by_what_is_asked() {
    let server = Server::start();
    for (path, key, expected) in [
        ("/api/v1/cases?status=recovered", "person", vec!["P000009"]),
        ("/api/v1/cases?district=007", "person", vec!["P000001"]),
        ("/api/v1/cases/P000001/contacts?class=f0", "person", vec!["P000002"]),
        ("/api/v1/contacts?state=overdue", "person", vec!["P000003"]),
        ("/api/v1/contacts?district=001", "person", vec![]),
        ("/api/v1/venues?q=cho%20hom", "venue", vec!["HN-000123"]),
        ("/api/v1/venues?q=000999", "venue", vec!["HN-000999"]),
        ("/api/v1/venues?silent=true", "venue", vec!["HN-000999"]),
        ("/api/v1/venues?district=007", "venue", vec!["HN-000123"]),
        ("/api/v1/venues?cell=8a4153392b07fff", "venue", vec![]),
        ("/api/v1/alerts?district=007", "rule", vec!["isolation_breach"]),
        ("/api/v1/alerts?state=silenced", "rule", vec!["cluster"]),
    ] {
        assert_eq!(all(&server.json(path).await, key), expected, "{path}");
    }
}

#[tokio::test]
async fn walking_next_gives_each_item_once() {
    let server = Server::start();
    for path in ["/api/v1/cases?", "/api/v1/venues?", "/api/v1/alerts?", "/api/v1/venues/HN-000123/present?"]
    {
        let whole = server.json(path).await["items"].as_array().unwrap().clone();
        let (mut walked, mut next) = (Vec::new(), String::new());
        loop {
            let page = server.json(&format!("{path}limit=1{next}")).await;
            walked.extend(page["items"].as_array().unwrap().clone());
            let Some(cursor) = page["next"].as_str() else { break };
            next = format!("&cursor={cursor}");
        }
        assert_eq!(walked, whole, "{path}");
        assert!(whole.len() > 1, "{path}");
    }
}

#[tokio::test]
async fn a_situation_that_cannot_answer_says_when_to_try_again() {
    let server = Server::start();
    let unavailable = Unavailable { reason: "the engine is starting".into(), retry_after_s: 2 };
    *server.fake.unavailable.lock().unwrap() = Some(unavailable);
    for path in ["/api/v1/city", "/api/v1/cases"] {
        let response = server.get(path).send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["retry-after"]),
            (503, &"2".parse().unwrap())
        );
    }
    assert_eq!(answer(server.get("/api/v1/status")).await.0, 200);
}

#[tokio::test]
async fn readiness_follows_the_state() {
    let server = Server::start();
    for (state, status) in [
        (State::Live, 200),
        (State::Waiting, 200),
        (State::CatchingUp, 503),
        (State::Settling, 503),
        (State::Cut, 503),
    ] {
        server.fake.status.lock().unwrap().state = state;
        let (found, body) = answer(server.get("/readyz")).await;
        assert_eq!(found, status);
        assert!(body.to_string().contains(state.name()), "{body}");
        assert_eq!(answer(server.get("/healthz")).await.0, 200);
    }
    assert!(answer(server.get("/metrics")).await.1.as_str().unwrap().contains("vonglau_stream_seq 41"));
}

#[tokio::test]
async fn a_command_goes_on_as_an_event_at_now() {
    let server = Server::start();
    let alert = &*sample::breach().id;
    let sent = json!({ "id": "k1", "by": "d", "do": "note", "alert": alert, "note": "x", "at": "2000-01-01T00:00:00Z" });
    let (status, taken) = answer(server.command(&sent)).await;
    assert_eq!((status, taken), (202, json!({ "id": "k1", "stream_seq": 43 })));
    let event = Value::Object(server.fake.commands.lock().unwrap()[0].event.clone());
    let mut expected = sent;
    expected["kind"] = json!("command");
    expected["at"] = json!("2021-10-15T10:30:00+07:00");
    assert_eq!(event, expected);
    let mut made = BTreeSet::new();
    for _ in 0..3 {
        let anonymous = json!({ "id": null, "by": "d", "do": "acknowledge", "alert": alert });
        let (_, taken) = answer(server.command(&anonymous)).await;
        made.insert(taken["id"].as_str().unwrap().to_owned());
    }
    assert_eq!(made.len(), 3);
}

#[tokio::test]
async fn a_command_that_cannot_be_taken_says_why() {
    let server = Server::start();
    let post = |body: &str, kind: &str| {
        server.post("/api/v1/commands").header("content-type", kind).body(body.to_owned())
    };
    let known = json!({ "by": "d", "do": "acknowledge", "alert": &*sample::breach().id }).to_string();
    let json = "application/json";
    assert_eq!(answer(post(r#"{"by":"d","do":"note","alert":"none"}"#, json)).await.0, 404);
    assert_eq!(answer(post(r#"{"by":"d"}"#, json)).await.1["field"], "alert");
    for broken in ["", "[]", "{", r#"{"alert":"a","alert":"b"}"#] {
        assert_eq!(answer(post(broken, json)).await.0, 400, "{broken}");
    }
    assert_eq!(answer(post(&known, "text/plain")).await.0, 415);
    assert_eq!(answer(post(&known, json).header("content-encoding", "gzip")).await.0, 415);
    assert_eq!(answer(post(&format!("\"{}\"", "x".repeat(70_000)), json)).await.0, 413);
    let invalid = CommandRefused::Invalid { field: "do".into(), reason: "unknown".into() };
    *server.fake.refuse.lock().unwrap() = Some(invalid);
    let (status, problem) = answer(post(&known, json)).await;
    assert_eq!((status, &problem["field"]), (400, &json!("do")));
}

#[tokio::test]
async fn a_statement_that_is_too_long_or_compressed_is_refused_as_everything_is() {
    let server = Server::start();
    let post =
        |body: String| server.post("/api/v1/sql").header("content-type", "application/json").body(body);
    let long = post(" ".repeat(3 << 20)).send().await.unwrap();
    assert_eq!(long.status(), 413);
    assert_eq!(long.headers()["content-type"], "application/problem+json");
    let packed = post(r#"{"sql":"SELECT 1"}"#.to_owned()).header("content-encoding", "gzip");
    let packed = packed.send().await.unwrap();
    assert_eq!(packed.status(), 415);
    assert_eq!(packed.headers()["content-type"], "application/problem+json");
}

#[tokio::test]
async fn before_the_first_event_there_is_nothing_to_command_and_no_time() {
    let server = Server::empty();
    let command = json!({ "by": "d", "do": "acknowledge", "alert": "a" });
    assert_eq!(answer(server.command(&command)).await.0, 409);
    let city = server.json("/api/v1/city").await;
    assert_eq!((&city["event_time"], &city["stream_seq"]), (&Value::Null, &json!(0)));
    assert_eq!(city["figures"]["level"]["null"], "unknown");
    assert_eq!(server.json("/api/v1/series?name=scans").await["items"], json!([]));
}
