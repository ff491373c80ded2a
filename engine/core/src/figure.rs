//! The figures of an area: their names, units and decimals. One table, read by everybody.

/// How many figures there are.
pub const FIGURES: usize = Figure::ALL.len();

/// The values of one area, by figure, each scaled by ten to the figure's decimals; None is unknown.
pub type Figures = [Option<i64>; FIGURES];

macro_rules! figures {
    ($($(#[$doc:meta])* $name:ident $word:literal $unit:literal $decimals:literal)*) => {
        /// A figure of the city, a district or a ward; the rules are in `figures.rs` and in the domain's table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Figure { $($(#[$doc])* $name,)* }

        impl Figure {
            /// All of them, in the order of [`Figures`].
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name in JSON and SQL.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// Its unit: `scans people venues cases per_100k percent scans_per_min hours level ids`.
            pub const fn unit(self) -> &'static str {
                match self { $(Self::$name => $unit,)* }
            }

            /// Decimals shown; the value is held times ten to them.
            pub const fn decimals(self) -> u32 {
                match self { $(Self::$name => $decimals,)* }
            }
        }
    };
}

figures! {
    /// Distinct scans of today's local date.
    ScansToday "scans_today" "scans" 0
    /// Distinct people among them.
    PeopleToday "people_today" "people" 0
    /// People in an open visit.
    PresentNow "present_now" "people" 0
    /// Venues with a scan in the last 24 hours.
    VenuesActive "venues_active" "venues" 0
    /// Venues of a kind that expects scans, without one.
    VenuesSilent "venues_silent" "venues" 0
    /// Episodes reported in the last 24 hours.
    F0New24h "f0_new_24h" "cases" 0
    /// Episodes reported in the last 168 hours.
    F0New7d "f0_new_7d" "cases" 0
    /// People with an episode not ended.
    F0Active "f0_active" "cases" 0
    /// Episodes ended by `recovered`.
    F0Recovered "f0_recovered" "cases" 0
    /// F1 followed now.
    F1Open "f1_open" "people" 0
    /// Distinct F2 through an F1 that is open now; may be as old as it says.
    F2Open "f2_open" "people" 0
    /// Community cases of seven days per 100,000 residents.
    Incidence7d100k "incidence_7d_100k" "per_100k" 2
    /// 18+ with a dose.
    Vaccine1Pct "vaccine_1_pct" "percent" 1
    /// 65+ with two.
    VaccineFullPct "vaccine_full_pct" "percent" 1
    /// 50+ with two.
    VaccineFull50Pct "vaccine_full_50_pct" "percent" 1
    /// Scans of isolated people elsewhere in the last 24 hours.
    Breaches24h "breaches_24h" "scans" 0
    /// Scans in the last full minute.
    ScansPerMin "scans_per_min" "scans_per_min" 0
    /// Open F1 whom nobody has reached for 24 hours.
    F1Overdue24h "f1_overdue_24h" "people" 0
    /// Cases all of whose F1 were found within 24 hours.
    ContactsFound24hPct "contacts_found_24h_pct" "percent" 1
    /// New cases that were known as contacts before.
    KnownContactsPct "known_contacts_pct" "percent" 1
    /// Median of report minus sampling.
    ReportDelayH "report_delay_h" "hours" 1
    /// Epidemic level 1-4.
    Level "level" "level" 0
    /// Ids that came again with other content (city only).
    IdConflicts "id_conflicts" "ids" 0
    /// Venues scanned that have no record (city only).
    VenuesUnknown "venues_unknown" "venues" 0
    /// Venues whose place is off the city (city only).
    VenuesOffMap "venues_off_map" "venues" 0
}

impl Figure {
    /// Told for the city alone.
    pub const fn city_only(self) -> bool {
        matches!(self, Self::IdConflicts | Self::VenuesUnknown | Self::VenuesOffMap)
    }

    /// The figure of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|figure| figure.name() == name)
    }

    /// A held value as the number to show.
    #[expect(clippy::cast_precision_loss, reason = "counts of people are far below 2^53")]
    pub fn number(self, held: i64) -> f64 {
        held as f64 / 10_f64.powi(self.decimals().cast_signed())
    }
}

/// `numerator ÷ denominator`, times ten to the decimals, half up; None without a denominator.
pub fn ratio(numerator: i128, denominator: i128, decimals: u32) -> Option<i64> {
    let scale = 10_i128.checked_pow(decimals)?;
    (denominator > 0)
        .then(|| (2 * numerator * scale + denominator).div_euclid(2 * denominator))
        .and_then(|value| i64::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_rounded_half_up() {
        assert_eq!(ratio(1, 8, 2), Some(13));
        assert_eq!(ratio(200, 3, 1), Some(667));
        assert_eq!(ratio(0, 5, 1), Some(0));
        assert_eq!(ratio(5, 0, 1), None);
    }
}
