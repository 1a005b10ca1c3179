//! What is kept from run to run: one folder, and one stack at a time that has it.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use rustix::fs::{FlockOperation, flock};

const LOCK: &str = "lock";
const DATABASE: &str = "dynamodb.sqlite";
const BOOKS: &str = "giftishow.jsonl";
const SECRETS: &str = "secrets.json";
const TOKEN: &str = "callback-token";
const PARAMETERS: &str = "parameters.json";
const POSITION: &str = "stream-position";
/// What SQLite puts next to a database.
const BESIDE_DATABASE: [&str; 2] = ["dynamodb.sqlite-wal", "dynamodb.sqlite-shm"];

/// The folder, locked until it is dropped. The lock ends with the process, whatever ends it.
#[derive(Debug)]
pub(crate) struct Data {
    folder: PathBuf,
    _lock: File,
}

impl Data {
    /// Takes the folder, for its owner alone; `fresh` removes what earlier runs have left there.
    pub(crate) fn open(folder: &Path, fresh: bool) -> Result<Self> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.with_context(|| format!("cannot create {}", folder.display()))?;
        let path = folder.join(LOCK);
        let lock = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
        let lock = lock.with_context(|| format!("cannot open {}", path.display()))?;
        if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() {
            bail!(
                "another local stack has {}: end that one, or give this one a --folder of its own (and other ports)",
                folder.display()
            );
        }
        let data = Self { folder: folder.to_owned(), _lock: lock };
        if fresh {
            data.clear()?;
        }
        Ok(data)
    }

    /// The database of the tables.
    pub(crate) fn database(&self) -> PathBuf {
        self.folder.join(DATABASE)
    }

    /// The fake Giftishow's books.
    pub(crate) fn books(&self) -> PathBuf {
        self.folder.join(BOOKS)
    }

    /// The values of the secrets.
    pub(crate) fn secrets(&self) -> PathBuf {
        self.folder.join(SECRETS)
    }

    /// Parameters that somebody has changed while the stack ran.
    pub(crate) fn parameters(&self) -> PathBuf {
        self.folder.join(PARAMETERS)
    }

    /// How far the stream has been delivered.
    pub(crate) fn position(&self) -> PathBuf {
        self.folder.join(POSITION)
    }

    /// The callback token; the first run makes it up.
    pub(crate) fn token(&self, new: impl FnOnce() -> String) -> Result<String> {
        let path = self.folder.join(TOKEN);
        if let Some(token) = read(&path)? {
            return Ok(token.trim().to_owned());
        }
        let token = new();
        write(&path, token.as_bytes())?;
        Ok(token)
    }

    fn clear(&self) -> Result<()> {
        let own = [DATABASE, BOOKS, SECRETS, TOKEN, PARAMETERS, POSITION].into_iter().chain(BESIDE_DATABASE);
        for path in own.map(|name| self.folder.join(name)) {
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(error).with_context(|| format!("cannot remove {}", path.display()));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// The text of a file, or nothing if there is none.
pub(crate) fn read(path: &Path) -> Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Replaces a file in one piece: it is the old one or the new one, never half of it. Its owner alone can read it.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let new = path.with_extension("new");
    let write = || -> std::io::Result<()> {
        let _ = std::fs::remove_file(&new);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
        file.write_all(bytes)?;
        std::fs::rename(&new, path)
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}
