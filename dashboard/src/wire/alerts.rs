//! Alerts.

use super::{Num, text, written};
use serde::Serialize;
use ts_rs::TS;
use vonglau_core::rows::AlertRow as CoreAlert;
use vonglau_core::time::Zone;

/// An alert as HTTP, the websocket and the subject `alert.<district>` give it.
#[derive(Clone, Debug, Serialize, TS)]
pub struct AlertRow {
    pub id: String,
    #[ts(type = "'isolation_breach' | 'cluster'")]
    pub rule: &'static str,
    #[ts(type = "Severity")]
    pub severity: &'static str,
    #[ts(optional = nullable)]
    pub district: Option<String>,
    #[ts(optional = nullable)]
    pub ward: Option<String>,
    #[ts(optional = nullable)]
    pub venue: Option<String>,
    #[ts(optional = nullable)]
    pub venue_name: Option<String>,
    #[ts(optional = nullable)]
    pub lat: Option<Num>,
    #[ts(optional = nullable)]
    pub lon: Option<Num>,
    #[ts(optional = nullable)]
    pub person: Option<String>,
    #[ts(type = "AlertState")]
    pub state: &'static str,
    pub value: i64,
    pub since: String,
    pub changed: String,
    #[ts(optional = nullable)]
    pub ended: Option<String>,
    #[ts(optional = nullable)]
    pub silenced_until: Option<String>,
    #[ts(optional = nullable)]
    pub acknowledged_by: Option<String>,
    #[ts(optional = nullable)]
    pub note: Option<String>,
    /// Of a cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub facts: Option<Facts>,
}

/// How many of a cluster's contacts are of class f0 and f1.
#[derive(Clone, Copy, Debug, Serialize, TS)]
pub struct Facts {
    pub f0: i64,
    pub f1: i64,
}

impl AlertRow {
    pub fn new(row: &CoreAlert, zone: &Zone) -> Self {
        Self {
            id: row.id.to_string(),
            rule: row.rule.name(),
            severity: row.severity.name(),
            district: text(row.district.as_deref()),
            ward: text(row.ward.as_deref()),
            venue: text(row.venue.as_deref()),
            venue_name: text(row.venue_name.as_deref()),
            lat: row.lat.map(Num),
            lon: row.lon.map(Num),
            person: text(row.person.as_deref()),
            state: row.state.name(),
            value: row.value,
            since: zone.write(row.since),
            changed: zone.write(row.changed),
            ended: written(zone, row.ended),
            silenced_until: written(zone, row.silenced_until),
            acknowledged_by: text(row.acknowledged_by.as_deref()),
            note: text(row.note.as_deref()),
            facts: row.facts.map(|facts| Facts { f0: facts.f0, f1: facts.f1 }),
        }
    }
}
