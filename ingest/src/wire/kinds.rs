//! Each kind of event: its fields, checked, become the event that the journal holds.

use super::field::Field as F;
use super::json::Value;
use super::places::{DistrictAndWard, Places};
use super::reader::{Reader, Wrong, needed};
use super::text;
use vonglau_core::event::{
    CaseTag, CaseUpdate, Command, CommandTag, Declaration, DeclarationTag, Deed, Event, EventId, Kind,
    Person, Resident, ResidentTag, Scan, ScanTag, Tick, TickTag, Vaccination, VaccinationTag, Venue,
    VenueTag,
};
use vonglau_core::time::{Month, Time};

const NAME_CHARS_MAX: usize = 200;
const NOTE_CHARS_MAX: usize = 1_000;
/// `device`, `by`, `facility`, `vaccine`.
const LABEL_CHARS_MAX: usize = 100;
const ALERT_CHARS_MAX: usize = 200;
const CAPACITY_MAX: i64 = 1_000_000;
const DOSE_MAX: i64 = 9;
/// A year of silence.
const FOR_MIN_MAX: i64 = 527_040;
const SYMPTOMS_MAX: usize = 32;

const MODES: &str = "not a mode: use person_qr, venue_qr, checkpoint or patrol";
const DIRECTIONS: &str = "not a direction: use in or out, or leave it out";
const STATUSES: &str = "not a status: use f0, recovered, f1, f2, cleared or deceased";
const FOUNDS: &str = "not known: use community, quarantine or import";
const ABOUTS: &str = "not known: use health or movement";
const DEEDS: &str = "not known: use acknowledge, silence or note";
const VENUE_KINDS: &str = "not a kind of venue: use a key of venue-kinds.toml";
const DISTRICTS: &str = "not a district of this city: use its code, or 000 where it is unknown";
const SYMPTOMS: &str = "not a list of symptoms: send at most 32 words of a-z and _ in [ ]";
const TOGETHER: &str = "missing: lat and lon come together";
const SILENCE_NEEDS: &str = "missing: say for how many minutes";
const EMPTY: &str = "empty: name the alert";

/// Turns a person as sent into the pseudonym.
pub type ToPerson<'p> = &'p mut dyn FnMut(&str) -> Result<Person, Wrong>;

/// Builds events out of fields.
pub struct Builder<'b, 'f, 'a> {
    pub places: &'b Places,
    pub fields: Reader<'f, 'a>,
    pub to_person: ToPerson<'b>,
}

