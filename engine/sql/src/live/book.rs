//! What a feed holds: its position, the whole result, and the frames of those who come back. Pure.

use super::LiveBounds;
use super::rows::{Change, RESULT_BYTES_MAX, Row, fold, join, keep_newest};
use std::collections::VecDeque;
use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};
use vonglau_dashboard::port::live::LiveFrame;

/// Changes since the result was last put together: not more than so many rows, or those of the result itself.
const LOG_ROWS_MIN: usize = 4_096;

/// For which moment something is true, and what it took.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    pub stream_seq: u64,
    /// As JSON.
    pub event_time: String,
    pub cost_ms: u128,
    pub every_s: f64,
}

/// What all frames of a query have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// As JSON.
    pub columns: String,
    /// `deltas` or `rerun`.
    pub kept_by: &'static str,
}

/// How a listener goes on.
#[derive(Debug)]
pub enum Way {
    /// It has everything.
    UpToDate,
    Frame(u64, Arc<LiveFrame>),
    /// What it needs is not held: it begins with the whole result.
    Anew,
}

#[derive(Debug)]
struct Held {
    at: Instant,
    frame: Arc<LiveFrame>,
}

/// A feed's book. Empty until the first result is in it.
#[derive(Debug)]
pub struct Book {
    position: u64,
    head: Option<Head>,
    told: Told,
    base: Arc<Vec<Row>>,
    /// What changed since the base.
    log: Vec<Change>,
    log_rows: usize,
    log_bytes: usize,
    truncated: bool,
    /// The frames up to the position, without a gap.
    held: VecDeque<Held>,
    held_bytes: usize,
    held_bytes_max: usize,
    held_for: Duration,
    rows_max: usize,
    /// The whole result at this position, once somebody wants it.
    snapshot: Option<Arc<LiveFrame>>,
}

impl Book {
    /// Its first result will be at `first`. Results have `rows_max` rows at most.
    pub fn new(first: u64, bounds: &LiveBounds) -> Self {
        Self {
            position: first - 1,
            head: None,
            told: Told::default(),
            base: Arc::default(),
            log: Vec::new(),
            log_rows: 0,
            log_bytes: 0,
            truncated: false,
            held: VecDeque::new(),
            held_bytes: 0,
            held_bytes_max: bounds.held_bytes,
            held_for: bounds.held,
            rows_max: usize::MAX,
            snapshot: None,
        }
    }

    /// Of the last frame, or of the result that is yet to come.
    pub fn position(&self) -> u64 {
        self.position
    }

    pub fn is_empty(&self) -> bool {
        self.head.is_none()
    }

    /// A whole result that does not follow from the one before: whoever holds that begins anew.
    pub fn begin(&mut self, head: Head, told: Told, rows: Arc<Vec<Row>>, truncated: bool, rows_max: usize) {
        self.position += 1;
        self.held.clear();
        self.held_bytes = 0;
        self.head = Some(head);
        self.rows_max = rows_max;
        self.replace(told, rows, truncated);
    }

    /// What changed, as a frame; and what it led to, where that was made anyway. Nothing changed: only its moment is
    /// noted, and no frame is made.
    pub fn go_on(
        &mut self,
        change: Change,
        told: Told,
        whole: Option<(Arc<Vec<Row>>, bool)>,
        now: Instant,
    ) -> bool {
        if change.is_empty() {
            self.told = told;
            return false;
        }
        self.position += 1;
        let mut fields = self.position_fields(self.position, &told);
        change.write(&mut fields);
        self.hold(Arc::new(LiveFrame::new(fields)), now);
        if let Some((rows, truncated)) = whole {
            self.replace(told, rows, truncated);
        } else {
            self.told = told;
            self.snapshot = None;
            self.log_rows += change.len();
            self.log_bytes += change.bytes();
            self.log.push(change);
            if self.log_rows > LOG_ROWS_MIN.max(self.base.len()) || self.log_bytes > RESULT_BYTES_MAX {
                self.put_together();
            }
        }
        true
    }

    fn replace(&mut self, told: Told, rows: Arc<Vec<Row>>, truncated: bool) {
        (self.told, self.base, self.truncated) = (told, rows, truncated);
        self.clear_log();
        self.snapshot = None;
    }

