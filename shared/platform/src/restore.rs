//! What a restored table asks for.
//!
//! A lost or damaged table of payouts is never swapped for its restored copy: what is missing is copied from the copy into
//! the live table ([`copy_missing`]), and the live table is repaired ([`repair`]). If it was swapped all the same, the
//! heartbeat shows it, nothing is sent or cancelled, and [`repair`] alone makes it usable again.

use std::time::Duration;

use payout::{
    Attempt, CLOCKS_DIFFER, Event, Evidence, LineEvent, Moment, NextId, Rules, State, TrId, TrIdScheme, transition,
};

use crate::control::{Beat, ControlLine, FindBuried, KeepTime, Lost, MarkLost, tell_line};
use crate::error::StoreError;
use crate::host::Host;
use crate::payouts::{FindPayouts, ReadPayout, ScanPayouts, Write, WritePayouts, Written, settle, write_again};

/// A callback's row is written within this of when it came.
const LONGEST_CALLBACK: Duration = Duration::from_mins(1);
/// Salts that are tried for the id of a next attempt.
const MOST_SALTS: u8 = 3;

/// What was copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// Rows that were missing, and are there now.
    pub copied: u64,
    /// Rows that were there.
    pub there: u64,
}

/// What was repaired.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Repaired {
    /// Open rows that are looked up before anything is cancelled.
    pub looked_up_first: u64,
    /// Attempts that follow a dead one, and were missing.
    pub successors: u64,
    /// Sent rows of which nothing lives any more: a person had them cancelled after the copy was made. They are in review.
    pub for_a_person: u64,
}

impl Repaired {
    /// And this besides.
    pub fn add(&mut self, more: Self) {
        self.looked_up_first += more.looked_up_first;
        self.successors += more.successors;
        self.for_a_person += more.for_a_person;
    }
}

/// Copies what is missing in the live table from a restored copy that shows what was at `taken_at`; what is there stays as it
/// is. Safe to run again after it broke off. What the copy holds as open is looked up before it is cancelled.
pub async fn copy_missing<H, F, L, M>(
    host: &H,
    from: &F,
    live: &L,
    marks: &M,
    taken_at: Moment,
    rules: &Rules,
) -> Result<Copied, StoreError>
where
    H: Host,
    F: ScanPayouts,
    L: FindPayouts + WritePayouts,
    M: MarkLost,
{
    mark_missing(host, marks, taken_at).await?;
    let mut copied = Copied::default();
    let mut position = None;
    loop {
        let (page, next) = copy_page(host, from, live, position.as_ref(), rules).await?;
        copied.copied += page.copied;
        copied.there += page.there;
        position = next;
        if position.is_none() {
            return Ok(copied);
        }
    }
}

/// One page of [`copy_missing`], after the moment from which rows are missing was marked: what was copied of the rows that
/// follow this position, and the position of the next page, if there may be one.
pub async fn copy_page<H, F, L>(
    host: &H,
    from: &F,
    live: &L,
    after: Option<&TrId>,
    rules: &Rules,
) -> Result<(Copied, Option<TrId>), StoreError>
where
    H: Host,
    F: ScanPayouts,
    L: FindPayouts + WritePayouts,
{
    let mut copied = Copied::default();
    let (rows, next) = from.page(after).await?;
    let tr_ids: Vec<TrId> = rows.iter().map(|row| row.tr_id.clone()).collect();
    let there = live.find(&tr_ids).await?.rows;
    for row in rows {
        if there.iter().any(|other| other.tr_id == row.tr_id) {
            copied.there += 1;
            continue;
        }
        let row = looked_up_first(host, &row, rules).unwrap_or(row);
        match write_again(host, live, &[Write::Put(row)]).await? {
            Written::Done => copied.copied += 1,
            Written::Refused(_) => copied.there += 1,
        }
    }
    Ok((copied, next))
}

/// Repairs the live table: half transactions are completed, sent rows that were buried since go before a person, and if it is
/// an older copy of itself, its open rows are looked up before anything is cancelled, lists are held where rows may be missing,
/// and the line is opened. Safe to run again.
///
/// The heartbeat shows an older copy, unless it is younger than a sweep: whoever knows that the table was swapped says what
/// moment it shows (`taken_at`).
pub async fn repair<H, P, T, C>(
    host: &H,
    payouts: &P,
    time: &T,
    control: &C,
    scheme: &TrIdScheme,
    rules: &Rules,
    taken_at: Option<Moment>,
) -> Result<Repaired, StoreError>
where
    H: Host,
    P: ScanPayouts + ReadPayout + WritePayouts,
    T: KeepTime,
    C: ControlLine + MarkLost + FindBuried,
{
    let older = begin_repair(host, time, control, rules, taken_at).await?;
    let mut repaired = Repaired::default();
    let mut position = None;
    loop {
        let (page, next) = repair_page(host, payouts, control, scheme, rules, older, position.as_ref()).await?;
        repaired.add(page);
        position = next;
        if position.is_none() {
            break;
        }
    }
    end_repair(host, time, control, rules, older).await?;
    Ok(repaired)
}

