//! `local serve`: keeps everything running until it is told to stop.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use giftishow_sim::SimConfig;

use crate::load::LoadArgs;
use crate::{Ports, Recipient, Reward, Runner, Stack, StackOptions, workspace_root};

/// The callback token of the local stack: fixed, so that `events/callback.json` names it. Worthless anywhere else.
const TOKEN: &str = "local-callback-token";

/// Options of `serve`.
#[derive(Debug, Args)]
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
    /// Port of the fake Giftishow.
    #[arg(long, default_value_t = 8790)]
    sim_port: u16,
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
    /// Where to write what `cargo lambda watch --env-file` needs; the default is `.local/functions.env`.
    #[arg(long, value_name = "PATH")]
    env_file: Option<PathBuf>,
    /// Does not show what the functions log.
    #[arg(long)]
    quiet: bool,
}

/// Starts everything, prints where it is and returns the running stack.
pub async fn start(args: ServeArgs) -> Result<Stack> {
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
        },
        sim: SimConfig { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, args.sim_port)), ..SimConfig::default() },
        echo: !args.quiet,
        ..base
    }
    // The fake one need not be spared.
    .parameter("CatalogGapMs", "0");
    let stack = Stack::start(args.load.apply(options)?).await.map_err(|error| name_the_flag(error, args.sim_port))?;
    let (reward, recipient) = (Reward::sample(), Recipient::sample());
    stack.put_reward(&reward)?;
    stack.put_recipient(&recipient)?;
    let env_file = args.env_file.unwrap_or_else(|| workspace_root().join(".local/functions.env"));
    write_env_file(&stack, &env_file)?;
    print(&stack, &reward, &recipient, &env_file);
    Ok(stack)
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

fn print(stack: &Stack, reward: &Reward, recipient: &Recipient, env_file: &Path) {
    let sim = stack.sim().base_url();
    println!(
        "Registered: reward {}, recipient {}. A win, as Bleepy posts it:\n\n  \
         curl -i -H 'content-type: application/json' -d '{{\"list\":[{{\"code\":\"{}\",\"userKey\":\"{}\"}}]}}' {}\n",
        reward.code,
        recipient.user_key,
        reward.code,
        recipient.user_key,
        stack.callback_url()
    );
    println!("  callback           {}", stack.callback_url());
    println!("  DynamoDB           {}", stack.dynamodb().endpoint());
    println!("  Secrets Manager    {}", stack.secrets().endpoint());
    println!("  Lambda's Invoke    {}", stack.invoke_endpoint());
    println!("  Giftishow's ledger {sim}/_ledger");
    println!("  functions' env     {}", env_file.display());
    println!(
        "\nThe catalogue, copied now instead of at dawn:\n\n  \
         curl -d '{{}}' {}/2015-03-31/functions/catalog-sync/invocations",
        stack.invoke_endpoint()
    );
    println!(
        "\nThe next send shall time out after issuing:\n\n  \
         curl -d '[{{\"api\":\"0204\",\"fault\":\"timeout-after-issue\",\"times\":1}}]' {sim}/_faults\n\n\
         Ctrl-C ends everything."
    );
}
