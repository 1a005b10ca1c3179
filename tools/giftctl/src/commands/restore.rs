use clap::Subcommand;
use operation::{Operation, Outcome};
use payout::{Moment, TrId};

use super::parse;
use crate::context::{Context, unexpected};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::operate::{Order, new_id};
use crate::order::{OrderArgs, agreed, give, must_be_asked, show_stack};
use crate::output::text;

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
        /// Where an earlier call has ended.
        #[arg(long, value_name = "TR_ID", value_parser = parse::tr_id)]
        after: Option<TrId>,
        #[command(flatten)]
        args: OrderArgs,
    },
}

pub(super) async fn run(context: &Context, command: &RestoreCommand) -> Result<Exit, Failure> {
    match command {
        RestoreCommand::Copy { table, after, args } => {
            let copy = |after| Operation::RestoreCopy { table: table.clone(), after };
            page_by_page(context, after.clone(), args, copy).await
        }
        RestoreCommand::Repair { taken_at, after, args } => {
            let repair = |after| Operation::RestoreRepair { taken_at: *taken_at, after };
            page_by_page(context, after.clone(), args, repair).await
        }
    }
}

/// Call after call, as each does what its time suffices for: one order, however often it was broken off.
async fn page_by_page(
    context: &Context,
    mut after: Option<TrId>,
    args: &OrderArgs,
    page: impl Fn(Option<TrId>) -> Operation,
) -> Result<Exit, Failure> {
    if args.dry_run {
        return give(context, args, page(after)).await;
    }
    let id = args.order_id.clone().unwrap_or_else(new_id);
    show_stack(context).await?;
    if !args.yes {
        must_be_asked(context)?;
        agreed(context).await?;
    }
    let mut all = None;
    loop {
        let order = Order { id: id.clone(), reason: args.reason.clone(), operation: page(after) };
        let answer = context.operate().await?.order(&order).await?;
        if matches!(answer, Outcome::AlreadyDone { .. }) {
            context.printer.outcome(&answer, None)?;
            return Ok(Exit::Done);
        }
        let (sum, next) = added(all, answer)?;
        let Some(place) = &next else {
            context.printer.outcome(&sum, None)?;
            return Ok(Exit::Done);
        };
        context.printer.say(&format!("{}\n--after {place}", text(&sum, &context.printer.style)));
        after = next;
        all = Some(sum);
    }
}

/// What all pages came to together, and where the next one begins.
fn added(all: Option<Outcome>, page: Outcome) -> Result<(Outcome, Option<TrId>), Failure> {
    use Outcome::{Copied, Repaired};
    let (sum, next) = match (all, page) {
        (None, Copied { copied, there, next }) => (Copied { copied, there, next: None }, next),
        (Some(Copied { copied: before, there: there_before, .. }), Copied { copied, there, next }) => {
            (Copied { copied: before + copied, there: there_before + there, next: None }, next)
        }
        (None, Repaired { successors, looked_up_first, for_a_person, next }) => {
            (Repaired { successors, looked_up_first, for_a_person, next: None }, next)
        }
        (
            Some(Repaired { successors: a, looked_up_first: b, for_a_person: c, .. }),
            Repaired { successors, looked_up_first, for_a_person, next },
        ) => {
            let (successors, looked_up_first, for_a_person) = (a + successors, b + looked_up_first, c + for_a_person);
            (Repaired { successors, looked_up_first, for_a_person, next: None }, next)
        }
        _ => return Err(unexpected()),
    };
    Ok((sum, next))
}
