//! Worked questions: what an outbreak team really asks. Each is tried in a test.

/// A question with its statement.
#[derive(Clone, Copy, Debug)]
pub struct WorkedQuestion {
    pub id: &'static str,
    pub vi: &'static str,
    pub en: &'static str,
    pub sql: &'static str,
}

/// All of them.
pub const QUESTIONS: &[WorkedQuestion] = &[
    WorkedQuestion {
        id: "at-market",
        vi: "Ai ở chợ này hôm nay từ 7 đến 9 giờ?",
        en: "Who was at this market today between 7 and 9?",
        sql: "-- Đổi mã địa điểm, ngày và giờ · Change the venue, day and hours
SELECT v.person, v.start_at, v.end_at, v.seconds / 60 AS minutes
FROM visits v
WHERE v.venue = (SELECT venue FROM venues WHERE type = 'market' ORDER BY venue LIMIT 1)
  AND v.start_at < date_trunc('day', as_of()) + INTERVAL '9 hours'
  AND v.end_at > date_trunc('day', as_of()) + INTERVAL '7 hours'
ORDER BY v.start_at, v.person",
    },
    WorkedQuestion {
        id: "epi-curve",
        vi: "Đường cong dịch theo ngày khởi phát",
        en: "Epi curve by day of onset",
        sql: "SELECT local_date(coalesce(onset, sampled, reported_at)) AS day, found, count(*) AS cases
FROM cases
GROUP BY day, found
ORDER BY day, found",
    },
    WorkedQuestion {
        id: "attack-rate",
        vi: "Tỷ lệ tấn công theo loại địa điểm",
        en: "Attack rate by kind of venue",
        sql: "-- Trong số người tiếp xúc với F0 ở mỗi loại địa điểm, bao nhiêu phần trăm nay là ca bệnh?
-- Of those who shared a venue with a case, how many are cases themselves?
WITH f0 AS (
  SELECT v.venue, v.person, v.start_at, v.end_at FROM visits v JOIN cases c ON c.person = v.person
  WHERE v.start_at < c.infectious_to AND v.end_at > c.infectious_from
), met AS (
  SELECT DISTINCT f.venue, v.person FROM f0 f
  JOIN visits v ON v.venue = f.venue AND v.person <> f.person
  WHERE v.start_at < f.end_at - INTERVAL '15 minutes' AND v.end_at > f.start_at + INTERVAL '15 minutes'
)
SELECT p.type, count(*) AS exposed, count(c.person) AS became_cases,
       round(100.0 * count(c.person) / count(*), 1) AS attack_rate_pct
FROM met m JOIN venues p ON p.venue = m.venue
LEFT JOIN (SELECT DISTINCT person FROM cases) c ON c.person = m.person
GROUP BY p.type ORDER BY attack_rate_pct DESC, p.type",
    },
    WorkedQuestion {
        id: "doubled",
        vi: "Quận, huyện có số ca 7 ngày tăng gấp đôi",
        en: "Districts whose seven-day incidence doubled",
        sql: "WITH weeks AS (
  SELECT district,
         count(*) FILTER (WHERE reported_at > as_of() - INTERVAL '7 days') AS this_week,
         count(*) FILTER (WHERE reported_at <= as_of() - INTERVAL '7 days') AS week_before
  FROM cases WHERE reported_at > as_of() - INTERVAL '14 days' GROUP BY district
)
SELECT d.name, w.week_before, w.this_week, rate_per_100k(w.this_week, d.population) AS per_100k
FROM weeks w JOIN districts d ON d.code = w.district
WHERE w.this_week >= 2 * w.week_before AND w.this_week > 0
ORDER BY per_100k DESC",
    },
    WorkedQuestion {
        id: "f1-not-reached",
        vi: "F1 sau 24 giờ chưa ai liên hệ",
        en: "F1 not reached after 24 hours",
        sql: "SELECT k.person, min(c.reported_at) AS case_reported_at, max(k.last_at) AS last_contact_at,
       sum(k.seconds) / 60 AS minutes, r.district
FROM contacts k
JOIN cases c ON c.person = k.f0
LEFT JOIN (SELECT DISTINCT person FROM case_history WHERE stands) h ON h.person = k.person
LEFT JOIN residents r ON r.person = k.person
WHERE k.class = 'f1' AND h.person IS NULL
GROUP BY k.person, r.district
HAVING min(c.reported_at) <= as_of() - INTERVAL '24 hours'
   AND max(k.last_at) > as_of() - INTERVAL '14 days'
ORDER BY minutes DESC, k.person",
    },
    WorkedQuestion {
        id: "superspreading",
        vi: "Địa điểm siêu lây nhiễm: nhiều F0 gặp nhau nhất",
        en: "Superspreading venues: where most cases overlap",
        sql: "SELECT p.venue, p.name, p.type, p.district, count(DISTINCT v.person) AS cases,
       sum(v.seconds) / 3600 AS case_hours
FROM visits v
JOIN cases c ON c.person = v.person AND v.start_at < c.infectious_to AND v.end_at > c.infectious_from
JOIN venues p ON p.venue = v.venue
WHERE p.type <> 'home_area'
GROUP BY p.venue, p.name, p.type, p.district
HAVING count(DISTINCT v.person) >= 2
ORDER BY cases DESC, case_hours DESC
LIMIT 50",
    },
    WorkedQuestion {
        id: "delays",
        vi: "Chậm từ khởi phát đến lấy mẫu, báo ca, cách ly theo quận",
        en: "Delay from onset to sampling, report and isolation by district",
        sql: "SELECT d.name, count(*) AS cases,
       round(median(date_part('epoch', c.sampled - c.onset)) / 3600, 1) AS onset_to_sample_h,
       round(median(date_part('epoch', c.reported_at - c.sampled)) / 3600, 1) AS sample_to_report_h,
       round(median(date_part('epoch', c.isolated_at - c.reported_at)) / 3600, 1) AS report_to_isolation_h
FROM cases c JOIN districts d ON d.code = c.district
GROUP BY d.name ORDER BY cases DESC, d.name",
    },
    WorkedQuestion {
        id: "serial-interval",
        vi: "Khoảng cách thế hệ giữa các F0 đã gặp nhau",
        en: "Serial interval between cases that met",
        sql: "SELECT date_diff_days AS days, count(*) AS pairs FROM (
  SELECT local_date(b.onset) - local_date(a.onset) AS date_diff_days
  FROM contacts k
  JOIN cases a ON a.person = k.f0 JOIN cases b ON b.person = k.person
  WHERE k.class = 'f0' AND a.onset IS NOT NULL AND b.onset IS NOT NULL AND b.onset > a.onset
) GROUP BY date_diff_days ORDER BY days",
    },
    WorkedQuestion {
        id: "hot-cells",
        vi: "Ô nguy cơ cao nhất lúc này (bản đồ)",
        en: "Cells with the highest risk now (map)",
        sql: "SELECT cell, value, band FROM hex_risk WHERE res = 9 ORDER BY value DESC LIMIT 500",
    },
    WorkedQuestion {
        id: "scans-quarter-hours",
        vi: "Lượt quét mỗi 15 phút, 24 giờ qua",
        en: "Scans by quarter of an hour, last 24 hours",
        sql: "SELECT date_bin(INTERVAL '15 minutes', minute) AS quarter, sum(scans) AS scans
FROM district_minutes
WHERE minute > as_of() - INTERVAL '24 hours'
GROUP BY quarter ORDER BY quarter",
    },
    WorkedQuestion {
        id: "find-venue",
        vi: "Tìm địa điểm theo tên, không cần dấu",
        en: "Find a venue by name, without accents",
        sql: "SELECT venue, name, type, district, ward FROM venues
WHERE unaccent(lower(name)) LIKE '%cho%'
ORDER BY name LIMIT 100",
    },
    WorkedQuestion {
        id: "vaccinated-cases",
        vi: "Ca bệnh theo nhóm tuổi và số mũi tiêm",
        en: "Cases by age band and doses",
        sql: "SELECT age_band(r.age) AS age, coalesce(v.doses, 0) AS doses, count(*) AS cases
FROM (SELECT DISTINCT person FROM cases) c
JOIN residents r ON r.person = c.person
LEFT JOIN (SELECT person, count(*) AS doses FROM vaccinations GROUP BY person) v ON v.person = c.person
GROUP BY age_band(r.age), coalesce(v.doses, 0) ORDER BY age, doses",
    },
    WorkedQuestion {
        id: "late-sources",
        vi: "Nguồn gửi chậm nhất",
        en: "Sources that send latest",
        sql: "SELECT source, events, last_at, late_p50_s, late_p99_s FROM sources
ORDER BY late_p99_s DESC NULLS LAST LIMIT 50",
    },
];
