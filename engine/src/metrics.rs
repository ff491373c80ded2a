//! The text of `GET /metrics`.

use crate::latency::Latency;
use crate::progress::{Done, Standing};
use std::fmt::{Display, Write as _};
use vonglau_core::event::Kind;
use vonglau_core::figure::Figure;
use vonglau_core::view::View;
use vonglau_ingest::Counters;
use vonglau_sql::live::LiveCounts;

/// All metrics at one moment.
pub fn text(counters: &Counters, done: &Done, standing: &Standing, view: &View, latency: &Latency) -> String {
    let mut out = String::new();
    head(&mut out, "vonglau_events_total", "counter", "Events taken into the journal since the start.");
    for kind in Kind::ALL {
        line(&mut out, &format!("vonglau_events_total{{kind=\"{kind}\"}}"), counters.taken(kind));
    }
    head(&mut out, "vonglau_rejected_total", "counter", "Events refused since the start.");
    for kind in Kind::ALL {
        line(&mut out, &format!("vonglau_rejected_total{{kind=\"{kind}\"}}"), counters.rejected(Some(kind)));
    }
    line(&mut out, "vonglau_rejected_total{kind=\"unknown\"}", counters.rejected(None));
    let figure = |figure: Figure| view.city.now[figure as usize].unwrap_or_default();
    let gauge = "gauge";
    let event_time = view.now.map_or(0, |now| now.0);
    one(&mut out, "vonglau_stream_seq", gauge, "Last message of EVENTS applied.", done.seq);
    one(&mut out, "vonglau_stream_head", gauge, "Last message of EVENTS.", standing.head);
    one(&mut out, "vonglau_behind_events", gauge, "Messages not yet applied.", standing.behind_events);
    one(&mut out, "vonglau_behind_seconds", gauge, "Age of the oldest.", thousandth(standing.behind_ms));
    one(&mut out, "vonglau_events_per_second", gauge, "Events applied, last 10 s.", standing.events_per_s);
    one(&mut out, "vonglau_event_time_seconds", gauge, "Event time, since 1970.", event_time);
    one(
        &mut out,
        "vonglau_id_conflicts",
        gauge,
        "Ids that came with other content.",
        figure(Figure::IdConflicts),
    );
    one(&mut out, "vonglau_venues_unknown", gauge, "Venues without a record.", figure(Figure::VenuesUnknown));
    let unknown_fields = counters.unknown_fields();
    one(&mut out, "vonglau_unknown_fields_total", "counter", "Fields nobody knows.", unknown_fields);
    one(&mut out, "vonglau_unreadable_total", "counter", "Journal lines not read.", done.unreadable);
    latency.write(&mut out);
    out
}

/// The metrics of queries that are followed.
pub fn of_live(live: LiveCounts) -> String {
    let mut out = String::new();
    one(&mut out, "vonglau_sql_feeds", "gauge", "Queries that are followed, each once.", live.feeds);
    one(&mut out, "vonglau_sql_followers", "gauge", "Clients that follow them.", live.listeners);
    one(&mut out, "vonglau_sql_runs_total", "counter", "Runs of followed queries.", live.runs);
    one(&mut out, "vonglau_sql_frames_total", "counter", "Frames made of followed queries.", live.frames);
    out
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn line(out: &mut String, name: &str, value: impl Display) {
    let _ = writeln!(out, "{name} {value}");
}

fn one(out: &mut String, name: &str, kind: &str, help: &str, value: impl Display) {
    head(out, name, kind, help);
    line(out, name, value);
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds are below 2^53")]
fn thousandth(ms: u64) -> f64 {
    ms as f64 / 1_000.0
}
