//! The layers of the configuration, laid over each other key by key: defaults, folders, environment, flags.

use super::near::nearest;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// The TOML files and their complete defaults.
const TOML: [(&str, &str); 4] = [
    ("vonglau.toml", include_str!("../../../config/vonglau.toml")),
    (KINDS, include_str!("../../../config/venue-kinds.toml")),
    ("levels.toml", include_str!("../../../config/levels.toml")),
    ("alerts.toml", include_str!("../../../config/alerts.toml")),
];
/// The file whose sections a city may add to.
const KINDS: &str = "venue-kinds.toml";
const DISTRICTS: &str = "districts.csv";
const WARDS: &str = "wards.csv";
/// The demo's layer.
const DEMO: [(&str, &str); 3] = [
    ("vonglau.toml", include_str!("../../../config/demo/vonglau.toml")),
    ("alerts.toml", include_str!("../../../config/demo/alerts.toml")),
    (DISTRICTS, include_str!("../../../config/demo/districts.csv")),
];
/// Variables of the environment that set a key begin so.
const ENV_PREFIX: &str = "VONGLAU_";
/// Larger files are no configuration.
const FILE_BYTES_MAX: u64 = 64 << 20;

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The defaults in the binary.
    Default,
    /// The demo's layer in the binary.
    Demo,
    /// A file of the city's folder.
    File(PathBuf),
    /// A variable of the environment.
    Env(String),
    /// A flag of the command line.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Demo => f.write_str("demo"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Env(name) => write!(f, "environment {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

/// A value and where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub value: Value,
    pub origin: Origin,
    /// The file that it belongs in.
    pub file: &'static str,
}

/// A CSV file whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    pub text: String,
    pub origin: Origin,
}

/// All that is set, by path (`contacts.contact_min`, `table`).
#[derive(Clone, Debug)]
pub struct Layers {
    pub entries: BTreeMap<String, Entry>,
    pub districts: Sheet,
    pub wards: Sheet,
}

/// The city's map, which the dashboard reads: outlines, landmarks.
pub const MAP_FILES: [&str; 2] = ["geometry.json", "landmarks.geojson"];

impl Layers {
    /// The defaults, complete.
    pub fn defaults() -> Result<Self, Vec<String>> {
        let sheet = |text: &str| Sheet { text: text.to_owned(), origin: Origin::Default };
        let mut layers = Self {
            entries: BTreeMap::new(),
            districts: sheet(include_str!("../../../config/districts.csv")),
            wards: sheet(include_str!("../../../config/wards.csv")),
        };
        for (file, text) in TOML {
            let table = text.parse::<Table>().map_err(|error| vec![format!("{file}: {error}")])?;
            for (path, value) in leaves(table).0 {
                layers.entries.insert(path, Entry { value, origin: Origin::Default, file });
            }
        }
        Ok(layers)
    }

    /// Lays the demo's values over.
    pub fn demo(&mut self) -> Result<(), Vec<String>> {
        DEMO.into_iter().try_for_each(|(file, text)| self.file(file, text.to_owned(), &Origin::Demo))
    }

