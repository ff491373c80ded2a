//! Texts with a form: times, dates, ids, tokens.

use vonglau_core::time::{DAY, Day, Time};

/// Longest id, venue or token, in characters.
pub const ID_CHARS_MAX: usize = 64;
/// Shortest token of a person, in characters.
const TOKEN_CHARS_MIN: usize = 4;
/// Greatest offset from UTC.
const OFFSET_SECONDS_MAX: i64 = 14 * 3_600;

/// Why a text is no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeFault {
    Form,
    Range,
}

/// Reads RFC 3339 with upper-case `T` and `Z`; fractions of a second are cut off before anything else.
///
/// # Errors
/// Where the text has another form, names no real moment, or lies outside [`Time::MIN`], [`Time::END`].
pub fn time(text: &str) -> Result<Time, TimeFault> {
    let at = moment(text).ok_or(TimeFault::Form)?;
    if at < Time::MIN || at >= Time::END { Err(TimeFault::Range) } else { Ok(at) }
}

fn moment(text: &str) -> Option<Time> {
    let (date, rest) = text.split_at_checked(10)?;
    let day = Day::parse(date)?;
    let (clock, rest) = rest.as_bytes().split_at_checked(9)?;
    let &[b'T', h1, h2, b':', m1, m2, b':', s1, s2] = clock else { return None };
    let (hour, minute, second) = (two_digits(h1, h2)?, two_digits(m1, m2)?, two_digits(s1, s2)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let offset = offset(after_fraction(rest)?)?;
    Some(Time(i64::from(day.0) * DAY + hour * 3_600 + minute * 60 + second - offset))
}

fn after_fraction(rest: &[u8]) -> Option<&[u8]> {
    let Some(fraction) = rest.strip_prefix(b".") else { return Some(rest) };
    let digits = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
    (digits > 0).then(|| &fraction[digits..])
}

fn offset(zone: &[u8]) -> Option<i64> {
    match *zone {
        [b'Z'] => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (two_digits(h1, h2)?, two_digits(m1, m2)?);
            let seconds = hours * 3_600 + minutes * 60;
            let fits = minutes < 60 && seconds <= OFFSET_SECONDS_MAX;
            fits.then_some(if sign == b'-' { -seconds } else { seconds })
        }
        _ => None,
    }
}

fn two_digits(tens: u8, ones: u8) -> Option<i64> {
    (tens.is_ascii_digit() && ones.is_ascii_digit())
        .then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
}

/// Reads a date; the years 1900-2099 are in range.
///
/// # Errors
/// Where the text has another form, names no real date, or is out of range.
pub fn date(text: &str) -> Result<Day, TimeFault> {
    let day = Day::parse(text).ok_or(TimeFault::Form)?;
    if (1900..2100).contains(&day.civil().0) { Ok(day) } else { Err(TimeFault::Range) }
}

/// 1-64 of `A-Za-z0-9_.:-`.
pub fn is_id(text: &str) -> bool {
    let of_id = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':' | b'-');
    (1..=ID_CHARS_MAX).contains(&text.len()) && text.bytes().all(of_id)
}

/// 4-64 of `A-Za-z0-9_-` with at least one letter.
pub fn is_token(text: &str) -> bool {
    let of_token = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    (TOKEN_CHARS_MIN..=ID_CHARS_MAX).contains(&text.len())
        && text.bytes().all(of_token)
        && text.bytes().any(|b| b.is_ascii_alphabetic())
}

/// A word of `a-z_`, at most 64 long.
pub fn is_word(text: &str) -> bool {
    (1..=ID_CHARS_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

/// Looks like a time (whether or not it is one): dates, colons, an offset, and no run of digits as long as a
/// personal number.
pub fn is_timelike(text: &str) -> bool {
    let of_time = |b: u8| {
        b.is_ascii_digit() || matches!(b, b'-' | b'+' | b':' | b'.' | b'T' | b'Z' | b't' | b'z' | b' ')
    };
    text.len() <= 40
        && text.bytes().all(of_time)
        && text.split(|c: char| !c.is_ascii_digit()).all(|run| run.len() < 12)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_cut_to_whole_seconds_and_turned_to_utc() {
        for (text, utc) in [
            ("2021-10-15T08:31:07+07:00", "2021-10-15T01:31:07Z"),
            ("2021-10-15T08:31:07.999999999999+07:00", "2021-10-15T01:31:07Z"),
            ("2021-10-15T08:31:07-14:00", "2021-10-15T22:31:07Z"),
            ("2000-01-01T00:00:00Z", "2000-01-01T00:00:00Z"),
            ("2099-12-31T23:59:59.9Z", "2099-12-31T23:59:59Z"),
            ("2100-01-01T05:00:00+07:00", "2099-12-31T22:00:00Z"),
            ("2020-02-29T00:00:00-00:00", "2020-02-29T00:00:00Z"),
        ] {
            assert_eq!(time(text).unwrap().to_string(), utc, "{text}");
        }
    }

    #[test]
    fn what_is_no_time_or_out_of_range_is_told_apart() {
        for text in ["1999-12-31T23:59:59.9Z", "2100-01-01T00:00:00Z", "0000-01-01T00:00:00Z"] {
            assert_eq!(time(text), Err(TimeFault::Range), "{text}");
        }
        for text in [
            "",
            "2021-10-15",
            "2021-10-15t08:31:07Z",
            "2021-10-15T08:31:07z",
            "2021-10-15 08:31:07Z",
            "2021-10-15T08:31:07",
            "2021-10-15T08:31:07.Z",
            "2021-10-15T08:31:07,5Z",
            "2021-10-15T08:31:07+14:01",
            "2021-10-15T08:31:07+07:60",
            "2021-10-15T08:31:07+0700",
            "2021-10-15T08:31:60Z",
            "2021-10-15T24:00:00Z",
            "2021-02-29T00:00:00Z",
            "2021-10-15T08:31Z",
            "+021-10-15T08:31:07Z",
            "2021-10-1\u{e9}T08:31:07Z",
            "2021-10-15T08:31:07Z ",
        ] {
            assert_eq!(time(text), Err(TimeFault::Form), "{text}");
        }
    }

    #[test]
    fn ids_and_tokens_have_their_letters_and_lengths() {
        assert!(is_id("HN-000123_a.b:c") && is_id("1") && is_id(&"a".repeat(64)));
        assert!(!is_id("") && !is_id(&"a".repeat(65)) && !is_id("a b") && !is_id("é") && !is_id("a/b"));
        assert!(is_token("P000001") && is_token("a_-1") && is_token(&"a".repeat(64)));
        assert!(
            !is_token("abc") && !is_token("1234-5678") && !is_token("a.bcd") && !is_token(&"a".repeat(65))
        );
    }

    #[test]
    fn a_personal_number_is_not_timelike() {
        assert!(
            is_timelike("1999-12-31T23:59:59.9Z") && !is_timelike("001080012345") && !is_timelike("tomorrow")
        );
    }
}
