//! What is in force: defaults ← the city's folder ← environment ← flags, checked as a whole.

mod archive;
mod layers;
mod levels;
mod near;
mod read;
mod rules;
mod sheets;
mod show;
mod sql;
mod zone;

pub use read::without_password;

use layers::{Layers, Origin};
use read::Reader;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use toml::Value;
use vonglau_core::params::Params;
use vonglau_sql::bounds::Bounds;
use vonglau_sql::history::Settings;

/// Where NATS tells how it is, unless it was told otherwise.
const MONITOR_PORT: u16 = 8222;

/// Everything that was wrong, a line each: path, where it stands, why, what is allowed.
#[derive(Debug, thiserror::Error)]
#[error("the configuration cannot be used:\n  {}", .0.join("\n  "))]
pub struct Faults(Vec<String>);

/// What lies over the defaults.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The demo's layer, right over the defaults.
    pub demo: bool,
    /// The city's own folder.
    pub folder: Option<PathBuf>,
    /// Address and port (`--http`).
    pub http: Option<String>,
    /// The NATS server (`--nats`).
    pub nats: Option<String>,
    /// The NATS server's monitoring port, of a server that we started.
    pub monitor: Option<String>,
    /// `--allow-anonymous`.
    pub allow_anonymous: bool,
}

/// The whole configuration in force.
#[derive(Clone, Debug)]
pub struct Config {
    pub params: Arc<Params>,
    /// Seconds without a scan or case after which the data counts as stopped.
    pub stopped_after_s: i64,
    /// What pages say where figures are scaled: Vietnamese, English.
    pub scaled_note: Option<(String, String)>,
    /// The key of the pseudonyms in hex; None: the data folder's own.
    pub identity_key: Option<String>,
    pub listen: SocketAddr,
    pub body_mib_max: usize,
    pub nats_url: String,
    /// Address of the NATS server's monitoring port, which tells whether it is durable.
    pub nats_monitor: String,
    pub events_gib_max: u64,
    /// The name of the city's zone.
    pub zone_name: String,
    /// Where PostgreSQL's protocol is spoken; None: nowhere.
    pub pg_listen: Option<SocketAddr>,
    /// Further users of it, a `name:password` a line.
    pub pg_users_file: Option<PathBuf>,
    /// Certificate and key (PEM); None: connections are not encrypted.
    pub pg_tls: Option<(PathBuf, PathBuf)>,
    pub sql: Bounds,
    /// Where what the retention edge passes is kept; None: nowhere.
    pub archive: Option<Settings>,
    /// Anybody may use it, from any address.
    pub open: bool,
    /// The city's folder, where it may hold its own geometry.
    pub folder: Option<PathBuf>,
    layers: Layers,
}

impl Config {
    /// Lays the layers, reads and checks them.
    pub fn load(asked: &Asked, environment: impl Iterator<Item = (String, String)>) -> Result<Self, Faults> {
        let mut layers = Layers::defaults().map_err(Faults)?;
        if asked.demo {
            layers.demo().map_err(Faults)?;
        }
        let mut faults = Vec::new();
        if let Some(folder) = &asked.folder {
            faults.extend(layers.folder(folder).err().into_iter().flatten());
        }
        faults.extend(layers.environment(environment).err().into_iter().flatten());
        if let Some(http) = &asked.http {
            layers.flag("--http", "http.listen", Value::String(http.clone()));
        }
        if let Some(nats) = &asked.nats {
            layers.flag("--nats", "nats.url", Value::String(nats.clone()));
        }
        if let Some(monitor) = &asked.monitor {
            layers.flag("demo", "nats.monitor", Value::String(monitor.clone()));
        }
        if asked.allow_anonymous {
            layers.flag("--allow-anonymous", "access.open", Value::Boolean(true));
        }
        let mut reader = Reader::new(&layers);
        let config = read(&layers, &mut reader, asked.folder.clone());
        faults.append(&mut reader.faults);
        if faults.is_empty() { Ok(config) } else { Err(Faults(faults)) }
    }

    /// Texts of the outlines and the landmarks: the city's own, else those of the shipped wards.
    ///
    /// # Errors
    /// The file that cannot be read, and why.
    pub fn map_texts(&self) -> Result<[Option<String>; 2], (PathBuf, io::Error)> {
        let shipped =
            [include_str!("../../config/geometry.json"), include_str!("../../config/landmarks.geojson")];
        let [outlines, landmarks] = layers::MAP_FILES;
        Ok([self.map_text(outlines, shipped[0])?, self.map_text(landmarks, shipped[1])?])
    }

    fn map_text(&self, name: &str, shipped: &str) -> Result<Option<String>, (PathBuf, io::Error)> {
        let own = self.folder.as_ref().map(|folder| folder.join(name)).filter(|path| path.exists());
        match own {
            Some(path) => std::fs::read_to_string(&path).map(Some).map_err(|error| (path, error)),
            None => Ok(Some(shipped.to_owned()).filter(|_| self.layers.wards.origin == Origin::Default)),
        }
    }

