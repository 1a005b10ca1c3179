use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

const HEADER: &str = "line,why\n";

/// The report of lines that were not taken: never what they hold.
pub(super) struct Errors {
    path: PathBuf,
    file: Option<File>,
    bytes: u64,
}

/// Where it is.
pub(super) fn path(csv: &Path) -> PathBuf {
    super::beside(csv, ".errors.csv")
}

impl Errors {
    /// As far as it was written when the last batch was done; what came after that is written again.
    pub(super) fn open(csv: &Path, bytes: u64) -> Result<Self, Failure> {
        let path = path(csv);
        let mut errors = Self { path, file: None, bytes: 0 };
        if bytes == 0 {
            match fs::remove_file(&errors.path) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(errors.failed(&error)),
            }
            return Ok(errors);
        }
        let opened = OpenOptions::new().write(true).open(&errors.path).and_then(|mut file| {
            file.set_len(bytes)?;
            file.seek(SeekFrom::End(0))?;
            Ok(file)
        });
        errors.file = Some(opened.map_err(|error| errors.failed(&error))?);
        errors.bytes = bytes;
        Ok(errors)
    }

    /// Writes some, in the order of their lines; answers how long the report is.
    pub(super) fn write(&mut self, bad: &[(u64, String)]) -> Result<u64, Failure> {
        if bad.is_empty() {
            return Ok(self.bytes);
        }
        let mut text = if self.bytes == 0 { HEADER.to_owned() } else { String::new() };
        for (line, why) in bad {
            let _ = writeln!(text, "{line},\"{}\"", why.replace('"', "\"\""));
        }
        self.append(&text).map_err(|error| self.failed(&error))?;
        self.bytes += text.len() as u64;
        Ok(self.bytes)
    }

    fn append(&mut self, text: &str) -> std::io::Result<()> {
        if let Some(file) = &mut self.file {
            return file.write_all(text.as_bytes());
        }
        let new = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&self.path)?;
        self.file.insert(new).write_all(text.as_bytes())
    }

    fn failed(&self, error: &std::io::Error) -> Failure {
        Failure::failed(format!("{}: {error}", self.path.display()))
    }
}
