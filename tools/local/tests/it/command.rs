//! The command line: how it starts, what it says, how it stops.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Output, Stdio};

const LOCAL: &str = env!("CARGO_BIN_EXE_local");

fn serve(port: &str) -> Command {
    let mut command = Command::new(LOCAL);
    let env_file = std::env::temp_dir().join(format!("functions-{}-{port}.env", std::process::id()));
    command.args(["serve", "--no-functions", "--port", port, "--env-file"]).arg(env_file);
    for flag in ["--dynamodb-port", "--secrets-port", "--invoke-port", "--sim-port"] {
        command.args([flag, "0"]);
    }
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn kill(child: &Child, signal: &str) {
    let pid = child.id().to_string();
    assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
}

#[test]
fn serve_says_where_everything_is_and_ends_cleanly_at_sigterm_and_ctrl_c() {
    for signal in ["-TERM", "-INT"] {
        let mut child = serve("0").spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = String::new();
        for line in lines.map(Result::unwrap) {
            said.push_str(&line);
            said.push('\n');
            if line.starts_with("Ctrl-C") {
                kill(&child, signal);
            }
        }
        for word in ["curl", "/bleepy/", "DynamoDB", "/_ledger", "functions-", "AD3FYTFS"] {
            assert!(said.contains(word), "{word} is missing in:\n{said}");
        }
        assert!(child.wait().unwrap().success(), "{signal}");
    }
}

#[test]
fn a_taken_port_is_an_error_that_names_the_flag() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let Output { status, stderr, .. } = serve(&port).output().unwrap();
    let error = String::from_utf8_lossy(&stderr);
    assert!(!status.success());
    assert!(error.contains("--port") && error.contains(&port), "{error}");
}

#[test]
fn the_demo_lists_its_faults_and_refuses_an_unknown_one() {
    let help = Command::new(LOCAL).args(["demo", "--help"]).output().unwrap();
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    for name in ["timeout-after-issue", "timeout-before-issue", "http-500-after-issue", "reset-after-issue"] {
        assert!(help.contains(name), "{name}");
    }
    assert!(help.contains("timeout-after-cancel"));
    let wrong = Command::new(LOCAL).args(["demo", "--fault", "nonsense"]).output().unwrap();
    assert!(!wrong.status.success());
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("--help"));
}
