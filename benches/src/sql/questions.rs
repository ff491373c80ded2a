//! Twenty questions of an outbreak team, in SQL that both engines read. Whole numbers, so that answers can be compared.

/// A question.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    pub name: &'static str,
    pub sql: &'static str,
}

macro_rules! questions {
    ($($name:ident: $sql:literal)*) => {
        /// All of them.
        pub const QUESTIONS: &[Question] = &[$(Question { name: stringify!($name), sql: $sql },)*];
    };
}

questions! {
    count: "SELECT count(*) FROM visits"
    one_day: "SELECT count(*), sum(seconds) FROM visits
        WHERE start_at >= TIMESTAMPTZ '2021-10-20 00:00:00+07' AND start_at < TIMESTAMPTZ '2021-10-21 00:00:00+07'"
    one_venue_hours: "SELECT person, seconds FROM visits WHERE venue = 'HN-000040'
        AND start_at < TIMESTAMPTZ '2021-10-20 09:00:00+07' AND end_at > TIMESTAMPTZ '2021-10-20 07:00:00+07'
        ORDER BY person, seconds"
    one_person: "SELECT venue, seconds FROM visits
        WHERE person = (SELECT min(person) FROM cases) ORDER BY venue, seconds"
    ten_venues: "SELECT venue, count(*), count(DISTINCT person) FROM visits
        WHERE venue IN ('HN-000001', 'HN-000010', 'HN-000020', 'HN-000030', 'HN-000040', 'HN-000050', 'HN-000060',
        'HN-000070', 'HN-000080', 'HN-000090') GROUP BY venue ORDER BY venue"
    busiest_venues: "SELECT venue, count(*) AS n FROM visits GROUP BY venue ORDER BY n DESC, venue LIMIT 20"
    by_kind: "SELECT p.type, count(*), sum(v.seconds) FROM visits v JOIN venues p ON p.venue = v.venue
        GROUP BY p.type ORDER BY p.type"
    by_district: "SELECT p.district, count(*) FROM visits v JOIN venues p ON p.venue = v.venue
        GROUP BY p.district ORDER BY p.district"
    by_hour: "SELECT date_part('hour', start_at) AS hour, count(*) FROM visits GROUP BY hour ORDER BY hour"
    by_day: "SELECT CAST(date_part('day', start_at) AS BIGINT) AS day, count(*), max(seconds) FROM visits
        GROUP BY day ORDER BY day"
    people_a_day: "SELECT count(DISTINCT person) FROM visits
        WHERE start_at >= TIMESTAMPTZ '2021-10-20 00:00:00+07' AND start_at < TIMESTAMPTZ '2021-10-21 00:00:00+07'"
    long_stays: "SELECT p.type, count(*) FROM visits v JOIN venues p ON p.venue = v.venue
        WHERE v.seconds > 7200 GROUP BY p.type ORDER BY p.type"
    longest_stays: "SELECT venue, person, seconds FROM visits ORDER BY seconds DESC, venue, person LIMIT 50"
    modes: "SELECT mode, direction, count(*) FROM scans GROUP BY mode, direction ORDER BY mode, direction"
    checkpoints: "SELECT district, count(*) FROM scans WHERE mode = 'checkpoint'
        AND scanned_at >= TIMESTAMPTZ '2021-10-25 00:00:00+07' GROUP BY district ORDER BY district"
    frequent_people: "SELECT person, count(*) AS n FROM visits
        WHERE start_at >= TIMESTAMPTZ '2021-10-26 00:00:00+07' GROUP BY person ORDER BY n DESC, person LIMIT 20"
    crowding: "SELECT venue, date_part('hour', start_at) AS hour, count(*) AS n FROM visits
        WHERE start_at >= TIMESTAMPTZ '2021-10-20 00:00:00+07' AND start_at < TIMESTAMPTZ '2021-10-21 00:00:00+07'
        GROUP BY venue, hour ORDER BY n DESC, venue, hour LIMIT 20"
    cases_at_venues: "SELECT v.venue, count(DISTINCT v.person) AS n, sum(v.seconds) AS s
        FROM visits v JOIN cases c ON c.person = v.person AND v.start_at < c.infectious_to AND v.end_at > c.infectious_from
        GROUP BY v.venue ORDER BY n DESC, s DESC, v.venue LIMIT 20"
    beside_a_case: "SELECT count(*), count(DISTINCT o.person) FROM visits m JOIN visits o ON o.venue = m.venue
        WHERE m.person = (SELECT min(person) FROM cases) AND o.person <> m.person
        AND o.start_at < m.end_at AND o.end_at > m.start_at"
    visits_a_person: "SELECT n, count(*) FROM (SELECT person, count(*) AS n FROM visits
        WHERE start_at >= TIMESTAMPTZ '2021-10-22 00:00:00+07' GROUP BY person) AS t GROUP BY n ORDER BY n"
}
