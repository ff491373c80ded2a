//! Time as whole seconds UTC, local days, and the city's zone as a plain table.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::fmt;

/// Seconds of a minute, an hour, a day.
pub const MINUTE: i64 = 60;
pub const HOUR: i64 = 3_600;
pub const DAY: i64 = 86_400;

/// A moment: whole seconds since 1970-01-01T00:00:00Z. Written as RFC 3339 with `Z`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(pub i64);

/// A date: days since 1970-01-01. Written `2021-10-15`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Day(pub i32);

/// A month of birth; ages count from its first day. Written `1980-02`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    pub year: i32,
    /// 1-12.
    pub month: u32,
}

impl Time {
    /// The earliest time that an event may carry: 2000-01-01T00:00:00Z.
    pub const MIN: Self = Self(946_684_800);
    /// The first time that is too late for any event: 2100-01-01T00:00:00Z.
    pub const END: Self = Self(4_102_444_800);

    /// This moment moved by so many seconds.
    #[must_use]
    pub const fn plus(self, seconds: i64) -> Self {
        Self(self.0 + seconds)
    }

    /// The UTC hour it lies in, as hours since 1970.
    pub const fn utc_hour(self) -> i64 {
        self.0.div_euclid(HOUR)
    }

    /// Reads `YYYY-MM-DDTHH:MM:SSZ`, the one form that the journal holds.
    pub fn parse_utc(text: &str) -> Option<Self> {
        let (date, rest) = text.split_at_checked(10)?;
        let day = Day::parse(date)?;
        let clock = rest.strip_prefix('T')?.strip_suffix('Z')?;
        let mut parts = clock.split(':').map(two_digits);
        let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
        if parts.next().is_some() || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        Some(Self(i64::from(day.0) * DAY + i64::from(hour * 3_600 + minute * 60 + second)))
    }
}

fn two_digits(text: &str) -> Option<u32> {
    (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

impl Day {
    /// The day of a civil date of the Gregorian calendar, None where there is no such date.
    pub fn of(year: i32, month: u32, day: u32) -> Option<Self> {
        if !(1..=12).contains(&month) || day == 0 || day > days_in_month(year, month) {
            return None;
        }
        // Days from civil: counts years from March, so that the leap day comes last.
        let shifted = i64::from(year) - i64::from(month <= 2);
        let era = shifted.div_euclid(400);
        let year_of_era = shifted.rem_euclid(400);
        let day_of_year = (153 * ((i64::from(month) + 9) % 12) + 2) / 5 + i64::from(day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        i32::try_from(era * 146_097 + day_of_era - 719_468).ok().map(Self)
    }

    /// Year, month, day.
    pub fn civil(self) -> (i32, u32, u32) {
        let days = i64::from(self.0) + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        (narrow(year), narrow(month), narrow(day))
    }

    /// Reads `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return None;
        }
        let digits = |from: usize, to: usize| -> Option<u32> {
            let part = text.get(from..to)?;
            part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok()).flatten()
        };
        Self::of(i32::try_from(digits(0, 4)?).ok()?, digits(5, 7)?, digits(8, 10)?)
    }

    /// This day moved by so many days.
    #[must_use]
    pub const fn plus(self, days: i32) -> Self {
        Self(self.0 + days)
    }
}

/// Civil parts are small by construction; what could not fit is held at the bound.
fn narrow<T: TryFrom<i64> + Default>(value: i64) -> T {
    T::try_from(value).unwrap_or_default()
}

fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

impl Month {
    /// Age in whole years on a day, from the first of the birth month.
    pub fn age_on(self, day: Day) -> i32 {
        let (year, month, _) = day.civil();
        year - self.year - i32::from(month < self.month)
    }
}

/// The city's time zone: from each moment on, so many seconds east of UTC.
///
/// A plain table (filled from the zone database by the configuration), so that the core needs none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Offset before the first change.
    pub first_offset: i32,
    /// (from this moment, seconds east of UTC), ascending.
    pub changes: Vec<(Time, i32)>,
}

impl Zone {
    /// A zone that never changes.
    pub const fn fixed(seconds_east: i32) -> Self {
        Self { first_offset: seconds_east, changes: Vec::new() }
    }

    /// Seconds east of UTC in force at a moment.
    pub fn offset(&self, at: Time) -> i32 {
        // Nearly every moment asked for is after the last change.
        if let Some((_, offset)) = self.changes.last().filter(|(from, _)| *from <= at) {
            return *offset;
        }
        let after = self.changes.partition_point(|(from, _)| *from <= at);
        if after == 0 { self.first_offset } else { self.changes[after - 1].1 }
    }

    /// The local date.
    pub fn day(&self, at: Time) -> Day {
        Day(narrow((at.0 + i64::from(self.offset(at))).div_euclid(DAY)))
    }

    /// Seconds of the local clock since local midnight, 0..86 400.
    pub fn second_of_day(&self, at: Time) -> i64 {
        (at.0 + i64::from(self.offset(at))).rem_euclid(DAY)
    }

