//! The first screen of `cargo local`: what runs where, what is there, and what to type next. At most 24 lines of 80 columns.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;

use crate::{Recipient, Reward, Stack};

/// What was found in the folder.
pub(crate) enum Found {
    /// Nothing: the sample was registered.
    Nothing,
    /// What earlier runs have left.
    Rows {
        /// Rewards.
        rewards: usize,
        /// Recipients.
        recipients: usize,
        /// Attempts by state.
        states: BTreeMap<String, usize>,
    },
}

impl Found {
    /// Looks what is there, before anything is registered.
    pub(crate) fn look(stack: &Stack) -> Self {
        let (rewards, recipients, payouts) = (stack.rewards().len(), stack.recipient_count(), stack.payouts());
        if rewards + recipients + payouts.len() == 0 {
            return Self::Nothing;
        }
        let mut states = BTreeMap::new();
        for row in &payouts {
            *states.entry(row["state"].as_str().unwrap_or("?").to_owned()).or_insert(0) += 1;
        }
        Self::Rows { rewards, recipients, states }
    }
}

/// The whole screen. A folder below the present one is named from there.
pub(crate) fn screen(stack: &Stack, found: &Found, folder: &Path, env_file: &Path) -> Result<String> {
    let mut text = String::new();
    let callback = callback(stack);
    writeln!(text, "bleepy-giftishow on this machine. Giftishow is a fake: no money, no message.\n")?;
    writeln!(text, "  callback           {callback}")?;
    if let Some(url) = stack.function_url("operate") {
        writeln!(text, "  operate            {url}")?;
    }
    writeln!(text, "  giftctl's cloud    {}", stack.cloud_endpoint())?;
    writeln!(text, "  Giftishow's ledger {}/_ledger", stack.sim().base_url())?;
    writeln!(text, "  DynamoDB           {}", stack.dynamodb().endpoint())?;
    writeln!(text, "  Lambda's Invoke    {}", stack.invoke_endpoint())?;
    writeln!(text, "  functions' env     {}\n", from_here(env_file))?;
    writeln!(text, "{}\n", told(stack, found))?;
    let (reward, recipient) = (Reward::sample(), Recipient::sample());
    writeln!(text, "Next, in another terminal:\n")?;
    writeln!(text, "  cargo giftctl doctor                    # is everything as it must be?")?;
    writeln!(text, "  cargo giftctl reward put --help         # what a code stands for")?;
    writeln!(text, "  cargo giftctl recipient put --help      # whose phone a userKey is")?;
    writeln!(text, "  curl -H 'content-type: application/json' \\")?;
    writeln!(
        text,
        "    -d '{{\"list\":[{{\"code\":\"{}\",\"userKey\":\"{}\"}}]}}' \\",
        reward.code, recipient.user_key
    )?;
    writeln!(text, "    {callback}   # a win")?;
    writeln!(text, "  cargo giftctl payout list --day today   # and `payout look TR_ID` of one\n")?;
    write!(text, "Ctrl-C ends it and keeps {}; --fresh begins anew.", from_here(&folder.join("data")))?;
    Ok(text)
}

/// The callback's URL; whoever has rotated the token knows the new one, nobody here does.
fn callback(stack: &Stack) -> String {
    if stack.token_is_valid() { stack.callback_url() } else { format!("{}/bleepy/TOKEN", stack.front_url()) }
}

fn told(stack: &Stack, found: &Found) -> String {
    match found {
        Found::Nothing => {
            format!("Registered: reward {}, recipient {}.", Reward::sample().code, Recipient::sample().user_key)
        }
        Found::Rows { rewards, recipients, states } => {
            let states: Vec<String> = states.iter().map(|(state, count)| format!("{count} {state}")).collect();
            let attempts = if states.is_empty() { "none".to_owned() } else { states.join(", ") };
            let ledger = stack.sim().ledger();
            format!(
                "Here from before: {rewards} rewards, {recipients} recipients; payouts: {attempts}.\n\
                 Giftishow: {} live coupons, balance {} won.",
                ledger.live, ledger.balance
            )
        }
    }
}

fn from_here(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&here).unwrap_or(path).display().to_string()
}
