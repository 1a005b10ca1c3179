//! One file per noun; each has what can be typed, and what it does.

pub(crate) mod approve;
pub(crate) mod audit;
pub(crate) mod chart;
pub(crate) mod completions;
pub(crate) mod coupon;
mod doctor;
pub(crate) mod line;
pub(crate) mod money;
pub(crate) mod payout;
pub(crate) mod recipient;
pub(crate) mod report;
pub(crate) mod restore;
pub(crate) mod reward;
pub(crate) mod secret;
pub(crate) mod token;

use operation::Operation;

use crate::cli::Command;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// Does what was typed.
pub(crate) async fn run(context: &Context, command: &Command) -> Result<Exit, Failure> {
    match command {
        Command::Doctor => doctor::run(context).await,
        Command::Stack => show(context, Operation::Stack).await,
        Command::Secret(command) => secret::run(context, command).await,
        Command::Token(command) => token::run(context, command).await,
        Command::Payout(command) => payout::run(context, command).await,
        Command::Reward(command) => reward::run(context, command).await,
        Command::Recipient(command) => recipient::run(context, command).await,
        Command::Coupon(command) => coupon::run(context, command).await,
        Command::Line(command) => line::run(context, command).await,
        Command::Money(args) => money::run(context, args).await,
        Command::Balance => show(context, Operation::Balance).await,
        Command::Report(args) => report::run(context, args).await,
        Command::Chart(args) => chart::run(context, args).await,
        Command::Audit(command) => audit::run(context, command).await,
        Command::Approve(args) => approve::run(context, args).await,
        Command::Restore(command) => restore::run(context, command).await,
        Command::Completions(args) => completions::run(context, args),
    }
}

/// Asks, and shows the answer.
async fn show(context: &Context, operation: Operation) -> Result<Exit, Failure> {
    let outcome = context.ask(operation).await?;
    context.printer.outcome(&outcome, None)?;
    Ok(Exit::Done)
}

/// Values of the domain, as they are typed.
mod parse {
    use operation::Phone;
    use payout::{Krw, RewardCode, TrId, UserKey};

    pub(super) fn tr_id(text: &str) -> Result<TrId, String> {
        TrId::try_from(text.to_owned()).map_err(|error| error.to_string())
    }

    pub(super) fn code(text: &str) -> Result<RewardCode, String> {
        RewardCode::try_from(text.to_owned()).map_err(|error| error.to_string())
    }

    pub(super) fn user_key(text: &str) -> Result<UserKey, String> {
        UserKey::try_from(text.to_owned()).map_err(|error| error.to_string())
    }

    pub(super) fn phone(text: &str) -> Result<Phone, String> {
        Phone::parse(text).map_err(|error| error.to_string())
    }

    pub(super) fn krw(text: &str) -> Result<Krw, String> {
        let digits = text.replace(',', "");
        digits.parse().map(Krw).map_err(|_| "must be whole won, as 4500 or 4,500".to_owned())
    }
}
