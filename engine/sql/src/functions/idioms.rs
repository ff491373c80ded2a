//! The windows of time that `docs/sql.md` shows, run as they stand there.

use super::testing::Session;

const DOC: &str = include_str!("../../../../docs/sql.md");

/// What stands under a heading as SQL.
fn shown(heading: &str) -> &'static str {
    let under = DOC.split("\n### ").find(|part| part.starts_with(&format!("{heading}\n")));
    under.and_then(|part| part.split("```sql\n").nth(1)?.split("```").next()).unwrap()
}

async fn rows(heading: &str) -> Vec<String> {
    Session::new().rows(shown(heading)).await
}

#[tokio::test]
async fn every_window_shown_gives_rows() {
    for heading in DOC.split("\n### ").skip(1).filter_map(|part| part.lines().next()) {
        assert!(!rows(heading).await.is_empty(), "{heading}");
    }
}

#[tokio::test]
async fn hop_counts_each_scan_in_four_windows_of_an_hour() {
    let rows = rows("Hopping windows").await;
    assert_eq!(rows.len(), 14, "{rows:?}");
    assert!(rows.contains(&"2021-10-15T08:30:00+07:00|2".to_owned()), "{rows:?}");
    let scans: u32 = rows.iter().map(|row| row.rsplit_once('|').unwrap().1.parse::<u32>().unwrap()).sum();
    assert_eq!(scans, 24);
}

#[tokio::test]
async fn date_bin_from_the_citys_midnight_counts_as_tumble_does() {
    let rows = rows("Tumbling windows with date_bin").await;
    let counts: Vec<_> = rows.iter().filter_map(|row| Some(row.rsplit_once('|')?.1)).collect();
    assert_eq!(counts, ["1", "4", "1", "1"]);
}

#[tokio::test]
async fn date_bin_hops_as_hop_does() {
    let counts = |rows: Vec<String>| -> Vec<String> {
        rows.iter().filter_map(|row| Some(row.rsplit_once('|')?.1.to_owned())).collect()
    };
    let standard = counts(rows("Hopping windows with date_bin").await);
    assert_eq!(standard, counts(rows("Hopping windows").await));
}

#[tokio::test]
async fn an_hour_without_a_scan_is_there_with_nought() {
    let rows = rows("Windows without a row too").await;
    assert_eq!(rows.len(), 24);
    assert!(rows.iter().any(|row| row == "2021-10-15T08:00:00+07:00|2"), "{rows:?}");
    assert!(rows.iter().any(|row| row.ends_with("|0")));
}
