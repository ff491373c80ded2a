//! Who a person is stops here: keyed pseudonyms, their keys, and the vault that nothing reads.

mod keys;
mod vault;

pub(crate) use keys::hex;
pub use keys::{KeyError, identity_key, vault_key};
pub use vault::{Vault, VaultError, VaultGone};

use crate::wire::PersonalNumber;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;
use vonglau_core::event::Person;

/// Bytes of a pseudonym: 96 bits, 16 characters of base64url.
pub const PSEUDONYM_BYTES: usize = 12;

/// A person, for everybody past the gateway.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pseudonym(pub [u8; PSEUDONYM_BYTES]);

/// Derives pseudonyms with a secret key: the same number gives the same pseudonym, nobody can go back.
#[derive(Clone)]
pub struct Pseudonyms {
    keyed: Hmac<Sha256>,
}

impl Pseudonyms {
    /// # Errors
    /// Where the key has a length that HMAC cannot take (it takes any).
    pub fn new(key: &[u8]) -> Result<Self, KeyError> {
        let keyed = Hmac::new_from_slice(key).map_err(|_length| KeyError::Length)?;
        Ok(Self { keyed })
    }

    /// The pseudonym of a number. A valid token has a letter: in the one case in 10^12 where the text has none,
    /// the next of the same number's pseudonyms is taken.
    pub fn of(&self, number: &PersonalNumber) -> Pseudonym {
        (0_u8..=u8::MAX)
            .map(|round| self.nth(number, round))
            .find(Pseudonym::has_letter)
            .unwrap_or_else(|| self.nth(number, 0))
    }

    fn nth(&self, number: &PersonalNumber, round: u8) -> Pseudonym {
        let mut mac = self.keyed.clone();
        mac.update(number.digits());
        if round > 0 {
            mac.update(&[round]);
        }
        let full = mac.finalize().into_bytes();
        let mut cut = [0; PSEUDONYM_BYTES];
        cut.copy_from_slice(&full[..PSEUDONYM_BYTES]);
        Pseudonym(cut)
    }
}

impl fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pseudonyms(keyed)")
    }
}

const BASE64URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

impl Pseudonym {
    /// Its 16 characters.
    pub fn text(&self) -> Person {
        self.characters().into_iter().map(char::from).collect()
    }

    fn characters(&self) -> [u8; 16] {
        let mut out = [0; 16];
        for (three, four) in self.0.chunks_exact(3).zip(out.chunks_exact_mut(4)) {
            let bits = u32::from_be_bytes([0, three[0], three[1], three[2]]);
            for (n, character) in four.iter_mut().enumerate() {
                *character = BASE64URL[(bits >> (18 - 6 * n)) as usize & 63];
            }
        }
        out
    }

    fn has_letter(&self) -> bool {
        self.characters().iter().any(u8::is_ascii_alphabetic)
    }
}

impl fmt::Debug for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_and_key_give_one_pseudonym_that_is_a_valid_token() {
        let number = PersonalNumber::parse("001180012345").unwrap();
        let other = PersonalNumber::parse("001180012346").unwrap();
        let pseudonyms = Pseudonyms::new(&[7; 32]).unwrap();
        let text = pseudonyms.of(&number).text();
        assert_eq!(text, Pseudonyms::new(&[7; 32]).unwrap().of(&number).text());
        assert_ne!(text, pseudonyms.of(&other).text());
        assert_ne!(text, Pseudonyms::new(&[8; 32]).unwrap().of(&number).text());
        assert_eq!(text.len(), 16);
        assert!(crate::wire::text::is_token(&text));
    }

    #[test]
    fn the_characters_are_those_of_base64url() {
        assert_eq!(
            &*Pseudonym([0, 16, 131, 16, 81, 135, 251, 255, 191, 255, 255, 255]).text(),
            "ABCDEFGH-_-_____"
        );
        let letterless = Pseudonym([211, 93, 183, 227, 158, 187, 243, 223, 191, 211, 93, 183]);
        assert!(&*letterless.text() == "0123456789-_0123" && !letterless.has_letter());
    }
}
