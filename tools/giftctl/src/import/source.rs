use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::str;

use encoding_rs::{EUC_KR, Encoding, UTF_8};
use sha2::{Digest, Sha256};

use crate::failure::Failure;

const CHUNK: usize = 64 * 1024;
/// Longest line that is read; a recipient needs less than a tenth.
const LONGEST_LINE: usize = 8 * 1024;
const BOM: &[u8] = b"\xef\xbb\xbf";

/// A CSV whose bytes were looked at once.
pub(super) struct Source {
    path: PathBuf,
    pub(super) encoding: &'static Encoding,
    has_bom: bool,
    /// SHA-256 of all of it.
    pub(super) digest: [u8; 32],
    /// Line breaks in it.
    pub(super) lines: u64,
}

impl Source {
    /// Reads all of it: valid UTF-8 is UTF-8, anything else is CP949.
    pub(super) fn scan(path: &Path) -> Result<Self, Failure> {
        let mut file = File::open(path).map_err(|error| unreadable(path, &error))?;
        let (mut digest, mut lines, mut utf8) = (Sha256::new(), 0, Utf8::default());
        let (mut chunk, mut first) = (vec![0; CHUNK], Vec::new());
        loop {
            let read = file.read(&mut chunk).map_err(|error| unreadable(path, &error))?;
            if read == 0 {
                break;
            }
            let bytes = &chunk[..read];
            if first.len() < BOM.len() {
                first.extend_from_slice(&bytes[..read.min(BOM.len())]);
            }
            digest.update(bytes);
            lines += bytes.split(|byte| *byte == b'\n').count() as u64 - 1;
            utf8.feed(bytes);
        }
        if first.starts_with(b"\xff\xfe") || first.starts_with(b"\xfe\xff") {
            let said = format!("{} is UTF-16: save it as CSV UTF-8", path.display());
            return Err(Failure::usage(said));
        }
        let encoding = if utf8.is_valid() { UTF_8 } else { EUC_KR };
        let has_bom = first.starts_with(BOM);
        Ok(Self { path: path.to_owned(), encoding, has_bom, digest: digest.finalize().into(), lines })
    }

    pub(super) fn encoding_name(&self) -> &'static str {
        if self.encoding == UTF_8 { "UTF-8" } else { "CP949" }
    }

    /// Its bytes after a byte-order mark.
    pub(super) fn open(&self) -> Result<BufReader<File>, Failure> {
        let file = File::open(&self.path).map_err(|error| unreadable(&self.path, &error))?;
        let mut reader = BufReader::with_capacity(CHUNK, file);
        if self.has_bom {
            reader.read_exact(&mut [0; 3]).map_err(|error| unreadable(&self.path, &error))?;
        }
        Ok(reader)
    }

    /// Line by line.
    pub(super) fn lines(&self) -> Result<Lines, Failure> {
        Ok(Lines { reader: self.open()?, path: self.path.clone(), number: 0, line: Vec::new() })
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("{} cannot be read: {error}", path.display()))
}

/// A line of a file.
pub(super) struct Line<'a> {
    /// From 1.
    pub(super) number: u64,
    /// Without its end; `None` if it is too long.
    pub(super) bytes: Option<&'a [u8]>,
}

/// Lines of a file, however long they are.
pub(super) struct Lines {
    reader: BufReader<File>,
    path: PathBuf,
    number: u64,
    line: Vec<u8>,
}

impl Lines {
    /// The next one; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Line<'_>>, Failure> {
        self.line.clear();
        let (mut read, mut too_long) = (0, false);
        loop {
            let available = self.reader.fill_buf().map_err(|error| unreadable(&self.path, &error))?;
            if available.is_empty() {
                break;
            }
            let end = available.iter().position(|byte| *byte == b'\n');
            let part = &available[..end.unwrap_or(available.len())];
            let room = LONGEST_LINE.saturating_sub(self.line.len());
            too_long |= part.len() > room;
            self.line.extend_from_slice(&part[..part.len().min(room)]);
            let used = end.map_or(available.len(), |end| end + 1);
            read += used;
            self.reader.consume(used);
            if end.is_some() {
                break;
            }
        }
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        if self.line.last() == Some(&b'\r') {
            self.line.pop();
        }
        Ok(Some(Line { number: self.number, bytes: (!too_long).then_some(self.line.as_slice()) }))
    }
}

/// Whether bytes that come in pieces are UTF-8.
#[derive(Default)]
struct Utf8 {
    /// The beginning of a character whose end has not come yet.
    rest: Vec<u8>,
    is_wrong: bool,
}

impl Utf8 {
    fn feed(&mut self, bytes: &[u8]) {
        if self.is_wrong {
            return;
        }
        let mut bytes = bytes;
        while !self.rest.is_empty() && !bytes.is_empty() && self.rest.len() < 4 {
            self.rest.push(bytes[0]);
            bytes = &bytes[1..];
            match str::from_utf8(&self.rest) {
                Ok(_) => self.rest.clear(),
                Err(error) if error.error_len().is_some() => self.is_wrong = true,
                Err(_) => {}
            }
            if self.is_wrong {
                return;
            }
        }
        if let Err(error) = str::from_utf8(bytes) {
            self.is_wrong = error.error_len().is_some();
            self.rest.extend_from_slice(&bytes[error.valid_up_to()..]);
            if self.is_wrong {
                self.rest.clear();
            }
        }
    }

    fn is_valid(&self) -> bool {
        !self.is_wrong && self.rest.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_may_come_in_pieces() {
        for cut in 0..=9 {
            let bytes = "a가나bc".as_bytes();
            let mut utf8 = Utf8::default();
            utf8.feed(&bytes[..cut]);
            utf8.feed(&bytes[cut..]);
            assert!(utf8.is_valid(), "{cut}");
        }
        let valid = |bytes: &[u8]| {
            let mut utf8 = Utf8::default();
            for byte in bytes {
                utf8.feed(&[*byte]);
            }
            utf8.is_valid()
        };
        assert!(valid("010-0000-0000,가".as_bytes()));
        assert!(!valid(&"가".as_bytes()[..2]));
        // `홍길` in CP949; alone, the first of them is UTF-8, too.
        assert!(!valid(b"\xc8\xab\xb1\xe6,010"));
    }
}
