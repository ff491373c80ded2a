//! A synthetic city for measuring: the same scans for the same numbers, venues of skewed size.

use vonglau_core::event::{
    CaseTag, CaseUpdate, Degrees, Direction, Event, Found, Mode, Scan, ScanTag, Status, Venue, VenueTag,
};
use vonglau_core::time::{DAY, HOUR, MINUTE, Time};

/// Local midnight in Hanoi, 2021-10-15.
pub const START: Time = Time(1_634_230_800);
const KINDS: [&str; 6] = ["market", "office", "school", "supermarket", "restaurant", "factory"];

/// How large the city is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub people: u64,
    pub venues: u64,
    pub days: u64,
    /// Visits a person and day (an in, and for four of five an out).
    pub visits_a_day: f64,
}

/// `SplitMix64` (Steele, Lea, Flood 2014): one well-mixed number for each input.
pub fn mix(n: u64) -> u64 {
    let mut z = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[expect(clippy::cast_precision_loss, reason = "53 bits are kept on purpose")]
fn unit(n: u64) -> f64 {
    (mix(n) >> 11) as f64 / (1_u64 << 53) as f64
}

/// The pseudonym of a person.
pub fn person(n: u64) -> Box<str> {
    format!("P{:015}", mix(n) % 1_000_000_000_000_000).into()
}

fn venue(n: u64) -> Box<str> {
    format!("HN-{n:06}").into()
}

/// The venues' records.
pub fn registry(size: Size) -> impl Iterator<Item = Event> {
    (0..size.venues).map(|n| {
        Event::Venue(Venue {
            at: START.plus(-DAY),
            capacity: None,
            district: None,
            id: format!("v{n}").into(),
            kind: VenueTag,
            lat: Some(Degrees(20.95 + unit(n * 2) * 0.15)),
            lon: Some(Degrees(105.75 + unit(n * 2 + 1) * 0.15)),
            name: None,
            venue_type: KINDS[usize::try_from(n % 6).unwrap_or(0)].into(),
            venue: venue(n),
            ward: None,
        })
    })
}

/// All scans of one day in time order.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "small counts"
)]
pub fn day(size: Size, day: u64) -> Vec<Event> {
    let visits = (size.people as f64 * size.visits_a_day) as u64;
    let mut scans = Vec::with_capacity(visits as usize * 2);
    let begin = START.plus(DAY * day.cast_signed());
    for n in 0..visits {
        let key = mix(day * 1_000_003 + 7) ^ n;
        let who = mix(key) % size.people;
        // Zipf of 0.8 by the inverse of its distribution.
        let place = (unit(key ^ 1).powi(5) * size.venues as f64) as u64;
        let at = begin.plus(6 * HOUR + (unit(key ^ 2) * 14.0 * HOUR as f64) as i64);
        scans.push(scan(who, place, at, Direction::In));
        if !mix(key ^ 3).is_multiple_of(5) {
            let stay = 5 * MINUTE + (unit(key ^ 4) * 100.0 * MINUTE as f64) as i64;
            scans.push(scan(who, place, at.plus(stay), Direction::Out));
        }
    }
    scans.sort_by_key(Event::at);
    scans
}

fn scan(who: u64, place: u64, at: Time, direction: Direction) -> Event {
    Event::Scan(Scan {
        at,
        device: None,
        direction: Some(direction),
        id: "s".into(),
        kind: ScanTag,
        mode: Mode::PersonQr,
        person: person(who),
        venue: venue(place),
    })
}

/// A case reported at a time.
pub fn case(n: u64, who: u64, at: Time, isolated: bool) -> Event {
    Event::Case(CaseUpdate {
        at,
        district: Some("007".into()),
        found: Some(Found::Community),
        id: format!("c{n}").into(),
        isolated_at: isolated.then_some(at),
        kind: CaseTag,
        onset: Some(at.plus(-DAY)),
        person: Some(person(who)),
        retracts: None,
        sampled: None,
        status: Some(Status::F0),
        supersedes: None,
        ward: None,
    })
}
