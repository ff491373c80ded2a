//! Reads values out of the layers with their ranges; what is wrong is collected with path, origin and reason.

use super::layers::Layers;
use std::ops::RangeInclusive;
use toml::Value;

/// Reads values and keeps what is wrong with them.
#[derive(Debug)]
pub struct Reader<'a> {
    layers: &'a Layers,
    pub faults: Vec<String>,
}

impl<'a> Reader<'a> {
    pub fn new(layers: &'a Layers) -> Self {
        Self { layers, faults: Vec::new() }
    }

    /// Tells that what stands at a path is wrong.
    pub fn fault(&mut self, path: &str, reason: &str) {
        let stands = self.layers.entries.get(path);
        let origin = stands.map(|entry| format!(" = {} ({})", shown(path, &entry.value), entry.origin));
        self.faults.push(format!("{path}{}: {reason}", origin.unwrap_or_default()));
    }

    fn value<T>(&mut self, path: &str, wanted: &str, read: impl Fn(&Value) -> Option<T>) -> Option<T> {
        let value = self.layers.entries.get(path).and_then(|entry| read(&entry.value));
        if value.is_none() {
            self.fault(path, &format!("must be {wanted}"));
        }
        value
    }

    /// A whole number within a range, of a unit.
    pub fn int(&mut self, path: &str, range: RangeInclusive<i64>, unit: &str) -> i64 {
        let wanted = format!("a whole number from {} to {} ({unit})", range.start(), range.end());
        let least = *range.start();
        self.value(path, &wanted, |value| value.as_integer().filter(|n| range.contains(n))).unwrap_or(least)
    }

    /// A finite number within a range, of a unit.
    pub fn float(&mut self, path: &str, range: RangeInclusive<f64>, unit: &str) -> f64 {
        let wanted = format!("a number from {} to {} ({unit})", range.start(), range.end());
        let least = *range.start();
        self.value(path, &wanted, |value| number(value).filter(|n| range.contains(n))).unwrap_or(least)
    }

    /// true or false.
    pub fn flag(&mut self, path: &str) -> bool {
        self.value(path, "true or false", Value::as_bool).unwrap_or_default()
    }

    /// Text.
    pub fn text(&mut self, path: &str) -> String {
        self.value(path, "text in quotes", |value| value.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Text, or what stands for it where nobody gave any.
    pub fn text_or(&mut self, path: &str, other: &str) -> String {
        if self.layers.entries.contains_key(path) { self.text(path) } else { other.to_owned() }
    }

    /// One of some words.
    pub fn word<T: Copy>(&mut self, path: &str, words: &[(&str, T)]) -> T {
        let names: Vec<String> = words.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        let find = |value: &Value| {
            words.iter().find(|(name, _)| value.as_str() == Some(name)).map(|(_, word)| *word)
        };
        self.value(path, &format!("one of {}", names.join(", ")), find).unwrap_or(words[0].1)
    }

    /// So many numbers, each accepted by `fits`.
    pub fn numbers<const N: usize>(
        &mut self,
        path: &str,
        wanted: &str,
        fits: impl Fn(&[f64; N]) -> bool,
    ) -> [f64; N] {
        let read = |value: &Value| numbers(value).filter(&fits);
        self.value(path, &format!("a list of {N} numbers, {wanted}"), read).unwrap_or([0.0; N])
    }
}

/// A list of exactly so many finite numbers.
pub fn numbers<const N: usize>(value: &Value) -> Option<[f64; N]> {
    let list: Option<Vec<f64>> = value.as_array()?.iter().map(number).collect();
    list?.try_into().ok()
}

/// Each greater than the one before.
pub fn ascending(numbers: &[f64]) -> bool {
    numbers.windows(2).all(|pair| pair[0] < pair[1])
}

/// A finite number, whole or not.
#[expect(clippy::cast_precision_loss, reason = "no bound or band needs more than 53 bits")]
pub fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Integer(n) => Some(*n as f64),
        Value::Float(n) => Some(*n).filter(|n| n.is_finite()),
        _ => None,
    }
}

/// A value as it may be shown: the identity key may not, nor a password in a URL.
pub fn shown(path: &str, value: &Value) -> String {
    match (path, value.as_str()) {
        ("identity.key", Some("")) => "\"\"".to_owned(),
        ("identity.key", _) => "(hidden)".to_owned(),
        ("nats.url", Some(url)) => format!("\"{}\"", without_password(url)),
        _ => value.to_string(),
    }
}

/// A URL without what stands before its `@`.
pub fn without_password(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://(hidden)@{host}"),
        (None, Some((_, host))) => format!("(hidden)@{host}"),
        _ => url.to_owned(),
    }
}
