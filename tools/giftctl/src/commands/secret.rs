use std::io::Read;

use clap::{Args, Subcommand};
use operation::{Operation, Outcome};
use reqwest::header::{HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::context::{Cloud, Context, unexpected};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::language::pick;
use crate::order::{agreed, must_be_asked, show_stack};
use crate::output::won;
use crate::prompt;

/// Giftishow's credentials.
#[derive(Subcommand)]
pub(crate) enum SecretCommand {
    /// Stores them, and tries them by asking for the balance; what Giftishow refuses is taken back.
    #[command(after_help = PUT)]
    Put(PutArgs),
}

const PUT: &str = "\
Fields: custom_auth_code, custom_auth_token (or token_key, to derive it), user_id, callback_no. Never typed as an argument.
recipient_header (`Name: value`) is for the company's own service, if there is one: left out, it stays; \"\" takes it away.

Examples:
  giftctl secret put
  giftctl secret put --stdin --yes < credentials.json";

/// Where they come from.
#[derive(Args)]
pub(crate) struct PutArgs {
    /// Reads one JSON object from stdin, instead of asking.
    #[arg(long)]
    stdin: bool,
    /// Does not ask whether to go on.
    #[arg(long, short = 'y')]
    yes: bool,
}

/// As the functions read them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    custom_auth_code: SecretString,
    #[serde(default)]
    custom_auth_token: Option<SecretString>,
    #[serde(default)]
    token_key: Option<SecretString>,
    user_id: String,
    callback_no: String,
    #[serde(default)]
    recipient_header: Option<SecretString>,
}

/// What of the value before stays where nothing else is said.
#[derive(Deserialize)]
struct Kept {
    #[serde(default)]
    recipient_header: Option<SecretString>,
}

#[derive(Serialize)]
struct Stored<'a> {
    custom_auth_code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_auth_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_key: Option<&'a str>,
    user_id: &'a str,
    callback_no: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient_header: Option<&'a str>,
}

pub(super) async fn run(context: &Context, command: &SecretCommand) -> Result<Exit, Failure> {
    let SecretCommand::Put(args) = command;
    let fields = if args.stdin { of_stdin()? } else { asked(context).await? };
    check(&fields)?;
    let cloud = context.cloud().await?;
    show_stack(context).await?;
    if !args.yes {
        must_be_asked(context)?;
        agreed(context).await?;
    }
    put(context, cloud, &fields).await
}

async fn put(context: &Context, cloud: &Cloud, fields: &Fields) -> Result<Exit, Failure> {
    let arn = cloud.stack.outputs.get("GiftishowSecretArn").ok_or_else(|| {
        Failure::configuration("the stack has no output GiftishowSecretArn")
            .mend("Deploy the stack from the version that giftctl is of.")
    })?;
    let before = cloud.aws.get_secret(arn).await?;
    let kept = before.as_ref().and_then(|before| kept(&before.secret_string));
    let value = stored(fields, kept.as_ref())?;
    let untried = "ended before Giftishow was asked: what is stored now was not tried. Again: giftctl secret put";
    context.if_ended(Some(untried.to_owned()));
    cloud.aws.put_secret(arn, &value).await?;
    let failure = match context.ask(Operation::Balance).await {
        Ok(Outcome::Balance { balance }) => {
            let json = json!({ "secret": { "stored": true, "balance": balance } });
            let said = pick(context.language, "저장했습니다. 잔액", "Stored, and taken by Giftishow; the balance is");
            context.printer.document(&json, |style| format!("{said} {}", won(balance, style.language)))?;
            return Ok(Exit::Done);
        }
        Ok(_) => unexpected(),
        Err(failure) => failure,
    };
    let Some(before) = before else {
        let said = format!("{} There was no value before, so this one stays stored", failure.message);
        return Err(Failure { message: said, exit: refused(&failure), ..failure }
            .mend("Store the right one: giftctl secret put"));
    };
    match cloud.aws.put_secret(arn, &before.secret_string).await {
        Ok(()) => {
            let said = format!("not stored, the previous value is in force again: {}", failure.message);
            Err(Failure { message: said, exit: refused(&failure), ..failure })
        }
        Err(second) => {
            let said = format!(
                "{}; and the previous value could not be put back: {}. What was refused is stored now",
                failure.message, second.message
            );
            let mend = "At once: `giftctl line pause`, then `giftctl secret put` with the right value.";
            Err(Failure::new(Exit::Partly, "secret_not_restored", said).mend(mend))
        }
    }
}

