//! What went wrong, in words a person can act on, and the exit code for it.

use super::statement::Statement;
use super::text::{cut, plain, width};
use serde::Deserialize;
use std::io;

const REFUSED: u8 = 1;
const COULD_NOT_RUN: u8 = 2;
/// As shells give it for a process ended by SIGINT.
const CANCELLED: u8 = 130;

/// The service's word on why a statement has no answer (`application/problem+json`).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Problem {
    pub detail: String,
    /// Where in the statement, from 1.
    pub line: Option<u64>,
    pub column: Option<u64>,
    /// What may be meant instead.
    pub hint: Option<String>,
    /// The bound that was hit.
    pub bound: Option<String>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("{}", .0.detail)]
    Refused(Box<Problem>),
    #[error("{url}: không trả lời được lúc này · cannot answer now: {detail}")]
    Unavailable { url: String, detail: String },
    #[error("{url}: không tới được · cannot be reached: {why}")]
    Unreachable { url: String, why: String },
    #[error(
        "--to {url}: phải là địa chỉ như http://127.0.0.1:8080 · must be an address like http://127.0.0.1:8080"
    )]
    Address { url: String },
    #[error("{url}: không có SQL của Vọng Lâu ở đó · no SQL of Vọng Lâu answers there (HTTP {status})")]
    Stranger { url: String, status: u16 },
    #[error(
        "câu trả lời bị cắt ngang sau {bytes} byte, không trọn vẹn · the answer broke off after {bytes} bytes and is \
         not whole: {why}"
    )]
    BrokenOff { bytes: u64, why: String, bound: Option<String>, reachable: bool },
    #[error("{path}: {source}")]
    File { path: String, source: io::Error },
    #[error("{0}")]
    Usage(String),
    /// Whoever read the output has enough.
    #[error("")]
    ReaderGone,
    #[error("đã hủy · cancelled")]
    Cancelled,
}

impl Failure {
    /// The exit code: 1 a statement was refused, 2 it could not run.
    pub const fn code(&self) -> u8 {
        match self {
            Self::Refused(_) | Self::BrokenOff { reachable: true, .. } => REFUSED,
            Self::ReaderGone => 0,
            Self::Cancelled => CANCELLED,
            _ => COULD_NOT_RUN,
        }
    }

    /// All that is to be told, line by line; the place is marked in the statement's own line, at most so wide.
    pub fn told(&self, statement: Option<&Statement<'_>>, columns: usize) -> String {
        match self {
            Self::ReaderGone => String::new(),
            Self::Refused(problem) => problem.told(statement, columns),
            Self::BrokenOff { bound, .. } => {
                let bound = bound.iter().map(|bound| format!("\n{}", bound_told(bound)));
                format!("lỗi · error: {self}{}", bound.collect::<String>())
            }
            Self::Cancelled => self.to_string(),
            _ => format!("lỗi · error: {}", plain(&self.to_string())),
        }
    }
}

impl Problem {
    fn told(&self, statement: Option<&Statement<'_>>, columns: usize) -> String {
        let mut lines = Vec::new();
        let place = statement.zip(self.line.zip(self.column));
        let detail = plain(&self.detail);
        if let Some((statement, (line, column))) = place {
            let shown_line = statement.line + line - 1;
            let shown_column = if line == 1 { statement.column + column - 1 } else { column };
            lines.push(format!(
                "lỗi · error, dòng · line {shown_line}, cột · column {shown_column}: {detail}"
            ));
            lines.extend(marked(statement.sql, line, column, columns).into_iter().flatten());
        } else {
            lines.push(format!("lỗi · error: {detail}"));
        }
        lines.extend(self.hint.iter().map(|hint| format!("gợi ý · hint: {}", plain(hint))));
        lines.extend(self.bound.iter().map(|bound| bound_told(bound)));
        lines.join("\n")
    }
}

