//! The language of descriptions. Short messages are in both, side by side, as everywhere on the command line.

use std::env;

/// Vietnamese or English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tongue {
    Vi,
    En,
}

impl Tongue {
    /// As `LC_ALL`, `LC_MESSAGES` or `LANG` say, the first that says anything; English otherwise.
    pub fn of_environment() -> Self {
        let said = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(|name| env::var(name).ok());
        Self::named(&said.into_iter().find(|value| !value.is_empty()).unwrap_or_default())
    }

    /// The language of a locale like `vi_VN.UTF-8`.
    pub fn named(locale: &str) -> Self {
        match locale.split(['_', '.', '@', '-']).next() {
            Some("vi") => Self::Vi,
            _ => Self::En,
        }
    }

    /// One of two.
    pub const fn of<'a>(self, vi: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Vi => vi,
            Self::En => en,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locale_chooses_the_language() {
        assert_eq!(Tongue::named("vi_VN.UTF-8"), Tongue::Vi);
        assert_eq!(Tongue::named("vi"), Tongue::Vi);
        assert_eq!(Tongue::named("C.UTF-8"), Tongue::En);
        assert_eq!(Tongue::named("vie"), Tongue::En);
        assert_eq!(Tongue::named(""), Tongue::En);
    }
}
