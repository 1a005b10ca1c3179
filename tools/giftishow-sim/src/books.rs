//! The books on disk: one line of JSON for whatever changed, written before the request that changed it is answered.
//!
//! The last line about a coupon counts. What a killed process left of a line is cut off: nobody was answered for it.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::catalogue::Goods;
use crate::config::SimCredentials;
use crate::ledger::{Entry, FailedSend};

/// One change, and the money after it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Line {
    pub(crate) balance_start: u64,
    pub(crate) adjusted_won: i64,
    pub(crate) balance: u64,
    pub(crate) changed: Changed,
}

/// What a line tells.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Changed {
    /// Nothing but the money.
    Money,
    /// What a request must present from here on.
    Credentials(SimCredentials),
    /// A coupon as it is now.
    Coupon(Box<CouponLine>),
    /// A send that took money and issued nothing, as it stands now.
    Failed(FailedSend),
}

/// A coupon with what the ledger does not show.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CouponLine {
    pub(crate) entry: Entry,
    pub(crate) phone: String,
    pub(crate) pin_no: Option<String>,
    pub(crate) goods: Goods,
    pub(crate) ordered_at: Timestamp,
    pub(crate) valid_until: Timestamp,
}

/// The open file.
pub(crate) struct Books(File);

impl Books {
    /// Opens the file or makes it, for its owner alone; what stands in it comes along, oldest first.
    pub(crate) fn open(path: &Path) -> anyhow::Result<(Self, Vec<Line>)> {
        let file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path);
        let mut file = file.with_context(|| format!("cannot open {}", path.display()))?;
        // Something else may never end.
        if !file.metadata().is_ok_and(|what| what.is_file()) {
            bail!("{} is not a file", path.display());
        }
        let mut text = Vec::new();
        file.read_to_end(&mut text).with_context(|| format!("cannot read {}", path.display()))?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        file.set_len(whole as u64).with_context(|| format!("cannot mend {}", path.display()))?;
        text.truncate(whole);
        let lines = text.split_inclusive(|byte| *byte == b'\n').enumerate().map(|(index, line)| {
            // The parser's own words could show what stands there.
            let line = serde_json::from_slice(line).ok();
            line.with_context(|| format!("line {} of {} is not one of the books", index + 1, path.display()))
        });
        let lines = lines.collect::<anyhow::Result<_>>()?;
        Ok((Self(file), lines))
    }

    /// Writes all lines in one piece.
    pub(crate) fn append(&mut self, lines: &[Line]) -> anyhow::Result<()> {
        let mut text = Vec::new();
        for line in lines {
            serde_json::to_writer(&mut text, line)?;
            text.push(b'\n');
        }
        Ok(self.0.write_all(&text)?)
    }
}
