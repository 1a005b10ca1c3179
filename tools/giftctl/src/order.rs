//! How an order is given: what it spends is shown first, a person says yes, and the exit code tells what came of it.

use clap::Args;
use operation::{Filter, Kind, Operation, OrderId, Outcome, Refusal, Which};

use crate::context::{Context, unexpected};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::language::pick;
use crate::operate::{Order, new_id};
use crate::output::{stack_line, text};
use crate::prompt;

/// Options of whatever changes something.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct OrderArgs {
    /// Tells what it would come to, and changes nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Does not ask; needed without a terminal and with JSON.
    #[arg(long, short = 'y')]
    pub(crate) yes: bool,
    /// Why; the audit keeps it.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// The id of an order whose answer was lost: the same order twice is one.
    #[arg(long, value_name = "ID", value_parser = parse_order_id)]
    pub(crate) order_id: Option<OrderId>,
}

pub(crate) fn parse_order_id(text: &str) -> Result<OrderId, String> {
    OrderId::try_from(text.to_owned()).map_err(|error| error.to_string())
}

/// Gives an order about one thing.
pub(crate) async fn give(context: &Context, args: &OrderArgs, operation: Operation) -> Result<Exit, Failure> {
    let order = prepare(context, args, operation).await?;
    if args.dry_run {
        return try_dry(context, &order).await;
    }
    if needs_a_yes(order.operation.kind()) && !args.yes {
        must_be_asked(context)?;
        let would = context.operate().await?.try_dry(&order).await?;
        context.printer.say(text(&would, &context.printer.style).trim_end());
        agreed(context).await?;
    }
    carry_out(context, &order).await
}

/// Gives an order about all that a filter finds: their number must be said.
pub(crate) async fn give_many(
    context: &Context,
    args: &OrderArgs,
    filter: Filter,
    expect: Option<u64>,
    make: fn(Which) -> Operation,
) -> Result<Exit, Failure> {
    let all = |expect| make(Which::All { filter: filter.clone(), expect });
    let mut order = prepare(context, args, all(expect.unwrap_or(0))).await?;
    if args.dry_run {
        return try_dry(context, &order).await;
    }
    match (expect, args.yes) {
        (Some(_), true) => {}
        (None, true) => return Err(Failure::usage("--yes alone is not enough for more than one row: --expect N, too")),
        (_, false) => {
            must_be_asked(context)?;
            let found = found(context, &order).await?;
            let question = pick(context.language, "계속하려면 건수를 입력하십시오:", "To go on, type their number:");
            let typed = prompt::line(&format!("{found}. {question}")).await?;
            if typed.replace(',', "").parse() != Ok(found) {
                return Err(stopped());
            }
            order.operation = all(found);
        }
    }
    carry_out(context, &order).await
}

/// How many a bulk order is about, without knowing it: asked dry.
async fn found(context: &Context, order: &Order) -> Result<u64, Failure> {
    let operate = context.operate().await?;
    match operate.try_dry(order).await {
        Ok(would @ Outcome::Would { rows, .. }) => {
            context.printer.say(text(&would, &context.printer.style).trim_end());
            Ok(rows)
        }
        Ok(_) => Err(unexpected()),
        Err(failure) => match failure.refusal.as_deref() {
            Some(Refusal::NotAsExpected { found, .. }) => Ok(*found),
            _ => Err(failure),
        },
    }
}

/// The order, with its reason; and what it spends is shown.
async fn prepare(context: &Context, args: &OrderArgs, operation: Operation) -> Result<Order, Failure> {
    let kind = operation.kind();
    let mut reason = args.reason.clone().filter(|reason| !reason.trim().is_empty());
    if reason.is_none() && kind.needs_reason() {
        if context.printer.is_json() || !prompt::is_possible() {
            return Err(Failure::usage("this needs a reason: --reason \"…\""));
        }
        reason = Some(prompt::line(pick(context.language, "사유:", "Why?")).await?).filter(|text| !text.is_empty());
    }
    if spends_or_cancels(kind) {
        show_stack(context).await?;
    }
    Ok(Order { id: args.order_id.clone().unwrap_or_else(new_id), reason, operation })
}

/// Which stack, real or simulated, whose money.
pub(crate) async fn show_stack(context: &Context) -> Result<(), Failure> {
    let Outcome::Stack(view) = context.ask(Operation::Stack).await? else { return Err(unexpected()) };
    context.printer.say(&stack_line(&view, &context.printer.style));
    Ok(())
}

async fn try_dry(context: &Context, order: &Order) -> Result<Exit, Failure> {
    let outcome = context.operate().await?.try_dry(order).await?;
    context.printer.outcome(&outcome, Some(("order_id", order.id.as_str())))?;
    Ok(Exit::Done)
}

/// Gives the order and shows what came of it.
pub(crate) async fn carry_out(context: &Context, order: &Order) -> Result<Exit, Failure> {
    let outcome = context.operate().await?.order(order).await?;
    if let Outcome::Unknown { what } = &outcome {
        let mend = "Look before repeating: `giftctl payout look TR_ID`.";
        return Err(Failure::new(Exit::Unknown, "unknown", what.clone()).mend(mend).about(&order.id));
    }
    context.printer.outcome(&outcome, Some(("order_id", order.id.as_str())))?;
    if let Outcome::Many(many) = &outcome
        && many.left > 0
        && context.printer.is_json()
    {
        context.printer.say(&format!("{} are left: give the order again, with --expect {}", many.left, many.left));
    }
    Ok(exit_of(&outcome))
}

/// What an outcome means to a script.
fn exit_of(outcome: &Outcome) -> Exit {
    match outcome {
        Outcome::Many(many) => {
            let refused = many.rows.iter().filter(|row| row.refused.is_some()).count();
            match refused {
                0 if many.left == 0 => Exit::Done,
                refused if refused > 0 && refused == many.rows.len() && many.left == 0 => Exit::Refused,
                _ => Exit::Partly,
            }
        }
        Outcome::WaitsForSecond { .. } => Exit::Partly,
        Outcome::Imported(imported) if !imported.problems.is_empty() => Exit::Partly,
        Outcome::Unknown { .. } => Exit::Unknown,
        _ => Exit::Done,
    }
}

fn spends_or_cancels(kind: Kind) -> bool {
    kind.spends() || matches!(kind, Kind::Resume | Kind::RestoreCopy | Kind::RestoreRepair)
}

/// What cannot be taken back. Stopping must not wait for anybody.
fn needs_a_yes(kind: Kind) -> bool {
    spends_or_cancels(kind)
        || matches!(kind, Kind::Confirm | Kind::Close | Kind::Resend | Kind::RecipientErase | Kind::TopUp)
}

/// Nobody is asked where nobody can answer.
pub(crate) fn must_be_asked(context: &Context) -> Result<(), Failure> {
    if context.printer.is_json() || !prompt::is_possible() {
        return Err(Failure::usage("nobody can be asked here: --yes says that it is meant")
            .mend("For more than one row, --expect N as well. --dry-run tells what it would come to."));
    }
    Ok(())
}

/// Asks for a yes.
pub(crate) async fn agreed(context: &Context) -> Result<(), Failure> {
    let answer = prompt::line(pick(context.language, "계속할까요? [y/N]", "Go on? [y/N]")).await?;
    if matches!(answer.to_lowercase().as_str(), "y" | "yes" | "예" | "네") { Ok(()) } else { Err(stopped()) }
}

pub(crate) fn stopped() -> Failure {
    Failure::new(Exit::Failed, "stopped", "stopped; nothing was changed")
}
