use clap::Args;
use operation::Operation;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// Which days.
#[derive(Args)]
pub(crate) struct ChartArgs {
    /// How many days, up to today.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=92))]
    days: u16,
}

pub(super) async fn run(context: &Context, args: &ChartArgs) -> Result<Exit, Failure> {
    super::show(context, Operation::Days { days: args.days }).await
}
