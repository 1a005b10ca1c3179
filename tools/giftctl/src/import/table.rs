use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use csv::{ByteRecord, Reader, ReaderBuilder};
use encoding_rs::Encoding;

use super::source::Source;
use crate::failure::Failure;

/// A small CSV with a header, whose cells may hold line breaks; UTF-8 or CP949.
pub(crate) struct Table {
    reader: Reader<BufReader<File>>,
    encoding: &'static Encoding,
    path: PathBuf,
    record: ByteRecord,
}

/// The cells of a line, or why they cannot be read.
pub(crate) type Cells = Result<Vec<String>, &'static str>;

impl Table {
    /// Opens it; with the names of its columns.
    pub(crate) fn open(path: &Path) -> Result<(Self, Vec<String>), Failure> {
        let source = Source::scan(path)?;
        let reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(source.open()?);
        let mut table = Self { reader, encoding: source.encoding, path: path.to_owned(), record: ByteRecord::new() };
        let empty = || Failure::usage(format!("{} is empty", path.display()));
        let (_, header) = table.next()?.ok_or_else(empty)?;
        let header = header.map_err(|why| Failure::usage(format!("{}, line 1: {why}", path.display())))?;
        Ok((table, header.iter().map(|name| name.trim().to_lowercase()).collect()))
    }

    /// The next line's number, and its cells.
    pub(crate) fn next(&mut self) -> Result<Option<(u64, Cells)>, Failure> {
        let read = self.reader.read_byte_record(&mut self.record);
        let read = read.map_err(|error| Failure::usage(format!("{}: {error}", self.path.display())))?;
        if !read {
            return Ok(None);
        }
        let line = self.record.position().map_or(0, csv::Position::line);
        Ok(Some((line, self.record.iter().map(|cell| decode(self.encoding, cell)).collect())))
    }
}

/// A cell's text. In CP949, neither comma nor quote is ever a part of another character.
pub(super) fn decode(encoding: &'static Encoding, bytes: &[u8]) -> Result<String, &'static str> {
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes);
    text.map(std::borrow::Cow::into_owned).ok_or("is neither UTF-8 nor CP949")
}
