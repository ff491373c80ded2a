//! Settings of a session: what `SET`, `SHOW` and `current_setting` speak of.

use super::errors::{error, hinted, state};
use datafusion_postgres::pgwire::error::PgWireResult;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The version of PostgreSQL whose manner of speaking this follows; clients choose their catalog queries by it.
pub const SERVER_VERSION: &str = "15.6";
const SERVER_VERSION_NUM: &str = "150006";

/// How a setting behaves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Always this.
    Fixed,
    /// Can be set; has no effect, or only on what the client does.
    Free,
    /// Milliseconds, at most the bound.
    Timeout,
    /// A name of the zone database.
    Zone,
    /// Only dates as ISO 8601 are written.
    Dates,
    /// UTF-8 and nothing else.
    Encoding,
}

/// Name as it is told to clients, first value, behaviour, whether clients are told of it and its changes.
const KNOWN: &[(&str, &str, Kind, bool)] = &[
    ("application_name", "", Kind::Free, true),
    ("bytea_output", "hex", Kind::Fixed, false),
    ("client_encoding", "UTF8", Kind::Encoding, true),
    ("client_min_messages", "notice", Kind::Free, false),
    ("DateStyle", "ISO, YMD", Kind::Dates, true),
    ("default_transaction_deferrable", "off", Kind::Free, false),
    ("default_transaction_isolation", "read committed", Kind::Fixed, false),
    ("default_transaction_read_only", "on", Kind::Fixed, true),
    ("extra_float_digits", "1", Kind::Free, false),
    ("idle_in_transaction_session_timeout", "0", Kind::Free, false),
    ("in_hot_standby", "off", Kind::Fixed, true),
    ("integer_datetimes", "on", Kind::Fixed, true),
    ("IntervalStyle", "postgres", Kind::Fixed, true),
    ("is_superuser", "off", Kind::Fixed, true),
    ("jit", "off", Kind::Free, false),
    ("lc_collate", "C", Kind::Fixed, false),
    ("lc_ctype", "C", Kind::Fixed, false),
    ("lock_timeout", "0", Kind::Free, false),
    ("max_identifier_length", "63", Kind::Fixed, false),
    ("max_index_keys", "32", Kind::Fixed, false),
    ("password_encryption", "scram-sha-256", Kind::Fixed, false),
    ("row_security", "on", Kind::Free, false),
    ("search_path", "public", Kind::Free, false),
    ("server_encoding", "UTF8", Kind::Fixed, true),
    ("server_version", SERVER_VERSION, Kind::Fixed, true),
    ("server_version_num", SERVER_VERSION_NUM, Kind::Fixed, false),
    ("session_authorization", "", Kind::Fixed, true),
    ("standard_conforming_strings", "on", Kind::Fixed, true),
    ("statement_timeout", "0", Kind::Timeout, false),
    ("synchronous_commit", "on", Kind::Free, false),
    ("TimeZone", "", Kind::Zone, true),
    ("transaction_deferrable", "off", Kind::Free, false),
    ("transaction_isolation", "read committed", Kind::Fixed, false),
    ("transaction_read_only", "on", Kind::Fixed, false),
    ("work_mem", "4MB", Kind::Free, false),
];

/// Settings that a client may ask to change and that then stay what they are, with a remark instead of an error,
/// because pools and drivers send them unasked.
const KEPT: [&str; 5] = [
    "default_transaction_isolation",
    "default_transaction_read_only",
    "transaction_isolation",
    "bytea_output",
    "IntervalStyle",
];

/// What a change of a setting did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Name and value that the client is to be told.
    pub report: Option<(&'static str, String)>,
    /// What to say because the value is not what was asked for.
    pub remark: Option<String>,
}

/// Settings of one session.
#[derive(Clone, Debug)]
pub struct Settings {
    values: Arc<BTreeMap<String, String>>,
    first: Arc<BTreeMap<String, String>>,
    /// A statement runs so long at most, whatever is set.
    bound: Duration,
}

