//! A person as producers send it: the chip card's text, its 12-digit number, or a token.

use super::text;
use vonglau_core::time::Day;

/// A valid 12-digit personal identification number. It is shown nowhere.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PersonalNumber([u8; Self::DIGITS]);

/// What was sent as a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent<'a> {
    Number(PersonalNumber),
    /// Taken as a pseudonym already.
    Token(&'a str),
}

/// Fields of the chip card's text.
const QR_FIELDS: usize = 7;
const BORN_FIELD: usize = 3;
const PROVINCE_MAX: u32 = 96;

/// Why a person is refused. Never quotes it.
pub const NO_QR: &str =
    "not a chip card's text: seven fields split by |, a valid number, and a birth date that agrees with it";
pub const NO_NUMBER: &str = "not a valid number: 12 digits, beginning with a province from 001 to 096";
pub const NO_PERSON: &str = "not a person: send the chip card's text, its 12-digit number, or a token of 4 to 64 of \
                             A-Z a-z 0-9 _ - with a letter";

impl PersonalNumber {
    const DIGITS: usize = 12;

    /// The number that these digits are, if they are one.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: [u8; Self::DIGITS] = text.as_bytes().try_into().ok()?;
        let province = text.get(..3)?.parse::<u32>().ok()?;
        let valid = digits.iter().all(u8::is_ascii_digit) && (1..=PROVINCE_MAX).contains(&province);
        valid.then_some(Self(digits))
    }

    /// Its digits.
    pub const fn digits(&self) -> &[u8; Self::DIGITS] {
        &self.0
    }

    /// Its birth year in full; only the 20th and the 21st century have a meaning.
    fn birth_year(&self) -> Option<i32> {
        let digit = |n: usize| i32::from(self.0[n] - b'0');
        let century = match digit(3) {
            0 | 1 => 1_900,
            2 | 3 => 2_000,
            _ => return None,
        };
        Some(century + digit(4) * 10 + digit(5))
    }
}

impl std::fmt::Debug for PersonalNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PersonalNumber(hidden)")
    }
}

/// Reads a person.
///
/// # Errors
/// The reason, for people.
pub fn read(sent: &str) -> Result<Sent<'_>, &'static str> {
    if sent.contains('|') {
        return from_qr(sent).map(Sent::Number).ok_or(NO_QR);
    }
    if !sent.is_empty() && sent.bytes().all(|b| b.is_ascii_digit()) {
        return PersonalNumber::parse(sent).map(Sent::Number).ok_or(NO_NUMBER);
    }
    if text::is_token(sent) { Ok(Sent::Token(sent)) } else { Err(NO_PERSON) }
}

fn from_qr(sent: &str) -> Option<PersonalNumber> {
    let mut fields = [""; QR_FIELDS];
    let mut parts = sent.split('|');
    for field in &mut fields {
        *field = parts.next()?;
    }
    if parts.next().is_some() {
        return None;
    }
    let number = PersonalNumber::parse(fields[0])?;
    let born = fields[BORN_FIELD];
    if born.len() != 8 || !born.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (day, month, year) = (born[..2].parse().ok()?, born[2..4].parse().ok()?, born[4..].parse().ok()?);
    Day::of(year, month, day)?;
    (number.birth_year() == Some(year)).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_card_and_its_number_are_the_same_person() {
        let card = "001180012345|012345678|Nguyễn Thị A|01021980|Nữ|Số 1, Hà Nội|01012021";
        assert_eq!(read(card), read("001180012345"));
        assert!(matches!(read("001180012345"), Ok(Sent::Number(_))));
        assert_eq!(read("001203012345||B|29022004|Nam||"), Err(NO_QR), "year does not agree");
        assert!(read("001204012345||B|29022004|Nam||").is_ok(), "21st century, old number empty");
    }

    #[test]
    fn a_card_that_does_not_hold_together_is_refused() {
        for card in [
            "001180012345|012345678|A|01021980|Nữ|H",
            "001180012345|012345678|A|01021980|Nữ|H|01012021|",
            "097180012345||A|01021980|Nữ|H|01012021",
            "000180012345||A|01021980|Nữ|H|01012021",
            "00118001234||A|01021980|Nữ|H|01012021",
            "001180012345||A|30021980|Nữ|H|01012021",
            "001180012345||A|01021981|Nữ|H|01012021",
            "001380012345||A|01021980|Nữ|H|01012021",
            "001480012345||A|01022080|Nữ|H|01012021",
            "001180012345||A|1021980|Nữ|H|01012021",
            "001180012345||A|0102198é|Nữ|H|01012021",
            "||||||",
        ] {
            assert_eq!(read(card), Err(NO_QR), "{card}");
        }
    }

    #[test]
    fn digits_alone_are_a_number_or_nothing() {
        for digits in ["1234", "097180012345", "000180012345", "0011800123456", "00118001234"] {
            assert_eq!(read(digits), Err(NO_NUMBER), "{digits}");
        }
        assert_eq!(read("P000001").unwrap(), Sent::Token("P000001"));
        for bad in ["", "abc", "1234-5678", "a b c d", "Nguyễn"] {
            assert_eq!(read(bad), Err(NO_PERSON), "{bad}");
        }
    }

    #[test]
    fn a_number_does_not_show_in_debug_output() {
        assert!(!format!("{:?}", read("001180012345")).contains("180012345"));
    }
}
