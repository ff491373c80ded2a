//! Every object and frame against its golden file. `GOLDEN=write` writes them anew: read the difference before
//! committing it.

use crate::fake::{Server, answer};
use crate::sample;
use crate::socket::Socket;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use vonglau_core::figure::Figure;

fn check(name: &str, found: &Value) {
    let path: PathBuf =
        [env!("CARGO_MANIFEST_DIR"), "tests", "golden", &format!("{name}.json")].iter().collect();
    let text = format!("{found:#}\n");
    if std::env::var_os("GOLDEN").is_some_and(|how| how == "write") {
        std::fs::write(&path, &text).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, golden, "{} is not what is given now", path.display());
}

/// `run` and the made id differ with each start.
fn blank(mut value: Value, pointer: &str) -> Value {
    *value.pointer_mut(pointer).unwrap() = json!("…");
    value
}

#[tokio::test]
async fn every_answer_is_as_its_golden_file() {
    let server = Server::start();
    for (name, path) in [
        ("status", "/api/v1/status"),
        ("city", "/api/v1/city"),
        ("districts", "/api/v1/districts"),
        ("district", "/api/v1/districts/007"),
        ("wards", "/api/v1/wards?district=001"),
        ("hexes_risk", "/api/v1/hexes"),
        ("hexes_presence", "/api/v1/hexes?layer=presence&res=8"),
        ("hex", "/api/v1/hexes/8a4153392b07fff"),
        ("venues", "/api/v1/venues"),
        ("venue", "/api/v1/venues/HN-000123"),
        ("present", "/api/v1/venues/HN-000123/present"),
        ("cases", "/api/v1/cases"),
        ("contacts_f1", "/api/v1/cases/P000001/contacts"),
        ("contacts_f2", "/api/v1/cases/P000001/contacts?class=f2"),
        ("chain", "/api/v1/cases/P000001/chain"),
        ("chain_truncated", "/api/v1/cases/P000001/chain?depth=1"),
        ("backward", "/api/v1/cases/P000001/backward"),
        ("visits", "/api/v1/persons/P000001/visits"),
        ("followed", "/api/v1/contacts"),
        ("series_scans", "/api/v1/series?name=scans"),
        ("series_shown", "/api/v1/series?name=known_contacts_pct&step=day"),
        ("alerts", "/api/v1/alerts"),
    ] {
        check(name, &server.json(path).await);
    }
}

#[tokio::test]
async fn problems_and_commands_are_as_their_golden_files() {
    let server = Server::start();
    check("problem_field", &answer(server.get("/api/v1/cases?since=yesterday")).await.1);
    check("problem_not_found", &answer(server.get("/api/v1/venues/HN-1")).await.1);
    let command = json!({ "by": "desk-007", "do": "acknowledge", "alert": &*sample::breach().id });
    let (status, taken) = answer(server.command(&command)).await;
    assert_eq!(status, 202);
    check("command_taken", &blank(taken, "/id"));
}

#[tokio::test]
async fn every_frame_is_as_its_golden_file() {
    let server = Server::start();
    let mut socket = Socket::open(&server).await;
    check("ws_hello", &blank(json!({ "hello": socket.hello }), "/hello/run"));
    check("ws_status", &socket.message().await);
    let topics =
        ["city", "districts", "district:007", "hexes:risk:8", "alerts", "alerts:007", "series:scans"];
    socket.send(json!({ "subscribe": topics })).await;
    for topic in topics {
        check(&format!("ws_snapshot_{}", topic.replace(':', "_")), &socket.told().await);
    }
    server.fake.change(|view| {
        view.now = Some(sample::at("10:31:00"));
        view.city.now[Figure::KnownContactsPct as usize] = None;
        view.city.now[Figure::ReportDelayH as usize] = Some(125);
        view.districts[1].now[Figure::F0New7d as usize] = Some(26);
        view.cells[0][1] = Arc::new([(0x0884_1533_929f_ffff, 7.25)].into_iter().collect());
        let alerts = Arc::make_mut(&mut view.alerts);
        alerts.retain(|id, _| id.starts_with("isolation"));
        for row in alerts.values_mut() {
            row.note = Some("đã nhận".into());
        }
        view.minutes.insert(sample::at("10:30:00"), 4);
    });
    for _ in topics {
        let frame = socket.told().await;
        check(&format!("ws_delta_{}", frame["topic"].as_str().unwrap().replace(':', "_")), &frame);
    }
    socket.send(json!({ "subscribe": ["weather"] })).await;
    check("ws_error_topic", &socket.told().await);
    socket.send(json!({})).await;
    check("ws_error_message", &socket.told().await);
    socket.send(json!({ "subscribe": ["alerts"], "resume": { "alerts": 1 }, "run": "another" })).await;
    check("ws_resync", &socket.told().await);
}
