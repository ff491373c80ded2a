//! Paging: a cursor is the sort key of the last item given, so that each item is given once while lists change.

use super::asked::Asked;
use super::problem::Problem;
use crate::wire::{Page, written};
use vonglau_core::time::{Time, Zone};

/// The position of the stream that an answer is true for.
#[derive(Clone, Copy, Debug)]
pub struct Stamp {
    pub stream_seq: u64,
    pub event_time: Option<Time>,
}

/// A part of a sort key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Negative where the list descends.
    Number(i128),
    /// Of `A-Za-z0-9_.:-`.
    Text(String),
}

/// An item's sort key, which no other item of its list has.
pub type Key = Vec<Part>;

/// Parts are told apart by their first letter and separated by a sign that no id holds.
const SEPARATOR: char = '~';

/// The page that a query asks for of a list in the order of its keys. `shape` names the key's parts, `n` for a number
/// and `t` for a text. Only the items given are built.
pub fn page<R, T>(
    stamp: Stamp,
    rows: &[R],
    shape: &str,
    key: impl Fn(&R) -> Key,
    item: impl Fn(&R) -> T,
    (asked, zone): (&Asked, &Zone),
) -> Result<Page<T>, Problem> {
    let limit = asked.limit()?;
    let after = asked.text("cursor").map(|text| read(text, shape)).transpose()?;
    let first = after.map_or(0, |after| rows.partition_point(|row| key(row) <= after));
    let rest = rows.get(first..).unwrap_or_default();
    let given = rest.get(..limit.min(rest.len())).unwrap_or_default();
    let more = rest.len() > given.len();
    Ok(Page {
        stream_seq: stamp.stream_seq,
        event_time: written(zone, stamp.event_time),
        next: given.last().filter(|_| more).map(|last| write(&key(last))),
        items: given.iter().map(item).collect(),
    })
}

/// A whole list as one page.
pub fn whole<T>(stamp: Stamp, items: Vec<T>, zone: &Zone) -> Page<T> {
    let event_time = written(zone, stamp.event_time);
    Page { stream_seq: stamp.stream_seq, event_time, items, next: None }
}

fn write(key: &Key) -> String {
    let parts = key.iter().map(|part| match part {
        Part::Number(number) => format!("n{number}"),
        Part::Text(text) => format!("t{text}"),
    });
    parts.collect::<Vec<_>>().join(&SEPARATOR.to_string())
}

fn read(cursor: &str, shape: &str) -> Result<Key, Problem> {
    let parts: Option<Key> = cursor.split(SEPARATOR).map(read_part).collect();
    let fits = |key: &Key| {
        key.iter().map(|part| if matches!(part, Part::Number(_)) { 'n' } else { 't' }).eq(shape.chars())
    };
    parts.filter(fits).ok_or_else(|| Problem::field("cursor", "must be the `next` of the page before"))
}

fn read_part(text: &str) -> Option<Part> {
    match text.split_at_checked(1)? {
        ("n", number) => number.parse().ok().map(Part::Number),
        ("t", text) => Some(Part::Text(text.into())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// One page over (score descending, name), as the wire gives it.
    fn one(rows: &[(i64, String)], query: &[(&str, String)]) -> Result<Page<(i64, String)>, Problem> {
        let asked = Asked::of(query.iter().map(|(k, v)| ((*k).into(), v.clone())).collect());
        let stamp = Stamp { stream_seq: 1, event_time: None };
        let key = |row: &(i64, String)| vec![Part::Number(-i128::from(row.0)), Part::Text(row.1.clone())];
        page(stamp, rows, "nt", key, Clone::clone, (&asked, &Zone::fixed(0)))
    }

    fn sorted(mut rows: Vec<(i64, String)>) -> Vec<(i64, String)> {
        rows.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        rows.dedup();
        rows
    }

    proptest! {
        #[test]
        fn walking_the_pages_gives_each_item_once_while_others_come_and_go(
            stay in prop::collection::vec((-5_i64..5, "[a-zA-Z0-9_.:-]{1,6}"), 0..40),
            others in prop::collection::vec((-5_i64..5, "[a-zA-Z0-9_.:-]{1,6}"), 0..40),
            limit in 1_usize..7,
        ) {
            let stay = sorted(stay);
            let mut given = Vec::new();
            let mut cursor = None;
            for round in 0.. {
                // Every second page is asked of a list that holds other items beside.
                let now = if round % 2 == 0 { stay.clone() } else { sorted([stay.clone(), others.clone()].concat()) };
                let mut query = vec![("limit", limit.to_string())];
                query.extend(cursor.map(|cursor| ("cursor", cursor)));
                let page = one(&now, &query).map_err(|problem| TestCaseError::fail(problem.detail))?;
                prop_assert!(page.items.len() <= limit);
                given.extend(page.items);
                cursor = page.next;
                if cursor.is_none() {
                    break;
                }
            }
            prop_assert!(given.is_sorted_by(|a, b| b.0 < a.0 || (b.0 == a.0 && a.1 < b.1)));
            prop_assert!(stay.iter().all(|item| given.contains(item)));
        }

        #[test]
        fn what_is_no_cursor_is_answered_with_its_field(cursor in "[^~]{1,12}") {
            let problem = one(&[(1, "a".into())], &[("cursor", cursor)]).err();
            prop_assert_eq!(problem.and_then(|problem| problem.field), Some("cursor".into()));
        }
    }

    #[test]
    fn a_limit_out_of_bounds_is_answered_with_its_field() {
        for limit in ["0", "1001", "-1", "ten", "+5"] {
            let problem = one(&[], &[("limit", limit.into())]).err();
            assert_eq!(problem.and_then(|problem| problem.field).as_deref(), Some("limit"), "{limit}");
        }
    }
}
