//! A page of payouts: those of a Korean day, or those that wait for a person; oldest first.

use std::collections::VecDeque;

use operation::{Listing, Outcome, Page, PayoutLine, Refusal};
use payout::{Attempt, SHARDS};
use platform::{CountAttention as _, FindPayouts as _, ListAttention as _, ListPayouts as _, Place};

use crate::order::unavailable;
use crate::{Given, Operate, korea};

/// Rows of a page.
const PAGE: usize = 50;
/// Rows that are looked at for a page; if few of them fit, the page is short and another follows.
const MOST_LOOKED_AT: usize = 2_000;
/// Where a partition has ended, in a cursor.
const ENDED: &str = ".";

/// Where the reading of one partition stands.
#[derive(Clone, Debug, Default)]
struct Partition {
    /// Read and not yet given out.
    read: VecDeque<(Place, Attempt)>,
    /// After which the rest is read.
    read_to: Option<Place>,
    /// The last one that was given out.
    given: Option<Place>,
    /// Whether there is no rest.
    is_read: bool,
}

impl<G: Given> Operate<G> {
    pub(crate) async fn list(&self, listing: &Listing) -> Result<Outcome, Refusal> {
        if let Some(day) = &listing.day {
            korea::day("day", day)?;
        }
        let mut partitions = match &listing.after {
            Some(cursor) => partitions_of(cursor)?,
            None => vec![Partition::default(); usize::from(SHARDS)],
        };
        let (mut rows, mut looked_at) = (Vec::new(), 0);
        while rows.len() < PAGE && looked_at < MOST_LOOKED_AT {
            for (shard, partition) in (0..SHARDS).zip(&mut partitions) {
                while partition.read.is_empty() && !partition.is_read {
                    self.read_on(listing, shard, partition).await?;
                }
            }
            let Some(oldest) = oldest(&mut partitions) else { break };
            let Some((place, row)) = oldest.read.pop_front() else { break };
            oldest.given = Some(place);
            looked_at += 1;
            if fits(&row, listing) {
                rows.push(PayoutLine::from(&row));
            }
        }
        let total = match listing {
            Listing { day: None, code: None, state: None, .. } => Some(self.count_waiting().await?.0),
            _ => None,
        };
        Ok(Outcome::Payouts(Page { rows, next: cursor_of(&partitions), total }))
    }

    async fn read_on(&self, listing: &Listing, shard: u8, partition: &mut Partition) -> Result<(), Refusal> {
        let after = partition.read_to.as_ref();
        let most = u8::try_from(PAGE).unwrap_or(u8::MAX);
        let Some(day) = &listing.day else { return self.read_waiting(shard, partition).await };
        let read = self.payouts.of_day(day, shard, after, most).await;
        let (rows, next) = read.map_err(|error| unavailable(&error))?;
        let placed = |row: Attempt| (Place { accepted_at: row.accepted_at, tr_id: row.tr_id.clone() }, row);
        partition.read.extend(rows.into_iter().map(placed));
        partition.is_read = next.is_none();
        partition.read_to = next;
        Ok(())
    }

    async fn read_waiting(&self, shard: u8, partition: &mut Partition) -> Result<(), Refusal> {
        let after = partition.read_to.as_ref().map(|place| (place.accepted_at, place.tr_id.clone()));
        let most = u16::try_from(PAGE).unwrap_or(u16::MAX);
        let waiting = self.payouts.waiting(shard, after.as_ref(), most).await.map_err(|error| unavailable(&error))?;
        let ids: Vec<_> = waiting.iter().map(|(_, tr_id)| tr_id.clone()).collect();
        let mut rows = match &ids[..] {
            [] => Vec::new(),
            ids => self.payouts.find(ids).await.map_err(|error| unavailable(&error))?.rows,
        };
        partition.is_read = waiting.len() < PAGE;
        for (since, tr_id) in waiting {
            let place = Place { accepted_at: since, tr_id };
            partition.read_to = Some(place.clone());
            // The index lags: one that waits no more is not shown.
            if let Some(found) = rows.iter().position(|row| row.tr_id == place.tr_id && row.state.waits_for_a_person())
            {
                partition.read.push_back((place, rows.swap_remove(found)));
            }
        }
        Ok(())
    }

    /// How many rows wait for a person, and since when the oldest does.
    pub(crate) async fn count_waiting(&self) -> Result<(u64, Option<payout::Moment>), Refusal> {
        let of = |shard| self.payouts.attention(shard);
        let (a, b, c, d) = tokio::join!(of(0), of(1), of(2), of(3));
        let (mut rows, mut oldest) = (0, None);
        for found in [a, b, c, d] {
            let found = found.map_err(|error| unavailable(&error))?;
            rows += found.rows;
            oldest = [oldest, found.oldest].into_iter().flatten().min();
        }
        Ok((rows, oldest))
    }
}

fn oldest(partitions: &mut [Partition]) -> Option<&mut Partition> {
    let waiting = partitions.iter_mut().filter(|partition| !partition.read.is_empty());
    waiting.min_by(|a, b| a.read.front().map(|(place, _)| place).cmp(&b.read.front().map(|(place, _)| place)))
}

fn fits(row: &Attempt, listing: &Listing) -> bool {
    listing.code.as_ref().is_none_or(|code| row.code == *code) && listing.state.is_none_or(|state| row.state == state)
}

/// Where each partition goes on; `None` if none does.
fn cursor_of(partitions: &[Partition]) -> Option<String> {
    let ended = |partition: &Partition| partition.is_read && partition.read.is_empty();
    if partitions.iter().all(ended) {
        return None;
    }
    let place = |partition: &Partition| match &partition.given {
        _ if ended(partition) => ENDED.to_owned(),
        Some(place) => place.to_string(),
        None => String::new(),
    };
    Some(partitions.iter().map(place).collect::<Vec<_>>().join("|"))
}

fn partitions_of(cursor: &str) -> Result<Vec<Partition>, Refusal> {
    let wrong = || Refusal::bad_input("after", "must be what the page before gave as next");
    let partition = |text: &str| match text {
        "" => Ok(Partition::default()),
        ENDED => Ok(Partition { is_read: true, ..Partition::default() }),
        text => {
            let place: Place = text.parse().map_err(|_| wrong())?;
            Ok(Partition { read_to: Some(place.clone()), given: Some(place), ..Partition::default() })
        }
    };
    let partitions = cursor.split('|').map(partition).collect::<Result<Vec<_>, _>>()?;
    if partitions.len() == usize::from(SHARDS) { Ok(partitions) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back_and_a_made_up_one_is_refused() {
        let cursor = "2026-11-22T08:00:00.000Z/bg_0123456789ABCDEFG|.||.";
        let partitions = partitions_of(cursor).unwrap();
        assert_eq!(cursor_of(&partitions).as_deref(), Some(cursor));
        assert_eq!(cursor_of(&partitions_of(".|.|.|.").unwrap()), None);
        for wrong in ["", "|||x", ".|.|.", "yesterday"] {
            assert!(partitions_of(wrong).is_err(), "{wrong}");
        }
    }
}