    fn clear_log(&mut self) {
        self.log.clear();
        (self.log_rows, self.log_bytes) = (0, 0);
    }

    /// The rows now; the newest of them, where there are too many.
    fn put_together(&mut self) {
        if !self.log.is_empty() {
            let mut rows = fold(&self.base, &self.log);
            self.clear_log();
            self.truncated |= keep_newest(&mut rows, self.rows_max);
            self.base = Arc::new(rows);
        }
    }

    /// The whole result now.
    pub fn rows(&mut self) -> (Arc<Vec<Row>>, bool) {
        self.put_together();
        (Arc::clone(&self.base), self.truncated)
    }

    fn hold(&mut self, frame: Arc<LiveFrame>, now: Instant) {
        self.held_bytes += frame.fields().len();
        self.held.push_back(Held { at: now, frame });
        while let Some(oldest) = self.held.front()
            && (self.held_bytes > self.held_bytes_max || now.duration_since(oldest.at) > self.held_for)
        {
            self.held_bytes -= oldest.frame.fields().len();
            self.held.pop_front();
        }
    }

    /// How somebody goes on who has everything up to a position.
    pub fn after(&self, position: u64) -> Way {
        let first_held = self.position - self.held.len() as u64;
        let Some(behind) = position.checked_sub(first_held).filter(|_| position <= self.position) else {
            return Way::Anew;
        };
        match usize::try_from(behind).ok().and_then(|behind| self.held.get(behind)) {
            Some(held) => Way::Frame(position + 1, Arc::clone(&held.frame)),
            None => Way::UpToDate,
        }
    }

    /// The whole result, written when it is first wanted at a position.
    pub fn snapshot(&mut self) -> Option<Arc<LiveFrame>> {
        self.head.as_ref()?;
        if let Some(snapshot) = &self.snapshot {
            return Some(Arc::clone(snapshot));
        }
        self.put_together();
        let mut fields = self.position_fields(self.position, &self.told);
        self.write_head(&mut fields);
        fields.push_str(",\"snapshot\":[");
        join(self.base.iter().map(|row| &*row.text), &mut fields);
        // Writing to a string cannot fail.
        let _ = write!(fields, "],\"truncated\":{}", self.truncated);
        let snapshot = Arc::new(LiveFrame::new(fields));
        self.snapshot = Some(Arc::clone(&snapshot));
        Some(snapshot)
    }