    /// The first moment whose local clock shows this date and so many seconds past midnight, or, where the
    /// clock jumps over it, the moment of the jump.
    pub fn at(&self, day: Day, seconds: i64) -> Time {
        let local = i64::from(day.0) * DAY + seconds;
        let mut at = Time(local - i64::from(self.offset(Time(local - DAY))));
        for _ in 0..2 {
            let other = Time(local - i64::from(self.offset(at)));
            if other >= at {
                break;
            }
            at = other;
        }
        if at.0 + i64::from(self.offset(at)) == local {
            return at;
        }
        // Either the later offset fits, or the local time does not exist.
        let later = Time(local - i64::from(self.offset(Time(local + DAY))));
        if later.0 + i64::from(self.offset(later)) == local {
            return later;
        }
        let jump = self.changes.iter().map(|(from, _)| *from).find(|from| *from >= later.min(at));
        jump.unwrap_or(at)
    }

    /// The last full local hour at or before a moment.
    pub fn hour_floor(&self, at: Time) -> Time {
        Time(at.0 - (at.0 + i64::from(self.offset(at))).rem_euclid(HOUR))
    }

    /// RFC 3339 in this zone, whole seconds: `2021-10-15T08:31:07+07:00`.
    pub fn write(&self, at: Time) -> String {
        let offset = self.offset(at);
        let (year, month, day) = self.day(at).civil();
        let second = self.second_of_day(at);
        let sign = if offset < 0 { '-' } else { '+' };
        let minutes = offset.unsigned_abs() / 60;
        format!(
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}{sign}{:02}:{:02}",
            second / 3_600,
            second / 60 % 60,
            second % 60,
            minutes / 60,
            minutes % 60
        )
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = Day(narrow(self.0.div_euclid(DAY))).civil();
        let second = self.0.rem_euclid(DAY);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
            second / 3_600,
            second / 60 % 60,
            second % 60
        )
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

macro_rules! as_text {
    ($type:ty, $what:literal, $parse:expr) => {
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Text;
                impl serde::de::Visitor<'_> for Text {
                    type Value = $type;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($what)
                    }
                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$type, E> {
                        $parse(text).ok_or_else(|| E::custom(concat!("not ", $what)))
                    }
                }
                deserializer.deserialize_str(Text)
            }
        }
    };
}
as_text!(Time, "a UTC time like 2021-10-15T01:31:07Z", Time::parse_utc);
as_text!(Day, "a date like 2021-10-15", Day::parse);

impl fmt::Debug for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let day = Day::parse(&format!("{text}-01"));
        let (year, month, _) = day.ok_or_else(|| D::Error::custom("not a month like 1980-02"))?.civil();
        Ok(Self { year, month })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_a_century_reads_back() {
        for n in 10_957..47_482 {
            let day = Day(n);
            assert_eq!(Day::parse(&day.to_string()), Some(day));
        }
    }

    #[test]
    fn a_time_reads_back_and_rubbish_does_not() {
        let at = Time::parse_utc("2021-10-15T01:31:07Z").unwrap();
        assert_eq!(at.to_string(), "2021-10-15T01:31:07Z");
        for bad in [
            "",
            "2021-10-15",
            "2021-13-01T00:00:00Z",
            "2021-02-29T00:00:00Z",
            "2021-10-15T24:00:00Z",
            "2021-10-15t00:00:00Z",
        ] {
            assert_eq!(Time::parse_utc(bad), None, "{bad}");
        }
    }

    #[test]
    fn local_midnight_in_hanoi_is_seventeen_utc() {
        let zone = Zone::fixed(7 * 3_600);
        let at = zone.at(Day::parse("2021-10-15").unwrap(), 0);
        assert_eq!(at.to_string(), "2021-10-14T17:00:00Z");
        assert_eq!(zone.write(at), "2021-10-15T00:00:00+07:00");
        assert_eq!(zone.day(at.plus(-1)).to_string(), "2021-10-14");
    }

    #[test]
    fn a_local_time_survives_a_change_of_offset() {
        let spring = Time::parse_utc("2021-03-28T01:00:00Z").unwrap();
        let autumn = Time::parse_utc("2021-10-31T01:00:00Z").unwrap();
        let zone = Zone { first_offset: 3_600, changes: vec![(spring, 7_200), (autumn, 3_600)] };
        let day = |text| Day::parse(text).unwrap();
        assert_eq!(zone.at(day("2021-03-28"), 0).to_string(), "2021-03-27T23:00:00Z");
        assert_eq!(zone.at(day("2021-03-28"), 2 * HOUR + 1_800), spring);
        assert_eq!(zone.at(day("2021-03-28"), 4 * HOUR).to_string(), "2021-03-28T02:00:00Z");
        assert_eq!(zone.at(day("2021-10-31"), 2 * HOUR + 1_800).to_string(), "2021-10-31T00:30:00Z");
        assert_eq!(zone.at(day("2021-10-31"), 4 * HOUR).to_string(), "2021-10-31T03:00:00Z");
    }
}