/// Giftishow, or a rule, has said no; or nobody has said anything.
fn refused(failure: &Failure) -> Exit {
    if failure.refusal.is_some() { Exit::Refused } else { failure.exit }
}

fn of_stdin() -> Result<Fields, Failure> {
    let mut text = String::new();
    std::io::stdin()
        .lock()
        .take(64 * 1024)
        .read_to_string(&mut text)
        .map_err(|error| Failure::usage(format!("stdin: {error}")))?;
    // An error of serde quotes what it met: only the place is told.
    serde_json::from_str(&text).map_err(|error| {
        let place = format!("stdin is not the JSON that is needed (line {}, column {})", error.line(), error.column());
        Failure::usage(place).mend("{\"custom_auth_code\":…,\"custom_auth_token\":…,\"user_id\":…,\"callback_no\":…}")
    })
}

async fn asked(context: &Context) -> Result<Fields, Failure> {
    if context.printer.is_json() || !prompt::is_possible() {
        return Err(Failure::usage("nobody can be asked here: --stdin reads them as JSON"));
    }
    Ok(Fields {
        custom_auth_code: prompt::secret("custom_auth_code (not shown):").await?,
        custom_auth_token: Some(prompt::secret("custom_auth_token (not shown):").await?),
        token_key: None,
        user_id: prompt::line("user_id:").await?,
        callback_no: prompt::line("callback_no:").await?,
        recipient_header: Some(prompt::secret("recipient_header, as Name: value (not shown; empty: as it is):").await?)
            .filter(|header| filled(Some(header)).is_some()),
    })
}

/// What the functions would not start with is not stored.
fn check(fields: &Fields) -> Result<(), Failure> {
    let named = [
        ("custom_auth_code", trimmed(&fields.custom_auth_code)),
        ("custom_auth_token", token(fields).unwrap_or_default()),
        ("user_id", fields.user_id.trim()),
        ("callback_no", fields.callback_no.trim()),
    ];
    if let Some((name, _)) = named.iter().find(|(_, value)| value.is_empty()) {
        return Err(Failure::usage(format!("{name} is empty")));
    }
    if filled(fields.recipient_header.as_ref()).is_some_and(|header| !is_header(header)) {
        return Err(Failure::usage("recipient_header must be a header, as Name: value"));
    }
    Ok(())
}

/// The token, or what it is derived from.
fn token(fields: &Fields) -> Option<&str> {
    filled(fields.custom_auth_token.as_ref()).or_else(|| filled(fields.token_key.as_ref()))
}

fn trimmed(secret: &SecretString) -> &str {
    secret.expose_secret().trim()
}

fn filled(secret: Option<&SecretString>) -> Option<&str> {
    secret.map(trimmed).filter(|text| !text.is_empty())
}

fn is_header(text: &str) -> bool {
    let is = |(name, value): (&str, &str)| {
        name.trim().parse::<HeaderName>().is_ok() && value.trim().parse::<HeaderValue>().is_ok()
    };
    text.split_once(':').is_some_and(is)
}

fn kept(before: &SecretString) -> Option<SecretString> {
    serde_json::from_str::<Kept>(before.expose_secret()).ok()?.recipient_header
}

/// As JSON. A new account at Giftishow is no reason to forget how the company's own service is asked.
fn stored(fields: &Fields, kept: Option<&SecretString>) -> Result<SecretString, Failure> {
    let stored = Stored {
        custom_auth_code: trimmed(&fields.custom_auth_code),
        custom_auth_token: filled(fields.custom_auth_token.as_ref()),
        token_key: filled(fields.token_key.as_ref()),
        user_id: fields.user_id.trim(),
        callback_no: fields.callback_no.trim(),
        recipient_header: filled(fields.recipient_header.as_ref().or(kept)),
    };
    let text = serde_json::to_string(&stored).map_err(|_| Failure::failed("the secret cannot be written as JSON"))?;
    Ok(SecretString::from(text))
}
