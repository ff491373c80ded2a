//! `scans`: every distinct scan of the retention, and those of the archive.

use crate::city::City;
use crate::column::{Holds, TableDoc, column, numbers, seconds, text};
use crate::pieces::{Begun, Chosen, Columns, begun_before, plan, row_filter};
use crate::pushdown::{Span, all_spans, span, texts};
use crate::read::{Asked, Reading, Rows, Source};
use arrow::array::{ArrayRef, UInt32Array};
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use std::sync::Arc;
use vonglau_core::moment::{Direction, Mode, Piece, RowFilter, ScanColumns, Wanted};
use vonglau_core::params::Params;
use vonglau_core::situation::TappedScan;

/// The table.
#[derive(Debug)]
pub struct Scans;

impl Source for Scans {
    fn doc(&self) -> TableDoc {
        TableDoc {
            name: "scans",
            vi: "Lượt quét, mỗi lượt khác nhau một dòng, cả trong kho lưu trữ",
            en: "Scans, a row a distinct scan, those of the archive too",
            columns: vec![
                column("person", Holds::Person, "mã giả danh của người", "pseudonym of the person"),
                column("venue", Holds::Venue, "mã địa điểm", "id of the venue"),
                column("scanned_at", Holds::Time, "lúc quét", "time of the scan"),
                column(
                    "mode",
                    Holds::Word,
                    "cách quét: person_qr, venue_qr, checkpoint, patrol",
                    "how: person_qr, venue_qr, checkpoint, patrol",
                ),
                column("direction", Holds::Word, "in, out hoặc trống", "in, out or null"),
                column("district", Holds::Word, "mã quận/huyện của địa điểm", "code of the venue's district"),
                column("ward", Holds::Word, "mã phường/xã của địa điểm", "code of the venue's ward"),
            ],
        }
    }

    fn uses(&self, filter: &Expr) -> bool {
        texts(filter, "person").is_some()
            || texts(filter, "venue").is_some()
            || span(filter, "scanned_at").is_some()
    }

    fn plan(&self, asked: Asked, filters: &[Expr]) -> Result<Reading> {
        // The `out` of a visit is in the row of its first scan.
        let filter = row_filter(&asked.city, filters, begun_before(all_spans(filters, "scanned_at")));
        let rows = Rows::about(asked.city.taken.moment.scans_about());
        Ok(plan::<ScanColumns>(asked, filter, rows))
    }
}

impl Columns for ScanColumns {
    fn begun(span: &dyn Fn(&str) -> Span) -> Begun {
        begun_before(span("scanned_at"))
    }

    fn is_exact(column: &str) -> bool {
        ["person", "venue"].contains(&column)
    }

    fn wanted(columns: &[usize], is_cut: bool) -> Wanted {
        let any = |of: &[usize]| columns.iter().any(|column| of.contains(column));
        // A day of the archive is told by the times.
        Wanted {
            person: any(&[0]),
            venue: any(&[1, 5, 6]),
            start: any(&[2]) || is_cut,
            seconds: false,
            how: any(&[3, 4]),
        }
    }

    fn read(city: &City, piece: &Piece, filter: &RowFilter, wanted: Wanted) -> Self {
        let mut columns = Self::default();
        city.taken.moment.scans(piece, filter, wanted, &mut columns);
        if let Some(cut) = city.cut {
            columns.cut(cut.from, cut.to);
        }
        columns
    }

    fn rows(&self) -> usize {
        self.rows
    }

    fn column(&self, city: &City, column: usize, rows: &Chosen) -> Result<ArrayRef> {
        let (names, registers) = (&city.names, city.taken.moment.registers());
        Ok(match column {
            0 => Arc::new(UInt32Array::from(rows.of(&self.person).into_owned())),
            1 => Arc::new(UInt32Array::from(rows.of(&self.venue).into_owned())),
            2 => seconds(&city.zone, rows.of(&self.at).iter().copied()),
            3 => {
                let words = MODES.map(|mode| names.word(mode_name(mode)));
                numbers(rows.of(&self.mode).iter().map(|mode| words.get(*mode as usize).copied()))
            }
            4 => {
                let (inward, out) = (names.word("in"), names.word("out"));
                let word = |way| if way == Direction::In { inward } else { out };
                numbers(rows.of(&self.direction).iter().map(|direction| direction.map(word)))
            }
            5 => numbers(
                rows.of(&self.venue).iter().map(|venue| names.district(registers.venue(*venue)?.district)),
            ),
            _ => numbers(rows.of(&self.venue).iter().map(|venue| names.ward(registers.venue(*venue)?.ward))),
        })
    }
}

/// In the order of their numbers.
const MODES: [Mode; 4] = [Mode::Checkpoint, Mode::Patrol, Mode::PersonQr, Mode::VenueQr];

/// Some columns of new scans, as the table has them.
pub(crate) fn tapped(
    columns: &[usize],
    scans: &[&TappedScan],
    params: &Params,
    zone: &Arc<str>,
) -> Vec<ArrayRef> {
    let district =
        |scan: &TappedScan| params.districts.get(usize::from(scan.district?)).map(|row| &*row.code);
    let ward = |scan: &TappedScan| params.wards.get(usize::from(scan.ward?)).map(|row| &*row.code);
    let column = |column: &usize| match column {
        0 => text(scans.iter().map(|scan| Some(&*scan.person))),
        1 => text(scans.iter().map(|scan| Some(&*scan.venue))),
        2 => seconds(zone, scans.iter().map(|scan| scan.at.0)),
        3 => text(scans.iter().map(|scan| Some(mode_name(scan.mode)))),
        4 => text(scans.iter().map(|scan| scan.direction.map(direction_name))),
        5 => text(scans.iter().map(|scan| district(scan))),
        _ => text(scans.iter().map(|scan| ward(scan))),
    };
    columns.iter().map(column).collect()
}

const fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Checkpoint => "checkpoint",
        Mode::Patrol => "patrol",
        Mode::PersonQr => "person_qr",
        Mode::VenueQr => "venue_qr",
    }
}

const fn direction_name(direction: Direction) -> &'static str {
    match direction {
        Direction::In => "in",
        Direction::Out => "out",
    }
}
