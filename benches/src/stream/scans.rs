//! A city's scans as text, made as they are needed: in time order, the same for the same numbers, and so cheap that
//! the load's own share of the processor is small.

use crate::city::{START, mix};
use bytes::Bytes;
use vonglau_core::time::{DAY, HOUR, MINUTE, Time};

/// People and venues of the city.
pub const PEOPLE: u64 = 8_400_000;
pub const VENUES: u64 = 200_000;
const KINDS: [&str; 6] = ["market", "office", "school", "supermarket", "restaurant", "factory"];
/// Scans come in these hours of a day.
const OPEN_FROM: i64 = 6 * HOUR;
const OPEN_FOR: u64 = 14 * 3_600;
/// How long who scans out has stayed.
const STAY: u64 = 40 * 60;
/// A line is about so long.
const LINE_BYTES: usize = 160;

/// Visits in the order of their begin; four of five have an out.
#[derive(Clone, Debug)]
pub struct Scans {
    visits_a_day: u64,
    /// The first that is told of, and the next.
    first: u64,
    visit: u64,
    out_is_next: bool,
    /// The second of the last line, as text.
    second: (Time, String),
}

impl Scans {
    /// Begins with the first day; so many scans a day.
    pub fn new(scans_a_day: u64) -> Self {
        // Nine scans are five visits.
        let visits_a_day = (scans_a_day * 5 / 9).max(1);
        Self { visits_a_day, first: 0, visit: 0, out_is_next: false, second: (Time(0), String::new()) }
    }

    /// Goes on with the morning of that day after [`START`]; who is inside scans out no more.
    pub fn go_on_with_day(&mut self, day: u64) {
        self.first = day * self.visits_a_day;
        self.visit = self.first;
        self.out_is_next = false;
    }

    /// So many journaled scans, a line each.
    pub fn message(&mut self, lines: usize) -> Bytes {
        let mut text = Vec::with_capacity(lines * LINE_BYTES);
        for line in 0..lines {
            if line > 0 {
                text.push(b'\n');
            }
            self.line(&mut text);
        }
        text.into()
    }

    /// The next scan as a JSON object.
    pub fn line(&mut self, text: &mut Vec<u8>) {
        let lag = STAY * self.visits_a_day / OPEN_FOR;
        if self.out_is_next {
            self.out_is_next = false;
            let out = self.visit - 1 - lag;
            self.write(text, out, "out", self.at(out).plus(STAY.cast_signed()));
            return;
        }
        let visit = self.visit;
        self.visit += 1;
        self.out_is_next = visit >= self.first + lag && !mix(visit - lag).is_multiple_of(5);
        self.write(text, visit, "in", self.at(visit));
    }

    fn at(&self, visit: u64) -> Time {
        let (day, in_day) = (visit / self.visits_a_day, visit % self.visits_a_day);
        let second = in_day * OPEN_FOR / self.visits_a_day;
        START.plus(day.cast_signed() * DAY + OPEN_FROM + second.cast_signed())
    }

    fn write(&mut self, text: &mut Vec<u8>, visit: u64, way: &str, at: Time) {
        if self.second.0 != at {
            self.second = (at, at.to_string());
        }
        text.extend_from_slice(b"{\"at\":\"");
        text.extend_from_slice(self.second.1.as_bytes());
        text.extend_from_slice(b"\",\"direction\":\"");
        text.extend_from_slice(way.as_bytes());
        text.extend_from_slice(b"\",\"id\":\"");
        digits::<12>(text, visit);
        text.extend_from_slice(b"\",\"kind\":\"scan\",\"mode\":\"person_qr\",\"person\":\"P");
        digits::<15>(text, mix(mix(visit) % PEOPLE) % 1_000_000_000_000_000);
        text.extend_from_slice(b"\",\"venue\":\"HN-");
        digits::<6>(text, place(visit));
        text.extend_from_slice(b"\"}");
    }
}

/// The venue of a visit: few are large, most are small.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the venues")]
#[expect(clippy::cast_precision_loss, reason = "53 bits are kept on purpose")]
fn place(visit: u64) -> u64 {
    let unit = (mix(visit ^ 0x5eed) >> 11) as f64 / (1_u64 << 53) as f64;
    (unit.powi(5) * VENUES as f64) as u64
}

fn digits<const N: usize>(text: &mut Vec<u8>, mut n: u64) {
    let mut out = [b'0'; N];
    for digit in out.iter_mut().rev() {
        *digit += (n % 10).to_le_bytes()[0];
        n /= 10;
    }
    text.extend_from_slice(&out);
}

/// The venues' records, 500 a message.
pub fn registry() -> impl Iterator<Item = Bytes> {
    (0..VENUES / 500).map(|part| {
        let lines: Vec<String> = (part * 500..(part + 1) * 500).map(venue).collect();
        lines.join("\n").into()
    })
}

fn venue(n: u64) -> String {
    let (lat, lon) = (20_950_000 + mix(n * 2) % 150_000, 105_750_000 + mix(n * 2 + 1) % 150_000);
    let kind = KINDS[usize::try_from(n % 6).unwrap_or_default()];
    let at = START.plus(-DAY + MINUTE);
    // A last digit that is not 0 is the shortest form.
    format!(
        "{{\"at\":\"{at}\",\"id\":\"v{n}\",\"kind\":\"venue\",\"lat\":{}.{:06}1,\"lon\":{}.{:06}1,\"type\":\"{kind}\",\
         \"venue\":\"HN-{n:06}\"}}",
        lat / 1_000_000,
        lat % 1_000_000,
        lon / 1_000_000,
        lon % 1_000_000
    )
}