    /// Lays a city's folder over. All mistakes are told at once.
    pub fn folder(&mut self, folder: &Path) -> Result<(), Vec<String>> {
        let wrong = |error: std::io::Error| vec![format!("{}: cannot be read: {error}", folder.display())];
        let mut faults = Vec::new();
        let mut found =
            std::fs::read_dir(folder).map_err(wrong)?.collect::<Result<Vec<_>, _>>().map_err(wrong)?;
        found.sort_by_key(std::fs::DirEntry::file_name);
        for file in found {
            let name = file.file_name().to_string_lossy().into_owned();
            let path = file.path();
            let is_ours = path.extension().is_some_and(|ext| ext == "toml" || ext == "csv");
            if !is_ours || !path.is_file() {
                continue;
            }
            let laid = read_bounded(&path)
                .map_err(|error| vec![error])
                .and_then(|text| self.file(&name, text, &Origin::File(path.clone())));
            faults.extend(laid.err().into_iter().flatten());
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// Lays the variables of the environment over that begin with `VONGLAU_`.
    pub fn environment(
        &mut self,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<(), Vec<String>> {
        let mut faults = Vec::new();
        for (name, text) in variables {
            let Some(rest) = name.strip_prefix(ENV_PREFIX) else { continue };
            let path = rest.to_ascii_lowercase().replacen("__", ".", 1);
            let Some(entry) = self.entries.get_mut(&path) else {
                let known = self.entries.keys().map(|key| env_name(key));
                faults.push(format!("environment {name}: no such key{}", nearest(&name, known)));
                continue;
            };
            match env_value(&text, &entry.value) {
                Ok(value) => {
                    entry.value = value;
                    entry.origin = Origin::Env(name);
                }
                Err(error) => faults.push(format!("{path} (environment {name}): {error}")),
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// Sets one key by a flag.
    pub fn flag(&mut self, name: &'static str, path: &str, value: Value) {
        if let Some(entry) = self.entries.get_mut(path) {
            entry.value = value;
            entry.origin = Origin::Flag(name);
        }
    }

    /// Lays one file over.
    fn file(&mut self, name: &str, text: String, origin: &Origin) -> Result<(), Vec<String>> {
        match name {
            DISTRICTS => self.districts = Sheet { text, origin: origin.clone() },
            WARDS => self.wards = Sheet { text, origin: origin.clone() },
            _ => {
                let Some(file) = TOML.into_iter().map(|(file, _)| file).find(|file| *file == name) else {
                    let known = TOML.into_iter().map(|(file, _)| file).chain([DISTRICTS, WARDS]);
                    return Err(vec![format!(
                        "{origin}: no file of the configuration{}",
                        nearest(name, known)
                    )]);
                };
                return self.toml(file, &text, origin);
            }
        }
        Ok(())
    }

    fn toml(&mut self, file: &'static str, text: &str, origin: &Origin) -> Result<(), Vec<String>> {
        let table = text.parse::<Table>().map_err(|error| vec![format!("{origin}: {error}")])?;
        let (values, sections) = leaves(table);
        let mut faults = Vec::new();
        for section in sections {
            let inside = format!("{section}.");
            if file != KINDS && !self.keys_of(file).any(|key| key.starts_with(&inside)) {
                faults.push(self.unknown(&section, file, origin));
            }
        }
        for (path, value) in values {
            if self.knows(file, &path) {
                self.entries.insert(path, Entry { value, origin: origin.clone(), file });
            } else {
                faults.push(self.unknown(&path, file, origin));
            }
        }
        faults.dedup();
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// The keys that belong in a file.
    fn keys_of(&self, file: &str) -> impl Iterator<Item = &String> {
        self.entries.iter().filter(move |(_, entry)| entry.file == file).map(|(key, _)| key)
    }

    fn knows(&self, file: &str, path: &str) -> bool {
        match path.split_once('.') {
            Some((section, key)) if file == KINDS => {
                let taken = self
                    .entries
                    .iter()
                    .any(|(known, entry)| entry.file != KINDS && known.split('.').next() == Some(section));
                !taken && self.entries.contains_key(&format!("other.{key}"))
            }
            _ => self.entries.get(path).is_some_and(|entry| entry.file == file),
        }
    }

    fn unknown(&self, path: &str, file: &str, origin: &Origin) -> String {
        let mut known: Vec<String> = self.keys_of(file).cloned().collect();
        match path.split_once('.') {
            // A kind's own name may be new: the nearest key is one of its section.
            Some((section, _)) if file == KINDS => {
                known = known
                    .iter()
                    .filter_map(|key| key.strip_prefix("other."))
                    .map(|key| format!("{section}.{key}"))
                    .collect();
            }
            Some(_) => {}
            None => known = known.iter().map(|key| key.split('.').next().unwrap_or(key).to_owned()).collect(),
        }
        format!("{path} ({origin}): no such key{}", nearest(path, known))
    }
}

/// The variable that sets a key.
pub fn env_name(path: &str) -> String {
    format!("{ENV_PREFIX}{}", path.replacen('.', "__", 1).to_ascii_uppercase())
}

/// The values of a file by path, and the names of its sections.
fn leaves(table: Table) -> (Vec<(String, Value)>, Vec<String>) {
    let (mut values, mut sections) = (Vec::new(), Vec::new());
    for (section, value) in table {
        match value {
            Value::Table(keys) => {
                values.extend(keys.into_iter().map(|(key, value)| (format!("{section}.{key}"), value)));
                sections.push(section);
            }
            value => values.push((section, value)),
        }
    }
    (values, sections)
}

/// A variable's text as a value: plain text where the key holds text, TOML else.
fn env_value(text: &str, like: &Value) -> Result<Value, String> {
    let parsed = format!("v = {text}").parse::<Table>().ok().and_then(|mut table| table.remove("v"));
    match (like, parsed) {
        (Value::String(_), Some(Value::String(text))) => Ok(Value::String(text)),
        (Value::String(_), _) => Ok(Value::String(text.to_owned())),
        (_, Some(value)) => Ok(value),
        (_, None) => Err(format!("`{text}` is no TOML value (like {like})")),
    }
}

fn read_bounded(path: &Path) -> Result<String, String> {
    let wrong = |error: std::io::Error| format!("{}: cannot be read: {error}", path.display());
    if std::fs::metadata(path).map_err(wrong)?.len() > FILE_BYTES_MAX {
        return Err(format!("{}: larger than {FILE_BYTES_MAX} bytes", path.display()));
    }
    std::fs::read_to_string(path).map_err(wrong)
}
