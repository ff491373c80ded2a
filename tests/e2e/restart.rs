//! Crashes: the journal has everything.

use crate::events::{an_hour_together, f0, scan};
use serde_json::Value;
use vonglau_tests::City;

const PATHS: [&str; 8] = [
    "/api/v1/city",
    "/api/v1/districts",
    "/api/v1/hexes?layer=risk&res=9",
    "/api/v1/cases",
    "/api/v1/cases/case-a/contacts",
    "/api/v1/contacts",
    "/api/v1/alerts",
    "/api/v1/venues",
];

async fn answers(city: &City, seq: u64) -> Vec<Value> {
    let mut answers = Vec::new();
    for path in PATHS {
        let mut answer = city.get_at(path, seq).await;
        // How old the F2 figures are is a matter of when they were asked for.
        if let Some(figure) = answer.pointer_mut("/figures/f2_open").and_then(Value::as_object_mut) {
            figure.remove("as_of");
        }
        answers.push(answer);
    }
    answers
}

#[tokio::test]
async fn a_killed_service_answers_the_same_after_its_restart() {
    let mut city = City::by_events().await;
    city.take(&an_hour_together("case-a", "contact-a", "other-a")).await;
    city.take(&[f0("case-a", "12:00")]).await;
    let seq = city.take(&[scan("case-a", "13:00", "in"), scan("contact-a", "13:10", "in")]).await;
    let before = answers(&city, seq).await;
    for _ in 0..2 {
        city.crash().await;
        city.state("live").await;
        for (path, (before, after)) in PATHS.iter().zip(before.iter().zip(answers(&city, seq).await)) {
            assert_eq!(*before, after, "{path}");
        }
    }
    let late = city.take(&[scan("other-b", "12:45", "in")]).await;
    assert!(late > seq, "the restarted gateway goes on behind the journal's end");
}
