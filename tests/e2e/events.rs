//! Events as producers send them.

use serde_json::{Value, json};

/// A market in Hai Bà Trưng (district 007).
pub const MARKET: &str = "HN-000123";

/// A moment of 15 October 2021, Hanoi time: `at("08:30")`.
pub fn at(clock: &str) -> String {
    format!("2021-10-15T{clock}:00+07:00")
}

pub fn market() -> Value {
    json!({"kind": "venue", "id": "v1", "at": at("00:00"), "venue": MARKET, "name": "Chợ Hôm", "type": "market",
        "district": "007", "lat": 21.0169, "lon": 105.8525, "capacity": 800})
}

pub fn scan(person: &str, clock: &str, direction: &str) -> Value {
    json!({"kind": "scan", "id": format!("s-{person}-{clock}").replace(':', ""), "at": at(clock), "person": person,
        "venue": MARKET, "mode": "person_qr", "direction": direction})
}

pub fn f0(person: &str, clock: &str) -> Value {
    json!({"kind": "case", "id": format!("c-{person}"), "at": at(clock), "person": person, "status": "f0",
        "sampled": at("07:00"), "found": "community", "district": "007"})
}

pub fn resident(person: &str) -> Value {
    json!({"kind": "resident", "id": format!("r-{person}"), "at": at("00:00"), "person": person,
        "born_on": "1980-02-01", "district": "007"})
}

/// Two people an hour together at the market, and one who came after they had left.
pub fn an_hour_together(case: &str, contact: &str, other: &str) -> Vec<Value> {
    vec![
        market(),
        resident(contact),
        scan(case, "08:00", "in"),
        scan(case, "09:30", "out"),
        scan(contact, "08:30", "in"),
        scan(contact, "10:00", "out"),
        scan(other, "10:30", "in"),
        scan(other, "11:00", "out"),
    ]
}
