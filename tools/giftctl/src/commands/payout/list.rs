use clap::Args;
use operation::{FindBy, Listing, Operation, Outcome, Page, PayoutLine, Phone};
use payout::{RewardCode, State, TrId, UserKey};
use serde_json::json;

use super::super::parse;
use crate::context::{Context, unexpected};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::language::pick;
use crate::output::payout_list;
use crate::when;

/// Which to list.
#[derive(Args)]
pub(crate) struct ListArgs {
    /// Those recorded on this Korean day (2026-11-22, today, yesterday); else those that wait for a person.
    #[arg(long, value_parser = when::parse_day)]
    day: Option<String>,
    /// Of this reward.
    #[arg(long, value_parser = parse::code)]
    code: Option<RewardCode>,
    /// In this state: accepted, sending, unknown, sent, failed, dead, review, handed_over, closed.
    #[arg(long, value_parser = state)]
    state: Option<State>,
    /// At most so many.
    #[arg(long, default_value_t = 50)]
    limit: usize,
    /// All of them.
    #[arg(long, conflicts_with = "limit")]
    all: bool,
}

/// By what to find.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct FindArgs {
    /// The winner's phone number.
    #[arg(long, value_parser = parse::phone)]
    phone: Option<Phone>,
    /// Its last four digits.
    #[arg(long, value_name = "DIGITS", value_parser = last_four)]
    last_four: Option<String>,
    /// Bleepy's key of the winner.
    #[arg(long, value_parser = parse::user_key)]
    user_key: Option<UserKey>,
    /// Giftishow's transaction id.
    #[arg(long, value_parser = parse::tr_id)]
    tr_id: Option<TrId>,
    /// Giftishow's order number.
    #[arg(long, value_name = "NUMBER")]
    order_no: Option<String>,
}

fn state(text: &str) -> Result<State, String> {
    let names = || State::ALL.map(State::as_str).join(", ");
    State::ALL.into_iter().find(|state| state.as_str() == text).ok_or_else(|| format!("must be one of {}", names()))
}

fn last_four(text: &str) -> Result<String, String> {
    let fits = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    if fits { Ok(text.to_owned()) } else { Err("must be four digits".to_owned()) }
}

/// One page of a list.
pub(super) async fn page(context: &Context, listing: Listing) -> Result<Page<PayoutLine>, Failure> {
    match context.ask(Operation::List(listing)).await? {
        Outcome::Payouts(page) => Ok(page),
        _ => Err(unexpected()),
    }
}

pub(super) async fn list(context: &Context, args: &ListArgs) -> Result<Exit, Failure> {
    let limit = if args.all { usize::MAX } else { args.limit };
    let mut listing = Listing { day: args.day.clone(), code: args.code.clone(), state: args.state, after: None };
    let mut found = page(context, listing.clone()).await?;
    while found.rows.len() < limit {
        let Some(after) = found.next.take() else { break };
        listing.after = Some(after);
        let further = page(context, listing.clone()).await?;
        found.rows.extend(further.rows);
        found.next = further.next;
    }
    show(context, found, limit)
}

pub(super) async fn find(context: &Context, args: &FindArgs) -> Result<Exit, Failure> {
    let by = [
        args.phone.clone().map(FindBy::Phone),
        args.last_four.clone().map(FindBy::LastFour),
        args.user_key.clone().map(FindBy::UserKey),
        args.tr_id.clone().map(FindBy::TrId),
        args.order_no.clone().map(FindBy::OrderNo),
    ];
    let by = by.into_iter().flatten().next().ok_or_else(|| Failure::usage("say by what to find"))?;
    match context.ask(Operation::Find(by)).await? {
        Outcome::Payouts(page) if page.rows.is_empty() => Err(Failure::new(
            Exit::NotFound,
            "not_found",
            pick(context.language, "찾을 수 없습니다.", "nothing was found"),
        )),
        Outcome::Payouts(page) => {
            let limit = page.rows.len();
            show(context, page, limit)
        }
        _ => Err(unexpected()),
    }
}

/// Shows a list, and says what it does not show.
fn show(context: &Context, mut found: Page<PayoutLine>, limit: usize) -> Result<Exit, Failure> {
    let cut = found.rows.len() > limit;
    found.rows.truncate(limit);
    if cut {
        // Where the cut is, no page begins.
        found.next = None;
    }
    let shown = found.rows.len();
    let is_part = cut || found.next.is_some();
    let json = json!({ "payouts": found, "complete": !is_part });
    context.printer.document(&json, |style| payout_list(&found.rows, style))?;
    if is_part {
        let of = found.total.map(|total| format!(" of {}", crate::output::count(total))).unwrap_or_default();
        context.printer.say(&format!("first {shown}{of}; --all shows all"));
    } else if shown == 0 {
        context.printer.say(pick(context.language, "없습니다.", "none"));
    }
    Ok(Exit::Done)
}
