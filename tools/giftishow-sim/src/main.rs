//! `giftishow-sim`: the fake on a port of its own.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use clap::{CommandFactory as _, FromArgMatches as _, Parser};
use giftishow_sim::{CatalogueConfig, Fault, Sim, SimConfig, SimCredentials};

/// A stateful fake of Giftishow Biz with a ledger of its own and scriptable faults.
#[derive(Parser)]
#[command(version)]
struct Options {
    /// Where to listen; loopback only, port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8390")]
    listen: SocketAddr,
    /// Prepaid balance in won.
    #[arg(long, default_value_t = 1_000_000)]
    balance: u64,
    /// How many goods the catalogue has, the three fixed ones included.
    #[arg(long, default_value_t = CatalogueConfig::default().goods)]
    goods: usize,
    /// How many brands it has.
    #[arg(long, default_value_t = CatalogueConfig::default().brands)]
    brands: usize,
    /// The same seed gives the same catalogue.
    #[arg(long, default_value_t = CatalogueConfig::default().seed)]
    seed: u64,
    /// How many milliseconds the answer to every 0204 takes.
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 0)]
    send_ms: u64,
    /// JSON file with `custom_auth_code`, `custom_auth_token`, `user_id`, `callback_no`. Without it new ones are made and shown.
    #[arg(long, value_name = "FILE")]
    credentials: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let matches = Options::command().after_help(faults_help()).get_matches();
    let options = Options::from_arg_matches(&matches)?;

    let Options { goods, brands, seed, .. } = options;
    let catalogue = CatalogueConfig { seed, goods, brands, ..CatalogueConfig::default() };
    let mut config = SimConfig {
        listen: options.listen,
        balance_won: options.balance,
        catalogue,
        send_latency: Duration::from_millis(options.send_ms),
        ..SimConfig::default()
    };
    let mut shown = Some(serde_json::to_string(&config.credentials)?);
    if let Some(file) = &options.credentials {
        config.credentials = read_credentials(file)?;
        shown = None;
    }
    let sim = Sim::start(config).await?;
    say(&sim.base_url(), shown.as_deref())?;
    tokio::signal::ctrl_c().await.context("Ctrl-C cannot be waited for")?;
    sim.shutdown().await;
    Ok(())
}

fn read_credentials(file: &Path) -> anyhow::Result<SimCredentials> {
    let text = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} does not hold the four fields", file.display()))
}

fn say(url: &str, credentials: Option<&str>) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "Giftishow simulator at {url} (Ctrl-C stops it)")?;
    if let Some(credentials) = credentials {
        writeln!(out, "credentials of this run: {credentials}")?;
    }
    writeln!(out, "ledger:  curl {url}/_ledger")?;
    writeln!(out, r#"a fault: curl {url}/_faults -d '[{{"api":"0204","fault":"timeout-after-issue"}}]'"#)?;
    writeln!(out, "--help lists all faults")?;
    Ok(())
}

fn faults_help() -> String {
    let line = |fault: Fault| {
        let apis: Vec<&str> = fault.apis().iter().map(|api| api.code()).collect();
        format!("  {fault:<28} {} [{}]", fault.about(), apis.join(" "))
    };
    let lines: Vec<String> = Fault::ALL.into_iter().map(line).collect();
    format!(
        "Faults (named for 0204; for 0202 and 0205 \"issue\" reads \"cancel\", for 0203 \"resend\",\nand for those that only read \"-before-issue\" and \"-after-issue\" are left out):\n{}",
        lines.join("\n")
    )
}
