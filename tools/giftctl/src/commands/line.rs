use clap::Subcommand;
use operation::Operation;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::order::{OrderArgs, give};

/// The line to Giftishow.
#[derive(Subcommand)]
pub(crate) enum LineCommand {
    /// Tells whether anything is sent; if not, why, since when, by whose order, and what ends it.
    #[command(after_help = "Example: giftctl line show")]
    Show,
    /// Stops sending at once, until somebody resumes; wins are recorded meanwhile.
    #[command(after_help = "Example: giftctl line pause --reason \"wrong goods in reward SUMMER\"")]
    Pause(OrderArgs),
    /// Sends again.
    #[command(after_help = "Example: giftctl line resume --reason \"reward SUMMER is mended\"")]
    Resume(OrderArgs),
}

pub(super) async fn run(context: &Context, command: &LineCommand) -> Result<Exit, Failure> {
    match command {
        LineCommand::Show => super::show(context, Operation::LineShow).await,
        LineCommand::Pause(args) => give(context, args, Operation::Pause).await,
        LineCommand::Resume(args) => give(context, args, Operation::Resume).await,
    }
}