    /// Says to one who comes back that frames go on after its position.
    pub fn resumed(&self, position: u64) -> Arc<LiveFrame> {
        let mut fields = format!(r#""position":{position},"resumed":true"#);
        self.write_head(&mut fields);
        Arc::new(LiveFrame::new(fields))
    }

    fn position_fields(&self, position: u64, told: &Told) -> String {
        format!(r#""position":{position},"stream_seq":{},"event_time":{}"#, told.stream_seq, told.event_time)
    }

    fn write_head(&self, fields: &mut String) {
        let Some(Head { columns, kept_by }) = &self.head else { return };
        let Told { cost_ms, every_s, .. } = self.told;
        let _ = write!(
            fields,
            r#","columns":{columns},"kept_by":"{kept_by}","cost_ms":{cost_ms},"every_s":{every_s}"#
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::{diff, testing::rows};
    use super::*;

    fn begun(bounds: &LiveBounds, texts: &[&str]) -> Book {
        let mut book = Book::new(5, bounds);
        let head = Head { columns: "[]".to_owned(), kept_by: "rerun" };
        book.begin(head, told(1), Arc::new(rows(texts)), false, 100);
        book
    }

    fn told(stream_seq: u64) -> Told {
        Told { stream_seq, event_time: "null".to_owned(), cost_ms: 3, every_s: 1.0 }
    }

    fn add(book: &mut Book, text: &str, now: Instant) {
        let change = Change { added: rows(&[text]), ..Change::default() };
        assert!(book.go_on(change, told(2), None, now));
    }

    #[test]
    fn each_change_is_one_position_further_and_nothing_is_none() {
        let (mut book, now) = (begun(&LiveBounds::default(), &["a"]), Instant::now());
        assert_eq!(book.position(), 5);
        assert!(!book.go_on(Change::default(), told(9), None, now));
        assert_eq!(book.position(), 5);
        add(&mut book, "b", now);
        add(&mut book, "c", now);
        let Way::Frame(6, frame) = book.after(5) else { panic!("{:?}", book.after(5)) };
        assert_eq!(frame.fields(), r#""position":6,"stream_seq":2,"event_time":null,"added":[["b"]]"#);
        assert!(matches!(book.after(6), Way::Frame(7, _)));
        assert!(matches!(book.after(7), Way::UpToDate));
        assert!(matches!(book.after(8), Way::Anew), "nobody can hold what is not there yet");
        assert!(matches!(book.after(4), Way::Anew), "before the first result there was another feed");
    }

    #[test]
    fn the_whole_result_has_all_changes_in_it() {
        let (mut book, now) = (begun(&LiveBounds::default(), &["a", "b"]), Instant::now());
        let change = diff(&rows(&["a", "b"]), &rows(&["b", "c"]));
        book.go_on(change, told(3), None, now);
        let snapshot = book.snapshot().unwrap();
        assert_eq!(
            snapshot.fields(),
            "\"position\":6,\"stream_seq\":3,\"event_time\":null,\"columns\":[],\"kept_by\":\"rerun\",\"cost_ms\":3,\
             \"every_s\":1,\"snapshot\":[[\"b\"],[\"c\"]],\"truncated\":false"
        );
        assert!(Arc::ptr_eq(&snapshot, &book.snapshot().unwrap()), "it is written once");
    }

    #[test]
    fn what_is_held_is_bounded_in_bytes_and_in_time() {
        let bounds = LiveBounds { held_bytes: 200, ..LiveBounds::default() };
        let (mut book, now) = (begun(&bounds, &[]), Instant::now());
        (0..10).for_each(|n| add(&mut book, &format!("{n}"), now));
        assert!(book.held_bytes <= 200 && !book.held.is_empty());
        assert!(matches!(book.after(5), Way::Anew));
        assert!(matches!(book.after(book.position() - 1), Way::Frame(..)));
        add(&mut book, "late", now + bounds.held + Duration::from_secs(1));
        assert_eq!(book.held.len(), 1, "the others are too old");
    }

    #[test]
    fn a_change_larger_than_all_that_is_held_makes_everybody_begin_anew() {
        let bounds = LiveBounds { held_bytes: 10, ..LiveBounds::default() };
        let mut book = begun(&bounds, &[]);
        add(&mut book, "more than ten bytes", Instant::now());
        assert!(matches!(book.after(5), Way::Anew));
        assert!(matches!(book.after(6), Way::UpToDate));
    }

    #[test]
    fn a_result_that_does_not_follow_lets_nobody_go_on() {
        let (mut book, now) = (begun(&LiveBounds::default(), &["a"]), Instant::now());
        add(&mut book, "b", now);
        let head = Head { columns: "[]".to_owned(), kept_by: "deltas" };
        book.begin(head, told(4), Arc::new(rows(&["z"])), false, 100);
        assert!(matches!(book.after(6), Way::Anew));
        assert!(matches!(book.after(7), Way::UpToDate));
    }

    #[test]
    fn the_newest_rows_stay_where_there_are_too_many() {
        let (mut book, now) = (begun(&LiveBounds::default(), &[]), Instant::now());
        (0..150).for_each(|n| add(&mut book, &format!("{n}"), now));
        let (held, truncated) = book.rows();
        assert_eq!((held.len(), truncated), (100, true));
        assert_eq!(held.last(), rows(&["149"]).last());
    }

    #[test]
    fn long_rows_take_no_more_room_than_a_result_may_have() {
        let (mut book, now) = (begun(&LiveBounds::default(), &[]), Instant::now());
        for n in 0..90 {
            add(&mut book, &format!("{n}{}", "x".repeat(1 << 20)), now);
            let base: usize = book.base.iter().map(|row| row.text.len()).sum();
            assert!(base <= RESULT_BYTES_MAX && book.log_bytes <= RESULT_BYTES_MAX);
        }
        let (held, truncated) = book.rows();
        assert!(truncated && held.len() < 16);
        assert!(held.last().is_some_and(|row| row.text.starts_with("[\"89x")), "the newest stays");
    }
}
