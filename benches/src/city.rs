//! A synthetic city for measuring: the same scans for the same numbers, made a day at a time, in time order.
//!
//! Visits fall on people evenly and on venues by Zipf's law (0.8), as cities do. All is a function of (day, number),
//! so that nothing need be kept, and a rival can be fed the very same scans.

use vonglau_core::event::{Degrees, Direction, Event, Mode, Scan, ScanTag, Venue, VenueTag};
use vonglau_core::time::{DAY, MINUTE, Time};

/// Local midnight in Hanoi, 2021-10-15.
pub const START: Time = Time(1_634_230_800);
/// The venues' kinds, in turn.
pub const KINDS: [&str; 6] = ["market", "office", "school", "supermarket", "restaurant", "factory"];
/// Scans begin at 05:30 and go on for 16 hours; the busiest hour has a tenth of them.
const OPENS_S: f64 = 5.5 * 3_600.0;
const OPEN_S: f64 = 16.0 * 3_600.0;
/// Scans without a visit, per 100 visits: half are orphan outs, half checkpoints.
const LONE_PERCENT: u64 = 8;

/// How large the city is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub name: &'static str,
    pub people: u32,
    pub venues: u32,
    /// Days until the state is full.
    pub days: u32,
    pub visits_a_day: u32,
    /// Active cases of the large and of the small load.
    pub cases: u32,
    pub cases_few: u32,
    /// Scans measured together; after each there is one picture.
    pub chunk_scans: usize,
    /// Cases traced in each of ten rounds.
    pub traces_a_round: u32,
    /// Whether the city then grows to four times the visits.
    pub grows: bool,
}

impl Size {
    /// The size of that name: `small` and `5M` (to try everything out), `50M` or `200M` (50 M, then grown).
    pub fn named(name: &str) -> Option<Self> {
        let city = Self {
            name: "50M",
            people: 8_400_000,
            venues: 200_000,
            days: 21,
            visits_a_day: 50_000_000 / 21,
            cases: 20_000,
            cases_few: 200,
            chunk_scans: 250_000,
            traces_a_round: 100,
            grows: false,
        };
        match name {
            "small" => Some(Self {
                name: "small",
                people: 200_000,
                venues: 5_000,
                days: 5,
                visits_a_day: 56_000,
                cases: 100,
                cases_few: 10,
                chunk_scans: 25_000,
                traces_a_round: 10,
                grows: true,
            }),
            "5M" => Some(Self {
                name: "5M",
                people: 840_000,
                venues: 20_000,
                visits_a_day: 5_000_000 / 21,
                cases: 2_000,
                cases_few: 20,
                ..city
            }),
            "50M" => Some(city),
            "200M" => Some(Self { name: "200M", grows: true, ..city }),
            _ => None,
        }
    }
}

/// How a scan was meant; in the order in which scans of one second are walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    Out,
    OrphanOut,
    Checkpoint,
    In,
}

/// A scan in 16 bytes; people and venues are numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// Seconds since [`START`].
    pub at: u32,
    pub person: u32,
    pub way: Way,
    pub venue: u32,
}

impl Row {
    /// The event that the journal would hold.
    pub fn event(self) -> Event {
        let direction = match self.way {
            Way::In => Some(Direction::In),
            Way::Out | Way::OrphanOut => Some(Direction::Out),
            Way::Checkpoint => None,
        };
        Event::Scan(Scan {
            at: time(self.at),
            device: None,
            direction,
            id: "s".into(),
            kind: ScanTag,
            mode: if self.way == Way::Checkpoint { Mode::Checkpoint } else { Mode::PersonQr },
            person: person(self.person).into(),
            venue: venue(self.venue).into(),
        })
    }
}

/// The moment so many seconds after [`START`].
pub fn time(at: u32) -> Time {
    START.plus(i64::from(at))
}

/// `SplitMix64` (Steele, Lea, Flood 2014): one well-mixed number for each input.
pub fn mix(n: u64) -> u64 {
    let mut z = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A number in [0, 1).
#[expect(clippy::cast_precision_loss, reason = "53 bits are kept on purpose")]
pub fn unit(n: u64) -> f64 {
    (mix(n) >> 11) as f64 / (1_u64 << 53) as f64
}

/// A number in [0, bound).
#[expect(clippy::cast_possible_truncation, reason = "the remainder is below a u32")]
pub fn below(n: u64, bound: u32) -> u32 {
    (mix(n) % u64::from(bound)) as u32
}

/// The pseudonym of a person: 16 of `A-Za-z0-9_-`, 96 bits as the gateway makes them.
pub fn person(n: u32) -> Box<str> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bits = u128::from(mix(u64::from(n))) | u128::from(mix(u64::from(n) | 1 << 40)) << 64;
    let letter = |place: u32| char::from(LETTERS[(bits >> (6 * place) & 63) as usize]);
    (0..16).map(letter).collect::<String>().into()
}

/// The id of a venue; the busiest is 0.
pub fn venue(n: u32) -> Box<str> {
    format!("HN-{n:06}").into()
}