/// Which bound, and what to do.
fn bound_told(bound: &str) -> String {
    let what = match bound {
        "statement_timeout_s" => {
            "chạy quá lâu: hỏi ít ngày hơn, lọc sớm hơn · took too long: ask of fewer days, filter earlier"
        }
        "memory_mib" => {
            "cần quá nhiều bộ nhớ: ít cột, ít dòng hơn, gộp nhóm thô hơn · needs too much memory: fewer columns or rows, coarser groups"
        }
        "queries_per_user" | "queries" => {
            "quá nhiều câu cùng lúc: đợi một câu xong rồi hỏi lại · too many at once: wait for one to end, then ask again"
        }
        _ => "hỏi ít hơn · ask for less",
    };
    format!("giới hạn · bound: [sql] {} — {what}", plain(bound))
}

/// A line of the statement with a caret under the place; of a long line the part around it.
fn marked(sql: &str, line: u64, column: u64, columns: usize) -> Option<[String; 2]> {
    let index = |number: u64| usize::try_from(number).ok()?.checked_sub(1);
    let text = sql.lines().nth(index(line)?)?.replace('\t', " ");
    let before: String = text.chars().take(index(column)?).collect();
    let after = text.get(before.len()..)?;
    // What is before the place may take two thirds of the line.
    let room = columns.saturating_mul(2) / 3;
    let mut kept = before.as_str();
    while width(kept) > room {
        let first = kept.chars().next().map_or(0, char::len_utf8);
        kept = kept.get(first..).unwrap_or_default();
    }
    let begin =
        if kept.len() < before.len() { format!("…{}", plain(kept)) } else { plain(kept).into_owned() };
    let caret = format!("  {}^", " ".repeat(width(&begin)));
    let whole = format!("{begin}{}", plain(after));
    Some([format!("  {}", cut(&whole, columns.saturating_sub(2))), caret])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::statement::split;

    fn refused(line: u64, column: u64) -> Failure {
        Failure::Refused(Box::new(Problem {
            detail: "there is no column foo".to_owned(),
            line: Some(line),
            column: Some(column),
            hint: Some("did you mean food?".to_owned()),
            bound: None,
        }))
    }

    #[test]
    fn the_caret_stands_under_the_place_after_vietnamese_and_tabs() {
        let statements = split("SELECT 1;\nSELECT 'Chợ Hôm',\n\t'Bến xe', foo FROM t");
        let told = refused(2, 12).told(Some(&statements[1]), 80);
        assert_eq!(
            told,
            "lỗi · error, dòng · line 3, cột · column 12: there is no column foo\n   'Bến xe', foo FROM t\n             ^\ngợi ý · hint: did you mean food?"
        );
    }

    #[test]
    fn places_are_told_in_the_whole_text_but_marked_in_the_statement() {
        let statements = split("SELECT 1; SELECT foo");
        let told = refused(1, 8).told(Some(&statements[1]), 80);
        assert!(told.starts_with("lỗi · error, dòng · line 1, cột · column 18:"), "{told}");
        assert!(told.contains("\n  SELECT foo\n         ^\n"), "{told}");
    }

    #[test]
    fn of_a_long_line_the_part_around_the_place_is_shown() {
        let sql = format!("SELECT {}foo, {}", "a, ".repeat(100), "b, ".repeat(100));
        let [line, caret] = marked(&sql, 1, 308, 60).unwrap();
        assert!(width(&line) <= 60 && line.starts_with("  …") && line.ends_with('…'), "{line}");
        assert_eq!(line.chars().nth(caret.chars().count() - 1), Some('f'), "{line}\n{caret}");
    }

    #[test]
    fn a_place_beyond_the_statement_is_told_without_a_line() {
        let statements = split("SELECT 1");
        assert!(!refused(9, 1).told(Some(&statements[0]), 80).contains('^'));
        assert!(refused(1, 9).told(Some(&statements[0]), 80).contains("\n  SELECT 1\n          ^"));
    }

    #[test]
    fn exit_codes_tell_refused_from_not_run() {
        let broken = |reachable| Failure::BrokenOff { bytes: 0, why: String::new(), bound: None, reachable };
        assert_eq!(refused(1, 1).code(), 1);
        assert_eq!((broken(true).code(), broken(false).code()), (1, 2));
        assert_eq!(Failure::Unreachable { url: String::new(), why: String::new() }.code(), 2);
    }
}