    /// Every key with its value and where it comes from, as TOML; secrets are hidden.
    pub fn show(&self) -> String {
        show::show(&self.layers)
    }
}

/// The process's environment; what is not UTF-8 is none of ours.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| name.into_string().ok().zip(value.into_string().ok()))
}

fn read(layers: &Layers, reader: &mut Reader<'_>, folder: Option<PathBuf>) -> Config {
    let districts = sheets::districts(&layers.districts, reader);
    let wards = sheets::wards(&layers.wards, &districts, reader);
    let params = Params {
        zone: rules::city_zone(reader),
        clock: rules::clock(reader),
        retention_days: rules::days(reader, "city.retention_days", 1),
        bounds: rules::bounds(reader),
        contacts: rules::contacts(reader),
        risk: rules::risk(reader),
        venue_kinds: rules::venue_kinds(layers, reader),
        districts,
        wards,
        levels: levels::levels(layers, reader),
        alerts: rules::alerts(reader),
    };
    let open = reader.flag("access.open");
    let nats_url = nats_url(reader);
    Config {
        params: Arc::new(params),
        stopped_after_s: reader.int("city.stopped_after_s", 1..=3_600, "seconds"),
        scaled_note: scaled_note(reader),
        identity_key: identity_key(reader),
        listen: listen(reader, open),
        body_mib_max: usize::try_from(reader.int("http.body_mib_max", 1..=64, "MiB")).unwrap_or_default(),
        nats_monitor: nats_monitor(reader, &nats_url),
        nats_url,
        events_gib_max: reader.int("nats.events_gib_max", 1..=1_000_000, "GiB").unsigned_abs(),
        zone_name: reader.text("city.zone"),
        pg_listen: sql::pg_listen(reader, open),
        pg_users_file: sql::path(reader, "sql.pg_users_file"),
        pg_tls: sql::pg_tls(reader),
        sql: sql::bounds(reader),
        archive: archive::settings(reader),
        open,
        folder,
        layers: layers.clone(),
    }
}

fn scaled_note(reader: &mut Reader<'_>) -> Option<(String, String)> {
    let (vi, en) = (reader.text("city.scaled_note_vi"), reader.text("city.scaled_note_en"));
    if vi.is_empty() != en.is_empty() {
        reader.fault("city.scaled_note_vi", "scaled_note_vi and scaled_note_en come together");
    }
    (!vi.is_empty()).then_some((vi, en))
}

fn identity_key(reader: &mut Reader<'_>) -> Option<String> {
    let text = reader.text("identity.key");
    let is_hex = text.len().is_multiple_of(2) && text.bytes().all(|b| b.is_ascii_hexdigit());
    let is_key = is_hex && (32..=128).contains(&text.len());
    if !is_key && !text.is_empty() {
        reader.fault("identity.key", "must be 32-128 hex digits, or \"\" for a key made on the first start");
    }
    Some(text).filter(|text| !text.is_empty())
}

fn listen(reader: &mut Reader<'_>, open: bool) -> SocketAddr {
    let text = reader.text("http.listen").replace("localhost:", "127.0.0.1:");
    let Ok(address) = text.parse::<SocketAddr>() else {
        reader.fault("http.listen", "must be an address and port like \"127.0.0.1:8080\" or \"[::1]:8080\"");
        return SocketAddr::from(([127, 0, 0, 1], 0));
    };
    if !address.ip().is_loopback() && !open {
        reader.fault(
            "http.listen",
            "is not a loopback address, and nobody has to sign in yet: give --allow-anonymous \
             (= [access] open = true) if everybody who reaches it may see everything",
        );
    }
    address
}

fn nats_url(reader: &mut Reader<'_>) -> String {
    let url = reader.text("nats.url");
    let bare = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    if bare.is_empty() || bare.contains(char::is_whitespace) {
        reader.fault("nats.url", "must be like \"nats://127.0.0.1:4222\"");
    }
    url
}

/// The monitoring port: the one given, else the usual one on the same machine as NATS.
fn nats_monitor(reader: &mut Reader<'_>, nats_url: &str) -> String {
    let given = reader.text("nats.monitor");
    if given.starts_with("http://") {
        return given;
    }
    if !given.is_empty() {
        reader.fault("nats.monitor", "must be like \"http://127.0.0.1:8222\", or \"\"");
    }
    let first = nats_url.split(',').next().unwrap_or(nats_url);
    let bare = first.rsplit(['/', '@']).next().unwrap_or(first);
    let host = bare.rsplit_once(':').map_or(bare, |(host, _)| host);
    format!("http://{host}:{MONITOR_PORT}")
}