impl Settings {
    /// Settings at the start; what the client asked for in its first message is taken where it can be.
    pub fn new<'a>(
        user: &str,
        zone: &str,
        bound: Duration,
        asked: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let mut values: BTreeMap<String, String> =
            KNOWN.iter().map(|(name, value, ..)| (name.to_lowercase(), (*value).to_owned())).collect();
        values.insert("timezone".to_owned(), zone.to_owned());
        values.insert("session_authorization".to_owned(), user.to_owned());
        values.insert("statement_timeout".to_owned(), told_ms(bound));
        let values = Arc::new(values);
        let mut settings = Self { first: Arc::clone(&values), values, bound };
        for (name, value) in asked {
            // Unknown names are names of the protocol (user, database, replication …); wrong values keep the first.
            if let Err(error) = settings.set(name, Some(value)) {
                tracing::debug!(%error, "a setting of the first message is not taken");
            }
        }
        settings.first = Arc::clone(&settings.values);
        settings
    }

    /// Sets one; None: to what it was at the start.
    pub fn set(&mut self, name: &str, value: Option<&str>) -> PgWireResult<Changed> {
        let key = name.to_lowercase();
        let Some((shown, _, kind, reported)) = KNOWN.iter().find(|known| known.0.eq_ignore_ascii_case(&key))
        else {
            // Names with a dot are free for clients, as in PostgreSQL.
            if key.contains('.') {
                Arc::make_mut(&mut self.values).insert(key, value.unwrap_or_default().to_owned());
                return Ok(Changed::default());
            }
            return Err(unknown(name));
        };
        let first = || self.first.get(&key).cloned().unwrap_or_default();
        let asked = value.map_or_else(first, ToOwned::to_owned);
        let held = self.get(&key).unwrap_or_default().to_owned();
        let (value, remark) = self.taken(shown, *kind, asked, &held)?;
        let report = (*reported && value != held).then(|| (*shown, value.clone()));
        Arc::make_mut(&mut self.values).insert(key, value);
        Ok(Changed { report, remark })
    }

    /// Sets all to what they were at the start.
    pub fn reset(&mut self) -> Vec<(&'static str, String)> {
        let held = std::mem::replace(&mut self.values, Arc::clone(&self.first));
        let differs = |name: &str| held.get(&name.to_lowercase()) != self.first.get(&name.to_lowercase());
        let reported = KNOWN.iter().filter(|known| known.3 && differs(known.0));
        reported.map(|known| (known.0, self.get(known.0).unwrap_or_default().to_owned())).collect()
    }

    /// The value of one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(&name.to_lowercase()).map(String::as_str)
    }

    /// The value of one, or why there is none.
    pub fn show(&self, name: &str) -> PgWireResult<(&str, &str)> {
        let value = self.get(name).ok_or_else(|| unknown(name))?;
        let shown = KNOWN.iter().find(|known| known.0.eq_ignore_ascii_case(name)).map(|known| known.0);
        let key = self.values.get_key_value(&name.to_lowercase()).map(|(key, _)| key.as_str());
        Ok((shown.or(key).unwrap_or_default(), value))
    }

    /// All, by name.
    pub fn all(&self) -> Arc<BTreeMap<String, String>> {
        Arc::clone(&self.values)
    }

    /// Those that clients are told at the start.
    pub fn reported(&self) -> impl Iterator<Item = (&'static str, &str)> {
        KNOWN.iter().filter(|known| known.3).map(|known| (known.0, self.get(known.0).unwrap_or_default()))
    }

    /// How long a statement may run.
    pub fn timeout(&self) -> Duration {
        self.get("statement_timeout").and_then(parse_ms).map_or(self.bound, |set| self.within(set))
    }

    /// In which zone times are written.
    pub fn zone(&self) -> &str {
        self.get("timezone").unwrap_or_default()
    }

    fn within(&self, asked: Duration) -> Duration {
        if asked.is_zero() { self.bound } else { asked.min(self.bound) }
    }

    fn taken(
        &self,
        name: &str,
        kind: Kind,
        asked: String,
        held: &str,
    ) -> PgWireResult<(String, Option<String>)> {
        match kind {
            Kind::Free => Ok((asked, None)),
            Kind::Fixed if same(&asked, held) => Ok((held.to_owned(), None)),
            Kind::Fixed if KEPT.contains(&name) => {
                let remark = format!("{name} stays {held}: every statement sees one moment and only reads");
                Ok((held.to_owned(), Some(remark)))
            }
            Kind::Fixed if name == "transaction_read_only" => {
                Err(error(state::READ_ONLY, "transactions are read-only here"))
            }
            Kind::Fixed => Err(error(state::FIXED_SETTING, format!("{name} cannot be changed"))),
            Kind::Timeout => self.timeout_taken(name, &asked),
            Kind::Zone => zone_taken(name, &asked),
            Kind::Dates => {
                let iso = asked.to_uppercase().starts_with("ISO");
                let remark = (!iso).then(|| "dates and times are always written as ISO 8601".to_owned());
                Ok((if iso { asked } else { held.to_owned() }, remark))
            }
            Kind::Encoding => match asked.to_uppercase().replace(['-', '_'], "").as_str() {
                "UTF8" | "UNICODE" => Ok(("UTF8".to_owned(), None)),
                _ => Err(hinted(state::BAD_VALUE, format!("no encoding {asked}"), "use UTF8")),
            },
        }
    }

    fn timeout_taken(&self, name: &str, asked: &str) -> PgWireResult<(String, Option<String>)> {
        let wrong = || {
            let hint = "write milliseconds, or a number with ms, s, min or h in quotes";
            hinted(state::BAD_VALUE, format!("{asked} is no value for {name}"), hint)
        };
        let asked = parse_ms(asked).ok_or_else(wrong)?;
        let taken = self.within(asked);
        let bound = self.bound.as_secs();
        let remark = (taken < asked || asked.is_zero())
            .then(|| format!("{name} is {}: more than {bound} s is not possible here", told_ms(taken)));
        Ok((told_ms(taken), remark))
    }
}

