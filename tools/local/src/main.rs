//! Command line of the local stack: `demo` and `serve`.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use local::demo::{self, DemoArgs};
use local::serve::{self, ServeArgs};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// The whole system on one machine.
#[derive(Parser)]
#[command(name = "local", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Pays one win (or many) before your eyes and compares both ledgers; with people, if asked.
    Demo(DemoArgs),
    /// Keeps everything running until Ctrl-C.
    Serve(ServeArgs),
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("error,local=warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match Cli::parse().command {
        Command::Demo(args) => tokio::select! {
            // Dropping the demo drops its stack, and that kills its children.
            () = told_to_stop()? => Ok(ExitCode::from(130)),
            good = demo::run(args) => Ok(if good? { ExitCode::SUCCESS } else { ExitCode::FAILURE }),
        },
        Command::Serve(args) => {
            let stop = told_to_stop()?;
            tokio::pin!(stop);
            let serving = tokio::select! {
                () = &mut stop => return Ok(ExitCode::SUCCESS),
                serving = serve::start(args) => serving?,
            };
            stop.await;
            println!("Stopping …");
            serving.shutdown().await;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Ends at Ctrl-C, SIGTERM or the terminal's end.
fn told_to_stop() -> Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    })
}
