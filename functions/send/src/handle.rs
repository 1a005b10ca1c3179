use std::collections::HashMap;
use std::convert::Infallible;

use lambda_runtime::LambdaEvent;
use payout::{Attempt, LineEvent, Moment, Reward, RewardCode, TrId, counts};
use platform::{Host as _, Metric, ReadSituation as _, Situation, StoreError};

use crate::batch::{Batch, BatchResponse};
use crate::drawn::{Counted, Drawn, Full, NotDrawn};
use crate::lease::wants_sending;
use crate::line_health::KnownLine;
use crate::side_by_side::SideBySide;
use crate::{Given, Sender};

/// After so many rows that could not be claimed, something is wrong with the table, and not with them.
const MOST_FAILURES: usize = 3;

/// What is known of the batch in hand.
pub(crate) struct Known {
    pub(crate) rewards: HashMap<RewardCode, Reward>,
    pub(crate) situation: Situation,
    pub(crate) line: KnownLine,
}

/// An attempt that waits to be sent, and the record that woke it.
struct Waiting {
    attempt: Attempt,
    sequence_number: Option<String>,
}

/// Drives every row of the batch as far as it goes and names the records that must come again: the mapping goes on from the
/// first of them.
pub async fn handle<G: Given>(sender: &Sender<G>, event: LambdaEvent<Batch>) -> Result<BatchResponse, Infallible> {
    let deadline = sender.host.deadline(event.context.deadline);
    let mut response = BatchResponse::default();
    let waiting = sender.read(event.payload, &mut response);
    if waiting.is_empty() {
        return Ok(response);
    }
    let again = match sender.know(&waiting).await {
        Ok(known) => Box::pin(sender.drive(&waiting, &known, deadline)).await,
        Err(error) => Err(error),
    };
    let again = again.unwrap_or_else(|error| {
        tracing::warn!("Records must come again: {error}.");
        (0..waiting.len()).collect()
    });
    for index in again {
        response.fail(waiting[index].sequence_number.as_deref());
    }
    Ok(response)
}

impl<G: Given> Sender<G> {
    /// The attempts that want sending, each once: the latest record of a row tells of it.
    fn read(&self, batch: Batch, response: &mut BatchResponse) -> Vec<Waiting> {
        let mut waiting: Vec<Waiting> = Vec::with_capacity(batch.records.len());
        for record in batch.records {
            let sequence_number = record.sequence_number().map(str::to_owned);
            match record.attempt() {
                Ok(attempt) => {
                    waiting.retain(|earlier| earlier.attempt.tr_id != attempt.tr_id);
                    waiting.push(Waiting { attempt, sequence_number });
                }
                Err(why) => {
                    self.host.count(Metric::RecordsUnreadable, 1);
                    let what = "A stream record cannot be read; the sweeper drives its row, if there is one.";
                    tracing::error!(sequence_number = sequence_number.as_deref(), why, "{what}");
                    response.fail(sequence_number.as_deref());
                }
            }
        }
        waiting.retain(|waiting| wants_sending(&waiting.attempt, self.host.now()));
        waiting
    }

    async fn know(&self, waiting: &[Waiting]) -> Result<Known, StoreError> {
        let tr_ids: Vec<TrId> = waiting.iter().map(|waiting| waiting.attempt.tr_id.clone()).collect();
        let situation = self.situation.situation(&tr_ids).await?;
        let line = KnownLine::new(situation.line.clone(), self.host.now());
        let mut codes: Vec<RewardCode> = waiting.iter().map(|waiting| waiting.attempt.code.clone()).collect();
        codes.sort_unstable();
        codes.dedup();
        let rewards = self.rewards.rewards(&codes, self.host.now()).await?;
        Ok(Known { rewards, situation, line })
    }

    /// Drives them; which of them must come again.
    async fn drive(&self, waiting: &[Waiting], known: &Known, deadline: Moment) -> Result<Vec<usize>, StoreError> {
        if known.situation.beats.are_of_an_older_table() {
            self.host.count(Metric::TableRestored, 1);
            tracing::error!("The table of payouts is an older copy of itself: nothing is sent until it is repaired.");
            self.tell(&known.line, LineEvent::TableIsOlder).await;
            return Ok(Vec::new());
        }
        // Once for the batch: an hour or a day may turn while it is in hand.
        let counted: Vec<_> = waiting.iter().map(|waiting| self.counted(&waiting.attempt, known)).collect();
        let mut drawn = None;
        if self.is_open(&known.line).await? {
            drawn = Some(Drawn::draw(&self.control, counted.iter().flatten().flatten()).await?);
        }
        let again = self.drive_each(waiting, &counted, known, drawn.as_mut(), deadline).await;
        if let Some(drawn) = drawn {
            drawn.give_back(&self.control).await;
        }
        Ok(again)
    }

    async fn drive_each(
        &self,
        waiting: &[Waiting],
        counted: &[Counted],
        known: &Known,
        mut drawn: Option<&mut Drawn>,
        deadline: Moment,
    ) -> Vec<usize> {
        let mut sends = SideBySide::new(self.concurrency);
        let mut again = Vec::new();
        for (index, (one, counted)) in waiting.iter().zip(counted).enumerate() {
            sends.room().await;
            if !self.has_time_for_a_send(deadline) {
                tracing::info!("No time is left for a send; what still waits must come again.");
                again.extend(index..waiting.len());
                break;
            }
            match sends.beside(self.take_on(&one.attempt, counted, known, drawn.as_deref_mut(), deadline)).await {
                Ok(Some(claimed)) => sends.start(self.deliver(claimed, &known.line)),
                Ok(None) => {}
                Err(error) => {
                    let tr_id = one.attempt.tr_id.as_str();
                    tracing::warn!(tr_id, "A record must come again: its row could not be claimed ({error}).");
                    again.push(index);
                }
            }
            if again.len() >= MOST_FAILURES {
                again.extend(index + 1..waiting.len());
                break;
            }
        }
        sends.all().await;
        again
    }

    /// What the caps count of an attempt, or why nothing is to be drawn for it.
    fn counted(&self, attempt: &Attempt, known: &Known) -> Counted {
        let reward = known.rewards.get(&attempt.code).filter(|reward| reward.delivery == payout::Delivery::Giftishow);
        let Some(reward) = reward else { return Ok(Vec::new()) };
        if let Some(until) = self.opens_at(reward) {
            return Err(NotDrawn::OutsideHours(until));
        }
        let full = |(cap, until)| NotDrawn::Full(Full { cap, until });
        counts(attempt, reward, &self.fuse, self.host.now()).map_err(full)
    }
}
