//! `visits`: what the scans make, by the rules of visits; cut at now.

use crate::city::City;
use crate::column::{Holds, TableDoc, column, seconds, truth};
use crate::pieces::{Begun, Chosen, Columns, begun_before, plan, row_filter};
use crate::pushdown::{Span, all_spans, span, texts};
use crate::read::{Asked, Reading, Rows, Source};
use arrow::array::{ArrayRef, Int64Array, UInt32Array};
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use std::sync::Arc;
use vonglau_core::moment::{Piece, RowFilter, VisitColumns, Wanted};

/// The table.
#[derive(Debug)]
pub struct Visits;

impl Source for Visits {
    fn doc(&self) -> TableDoc {
        TableDoc {
            name: "visits",
            vi: "Lần ghé địa điểm, suy ra từ các lượt quét; [start_at, end_at), không vượt quá hiện tại; cả trong kho lưu trữ",
            en: "Visits to venues as the scans make them; [start_at, end_at), none past now; those of the archive too",
            columns: vec![
                column("person", Holds::Person, "mã giả danh của người", "pseudonym of the person"),
                column("venue", Holds::Venue, "mã địa điểm", "id of the venue"),
                column("start_at", Holds::Time, "bắt đầu", "first second"),
                column(
                    "end_at",
                    Holds::Time,
                    "kết thúc; còn mở thì là hiện tại",
                    "end; now while it is open",
                ),
                column("seconds", Holds::Int, "thời gian", "how long").unit("s"),
                column("open", Holds::Bool, "chưa có lượt quét nào đóng lại", "no scan has closed it yet"),
            ],
        }
    }

    fn uses(&self, filter: &Expr) -> bool {
        let names = ["person", "venue"].iter().any(|column| texts(filter, column).is_some());
        names || ["start_at", "end_at"].iter().any(|column| span(filter, column).is_some())
    }

    fn plan(&self, asked: Asked, filters: &[Expr]) -> Result<Reading> {
        let span = |column: &str| all_spans(filters, column);
        let city = Arc::clone(&asked.city);
        let filter = row_filter(&city, filters, begun(span("start_at"), span("end_at")));
        let is_whole = city.cut.is_none() && filters.is_empty() && asked.columns.is_empty();
        let moment = &city.taken.moment;
        let rows = if is_whole { Rows::Exactly(moment.visits_count()) } else { Rows::about(moment.rows()) };
        Ok(plan::<VisitColumns>(asked, filter, rows))
    }
}

impl Columns for VisitColumns {
    const LASTING: Option<&'static str> = Some("seconds");

    fn begun(span: &dyn Fn(&str) -> Span) -> Begun {
        begun(span("start_at"), span("end_at"))
    }

    fn is_exact(column: &str) -> bool {
        ["person", "venue", "start_at"].contains(&column)
    }

    fn wanted(columns: &[usize], is_cut: bool) -> Wanted {
        let any = |of: &[usize]| columns.iter().any(|column| of.contains(column));
        // A day of the archive is told by the times.
        Wanted {
            person: any(&[0]),
            venue: any(&[1]),
            start: any(&[2, 3]) || is_cut,
            seconds: any(&[3, 4]) || is_cut,
            how: any(&[5]) || is_cut,
        }
    }

    fn read(city: &City, piece: &Piece, filter: &RowFilter, wanted: Wanted) -> Self {
        let mut columns = Self::default();
        city.taken.moment.visits(piece, filter, wanted, &mut columns);
        if let Some(cut) = city.cut {
            columns.cut(cut.from, cut.to, cut.edge);
        }
        columns
    }

    fn rows(&self) -> usize {
        self.rows
    }

    fn column(&self, city: &City, column: usize, rows: &Chosen) -> Result<ArrayRef> {
        Ok(match column {
            0 => Arc::new(UInt32Array::from(rows.of(&self.person).into_owned())),
            1 => Arc::new(UInt32Array::from(rows.of(&self.venue).into_owned())),
            2 => seconds(&city.zone, rows.of(&self.start).iter().copied()),
            3 => {
                let (starts, lasting) = (rows.of(&self.start), rows.of(&self.seconds));
                seconds(&city.zone, starts.iter().zip(lasting.iter()).map(|(start, seconds)| start + seconds))
            }
            4 => Arc::new(Int64Array::from(rows.of(&self.seconds).into_owned())),
            _ => truth(rows.of(&self.open).iter().copied().map(Some)),
        })
    }
}

/// When visits may have begun that start and end in some spans.
fn begun(starts: Span, ends: Span) -> Begun {
    let (from, to) = starts.seconds();
    let (ends_from, ends_to) = begun_before(ends);
    (from.max(ends_from), [to, ends_to].into_iter().flatten().min())
}
