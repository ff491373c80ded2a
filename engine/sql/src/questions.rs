//! Worked questions: what an outbreak team really asks. Each is tried in a test.

use vonglau_core::params::Params;

/// A question with its statement.
#[derive(Clone, Copy, Debug)]
pub struct WorkedQuestion {
    pub id: &'static str,
    pub vi: &'static str,
    pub en: &'static str,
    sql: &'static str,
}

impl WorkedQuestion {
    /// The statement, with the numbers of a city's configuration.
    pub fn sql(&self, params: &Params) -> String {
        let numbers = [
            ("{retention_days}", params.retention_days),
            ("{f1_follow_days}", params.contacts.f1_follow_days),
        ];
        numbers.iter().fold(self.sql.to_owned(), |sql, (name, number)| sql.replace(name, &number.to_string()))
    }
}

/// All of them.
pub const QUESTIONS: &[WorkedQuestion] = &[
    WorkedQuestion {
        id: "at-market",
        vi: "Ai ở chợ này hôm nay, 7–9 giờ?",
        en: "Who was at this market 7–9 am?",
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
        vi: "Đường cong theo ngày khởi phát",
        en: "Epi curve by day of onset",
        sql: "-- Không rõ khởi phát: ngày lấy mẫu, rồi ngày báo ca · Onset unknown: by the sample, else the report
SELECT local_date(coalesce(onset, sampled, reported_at)) AS day, found, count(*) AS cases
FROM cases
GROUP BY day, found
ORDER BY day, found",
    },
    WorkedQuestion {
        id: "attack-rate",
        vi: "Tỷ lệ tấn công theo loại địa điểm",
        en: "Attack rate by kind of venue",
        sql: "-- Người chưa mắc gặp F0 đang lây (từ 15 phút một ngày, gộp mọi nơi); bao nhiêu phần trăm mắc sau đó
-- Who, while well, met an infectious case (15 minutes of a day, all venues together); how many fell ill later
WITH sick AS (
  SELECT c.person AS f0, v.venue,
         greatest(v.start_at, c.infectious_from) AS start_at, least(v.end_at, c.infectious_to) AS end_at
  FROM cases c
  JOIN visits v ON v.person = c.person AND v.start_at < c.infectious_to AND v.end_at > c.infectious_from
), met AS (
  SELECT s.f0, v.person, v.venue,
         greatest(v.start_at, s.start_at) AS met_at, least(v.end_at, s.end_at) AS parted_at
  FROM sick s
  JOIN visits v ON v.venue = s.venue AND v.person <> s.f0 AND v.start_at < s.end_at AND v.end_at > s.start_at
), contact AS (
  SELECT *, sum(date_part('epoch', parted_at - met_at)) OVER (PARTITION BY f0, person, local_date(met_at)) AS of_day_s
  FROM met
), ill AS (
  SELECT person, coalesce(least(onset, sampled), reported_at) AS began_at, ended_at FROM cases
)
SELECT p.type, count(DISTINCT k.person) AS exposed, count(DISTINCT i.person) AS became_cases,
       round(100.0 * count(DISTINCT i.person) / count(DISTINCT k.person), 1) AS attack_rate_pct
FROM contact k
JOIN venues p ON p.venue = k.venue
LEFT JOIN ill i ON i.person = k.person AND i.began_at > k.met_at
WHERE k.of_day_s >= 15 * 60 AND NOT EXISTS (
  SELECT 1 FROM ill w
  WHERE w.person = k.person AND w.began_at <= k.met_at AND (w.ended_at IS NULL OR w.ended_at > k.met_at))
GROUP BY p.type ORDER BY attack_rate_pct DESC, p.type",
    },
    WorkedQuestion {
        id: "doubled",
        vi: "Quận có ca 7 ngày gấp đôi",
        en: "Districts: 7-day cases doubled",
        sql: "-- Như chỉ số của quận, huyện: ca tìm thấy ở cộng đồng hoặc không rõ
-- As the figure of the districts: cases found in the community, or not said where
WITH weeks AS (
  SELECT district,
         count(*) FILTER (WHERE reported_at > as_of() - INTERVAL '7 days') AS this_week,
         count(*) FILTER (WHERE reported_at <= as_of() - INTERVAL '7 days') AS week_before
  FROM cases
  WHERE reported_at > as_of() - INTERVAL '14 days' AND (found = 'community' OR found IS NULL)
  GROUP BY district
)
SELECT d.name, w.week_before, w.this_week, rate_per_100k(w.week_before, d.population) AS per_100k_before,
       rate_per_100k(w.this_week, d.population) AS per_100k
FROM weeks w JOIN districts d ON d.code = w.district
WHERE w.this_week >= 2 * w.week_before AND w.this_week > 0
ORDER BY per_100k DESC NULLS LAST, d.name",
    },
    WorkedQuestion {
        id: "f1-not-reached",
        vi: "F1 chưa ai liên hệ sau 24 giờ",
        en: "F1 not reached after 24 hours",
        sql: "-- F1 còn trong {f1_follow_days} ngày theo dõi, chưa ai ghi nhận là F1, F0 đầu tiên đã báo từ 24 giờ
-- F1 still within the {f1_follow_days} days whom nobody has recorded as F1, the first of whose F0s was reported 24 hours ago
WITH met AS (
  SELECT k.person, k.f0, k.last_at, k.last_began_at, k.seconds + k.indirect_seconds AS seconds,
         min(c.reported_at) AS reported_at
  FROM contacts k
  -- Đợt bệnh có lần gặp ấy · The episode in whose window they met
  JOIN cases c ON c.person = k.f0 AND k.first_at < c.infectious_to AND k.last_at > c.infectious_from
  -- Không kể kho lưu trữ · Without the archive
  WHERE k.class = 'f1'
    AND k.first_at >= date_trunc('day', as_of() - INTERVAL '4 hours') - INTERVAL '{retention_days} days' + INTERVAL '4 hours'
  GROUP BY k.person, k.f0, k.last_at, k.last_began_at, k.seconds + k.indirect_seconds
), f1 AS (
  SELECT person, count(*) AS cases, min(reported_at) AS case_reported_at, max(last_at) AS last_contact_at,
         local_date(max(last_began_at)) AS last_exposure, sum(seconds) / 60 AS minutes
  FROM met GROUP BY person
)
SELECT f.person, f.cases, f.case_reported_at, f.last_contact_at, f.minutes, r.district
FROM f1 f LEFT JOIN residents r ON r.person = f.person
WHERE f.case_reported_at <= as_of() - INTERVAL '24 hours'
  AND local_date(as_of()) - f.last_exposure <= {f1_follow_days}
  AND NOT EXISTS (
    SELECT 1 FROM case_history h
    WHERE h.person = f.person AND h.stands
      AND (h.status = 'f1'
        OR h.status IN ('recovered', 'cleared', 'deceased') AND local_date(h.at) >= f.last_exposure))
ORDER BY f.minutes DESC, f.person",
    },
    WorkedQuestion {
        id: "superspreading",
        vi: "Địa điểm siêu lây nhiễm",
        en: "Superspreading venues",
        sql: "-- Mỗi nơi: số F0 đang lây, số người gặp họ (từ 15 phút một ngày, gộp mọi nơi), số người mắc sau đó
-- Each venue: infectious cases, people who met them (15 minutes of a day, venues together), those who fell ill later
WITH sick AS (
  SELECT c.person AS f0, v.venue,
         greatest(v.start_at, c.infectious_from) AS start_at, least(v.end_at, c.infectious_to) AS end_at
  FROM cases c
  JOIN visits v ON v.person = c.person AND v.start_at < c.infectious_to AND v.end_at > c.infectious_from
), met AS (
  SELECT s.f0, v.person, v.venue,
         greatest(v.start_at, s.start_at) AS met_at, least(v.end_at, s.end_at) AS parted_at
  FROM sick s
  JOIN visits v ON v.venue = s.venue AND v.person <> s.f0 AND v.start_at < s.end_at AND v.end_at > s.start_at
), contact AS (
  SELECT *, sum(date_part('epoch', parted_at - met_at)) OVER (PARTITION BY f0, person, local_date(met_at)) AS of_day_s
  FROM met
), ill AS (
  SELECT person, coalesce(least(onset, sampled), reported_at) AS began_at, ended_at FROM cases
)
SELECT p.venue, p.name, p.type, p.district, count(DISTINCT k.f0) AS infectious_cases,
       count(DISTINCT k.person) AS met, count(DISTINCT i.person) AS fell_ill
FROM contact k
JOIN venues p ON p.venue = k.venue
LEFT JOIN ill i ON i.person = k.person AND i.began_at > k.met_at
WHERE k.of_day_s >= 15 * 60 AND p.type <> 'home_area'
GROUP BY p.venue, p.name, p.type, p.district
HAVING count(DISTINCT i.person) > 0
ORDER BY fell_ill DESC, infectious_cases, p.venue
LIMIT 50",
    },
    WorkedQuestion {
        id: "delays",
        vi: "Chậm báo ca, cách ly theo quận",
        en: "Delays from onset by district",
        sql: "-- Trung vị, giờ; âm: việc sau xảy ra trước, như cách ly trước khi báo ca
-- Medians in hours; negative: the second came first, as isolation before the report
SELECT d.name, count(*) AS cases,
       round(median(date_part('epoch', c.sampled - c.onset)) / 3600, 1) AS onset_to_sample_h,
       round(median(date_part('epoch', c.reported_at - c.sampled)) / 3600, 1) AS sample_to_report_h,
       round(median(date_part('epoch', c.isolated_at - c.reported_at)) / 3600, 1) AS report_to_isolation_h
FROM cases c LEFT JOIN districts d ON d.code = c.district
GROUP BY d.name ORDER BY cases DESC, d.name",
    },
    WorkedQuestion {
        id: "serial-interval",
        vi: "Khoảng cách thế hệ giữa các F0",
        en: "Serial interval between cases",
        sql: "-- Số ngày giữa hai lần khởi phát: gặp khi F0 trước đang lây, F0 sau khởi phát sau lần gặp
-- Days between two onsets: they met while the first was infectious, the second fell ill after that
-- pairs: mọi cặp · all pairs; likeliest: nguồn có điểm cao nhất · the source with the highest score alone
WITH met AS (
  SELECT k.f0, k.person, a.onset, min(k.first_at) AS first_at, sum(k.score) AS score
  FROM contacts k
  JOIN cases a ON a.person = k.f0 AND k.first_at < a.infectious_to AND k.last_at > a.infectious_from
  WHERE k.class = 'f0' AND a.onset IS NOT NULL
  GROUP BY k.f0, k.person, a.onset
), pairs AS (
  SELECT m.f0, m.person, m.onset, m.score, min(b.onset) AS next_onset
  FROM met m JOIN cases b ON b.person = m.person AND b.onset > m.onset AND b.onset > m.first_at
  GROUP BY m.f0, m.person, m.onset, m.score
), ranked AS (
  SELECT *, row_number() OVER (PARTITION BY person, next_onset ORDER BY score DESC, f0) AS place FROM pairs
)
SELECT local_date(next_onset) - local_date(onset) AS days, count(*) AS pairs,
       count(*) FILTER (WHERE place = 1) AS likeliest
FROM ranked GROUP BY days ORDER BY days",
    },
    WorkedQuestion {
        id: "hot-cells",
        vi: "Ô nguy cơ cao nhất lúc này",
        en: "Cells with the highest risk now",
        sql: "SELECT cell, value, band FROM hex_risk WHERE res = 9 ORDER BY value DESC, cell LIMIT 500",
    },
    WorkedQuestion {
        id: "scans-quarter-hours",
        vi: "Lượt quét mỗi 15 phút, 24 giờ",
        en: "Scans each 15 min, last 24 h",
        sql: "SELECT date_bin(INTERVAL '15 minutes', minute) AS quarter, sum(scans) AS scans
FROM district_minutes
WHERE minute >= date_bin(INTERVAL '15 minutes', as_of()) - INTERVAL '24 hours'
GROUP BY quarter ORDER BY quarter",
    },
    WorkedQuestion {
        id: "find-venue",
        vi: "Tìm địa điểm theo tên không dấu",
        en: "Find a venue without accents",
        sql: "SELECT venue, name, type, district, ward FROM venues
WHERE unaccent(lower(name)) LIKE 'cho %'
ORDER BY name, venue LIMIT 100",
    },
    WorkedQuestion {
        id: "vaccinated-cases",
        vi: "Ca theo nhóm tuổi và mũi tiêm",
        en: "Cases by age band and doses",
        sql: "-- Số mũi đã tiêm trước ngày mắc bệnh · Doses given before the day they fell ill
WITH ill AS (
  SELECT person, episode, local_date(coalesce(least(onset, sampled), reported_at)) AS day FROM cases
), doses AS (
  SELECT i.person, i.episode, max(v.dose) AS doses
  FROM ill i JOIN vaccinations v ON v.person = i.person AND v.given_on < i.day
  GROUP BY i.person, i.episode
), each AS (
  SELECT age_band(r.age) AS age, coalesce(d.doses, 0) AS doses
  FROM ill i
  LEFT JOIN residents r ON r.person = i.person
  LEFT JOIN doses d ON d.person = i.person AND d.episode = i.episode
)
SELECT age, doses, count(*) AS cases
FROM each GROUP BY age, doses
ORDER BY lpad(split_part(age, '-', 1), 2, '0'), doses",
    },
    WorkedQuestion {
        id: "late-sources",
        vi: "Nguồn gửi chậm nhất",
        en: "Sources that send latest",
        sql: "SELECT source, events, last_at, late_p50_s, late_p99_s FROM sources
ORDER BY late_p99_s DESC NULLS LAST, source LIMIT 50",
    },
];