impl Builder<'_, '_, '_> {
    /// # Errors
    /// Names the first field that is wrong, and how.
    pub fn event(&mut self, kind: Kind) -> Result<Event, Wrong> {
        let id = self.fields.id(F::Id)?;
        let id = needed(F::Id, id)?;
        let at = self.fields.time(F::At)?;
        let at = needed(F::At, at)?;
        match kind {
            Kind::Scan => self.scan(id, at).map(Event::Scan),
            Kind::Case => self.case(id, at).map(Event::Case),
            Kind::Venue => self.venue(id, at).map(Event::Venue),
            Kind::Resident => self.resident(id, at).map(Event::Resident),
            Kind::Vaccination => self.vaccination(id, at).map(Event::Vaccination),
            Kind::Declaration => self.declaration(id, at).map(Event::Declaration),
            Kind::Command => self.command(id, at).map(Event::Command),
            Kind::Tick => Ok(Event::Tick(Tick { at, id, kind: TickTag })),
        }
    }

    fn scan(&mut self, id: EventId, at: Time) -> Result<Scan, Wrong> {
        let venue = self.fields.id(F::Venue)?;
        let mode = self.fields.word(F::Mode, MODES)?;
        Ok(Scan {
            at,
            device: self.fields.text_max(F::Device, LABEL_CHARS_MAX)?.map(Into::into),
            direction: self.fields.word(F::Direction, DIRECTIONS)?,
            id: id.into(),
            kind: ScanTag,
            mode: needed(F::Mode, mode)?,
            venue: needed(F::Venue, venue)?.into(),
            person: self.needed_person()?.into(),
        })
    }

    fn case(&mut self, id: EventId, at: Time) -> Result<CaseUpdate, Wrong> {
        let retracts = self.fields.id(F::Retracts)?;
        let status = self.fields.word(F::Status, STATUSES)?;
        let (district, ward) = self.district_and_ward()?;
        if retracts.is_none() {
            needed(F::Status, status.as_ref())?;
        }
        Ok(CaseUpdate {
            at,
            district,
            found: self.fields.word(F::Found, FOUNDS)?,
            id,
            isolated_at: self.fields.time(F::IsolatedAt)?,
            kind: CaseTag,
            onset: self.fields.time(F::Onset)?,
            sampled: self.fields.time(F::Sampled)?,
            status,
            supersedes: self.fields.id(F::Supersedes)?,
            ward,
            person: if retracts.is_none() { Some(self.needed_person()?) } else { self.person()? },
            retracts,
        })
    }

    fn venue(&mut self, id: EventId, at: Time) -> Result<Venue, Wrong> {
        let venue = self.fields.id(F::Venue)?;
        let venue_type = self.fields.text(F::Type)?;
        let venue_type = needed(F::Type, venue_type)?;
        if !self.places.is_venue_kind(venue_type) {
            return Err((F::Type.name(), VENUE_KINDS));
        }
        let (lat, lon) = (self.fields.degrees(F::Lat, 90.0)?, self.fields.degrees(F::Lon, 180.0)?);
        match (lat, lon) {
            (Some(_), None) => return Err((F::Lon.name(), TOGETHER)),
            (None, Some(_)) => return Err((F::Lat.name(), TOGETHER)),
            _ => {}
        }
        let (district, ward) = self.district_and_ward()?;
        Ok(Venue {
            at,
            capacity: self.fields.whole(F::Capacity, 0..=CAPACITY_MAX)?,
            district,
            id,
            kind: VenueTag,
            lat,
            lon,
            name: self.fields.text_max(F::Name, NAME_CHARS_MAX)?,
            venue_type: venue_type.into(),
            venue: needed(F::Venue, venue)?,
            ward,
        })
    }

    fn resident(&mut self, id: EventId, at: Time) -> Result<Resident, Wrong> {
        let born = self.fields.date(F::BornOn)?.map(|day| {
            let (year, month, _) = day.civil();
            Month { year, month }
        });
        let (district, ward) = self.district_and_ward()?;
        Ok(Resident { at, born, district, id, kind: ResidentTag, person: self.needed_person()?, ward })
    }

    fn vaccination(&mut self, id: EventId, at: Time) -> Result<Vaccination, Wrong> {
        let dose = self.fields.whole(F::Dose, 1..=DOSE_MAX)?;
        let given_on = self.fields.date(F::GivenOn)?;
        Ok(Vaccination {
            at,
            dose: needed(F::Dose, dose)?,
            facility: self.fields.text_max(F::Facility, LABEL_CHARS_MAX)?,
            fields: self.register_fields(),
            given_on: needed(F::GivenOn, given_on)?,
            id,
            kind: VaccinationTag,
            vaccine: self.fields.text_max(F::Vaccine, LABEL_CHARS_MAX)?,
            person: self.needed_person()?,
        })
    }

    /// Which of the register's fields were there, sorted. What they say does not pass.
    fn register_fields(&mut self) -> Vec<Box<str>> {
        let register = [
            F::BornOn,
            F::Facility,
            F::FullName,
            F::PermanentResidence,
            F::Sex,
            F::TemporaryResidence,
            F::Vaccine,
        ];
        let filled = |value: &Value<'_>| matches!(value, Value::Text(text) if !text.trim().is_empty());
        let there = register.into_iter().filter(|field| self.fields.value(*field).is_some_and(filled));
        there.map(|field| field.name().into()).collect()
    }

    fn declaration(&mut self, id: EventId, at: Time) -> Result<Declaration, Wrong> {
        let about = self.fields.word(F::About, ABOUTS)?;
        Ok(Declaration {
            about: needed(F::About, about)?,
            at,
            from: self.district_only(F::From)?,
            id,
            kind: DeclarationTag,
            symptoms: self.symptoms()?,
            to: self.district_only(F::To)?,
            person: self.needed_person()?,
        })
    }

    fn command(&mut self, id: EventId, at: Time) -> Result<Command, Wrong> {
        let alert = self.fields.text_max(F::Alert, ALERT_CHARS_MAX)?;
        let by = self.fields.text_max(F::By, LABEL_CHARS_MAX)?;
        let deed = self.fields.word(F::Do, DEEDS)?;
        let deed = needed(F::Do, deed)?;
        let for_min = self.fields.whole(F::ForMin, 1..=FOR_MIN_MAX)?;
        if deed == Deed::Silence && for_min.is_none() {
            return Err((F::ForMin.name(), SILENCE_NEEDS));
        }
        let alert = needed(F::Alert, alert)?;
        if alert.is_empty() {
            return Err((F::Alert.name(), EMPTY));
        }
        Ok(Command {
            alert,
            at,
            by: needed(F::By, by)?,
            deed,
            for_min,
            id,
            kind: CommandTag,
            note: self.fields.text_max(F::Note, NOTE_CHARS_MAX)?,
        })
    }

    fn needed_person(&mut self) -> Result<Person, Wrong> {
        let person = self.person()?;
        needed(F::Person, person)
    }

    fn person(&mut self) -> Result<Option<Person>, Wrong> {
        self.fields.text(F::Person)?.map(&mut *self.to_person).transpose()
    }

    fn district_and_ward(&mut self) -> Result<DistrictAndWard, Wrong> {
        let (district, ward) = (self.fields.text(F::District)?, self.fields.text(F::Ward)?);
        self.places.resolve(district, ward).ok_or((F::District.name(), DISTRICTS))
    }

    /// Where somebody came from or went to, where that is a district; an address does not pass.
    fn district_only(&mut self, field: F) -> Result<Option<Box<str>>, Wrong> {
        let code = self.fields.text(field)?;
        Ok(code.filter(|code| self.places.is_district(code)).map(Into::into))
    }

    fn symptoms(&mut self) -> Result<Vec<Box<str>>, Wrong> {
        let wrong = (F::Symptoms.name(), SYMPTOMS);
        let items = match self.fields.value(F::Symptoms) {
            None => return Ok(Vec::new()),
            Some(Value::List(items)) if items.len() <= SYMPTOMS_MAX => items,
            Some(_) => return Err(wrong),
        };
        let word = |item: &Value<'_>| match item {
            Value::Text(text) if text::is_word(text) => Some(text.as_ref().into()),
            _ => None,
        };
        items.iter().map(word).collect::<Option<_>>().ok_or(wrong)
    }
}
