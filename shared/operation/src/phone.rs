use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A Korean mobile number as it is kept: digits alone (`01012345678`). `Debug` shows the masked form.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Phone(String);

/// Why a text is no Korean mobile number. Never holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PhoneError {
    /// Something else than digits, blanks, hyphens, dots, brackets and a leading `+82`.
    #[error("is no Korean mobile number: it has other characters than digits, spaces and hyphens")]
    Characters,
    /// Digits, but not those of a mobile number.
    #[error("is no Korean mobile number: it must begin with 010, 011, 016, 017, 018 or 019 and have 10 or 11 digits")]
    NotMobile,
}

/// First digits of mobile numbers.
const MOBILE: [&str; 6] = ["010", "011", "016", "017", "018", "019"];

impl Phone {
    /// Reads what people write: blanks, hyphens, dots and brackets do not count, and `+82 10` is `010`. A spreadsheet that took
    /// the number for one has dropped its first zero: `10…` and `1…` with the digits of a mobile number are read as what they
    /// were.
    pub fn parse(text: &str) -> Result<Self, PhoneError> {
        let written = text.trim();
        let (international, rest) = match written.strip_prefix('+').or_else(|| written.strip_prefix("00")) {
            Some(rest) => (true, rest),
            None => (false, written),
        };
        let mut digits = String::with_capacity(rest.len());
        for c in rest.chars() {
            match c {
                '0'..='9' => digits.push(c),
                ' ' | '-' | '.' | '(' | ')' | '\u{a0}' | '\u{2010}' | '\u{2011}' | '\u{2013}' => {}
                _ => return Err(PhoneError::Characters),
            }
        }
        let national = match digits.strip_prefix("82") {
            Some(national) => format!("0{}", national.trim_start_matches('0')),
            None if international => return Err(PhoneError::NotMobile),
            None if digits.starts_with('1') => format!("0{digits}"),
            None => digits,
        };
        let lengths = if national.starts_with("010") { 11..=11 } else { 10..=11 };
        let is_mobile = MOBILE.iter().any(|first| national.starts_with(first));
        if is_mobile && lengths.contains(&national.len()) { Ok(Self(national)) } else { Err(PhoneError::NotMobile) }
    }

    /// The digits. Personal data: for Giftishow and the table alone.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Its last four digits, by which customer service asks.
    pub fn last_four(&self) -> &str {
        &self.0[self.0.len() - 4..]
    }

    /// As people may see it: `010-****-5678`.
    pub fn masked(&self) -> String {
        mask(&self.0)
    }
}

/// A phone number as people may see it: its first three and last four digits. Of what is too short, nothing.
pub fn mask(phone: &str) -> String {
    let digits: Vec<char> = phone.chars().filter(char::is_ascii_digit).collect();
    if digits.len() < 9 {
        return "***".to_owned();
    }
    let (first, last): (String, String) = (digits[..3].iter().collect(), digits[digits.len() - 4..].iter().collect());
    format!("{first}-****-{last}")
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl TryFrom<String> for Phone {
    type Error = PhoneError;
    fn try_from(text: String) -> Result<Self, PhoneError> {
        Self::parse(&text)
    }
}

impl From<Phone> for String {
    fn from(phone: Phone) -> Self {
        phone.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_read_as_digits() {
        for text in [
            "01000000000",
            "010-0000-0000",
            " 010 0000 0000 ",
            "+82 10-0000-0000",
            "+82 (0)10 0000 0000",
            "0082-10-0000-0000",
            "82 10 0000 0000",
            "1000000000",
            "010.0000.0000",
        ] {
            assert_eq!(Phone::parse(text).map(String::from).as_deref(), Ok("01000000000"), "{text}");
        }
        assert_eq!(Phone::parse("011-000-0000").unwrap().expose(), "0110000000");
    }

    #[test]
    fn what_is_no_mobile_number_is_refused_without_being_shown() {
        for text in
            ["", "02-000-0000", "010-0000-000", "010-0000-00000", "070-0000-0000", "+1 010 0000 0000", "8200000000"]
        {
            assert_eq!(Phone::parse(text), Err(PhoneError::NotMobile), "{text}");
        }
        for text in ["010-0000-000O", "tel:01000000000", "０１０００００００００"] {
            assert_eq!(Phone::parse(text), Err(PhoneError::Characters), "{text}");
        }
    }

    #[test]
    fn a_masked_number_shows_its_ends_and_debug_shows_no_more() {
        let phone = Phone::parse("010-1234-5678").unwrap();
        assert_eq!((phone.masked().as_str(), phone.last_four()), ("010-****-5678", "5678"));
        assert_eq!(format!("{phone:?}"), "010-****-5678");
        assert_eq!(mask("12345"), "***");
    }
}
