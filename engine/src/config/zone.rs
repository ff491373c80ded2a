//! The city's zone as a plain table, out of the zone database built into the binary.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use vonglau_core::time::{Time, Zone};

/// All changes between 2000 and 2100; None for a name that the database does not have.
pub fn zone(name: &str) -> Option<Zone> {
    let zone = TimeZone::get(name).ok()?;
    let begin = Timestamp::from_second(Time::MIN.0).ok()?;
    let changes = zone
        .following(begin)
        .map(|change| (Time(change.timestamp().as_second()), change.offset().seconds()))
        .take_while(|(from, _)| *from < Time::END)
        .collect();
    Some(Zone { first_offset: zone.to_offset(begin).seconds(), changes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hanoi_is_seven_hours_east_for_the_whole_century() {
        assert_eq!(zone("Asia/Ho_Chi_Minh").unwrap(), Zone::fixed(7 * 3_600));
        assert_eq!(zone("Asia/Hanoi"), None);
    }

    #[test]
    fn a_zone_with_summer_time_changes_twice_a_year_until_2099() {
        let berlin = zone("Europe/Berlin").unwrap();
        assert_eq!(berlin.changes.len(), 200);
        assert_eq!(berlin.offset(Time::parse_utc("2099-07-01T00:00:00Z").unwrap()), 7_200);
    }
}
