use clap::Subcommand;
use operation::{Operation, Outcome};
use payout::{Moment, TrId};

use super::parse;
use crate::context::{Context, unexpected};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::operate::{Order, new_id};
use crate::order::{OrderArgs, agreed, give, must_be_asked, show_stack};

/// After a table was restored from a backup.
#[derive(Subcommand)]
pub(crate) enum RestoreCommand {
    /// Copies what is missing from a restored table into the live one; may be ended and begun again.
    #[command(after_help = "Example: giftctl restore copy bleepy-giftishow-payouts-restored")]
    Copy {
        /// The restored table's name.
        table: String,
        /// Where an earlier call has ended.
        #[arg(long, value_name = "TR_ID", value_parser = parse::tr_id)]
        after: Option<TrId>,
        #[command(flatten)]
        args: OrderArgs,
    },
    /// Completes half transactions, and ends the standstill of a table that was swapped for an older copy.
    #[command(after_help = "Example: giftctl restore repair --taken-at 2026-11-22T09:00:00+09:00")]
    Repair {
        /// The moment that the table shows, for whoever knows that it was swapped.
        #[arg(long, value_name = "MOMENT", value_parser = |text: &str| crate::when::parse(text, false))]
        taken_at: Option<Moment>,
        #[command(flatten)]
        args: OrderArgs,
    },
}

pub(super) async fn run(context: &Context, command: &RestoreCommand) -> Result<Exit, Failure> {
    match command {
        RestoreCommand::Copy { table, after, args } => copy(context, table, after.clone(), args).await,
        RestoreCommand::Repair { taken_at, args } => {
            give(context, args, Operation::RestoreRepair { taken_at: *taken_at }).await
        }
    }
}

/// Call after call, as each copies what its time suffices for: one order, however often it was broken off.
async fn copy(context: &Context, table: &str, after: Option<TrId>, args: &OrderArgs) -> Result<Exit, Failure> {
    let id = args.order_id.clone().unwrap_or_else(new_id);
    let order = |after| Order {
        id: id.clone(),
        reason: args.reason.clone(),
        operation: Operation::RestoreCopy { table: table.to_owned(), after },
    };
    if args.dry_run {
        return give(context, args, order(after).operation).await;
    }
    show_stack(context).await?;
    if !args.yes {
        must_be_asked(context)?;
        agreed(context).await?;
    }
    let (mut after, mut all, mut there_already) = (after, 0, 0);
    loop {
        match context.operate().await?.order(&order(after.clone())).await? {
            Outcome::Copied { copied, there, next } => {
                all += copied;
                there_already += there;
                if next.is_none() {
                    let outcome = Outcome::Copied { copied: all, there: there_already, next };
                    context.printer.outcome(&outcome, None)?;
                    return Ok(Exit::Done);
                }
                let place = next.as_ref().map_or("", TrId::as_str);
                context.printer.say(&format!("copied {all}, there already {there_already}; --after {place}"));
                after = next;
            }
            done @ Outcome::AlreadyDone { .. } => {
                context.printer.outcome(&done, None)?;
                return Ok(Exit::Done);
            }
            _ => return Err(unexpected()),
        }
    }
}
