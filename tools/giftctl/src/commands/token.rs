use std::time::{Duration, Instant};

use aws_lc_rs::rand;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use clap::{Args, Subcommand};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::aws::{Change, StackDescription};
use crate::context::{Cloud, Context};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::language::pick;
use crate::order::{agreed, must_be_asked};

/// The parameter that holds the digests of valid tokens, the newest first.
const PARAMETER: &str = "CallbackTokenSha256";
/// A stack that takes longer is looked after by hand.
const LONGEST: Duration = Duration::from_mins(20);

/// The token in the URL that Bleepy calls.
#[derive(Subcommand)]
pub(crate) enum TokenCommand {
    /// Makes a new one beside the old one, and prints the URL for Bleepy; with --finish, ends the old one.
    #[command(after_help = ROTATE)]
    Rotate(RotateArgs),
}

const ROTATE: &str = "\
1. giftctl token rotate             both tokens are valid; give the printed URL to Bleepy
2. giftctl token rotate --finish    once Bleepy calls the new URL: the old token is refused

Example: giftctl token rotate --yes > bleepy-url.txt";

/// Which half.
#[derive(Args)]
pub(crate) struct RotateArgs {
    /// Ends the old token: Bleepy must call the new URL by now.
    #[arg(long)]
    finish: bool,
    /// A rotation is unfinished and its URL was lost: makes another new token, the old one stays valid.
    #[arg(long, conflicts_with = "finish")]
    again: bool,
    /// Does not ask.
    #[arg(long, short = 'y')]
    yes: bool,
}

pub(super) async fn run(context: &Context, command: &TokenCommand) -> Result<Exit, Failure> {
    let TokenCommand::Rotate(args) = command;
    let cloud = context.cloud().await?;
    let valid = cloud.stack.parameters.get(PARAMETER).cloned().unwrap_or_default();
    let (newest, older) = match valid.split_once(',') {
        Some((newest, older)) => (newest, Some(older)),
        None => (valid.as_str(), None),
    };
    match (args.finish, older) {
        (true, None) => Err(Failure::new(Exit::Refused, "no_rotation", "no rotation is under way: one token is valid")),
        (true, Some(_)) => finish(context, cloud, args, newest).await,
        (false, Some(_)) if !args.again => {
            let said = "a rotation is unfinished: two tokens are valid";
            let mend = "If Bleepy calls the new URL: --finish. If that URL was lost: --again makes another one.";
            Err(Failure::new(Exit::Refused, "rotation_unfinished", said).mend(mend))
        }
        (false, None) if args.again => {
            Err(Failure::new(Exit::Refused, "no_rotation", "no rotation is under way: leave --again out"))
        }
        (false, older) => rotate(context, cloud, args, older.unwrap_or(newest)).await,
    }
}

async fn rotate(context: &Context, cloud: &Cloud, args: &RotateArgs, old: &str) -> Result<Exit, Failure> {
    let callback = cloud.stack.outputs.get("CallbackUrl").ok_or_else(|| {
        Failure::configuration("the stack has no output CallbackUrl")
            .mend("Deploy the stack from the version that giftctl is of.")
    })?;
    let question = pick(
        context.language,
        "새 토큰을 추가합니다. 이전 토큰도 --finish 전까지 유효합니다.",
        "A new token is added; the old one stays valid until --finish.",
    );
    confirmed(context, cloud, args, question).await?;
    let token = new_token()?;
    let url = SecretString::from(with_token(callback, token.expose_secret()));
    let digest = hex::encode(Sha256::digest(token.expose_secret().as_bytes()));
    let both = if old.is_empty() { digest } else { format!("{digest},{old}") };
    // From here on the token may be in force: whoever ends it must know it.
    let uncertain = "Whether the new token is valid is not certain (giftctl doctor tells). If it is, this is its URL:";
    context.if_ended(Some(format!("{uncertain} {}", url.expose_secret())));
    let updated = update(context, cloud, &both).await;
    context.if_ended(None);
    match updated {
        Ok(()) => {
            let json = json!({ "token": { "callback_url": url.expose_secret() } });
            context.printer.document(&json, |_| url.expose_secret().to_owned())?;
            let next = "giftctl token rotate --finish";
            let said = pick(context.language, "블리피가 새 URL을 쓰면:", "Once Bleepy calls this URL:");
            context.printer.say(&format!("{said} {next}"));
            Ok(Exit::Done)
        }
        Err(failure) if failure.code == "not_begun" => Err(failure),
        Err(failure) => {
            context.printer.say(&format!("{uncertain} {}", url.expose_secret()));
            Err(failure.mend("See whether two tokens are valid: giftctl doctor"))
        }
    }
}