/// The beginning of [`repair`], for whoever repairs page by page: lists are held where rows may be missing, and nothing is sent.
/// Whether the table is an older copy of itself, which it stays until [`end_repair`].
pub async fn begin_repair<H, T, C>(
    host: &H,
    time: &T,
    control: &C,
    rules: &Rules,
    taken_at: Option<Moment>,
) -> Result<bool, StoreError>
where
    H: Host,
    T: KeepTime,
    C: ControlLine + MarkLost,
{
    let beats = time.beats().await?;
    let older = taken_at.is_some() || beats.are_of_an_older_table();
    if older {
        let last = beats.payouts.map_or(Moment::from_millis(0), |beat| beat.at);
        let from = missing_from(taken_at.map_or(last, |taken_at| taken_at.min(last)));
        control.mark_lost(Lost { from, until: host.now().after(CLOCKS_DIFFER) }).await?;
        // If nobody has noticed yet.
        tell_line(host, control, rules, LineEvent::TableIsOlder).await?;
    }
    Ok(older)
}

/// One page of [`repair`]: what was repaired of the rows that follow this position, and the position of the next page, if there
/// may be one.
pub async fn repair_page<H, P, C>(
    host: &H,
    payouts: &P,
    control: &C,
    scheme: &TrIdScheme,
    rules: &Rules,
    older: bool,
    after: Option<&TrId>,
) -> Result<(Repaired, Option<TrId>), StoreError>
where
    H: Host,
    P: ScanPayouts + ReadPayout + WritePayouts,
    C: FindBuried,
{
    let (rows, next) = payouts.page(after).await?;
    let for_a_person = buried_since(host, payouts, control, &rows, rules).await?;
    let mut repaired = Repaired { for_a_person, ..Repaired::default() };
    for row in rows {
        if older && matches!(row.state, State::Sending | State::Unknown) {
            repaired.looked_up_first += u64::from(tell(host, payouts, &row, Event::Restored, rules).await?);
        }
        if let Some(next) = &row.next_tr_id
            && payouts.attempt(next).await?.is_none()
        {
            let following = following(host, &row, next, scheme, rules);
            let written = write_again(host, payouts, &[Write::Put(following)]).await?;
            repaired.successors += u64::from(written == Written::Done);
        }
    }
    Ok((repaired, next))
}

/// The end of [`repair`], after the last page: the table is no older copy any more, and the line is opened.
pub async fn end_repair<H, T, C>(host: &H, time: &T, control: &C, rules: &Rules, older: bool) -> Result<(), StoreError>
where
    H: Host,
    T: KeepTime,
    C: ControlLine,
{
    if older {
        let number = time.beats().await?.control.map_or(0, |beat| beat.number);
        time.heal(Beat { number, at: host.now() }).await?;
    }
    // Also if a repair before this one broke off right here; nothing changes unless a restored table has paused the line.
    tell_line(host, control, rules, LineEvent::TableRepaired).await.map(drop)
}

/// First of all: from now on nobody relies on rows that are missing in what shows the table at `taken_at`.
pub async fn mark_missing<H: Host, M: MarkLost>(host: &H, marks: &M, taken_at: Moment) -> Result<(), StoreError> {
    marks.mark_lost(Lost { from: missing_from(taken_at), until: host.now().after(CLOCKS_DIFFER) }).await
}

/// Puts before a person what is said to be sent and was buried; how many.
async fn buried_since<H: Host, P: WritePayouts, C: FindBuried>(
    host: &H,
    payouts: &P,
    control: &C,
    rows: &[Attempt],
    rules: &Rules,
) -> Result<u64, StoreError> {
    let sent = || rows.iter().filter(|row| row.state == State::Sent);
    let tr_ids: Vec<TrId> = sent().map(|row| row.tr_id.clone()).collect();
    if tr_ids.is_empty() {
        return Ok(0);
    }
    let buried = control.buried(&tr_ids).await?;
    let mut told = 0;
    for row in sent().filter(|row| buried.contains(&row.tr_id)) {
        told += u64::from(tell(host, payouts, row, Event::Buried, rules).await?);
    }
    Ok(told)
}

/// Whether the row was still as it was read, and is what the event makes of it now.
async fn tell<H: Host, P: WritePayouts>(
    host: &H,
    payouts: &P,
    row: &Attempt,
    event: Event,
    rules: &Rules,
) -> Result<bool, StoreError> {
    let stamp = host.stamp(host.new_owner(), Evidence::default());
    let Ok(restored) = transition(row, event, &stamp, rules) else { return Ok(false) };
    let written = settle(host, payouts, row, &restored, Vec::new(), Duration::ZERO).await?;
    Ok(written == Written::Done)
}

/// From when on rows may be missing in what shows a table at this moment: a row tells when its callback came, by that machine's
/// clock, and is there up to a minute later.
fn missing_from(taken_at: Moment) -> Moment {
    taken_at.before(CLOCKS_DIFFER + LONGEST_CALLBACK)
}

/// The row as it is to be copied, if it is open.
fn looked_up_first<H: Host>(host: &H, row: &Attempt, rules: &Rules) -> Option<Attempt> {
    let stamp = host.stamp(host.new_owner(), Evidence::default());
    transition(row, Event::Restored, &stamp, rules).ok().map(|restored| restored.after)
}

/// The attempt that a dead one names as its next.
fn following<H: Host>(host: &H, dead: &Attempt, next: &TrId, scheme: &TrIdScheme, rules: &Rules) -> Attempt {
    let salts = (0..=MOST_SALTS).map(|salt| dead.next_id(scheme, salt));
    let next = salts.into_iter().find(|id| id.tr_id == *next).unwrap_or(NextId { tr_id: next.clone(), salt: 0 });
    dead.following(next, &host.stamp(host.new_owner(), Evidence::default()), rules)
}
