use operation::{NewRecipient, Operation};
use payout::Moment;

use super::row::Header;
use super::seen::SeenKeys;
use super::source::{Line, Lines, Source};
use crate::failure::Failure;

/// A batch ends here, too, however few of its lines are good.
const MOST_LINES: u64 = 5_000;

/// Lines that are sent as one order.
#[derive(Default)]
pub(super) struct Batch {
    /// Its first line.
    pub(super) first: u64,
    /// Its last one.
    pub(super) last: u64,
    pub(super) recipients: Vec<NewRecipient>,
    /// The line of each recipient.
    pub(super) lines: Vec<u64>,
    /// Lines that cannot be taken, and why.
    pub(super) bad: Vec<(u64, String)>,
}

/// A file in batches: the same file is always cut in the same places.
pub(super) struct Batches<'a> {
    source: &'a Source,
    header: Header,
    lines: Lines,
    expires: Option<Moment>,
    seen: SeenKeys,
}

impl<'a> Batches<'a> {
    pub(super) fn new(source: &'a Source, expires: Option<Moment>) -> Result<Self, Failure> {
        let mut lines = source.lines()?;
        let header = match lines.next()? {
            Some(Line { bytes: Some(line), .. }) => Header::parse(line, source.encoding, expires)?,
            Some(Line { bytes: None, .. }) => return Err(Failure::usage("the header is too long: is this a CSV?")),
            None => return Err(Failure::usage("the file is empty")),
        };
        Ok(Self { source, header, lines, expires, seen: SeenKeys::new() })
    }

    /// The next one.
    pub(super) fn next(&mut self) -> Result<Option<Batch>, Failure> {
        let mut batch = Batch::default();
        while batch.recipients.len() < Operation::MOST_RECIPIENTS {
            let Some(Line { number, bytes: line }) = self.lines.next()? else { break };
            if batch.first == 0 {
                batch.first = number;
            }
            batch.last = number;
            let recipient = match line {
                Some(line) if line.iter().all(u8::is_ascii_whitespace) => None,
                Some(line) => Some(self.header.recipient(line, self.source.encoding, self.expires)),
                None => Some(Err("is too long".to_owned())),
            };
            match recipient {
                None => {}
                Some(Ok(recipient)) if self.seen.is_first(&recipient.user_key) => {
                    batch.recipients.push(recipient);
                    batch.lines.push(number);
                }
                Some(Ok(_)) => batch.bad.push((number, "user_key is on an earlier line".to_owned())),
                Some(Err(why)) => batch.bad.push((number, why)),
            }
            if batch.last - batch.first + 1 >= MOST_LINES {
                break;
            }
        }
        Ok((batch.first > 0).then_some(batch))
    }
}
