//! Windows of time as SQL to copy. Each one is run by a test.

/// A piece of SQL that shows how something is done.
#[derive(Clone, Copy, Debug)]
pub struct Idiom {
    pub name: &'static str,
    pub sql: &'static str,
    /// What it shows, in Vietnamese and in English.
    pub vi: &'static str,
    pub en: &'static str,
}

/// All idioms, in the order to show.
pub fn idioms() -> &'static [Idiom] {
    &[
        Idiom {
            name: "tumbling windows",
            sql: "SELECT tumble(scanned_at, interval '15 minutes') AS start, count(*) AS scans
FROM scans GROUP BY start ORDER BY start",
            vi: "Đếm theo cửa sổ liền nhau 15 phút. Cửa sổ không có lượt nào thì không có dòng.",
            en: "Counts by back-to-back windows of 15 minutes. A window without scans has no row.",
        },
        Idiom {
            name: "hopping windows",
            sql: "SELECT start, count(*) AS scans
FROM (SELECT unnest(hop(scanned_at, interval '1 hour', interval '15 minutes')) AS start FROM scans)
GROUP BY start ORDER BY start",
            vi: "Đếm theo cửa sổ một giờ, cứ 15 phút mở một cửa sổ; mỗi lượt nằm trong bốn cửa sổ.",
            en: "Counts by windows of one hour, a new one every 15 minutes; each scan lies in four of them.",
        },
        Idiom {
            name: "tumbling windows with date_bin",
            sql: "SELECT date_bin(interval '1 day', scanned_at, timestamptz '2021-01-01T00:00:00+07:00') AS start,
  count(*) AS scans
FROM scans GROUP BY start ORDER BY start",
            vi: "Như trên bằng hàm chuẩn date_bin; gốc thứ ba đặt ranh giới ngày vào nửa đêm Hà Nội.",
            en: "The same with the standard date_bin; its third argument puts the days' borders at midnight in Hanoi.",
        },
        Idiom {
            name: "hopping windows with date_bin",
            sql: "SELECT date_bin(interval '15 minutes', scanned_at) - ago AS start, count(*) AS scans
FROM scans CROSS JOIN (VALUES (interval '0 minutes'), (interval '15 minutes'), (interval '30 minutes'),
  (interval '45 minutes')) AS steps(ago)
WHERE scanned_at IS NOT NULL GROUP BY start ORDER BY start",
            vi: "Cửa sổ gối nhau bằng hàm chuẩn: mỗi lượt nhân với bốn độ lùi.",
            en: "Hopping windows with standard functions only: each scan is joined to four steps back.",
        },
        Idiom {
            name: "windows without a row too",
            sql: "SELECT w.value AS start, count(s.person) AS scans
FROM generate_series(timestamptz '2021-10-15T00:00:00+07:00', timestamptz '2021-10-15T23:00:00+07:00',
  interval '1 hour') AS w
LEFT JOIN scans AS s ON tumble(s.scanned_at, interval '1 hour') = w.value
GROUP BY start ORDER BY start",
            vi: "Đủ 24 giờ của một ngày, giờ không có lượt nào thì 0.",
            en: "All 24 hours of a day, 0 where there was no scan.",
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::super::testing::Session;
    use super::*;

    async fn rows(name: &str) -> Vec<String> {
        let idiom = idioms().iter().find(|idiom| idiom.name == name).unwrap();
        Session::new().rows(idiom.sql).await
    }

    #[tokio::test]
    async fn every_idiom_runs() {
        for idiom in idioms() {
            assert!(!Session::new().rows(idiom.sql).await.is_empty(), "{}", idiom.name);
        }
    }

    #[tokio::test]
    async fn hop_counts_each_scan_in_four_windows_of_an_hour() {
        let rows = rows("hopping windows").await;
        assert_eq!(rows.len(), 14, "{rows:?}");
        assert!(rows.contains(&"2021-10-15T08:30:00+07:00|2".to_owned()), "{rows:?}");
        let scans: u32 = rows.iter().map(|row| row.rsplit_once('|').unwrap().1.parse::<u32>().unwrap()).sum();
        assert_eq!(scans, 24);
    }

    #[tokio::test]
    async fn date_bin_from_the_citys_midnight_counts_as_tumble_does() {
        let rows = rows("tumbling windows with date_bin").await;
        let counts: Vec<_> = rows.iter().filter_map(|row| Some(row.rsplit_once('|')?.1)).collect();
        assert_eq!(counts, ["1", "4", "1", "1"]);
    }

    #[tokio::test]
    async fn date_bin_hops_as_hop_does() {
        let counts = |rows: Vec<String>| -> Vec<String> {
            rows.iter().filter_map(|row| Some(row.rsplit_once('|')?.1.to_owned())).collect()
        };
        let standard = counts(rows("hopping windows with date_bin").await);
        assert_eq!(standard, counts(rows("hopping windows").await));
    }

    #[tokio::test]
    async fn an_hour_without_a_scan_is_there_with_nought() {
        let rows = rows("windows without a row too").await;
        assert_eq!(rows.len(), 24);
        assert!(rows.iter().any(|row| row == "2021-10-15T08:00:00+07:00|2"), "{rows:?}");
        assert!(rows.iter().any(|row| row.ends_with("|0")));
    }
}
