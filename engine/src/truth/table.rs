//! The report as a table for people, in both languages, with what each column counts.

use super::tally::{KindCounts, KindFigures, TruthReport};
use vonglau_core::params::Params;

#[rustfmt::skip]
const HEADS: [[&str; 10]; 2] = [
    ["Loại địa điểm", "Lây", "Biết nguồn", "Tìm thấy", "% nguồn biết", "% tất cả", "Tiếp xúc", "Bị lây", "Mỗi ca", "Chính xác"],
    ["Kind of venue", "Infected", "Known", "Found", "% of known", "% of all", "Contacts", "Caught it", "Per one", "Precision"],
];

const NOTES: &str = "
Lây           ca lây nhiễm thật tại địa điểm trong khoảng thời gian trên, theo bộ mô phỏng
Biết nguồn    trong đó: người lây đã được báo là F0 tính đến cuối khoảng
Tìm thấy      trong đó: người bị lây có trong danh sách tiếp xúc (F0 hoặc F1) của người lây
Tiếp xúc      cặp (F0, người tiếp xúc) có lần gặp trong danh sách ở loại địa điểm đó; dòng cuối đếm mỗi cặp một lần
Bị lây        cặp mà F0 đã lây cho người kia tại đó; Mỗi ca = Tiếp xúc ÷ Bị lây; Chính xác = Bị lây ÷ Tiếp xúc

Infected      infections that really happened at venues in the time above, as the simulator knows
Known         of these: whoever passed it on is a reported F0 by the end
Found         of these: the infected person is on the contact list (F0 or F1) of whoever passed it on
Contacts      pairs (F0, contact) with a listed meeting at that kind of venue; the last row counts each pair once
Caught it     pairs in which that F0 infected the other there; Per one = Contacts ÷ Caught it; Precision = the inverse
";

/// The whole text.
pub(super) fn write(report: &TruthReport, params: &Params) -> String {
    let mut rows: Vec<[String; 10]> = HEADS.map(|head| head.map(str::to_owned)).into();
    for (kind, counts) in &report.kinds {
        let known = params.venue_kinds.iter().find(|known| known.name == *kind);
        let name =
            known.map_or_else(|| kind.to_string(), |known| format!("{} · {}", known.name_vi, known.name_en));
        rows.push(row(name, *counts));
    }
    rows.push(row("Tất cả · All".to_owned(), report.all));
    let mut text = head(report);
    for row in &rows {
        write_row(&mut text, &rows, row);
    }
    text + NOTES
}

fn head(report: &TruthReport) -> String {
    let TruthReport { people, seed, from, until, cases, from_outside, missed, .. } = report;
    format!(
        "Truy vết so với sự thật của bộ mô phỏng · Tracing against the simulator's truth\n\
         {from} – {until}: {people} người · people, --seed {seed}, {cases} ca F0 · F0 cases\n\
         Lây từ ngoài, không tính · infected from outside, not counted: {from_outside}\n\
         Nguồn biết mà không tìm thấy · known source, not found: {} ngoài thời gian lây · outside the infectious \
         window, {} gặp chưa đủ lâu theo lượt quét · together too short by their scans\n\n",
        missed.outside_window, missed.too_short
    )
}

fn row(name: String, counts: KindCounts) -> [String; 10] {
    let figures = KindFigures::from(counts);
    let shown = |figure: Option<f64>, unit: &str| {
        figure.map_or_else(|| "–".to_owned(), |figure| format!("{figure:.1}{unit}"))
    };
    [
        name,
        counts.infections.to_string(),
        counts.known.to_string(),
        counts.found.to_string(),
        shown(figures.recall_of_known_pct, " %"),
        shown(figures.recall_of_all_pct, " %"),
        counts.contacts.to_string(),
        counts.contacts_infected.to_string(),
        shown(figures.contacts_per_infection, ""),
        shown(figures.precision_pct, " %"),
    ]
}

/// The first column flush left, the others flush right, as wide as their widest.
fn write_row(text: &mut String, rows: &[[String; 10]], row: &[String; 10]) {
    for (column, cell) in row.iter().enumerate() {
        let width = rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let gap = width - cell.chars().count();
        let gap = " ".repeat(gap);
        let parts = if column == 0 { [cell.as_str(), &gap, ""] } else { ["  ", &gap, cell] };
        text.push_str(&parts.concat());
    }
    text.push('\n');
}