/// A venue's record.
pub fn record(n: u32, id: &str, venue_type: &str, at: Time) -> Event {
    let key = u64::from(n) | 1 << 41;
    Event::Venue(Venue {
        at,
        capacity: None,
        district: None,
        id: id.into(),
        kind: VenueTag,
        lat: Some(Degrees(20.95 + unit(key) * 0.15)),
        lon: Some(Degrees(105.75 + unit(key | 1 << 42) * 0.15)),
        name: None,
        venue_type: venue_type.into(),
        venue: venue(n),
        ward: None,
    })
}

/// The kind of a venue.
pub fn kind(n: u32) -> &'static str {
    KINDS[(n % 6) as usize]
}

/// All venues' records.
pub fn registry(size: Size) -> impl Iterator<Item = Event> {
    (0..size.venues).map(|n| record(n, &format!("v{n}"), kind(n), START.plus(-DAY)))
}

/// Who made the visit of that number on that day.
pub fn visitor(size: Size, day: u32, n: u32) -> u32 {
    below(key(day, n), size.people)
}

fn key(day: u32, n: u32) -> u64 {
    mix(u64::from(day) << 32 | u64::from(n))
}

/// A venue drawn by Zipf's law of 0.8: the inverse of its distribution, whole ranks in the middle of their share.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the venues")]
fn place(n: u64, venues: u32) -> u32 {
    let (least, most) = (0.5_f64.powf(0.2), (f64::from(venues) + 0.5).powf(0.2));
    let rank = (least + unit(n) * (most - least)).powi(5).round();
    (rank as u32).clamp(1, venues) - 1
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds of a day")]
fn second(n: u64) -> u32 {
    (OPENS_S + (unit(n) * 0.35 + unit(n ^ 1 << 43) * 0.65) * OPEN_S) as u32
}

/// All scans of one day in time order, with so many visits.
pub fn day(size: Size, day: u32, visits: u32) -> Vec<Row> {
    let mut rows = Vec::with_capacity(visits as usize * 2);
    let midnight = day * 86_400;
    for n in 0..visits {
        let key = key(day, n);
        let (who, at) = (visitor(size, day, n), midnight + second(key ^ 2));
        let venue = place(key ^ 3, size.venues);
        rows.push(Row { at, person: who, way: Way::In, venue });
        if !mix(key ^ 4).is_multiple_of(5) {
            let stay = 5 * 60 + below(key ^ 5, 100 * 60);
            rows.push(Row { at: at + stay, person: who, way: Way::Out, venue });
        }
        if mix(key ^ 6) % 100 < LONE_PERCENT {
            let way = if mix(key ^ 7).is_multiple_of(2) { Way::OrphanOut } else { Way::Checkpoint };
            let at = midnight + second(key ^ 8);
            rows.push(Row {
                at,
                person: below(key ^ 9, size.people),
                way,
                venue: place(key ^ 0xa, size.venues),
            });
        }
    }
    rows.sort_unstable();
    rows
}

/// What a day's rows are.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub scans: u32,
    pub visits: u32,
    pub lone: u32,
}

impl Counts {
    /// Counts further rows.
    pub fn add(&mut self, rows: &[Row]) {
        for row in rows {
            self.scans += 1;
            match row.way {
                Way::In => self.visits += 1,
                Way::OrphanOut | Way::Checkpoint => self.lone += 1,
                Way::Out => {}
            }
        }
    }
}

/// How long a visit may be at a venue of some kind, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Dwell {
    pub typical: u32,
    pub max: u32,
}

impl Dwell {
    /// From minutes.
    pub fn minutes(typical: i64, max: i64) -> Self {
        let seconds = |minutes: i64| u32::try_from(minutes * MINUTE).unwrap_or_default();
        Self { typical: seconds(typical), max: seconds(max) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> Size {
        Size { venues: 1_000, ..Size::named("small").unwrap_or_else(|| panic!("small is a size")) }
    }

    #[test]
    fn a_day_is_the_same_each_time_in_order_and_within_its_date() {
        let rows = day(small(), 3, 5_000);
        assert_eq!(rows, day(small(), 3, 5_000));
        assert!(rows.is_sorted() && rows.iter().all(|row| row.at / 86_400 == 3));
        let mut counts = Counts::default();
        counts.add(&rows);
        assert_eq!(counts.visits, 5_000);
        assert!((8_600..9_600).contains(&counts.scans) && (300..500).contains(&counts.lone), "{counts:?}");
    }

    #[test]
    fn venues_share_visits_by_zipfs_law() {
        let mut visits = [0_u32; 1_000];
        (0..200_000).for_each(|n| visits[place(n, 1_000) as usize] += 1);
        let weights: f64 = (1..=1_000).map(|rank| f64::from(rank).powf(-0.8)).sum();
        for rank in [1_u32, 2, 10, 100] {
            let share = f64::from(visits[rank as usize - 1]) / 200_000.0;
            let due = f64::from(rank).powf(-0.8) / weights;
            assert!((share / due - 1.0).abs() < 0.15, "rank {rank}: {share} for {due}");
        }
    }

    #[test]
    fn pseudonyms_are_sixteen_letters_and_all_differ() {
        let names: std::collections::BTreeSet<_> = (0..10_000).map(person).collect();
        assert_eq!(names.len(), 10_000);
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        assert!(names.iter().all(|name| name.len() == 16 && name.chars().all(fits)));
    }
}
