use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use operation::OrderId;
use payout::Moment;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::send::Counts;
use super::source::Source;
use crate::commands::recipient::ImportArgs;
use crate::failure::Failure;
use crate::operate::new_id;

/// How far an import is; written after every batch, beside the CSV.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Progress {
    /// SHA-256 of the CSV: another file begins anew.
    digest: String,
    /// What its lines are completed with.
    expires: Option<Moment>,
    /// Tells one import of the file from a later one: after other changes, the same file must be taken again.
    import: OrderId,
    /// Every line up to this one is done.
    pub(super) line: u64,
    /// How long the report of bad lines is.
    pub(super) errors_bytes: u64,
    pub(super) counts: Counts,
    #[serde(skip)]
    path: Option<PathBuf>,
}

impl Progress {
    /// Where the last call has ended, or the beginning. A dry run keeps nothing.
    pub(super) fn open(csv: &Path, source: &Source, args: &ImportArgs) -> Result<Self, Failure> {
        let path = super::beside(csv, ".giftctl-progress");
        let begun = Self {
            digest: hex::encode(source.digest),
            expires: args.expires,
            import: args.args.order_id.clone().unwrap_or_else(new_id),
            line: 0,
            errors_bytes: 0,
            counts: Counts::default(),
            path: (!args.args.dry_run).then_some(path.clone()),
        };
        if args.args.dry_run {
            return Ok(begun);
        }
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(begun),
            Err(error) => return Err(Failure::failed(format!("{}: {error}", path.display()))),
        };
        match serde_json::from_str::<Self>(&text) {
            Ok(kept) if kept.digest == begun.digest && kept.expires == begun.expires => {
                Ok(Self { path: Some(path), ..kept })
            }
            Ok(_) => Ok(begun),
            Err(_) => {
                let said = format!("{} cannot be read", path.display());
                Err(Failure::failed(said).mend("Delete it to begin anew: what is registered already stays as it is."))
            }
        }
    }

    /// The order of the batch that begins with a line.
    pub(super) fn order_id(&self, line: u64, again: bool) -> Result<OrderId, Failure> {
        let text = format!("{}\n{}\n{line}\n{again}", self.digest, self.import.as_str());
        let id = hex::encode(&Sha256::digest(text.as_bytes())[..24]);
        OrderId::try_from(id).map_err(|error| Failure::failed(error.to_string()))
    }

    /// Keeps it; whoever reads it finds the old one or the new one.
    pub(super) fn keep(&self) -> Result<(), Failure> {
        let Some(path) = &self.path else { return Ok(()) };
        let new = super::beside(path, ".new");
        let text = serde_json::to_string(self).map_err(|error| Failure::failed(error.to_string()))?;
        let written = fs::write(&new, text).and_then(|()| fs::rename(&new, path));
        written.map_err(|error| Failure::failed(format!("{}: {error}", path.display())))
    }

    /// It is done.
    pub(super) fn remove(&self) -> Result<(), Failure> {
        let Some(path) = &self.path else { return Ok(()) };
        match fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(Failure::failed(format!("{}: {error}", path.display())))
            }
            _ => Ok(()),
        }
    }
}
