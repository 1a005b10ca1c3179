use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use indicatif::ProgressBar;
use operation::{Imported, Operation, OrderId, Outcome};
use serde::{Deserialize, Serialize};
use tokio::task::{JoinHandle, LocalSet};

use super::batch::{Batch, Batches};
use super::errors::Errors;
use super::progress::Progress;
use super::source::Source;
use crate::commands::recipient::ImportArgs;
use crate::context::{Context, unexpected};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::operate::{Operate, Order};

/// So many batches are on their way at a time.
const AT_A_TIME: usize = 4;
/// So often a batch is sent that was not answered; each time it is the same order.
const TRIES: u32 = 5;

/// What came of all lines.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Counts {
    pub(super) new: u64,
    pub(super) changed: u64,
    pub(super) unchanged: u64,
    pub(super) bad: u64,
    /// What a dry run says.
    pub(super) would: u64,
}

/// An import under way.
pub(super) struct Sending<'a> {
    pub(super) context: &'a Context,
    pub(super) args: &'a ImportArgs,
    pub(super) source: &'a Source,
    pub(super) bar: &'a ProgressBar,
}

/// What came of one batch.
enum Answer {
    Imported(Imported),
    Would(u64),
}

struct Sent {
    batch: Batch,
    answer: Answer,
}

impl Sending<'_> {
    /// Sends what is left, a few batches at a time; they are done in their order.
    pub(super) async fn run(&self, progress: &mut Progress, mut errors: Errors) -> Result<Counts, Failure> {
        let operate = self.context.operate().await?;
        let mut batches = Batches::new(self.source, self.args.expires)?;
        let set = LocalSet::new();
        set.run_until(async {
            let mut under_way: VecDeque<JoinHandle<Result<Sent, Failure>>> = VecDeque::new();
            loop {
                while under_way.len() < AT_A_TIME {
                    let Some(batch) = batches.next()? else { break };
                    if batch.last <= progress.line {
                        continue;
                    }
                    let sending = self.send(Rc::clone(operate), progress, batch)?;
                    under_way.push_back(tokio::task::spawn_local(sending));
                }
                let Some(oldest) = under_way.pop_front() else { break };
                let answered =
                    oldest.await.map_err(|error| Failure::failed(format!("a batch ended early: {error}")))??;
                done(progress, &mut errors, answered)?;
                self.bar.set_position(progress.line);
            }
            Ok(progress.counts.clone())
        })
        .await
    }

    fn send(
        &self,
        operate: Rc<Operate>,
        progress: &Progress,
        batch: Batch,
    ) -> Result<impl Future<Output = Result<Sent, Failure>> + use<>, Failure> {
        let (id, again) = (progress.order_id(batch.first, false)?, progress.order_id(batch.first, true)?);
        let (reason, dry_run) = (self.args.args.reason.clone(), self.args.args.dry_run);
        Ok(async move {
            if batch.recipients.is_empty() {
                return Ok(Sent { batch, answer: Answer::Imported(Imported::default()) });
            }
            let operation = Operation::RecipientImport { recipients: batch.recipients.clone() };
            let order = |id: OrderId| Order { id, reason: reason.clone(), operation: operation.clone() };
            let mut outcome = persistent(&operate, &order(id), dry_run).await?;
            if matches!(outcome, Outcome::AlreadyDone { .. }) {
                // Its answer was lost, with what it says about single lines. To put the same values again changes nothing.
                outcome = persistent(&operate, &order(again), dry_run).await?;
            }
            let answer = match outcome {
                Outcome::Imported(imported) => Answer::Imported(imported),
                Outcome::Would { rows, .. } => Answer::Would(rows),
                Outcome::AlreadyDone { .. } => {
                    Answer::Imported(Imported { unchanged: batch.recipients.len() as u64, ..Imported::default() })
                }
                _ => return Err(unexpected()),
            };
            Ok(Sent { batch, answer })
        })
    }
}

/// Asks until it is answered, or in vain five times.
async fn persistent(operate: &Operate, order: &Order, dry_run: bool) -> Result<Outcome, Failure> {
    let mut tries = 1;
    loop {
        let answer = if dry_run { operate.try_dry(order).await } else { operate.order(order).await };
        match answer {
            Err(failure) if matches!(failure.exit, Exit::Failed | Exit::Unknown) && tries < TRIES => {
                tokio::time::sleep(Duration::from_millis(200) * 3_u32.pow(tries - 1)).await;
                tries += 1;
            }
            answer => return answer,
        }
    }
}

/// Writes down what came of a batch: first its bad lines, then that it is done.
fn done(progress: &mut Progress, errors: &mut Errors, sent: Sent) -> Result<(), Failure> {
    let Sent { batch, answer } = sent;
    let mut bad = batch.bad;
    match answer {
        Answer::Imported(imported) => {
            progress.counts.new += imported.new;
            progress.counts.changed += imported.changed;
            progress.counts.unchanged += imported.unchanged;
            for problem in imported.problems {
                let line = batch.lines.get(problem.index).ok_or_else(unexpected)?;
                bad.push((*line, problem.why));
            }
        }
        Answer::Would(rows) => progress.counts.would += rows,
    }
    bad.sort_by_key(|line| line.0);
    progress.counts.bad += bad.len() as u64;
    progress.errors_bytes = errors.write(&bad)?;
    progress.line = batch.last;
    progress.keep()
}
