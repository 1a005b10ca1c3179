use encoding_rs::Encoding;
use operation::{NewRecipient, Phone};
use payout::{Moment, UserKey};

use super::table::decode;
use crate::failure::Failure;
use crate::sheet::as_written;
use crate::when;

/// Where the columns are, and how a line is cut.
pub(super) struct Header {
    delimiter: u8,
    user_key: usize,
    phone: usize,
    expires_at: Option<usize>,
}

const NAMES: &str = "columns are user_key, phone, expires_at (or 사용자키, 전화번호, 만료일)";

impl Header {
    /// Reads the first line.
    pub(super) fn parse(line: &[u8], encoding: &'static Encoding, expires: Option<Moment>) -> Result<Self, Failure> {
        let delimiter = [b',', b'\t', b';'].into_iter().find(|byte| line.contains(byte)).unwrap_or(b',');
        let wrong = |why: &str| Failure::usage(format!("the header: {why}; {NAMES}"));
        let cells = split(line, delimiter).map_err(wrong)?;
        let (mut user_key, mut phone, mut expires_at) = (None, None, None);
        for (place, cell) in cells.iter().enumerate() {
            let name = decode(encoding, cell).map_err(wrong)?;
            let column = match normal(&name).as_str() {
                "userkey" | "사용자키" | "유저키" | "회원키" => &mut user_key,
                "phone" | "phonenumber" | "전화번호" | "휴대폰번호" | "휴대전화번호" | "연락처" => {
                    &mut phone
                }
                "expiresat" | "expires" | "만료일" | "만료일시" | "보유기한" => &mut expires_at,
                _ => return Err(wrong(&format!("unknown column `{}`", name.trim()))),
            };
            if column.replace(place).is_some() {
                return Err(wrong(&format!("the column `{}` is there twice", name.trim())));
            }
        }
        if expires_at.is_some() && expires.is_some() {
            return Err(Failure::usage("the file has expires_at: leave --expires out"));
        }
        if expires_at.is_none() && expires.is_none() {
            return Err(wrong("expires_at is missing: add it, or --expires 2027-12-31 for all"));
        }
        Ok(Self {
            delimiter,
            user_key: user_key.ok_or_else(|| wrong("user_key is missing"))?,
            phone: phone.ok_or_else(|| wrong("phone is missing"))?,
            expires_at,
        })
    }

    /// Reads a line. Why it cannot be taken never shows what it holds.
    pub(super) fn recipient(
        &self,
        line: &[u8],
        encoding: &'static Encoding,
        expires: Option<Moment>,
    ) -> Result<NewRecipient, String> {
        let cells = split(line, self.delimiter).map_err(str::to_owned)?;
        let cell = |name: &str, place: usize| {
            let cell = cells.get(place).ok_or_else(|| format!("{name} is missing"))?;
            decode(encoding, cell).map_err(|why| format!("{name} {why}"))
        };
        let user_key = cell("user_key", self.user_key)?;
        let user_key = as_written(user_key.trim()).to_owned();
        let user_key = UserKey::try_from(user_key).map_err(|error| format!("user_key {error}"))?;
        let phone = cell("phone", self.phone)?;
        let phone = phone.trim().trim_start_matches('\'');
        let phone = Phone::parse(phone).map_err(|error| format!("phone {error}"))?;
        let expires_at = match (self.expires_at, expires) {
            (Some(place), _) => {
                when::parse(&cell("expires_at", place)?, true).map_err(|why| format!("expires_at {why}"))?
            }
            (None, Some(expires)) => expires,
            (None, None) => return Err("expires_at is missing".to_owned()),
        };
        Ok(NewRecipient { user_key, phone, expires_at })
    }
}

fn normal(name: &str) -> String {
    name.trim().to_lowercase().chars().filter(|c| !matches!(c, ' ' | '_' | '-')).collect()
}

/// Cuts a line; a cell in quotes may hold the delimiter, and a quote as two. No cell goes on in the next line: one that was
/// never closed would swallow the file.
fn split(line: &[u8], delimiter: u8) -> Result<Vec<Vec<u8>>, &'static str> {
    let (mut cells, mut cell, mut quoted, mut closed) = (Vec::new(), Vec::new(), false, false);
    let mut bytes = line.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' if quoted && bytes.peek() == Some(&b'"') => {
                bytes.next();
                cell.push(b'"');
            }
            b'"' if quoted => (quoted, closed) = (false, true),
            b'"' if cell.iter().all(|byte| *byte == b' ') && !closed => {
                cell.clear();
                quoted = true;
            }
            byte if byte == delimiter && !quoted => {
                cells.push(std::mem::take(&mut cell));
                closed = false;
            }
            b' ' if closed => {}
            _ if closed => return Err("has something behind a closing quote"),
            byte => cell.push(byte),
        }
    }
    if quoted {
        return Err("has a quote that is not closed");
    }
    cells.push(cell);
    Ok(cells)
}

#[cfg(test)]
mod tests {
    use encoding_rs::{EUC_KR, UTF_8};

    use super::*;

    fn cells(line: &str) -> Result<Vec<String>, &'static str> {
        split(line.as_bytes(), b',')
            .map(|cells| cells.into_iter().map(|cell| String::from_utf8(cell).unwrap()).collect())
    }

    #[test]
    fn quotes_hold_what_would_cut() {
        assert_eq!(cells("a,\"b,\"\"c\",").unwrap(), ["a", "b,\"c", ""]);
        assert_eq!(cells(" \"a\" ,b").unwrap(), ["a", "b"]);
        assert!(cells("a,\"b").is_err() && cells("\"a\"b,c").is_err());
    }

    #[test]
    fn a_header_may_be_korean_and_in_any_order() {
        let expires = Some(Moment::from_seconds(1_800_000_000));
        let header = Header::parse("전화번호,사용자키".as_bytes(), UTF_8, expires).unwrap();
        let recipient = header.recipient(b"010-0000-0000,user", UTF_8, expires).unwrap();
        assert_eq!((recipient.user_key.as_str(), recipient.phone.expose()), ("user", "01000000000"));
        let (line, _, _) = EUC_KR.encode("사용자키;전화번호;만료일");
        let header = Header::parse(&line, EUC_KR, None).unwrap();
        let recipient = header.recipient(b"user;1000000000;2027.12.31", EUC_KR, None).unwrap();
        assert_eq!(recipient.expires_at.to_string(), "2027-12-31T15:00:00.000Z");
    }

    #[test]
    fn what_is_missing_or_unknown_is_named() {
        let message = |line: &str, expires| match Header::parse(line.as_bytes(), UTF_8, expires) {
            Ok(_) => String::new(),
            Err(failure) => failure.message,
        };
        assert!(message("user_key,phone", None).contains("expires_at is missing"));
        assert!(message("user_key,expires_at", None).contains("phone is missing"));
        assert!(message("user_key,phone,name,expires_at", None).contains("unknown column `name`"));
        assert!(message("user_key,phone,user_key", None).contains("twice"));
        assert!(message("user_key,phone,expires_at", Some(Moment::from_seconds(1))).contains("leave --expires out"));
    }

    #[test]
    fn why_a_line_is_not_taken_never_shows_its_number() {
        let header = Header::parse(b"user_key,phone,expires_at", UTF_8, None).unwrap();
        for line in ["u,0200001234,2027-12-31", "u,010-0000-1234,tomorrow", ",010-0000-1234,2027-12-31", "u"] {
            let why = header.recipient(line.as_bytes(), UTF_8, None).unwrap_err();
            assert!(!why.contains("1234"), "{why}");
        }
    }
}