fn zone_taken(name: &str, asked: &str) -> PgWireResult<(String, Option<String>)> {
    let asked = match asked.to_lowercase().as_str() {
        "utc" | "gmt" | "z" | "zulu" => "UTC".to_owned(),
        _ => asked.to_owned(),
    };
    if let Ok(zone) = TimeZone::get(&asked) {
        Ok((zone.iana_name().unwrap_or(&asked).to_owned(), None))
    } else {
        let hint = "write a name such as 'Asia/Ho_Chi_Minh' or 'UTC'";
        Err(hinted(state::BAD_VALUE, format!("{asked} is no value for {name}"), hint))
    }
}

fn unknown(name: &str) -> datafusion_postgres::pgwire::error::PgWireError {
    error(state::NO_SETTING, format!("there is no setting {name}"))
}

fn same(asked: &str, held: &str) -> bool {
    let plain = |text: &str| match text.to_lowercase().as_str() {
        "true" | "yes" | "1" | "on" => "on".to_owned(),
        "false" | "no" | "0" | "off" => "off".to_owned(),
        other => other.to_owned(),
    };
    plain(asked) == plain(held)
}

/// Milliseconds of PostgreSQL's way of writing them.
fn parse_ms(text: &str) -> Option<Duration> {
    let text = text.trim();
    let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let number: u64 = text[..digits].parse().ok()?;
    let unit = match text[digits..].trim() {
        "" | "ms" => 1,
        "s" => 1_000,
        "min" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    number.checked_mul(unit).map(Duration::from_millis)
}

fn told_ms(duration: Duration) -> String {
    match duration.as_millis() {
        ms if ms % 60_000 == 0 => format!("{}min", ms / 60_000),
        ms if ms % 1_000 == 0 => format!("{}s", ms / 1_000),
        ms => format!("{ms}ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings::new("vonglau", "Asia/Ho_Chi_Minh", Duration::from_mins(1), [])
    }

    #[test]
    fn a_timeout_can_be_less_than_the_bound_but_not_more() -> PgWireResult<()> {
        let mut settings = settings();
        assert_eq!(settings.set("statement_timeout", Some("500"))?.remark, None);
        assert_eq!(settings.timeout(), Duration::from_millis(500));
        assert!(settings.set("statement_timeout", Some("10min"))?.remark.is_some());
        assert_eq!(settings.timeout(), Duration::from_mins(1));
        assert!(settings.set("statement_timeout", Some("0"))?.remark.is_some());
        assert_eq!(settings.show("STATEMENT_TIMEOUT")?, ("statement_timeout", "1min"));
        assert!(settings.set("statement_timeout", Some("soon")).is_err());
        Ok(())
    }

    #[test]
    fn what_only_reads_stays_so() -> PgWireResult<()> {
        let mut settings = settings();
        assert!(settings.set("transaction_read_only", Some("off")).is_err());
        assert!(settings.set("transaction_read_only", Some("true")).is_ok());
        assert!(settings.set("default_transaction_read_only", Some("off"))?.remark.is_some());
        assert_eq!(settings.get("default_transaction_read_only"), Some("on"));
        assert!(settings.set("no_such_thing", Some("1")).is_err());
        assert!(settings.set("my.own", Some("1")).is_ok());
        Ok(())
    }

    #[test]
    fn a_zone_is_told_to_the_client_and_reset_brings_the_first_back() -> PgWireResult<()> {
        let mut settings = settings();
        let changed = settings.set("timezone", Some("utc"))?;
        assert_eq!(changed.report, Some(("TimeZone", "UTC".to_owned())));
        assert!(settings.set("TimeZone", Some("Mars/Base")).is_err());
        assert_eq!(settings.reset(), vec![("TimeZone", "Asia/Ho_Chi_Minh".to_owned())]);
        assert_eq!(settings.zone(), "Asia/Ho_Chi_Minh");
        Ok(())
    }
}
