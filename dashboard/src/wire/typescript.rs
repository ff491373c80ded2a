//! The TypeScript types of the web app, made from the types here.

use super::{Page, alerts, figures, messages, rows, status, venues};
use std::fmt::Write;
use ts_rs::{Config, Dummy, TS};
use vonglau_core::figure::Figure;

/// The text of `dashboard/web/src/wire.gen.ts`.
pub fn typescript() -> String {
    let mut out = String::from(
        "/** Made by `make gen` from dashboard/src/wire.rs; do not edit. What the server sends, contract version 1. */\n",
    );
    let names: Vec<_> = Figure::ALL.iter().map(|figure| figure.name()).collect();
    let mut units: Vec<_> = Figure::ALL.iter().map(|figure| figure.unit()).collect();
    units.sort_unstable();
    units.dedup();
    words(&mut out, "FigureName", &names);
    words(&mut out, "Unit", &units);
    words(&mut out, "Severity", &["critical", "high", "medium", "notice"]);
    words(&mut out, "AlertState", &["open", "acknowledged", "silenced", "ended"]);
    words(&mut out, "ServiceState", &["cut", "catching_up", "settling", "waiting", "live"]);
    words(&mut out, "Clock", &["wall", "events", "simulated"]);
    out.push_str("\nexport type Figures = Partial<Record<FigureName, FigureValue>>;\n");
    out.push_str("\nexport type Stamped<T> = { stream_seq: number; event_time: string | null } & T;\n");
    declare(&mut out);
    out
}

fn words(out: &mut String, name: &str, words: &[&str]) {
    let list = words.join("'\n  | '");
    // Writing to a string cannot fail.
    write!(out, "\nexport type {name} =\n  | '{list}';\n").unwrap_or_default();
}

/// One declaration a type, in the order of reading.
fn declare(out: &mut String) {
    let config = Config::new().with_large_int("number");
    macro_rules! declare {
        ($($type:ty)*) => {$(
            if let Some(docs) = <$type>::docs() {
                write!(out, "\n{}", docs.trim_start()).unwrap_or_default();
            } else {
                out.push('\n');
            }
            writeln!(out, "export {}", <$type>::decl(&config)).unwrap_or_default();
        )*};
    }
    declare! {
        super::Num Page<Dummy>
        figures::FigureValue figures::City figures::AreaRow
        venues::Hexes venues::VenueRow venues::CellValue venues::CellLayers venues::Cell
        rows::CaseRow rows::Overlap rows::ContactRow rows::Link rows::Chain rows::BackwardRow rows::VisitRow
        rows::PresentRow rows::FollowRow
        alerts::Facts alerts::AlertRow
        status::Arrived status::Headline status::CatchUp status::Words status::Status
        messages::HelloBody messages::Hello messages::Frame messages::Resync messages::StatusMessage
        messages::ErrorBody messages::ErrorMessage messages::LiveResume messages::LiveMessage
        messages::LiveColumn messages::LiveBody messages::LiveFrame messages::ClientMessage
    }
}
