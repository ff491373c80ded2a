//! The names of the fields that an event may have.

/// Declares the fields of all kinds of events with their names.
macro_rules! fields {
    ($($variant:ident $name:literal),* $(,)?) => {
        /// A field that is known for some kind of event.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Field { $($variant),* }

        impl Field {
            /// The name in JSON.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The field of that name.
            pub fn named(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

fields! {
    About "about", Alert "alert", At "at", BornOn "born_on", By "by", Capacity "capacity", Device "device",
    Direction "direction", District "district", Do "do", Dose "dose", Facility "facility", ForMin "for_min",
    Found "found", From "from", FullName "full_name", GivenOn "given_on", Id "id", IsolatedAt "isolated_at",
    Kind "kind", Lat "lat", Lon "lon", Mode "mode", Name "name", Note "note", Onset "onset",
    PermanentResidence "permanent_residence", Person "person", Retracts "retracts", Sampled "sampled", Sex "sex",
    Status "status", Supersedes "supersedes", Symptoms "symptoms", TemporaryResidence "temporary_residence",
    To "to", Type "type", Vaccine "vaccine", Venue "venue", Ward "ward",
}

impl Field {
    /// Its own bit in a set of fields (there are fewer than 64).
    pub const fn bit(self) -> u64 {
        1 << self as u8
    }
}
