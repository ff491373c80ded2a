//! Local days of the simulated city. Hanoi has kept UTC+7 without a change since 1975.

use vonglau_core::time::{DAY, Day, HOUR};

/// Seconds east of UTC.
const ZONE_S: i64 = 7 * HOUR;

/// The local date of a moment (seconds since 1970 UTC).
pub(super) fn day_of(at: i64) -> Day {
    Day((at + ZONE_S).div_euclid(DAY) as i32)
}

/// The moment of a local date's midnight.
pub(super) fn start_of(day: Day) -> i64 {
    i64::from(day.0) * DAY - ZONE_S
}

/// Monday 0 … Sunday 6.
pub(super) fn weekday(day: Day) -> u32 {
    // 1970-01-01 was a Thursday.
    (day.0 + 3).rem_euclid(7) as u32
}

/// Appends `2021-10-15T08:31:07+07:00`.
pub(super) fn write_time(out: &mut Vec<u8>, at: i64) {
    let local = at + ZONE_S;
    write_date(out, Day(local.div_euclid(DAY) as i32));
    let second = local.rem_euclid(DAY) as u32;
    out.push(b'T');
    two(out, second / 3_600);
    out.push(b':');
    two(out, second / 60 % 60);
    out.push(b':');
    two(out, second % 60);
    out.extend_from_slice(b"+07:00");
}

/// Appends `2021-10-15`.
pub(super) fn write_date(out: &mut Vec<u8>, day: Day) {
    let (year, month, day) = day.civil();
    two(out, year as u32 / 100);
    two(out, year as u32 % 100);
    out.push(b'-');
    two(out, month);
    out.push(b'-');
    two(out, day);
}

/// Appends two digits.
pub(super) fn two(out: &mut Vec<u8>, n: u32) {
    out.push(b'0' + (n / 10 % 10) as u8);
    out.push(b'0' + (n % 10) as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_midnight_is_written_as_such_and_its_weekday_is_known() {
        let day = Day::parse("2021-11-27").unwrap();
        let mut out = Vec::new();
        write_time(&mut out, start_of(day));
        assert_eq!(String::from_utf8(out).unwrap(), "2021-11-27T00:00:00+07:00");
        assert_eq!(day_of(start_of(day) - 1), day.plus(-1));
        assert_eq!(weekday(day), 5, "a Saturday");
    }
}
