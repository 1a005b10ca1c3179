//! `local serve`: keeps everything running until it is told to stop.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use giftishow_sim::SimConfig;

use crate::data;
use crate::load::LoadArgs;
use crate::template::REGION;
use crate::welcome::{self, Found};
use crate::{Ports, Recipient, Reward, Runner, Stack, StackOptions, workspace_root};

/// The callback token that a first run begins with: fixed, so that `events/callback.json` names it. Worthless anywhere else.
const TOKEN: &str = "local-callback-token";
/// What `giftctl` reads.
const SETTINGS: &str = "giftctl.toml";

/// Options of `serve`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct ServeArgs {
    /// Port of the HTTP API that Bleepy would call.
    #[arg(long, default_value_t = 8787)]
    port: u16,
    /// Port of DynamoDB.
    #[arg(long, default_value_t = 8000)]
    dynamodb_port: u16,
    /// Port of Secrets Manager.
    #[arg(long, default_value_t = 8788)]
    secrets_port: u16,
    /// Port of Lambda's Invoke API.
    #[arg(long, default_value_t = 8789)]
    invoke_port: u16,
    /// Port of the function `operate`'s URL.
    #[arg(long, default_value_t = 8790)]
    operate_port: u16,
    /// Port of what giftctl asks of the cloud: CloudFormation, SNS, Secrets Manager, Lambda's configuration.
    #[arg(long, default_value_t = 8791)]
    cloud_port: u16,
    /// Port of the fake Giftishow.
    #[arg(long, default_value_t = 8792)]
    sim_port: u16,
    /// Where everything is kept from run to run, and what giftctl needs is written; the default is `.local`.
    #[arg(long, value_name = "PATH")]
    folder: Option<PathBuf>,
    /// Removes first what earlier runs have kept.
    #[arg(long)]
    fresh: bool,
    /// Waiting times of seconds instead of minutes.
    #[arg(long)]
    fast: bool,
    #[command(flatten)]
    load: LoadArgs,
    /// Starts the services only; the functions run behind --invoke-endpoint.
    #[arg(long)]
    no_functions: bool,
    /// Invoke API that runs the functions with --no-functions; the default is that of `cargo lambda watch`.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:9000")]
    invoke_endpoint: String,
    /// Where to write what `cargo lambda watch --env-file` needs; the default is `functions.env` in the folder.
    #[arg(long, value_name = "PATH")]
    env_file: Option<PathBuf>,
    /// Does not show what the functions log.
    #[arg(long)]
    quiet: bool,
}

/// The running stack, and what is to be tidied up behind it.
pub struct Serving {
    stack: Stack,
    settings: PathBuf,
}

impl Serving {
    /// Ends everything and waits for the end; nobody finds a stack that has gone.
    pub async fn shutdown(self) {
        let _ = std::fs::remove_file(&self.settings);
        self.stack.shutdown().await;
    }
}

/// Starts everything and prints where it is.
pub async fn start(args: ServeArgs) -> Result<Serving> {
    let folder = args.folder.clone().unwrap_or_else(|| workspace_root().join(".local"));
    let env_file = args.env_file.clone().unwrap_or_else(|| folder.join("functions.env"));
    let sim_port = args.sim_port;
    let options = options(args, &folder)?;
    let stack = Stack::start(options).await.map_err(|error| name_the_flag(error, sim_port))?;
    let found = Found::look(&stack);
    if matches!(found, Found::Nothing) {
        stack.put_reward(&Reward::sample())?;
        stack.put_recipient(&Recipient::sample())?;
    }
    write_env_file(&stack, &env_file)?;
    let settings = folder.join(SETTINGS);
    data::write(&settings, giftctl_settings(&stack, &whoever_is_here()).as_bytes())?;
    println!("{}", welcome::screen(&stack, &found, &folder, &env_file)?);
    Ok(Serving { stack, settings })
}

fn options(args: ServeArgs, folder: &Path) -> Result<StackOptions> {
    let base = if args.fast { StackOptions::fast() } else { StackOptions::default() };
    let runner = if args.no_functions {
        Runner::Remote { endpoint: args.invoke_endpoint }
    } else {
        Runner::Build { progress: true }
    };
    let options = StackOptions {
        runner,
        token: Some(TOKEN.to_owned()),
        ports: Ports {
            front: args.port,
            dynamodb: args.dynamodb_port,
            secrets: args.secrets_port,
            invoke: args.invoke_port,
            operate: args.operate_port,
            cloud: args.cloud_port,
        },
        sim: SimConfig { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, args.sim_port)), ..SimConfig::default() },
        echo: !args.quiet,
        show_mails: true,
        data: Some(folder.join("data")),
        fresh: args.fresh,
        ..base
    }
    // The fake one need not be spared.
    .parameter("CatalogGapMs", "0");
    args.load.apply(options)
}

/// The name of whoever started it, as far as it can be a key.
fn whoever_is_here() -> String {
    let user = std::env::var("USER").or_else(|_| std::env::var("LOGNAME")).unwrap_or_default();
    let name: String =
        user.chars().filter(|letter| letter.is_ascii_alphanumeric() || "._-".contains(*letter)).collect();
    if name.is_empty() { "local".to_owned() } else { name }
}

/// What `giftctl` finds this stack by, for a person of this name. The key is the name: the local stack tells people apart by it.
pub fn giftctl_settings(stack: &Stack, name: &str) -> String {
    format!(
        "# Written by `cargo local` and removed at its end: the stack on this machine.\nstack = \"{}\"\nregion = \"{REGION}\"\n\
         endpoint_url = \"{}\"\naccess_key_id = \"{name}\"\nsecret_access_key = \"local\"\n",
        stack.name(),
        stack.cloud_endpoint()
    )
}

/// The simulator does not know which flag its port came from.
fn name_the_flag(error: anyhow::Error, port: u16) -> anyhow::Error {
    let busy = error.chain().any(|cause| {
        let cause = cause.downcast_ref::<std::io::Error>();
        cause.is_some_and(|cause| cause.kind() == std::io::ErrorKind::AddrInUse)
    });
    if busy && !error.to_string().contains("--") {
        return error.context(format!("port {port} is taken: choose another one with --sim-port"));
    }
    error
}

/// What `cargo lambda watch --env-file` needs to run the functions against this stack.
fn write_env_file(stack: &Stack, file: &Path) -> Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    let mut text = String::new();
    for (name, value) in stack.functions_env()? {
        writeln!(text, "{name}={value}")?;
    }
    std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}