async fn finish(context: &Context, cloud: &Cloud, args: &RotateArgs, newest: &str) -> Result<Exit, Failure> {
    let question = pick(
        context.language,
        "이전 토큰을 폐기합니다. 블리피가 이미 새 URL을 쓰고 있어야 합니다.",
        "The old token ends. Bleepy must call the new URL by now, or its wins are refused.",
    );
    confirmed(context, cloud, args, question).await?;
    update(context, cloud, newest).await?;
    let said = pick(context.language, "토큰 하나만 유효합니다.", "One token is valid.");
    context.printer.document(&json!({ "token": { "finished": true } }), |_| said.to_owned())?;
    Ok(Exit::Done)
}

async fn confirmed(context: &Context, cloud: &Cloud, args: &RotateArgs, question: &str) -> Result<(), Failure> {
    context.printer.say(&format!("{} ({}): {question}", cloud.name, cloud.aws.region()));
    if args.yes {
        return Ok(());
    }
    must_be_asked(context)?;
    agreed(context).await
}

/// 32 random bytes, of `A-Z a-z 0-9 - _` alone, which nobody on the way encodes.
fn new_token() -> Result<SecretString, Failure> {
    let mut bytes = [0_u8; 32];
    rand::fill(&mut bytes).map_err(|_| Failure::failed("the system gives no random bytes"))?;
    Ok(SecretString::from(BASE64_URL_SAFE_NO_PAD.encode(bytes)))
}

/// The URL for Bleepy: the output ends with a place for the token.
fn with_token(callback: &str, token: &str) -> String {
    let base = callback.rsplit_once('/').map_or(callback, |(base, _)| base);
    format!("{base}/{token}")
}

/// Sets the digests and waits until they are in force.
async fn update(context: &Context, cloud: &Cloud, digests: &str) -> Result<(), Failure> {
    let change = Change { parameter: PARAMETER, value: digests };
    cloud.aws.update_stack(&cloud.name, &cloud.stack, &change).await.map_err(|failure| {
        let lost = failure.message.starts_with("no answer");
        if lost { failure } else { Failure { code: "not_begun".to_owned(), ..failure } }
    })?;
    context.printer.say(pick(context.language, "스택을 갱신하는 중…", "The stack is being updated …"));
    let begun = Instant::now();
    let mut pause = Duration::from_millis(200);
    loop {
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(5));
        match cloud.aws.describe_stack(&cloud.name).await {
            Ok(stack) => match progress(&stack, digests) {
                Progress::Complete => return Ok(()),
                Progress::Failed => {
                    let why = stack.reason.unwrap_or_default();
                    return Err(Failure::failed(format!("the update failed: {} {why}", stack.status)));
                }
                Progress::Goes => {}
            },
            // One question more or less.
            Err(failure) if failure.exit == Exit::Failed && begun.elapsed() < LONGEST => {}
            Err(failure) => return Err(failure),
        }
        if begun.elapsed() >= LONGEST {
            return Err(Failure::failed("the update takes longer than 20 minutes"));
        }
    }
}

enum Progress {
    Goes,
    Complete,
    Failed,
}

fn progress(stack: &StackDescription, digests: &str) -> Progress {
    let is_set = stack.parameters.get(PARAMETER).is_some_and(|value| value == digests);
    match stack.status.as_str() {
        "UPDATE_COMPLETE" | "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS" if is_set => Progress::Complete,
        status if status.contains("ROLLBACK") || status.ends_with("FAILED") => Progress::Failed,
        _ => Progress::Goes,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_token_is_long_and_needs_no_encoding() {
        let (one, other) = (new_token().unwrap(), new_token().unwrap());
        assert_ne!(one.expose_secret(), other.expose_secret());
        let token = one.expose_secret();
        assert_eq!(token.len(), 43);
        assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    }

    #[test]
    fn the_token_takes_its_place_in_the_url() {
        assert_eq!(with_token("https://x.example/bleepy/TOKEN", "abc"), "https://x.example/bleepy/abc");
    }

    #[test]
    fn complete_is_what_is_complete_with_the_new_digests() {
        let stack = |status: &str, value: &str| StackDescription {
            status: status.to_owned(),
            reason: None,
            outputs: BTreeMap::new(),
            parameters: [(PARAMETER.to_owned(), value.to_owned())].into(),
        };
        assert!(matches!(progress(&stack("UPDATE_COMPLETE", "b,a"), "b,a"), Progress::Complete));
        assert!(matches!(progress(&stack("UPDATE_COMPLETE", "a"), "b,a"), Progress::Goes));
        assert!(matches!(progress(&stack("UPDATE_IN_PROGRESS", "b,a"), "b,a"), Progress::Goes));
        assert!(matches!(progress(&stack("UPDATE_ROLLBACK_COMPLETE", "a"), "b,a"), Progress::Failed));
    }
}
