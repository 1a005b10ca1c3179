//! The command line: how it starts, what it says, how it stops.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use crate::acting::put_item;
use crate::kept::folder;

const LOCAL: &str = env!("CARGO_BIN_EXE_local");

fn serve(port: &str, folder: &Path) -> Command {
    let mut command = Command::new(LOCAL);
    command.args(["serve", "--no-functions", "--port", port, "--folder"]).arg(folder);
    for flag in ["--dynamodb-port", "--secrets-port", "--invoke-port", "--operate-port", "--cloud-port", "--sim-port"] {
        command.args([flag, "0"]);
    }
    command.env("USER", "minji").stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Everything that it says until the screen is complete. Its output stays open: it has more to say at its end.
fn screen(child: &mut Child) -> String {
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    while !said.lines().last().unwrap_or_default().starts_with("Ctrl-C") {
        assert!(output.read_line(&mut said).unwrap() > 0, "it ended:\n{said}");
    }
    child.stdout = Some(output.into_inner());
    said
}

fn kill(child: &Child, signal: &str) {
    let pid = child.id().to_string();
    assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
}

#[test]
fn serve_says_where_everything_is_and_ends_cleanly_at_sigterm_and_ctrl_c() {
    for signal in ["-TERM", "-INT"] {
        let folder = folder(&format!("serve{signal}"));
        let settings = folder.join("giftctl.toml");
        let mut child = serve("0", &folder).spawn().unwrap();
        let said = screen(&mut child);
        for word in
            ["curl", "/bleepy/local-callback-token", "DynamoDB", "/_ledger", "functions.env", "AD3FYTFS", "giftctl"]
        {
            assert!(said.contains(word), "{word} is missing in:\n{said}");
        }
        assert!(said.lines().count() <= 24, "one screen:\n{said}");
        let text = std::fs::read_to_string(&settings).unwrap();
        for line in
            ["stack = \"local\"", "endpoint_url = \"http://127.0.0.1:", "access_key_id = \"minji\"", "\"local\""]
        {
            assert!(text.contains(line), "{line} is missing in:\n{text}");
        }
        assert_eq!(std::fs::metadata(&settings).unwrap().permissions().mode() & 0o777, 0o600);
        kill(&child, signal);
        assert!(child.wait().unwrap().success(), "{signal}");
        assert!(!settings.exists(), "nobody finds a stack that has gone");
    }
}

#[test]
fn what_was_answered_survives_kill_9() {
    let folder = folder("killed");
    let mut child = serve("0", &folder).spawn().unwrap();
    let said = screen(&mut child);
    let of = |said: &str, what: &str| {
        let line = said.lines().find(|line| line.contains(what)).unwrap();
        line.split_whitespace().find(|word| word.starts_with("http://")).unwrap().to_owned()
    };
    let (callback, database) = (of(&said, "  callback "), of(&said, "  DynamoDB "));
    let (head, _) = put_item(&database, "answered");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    kill(&child, "-KILL");
    child.wait().unwrap();

    let mut child = serve("0", &folder).spawn().unwrap();
    let said = screen(&mut child);
    assert!(said.contains("1 rewards, 1 recipients; payouts: 1 ?."), "{said}");
    assert_eq!(of(&said, "  callback ").split_once("/bleepy/").unwrap().1, callback.split_once("/bleepy/").unwrap().1);
    assert!(said.lines().count() <= 24, "one screen:\n{said}");
    kill(&child, "-INT");
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_taken_port_is_an_error_that_names_the_flag() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let Output { status, stderr, .. } = serve(&port, &folder("taken")).output().unwrap();
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

#[test]
fn the_demo_with_people_is_described_and_refused_together_with_a_burst() {
    let help = Command::new(LOCAL).args(["demo", "--help"]).output().unwrap();
    assert!(String::from_utf8_lossy(&help.stdout).contains("--with-people"));
    for burst in [["--winners", "2"], ["--concurrency", "2"], ["--vendor-ms", "5"], ["--hold-items-ms", "5"]] {
        let Output { status, stderr, .. } =
            Command::new(LOCAL).args(["demo", "--with-people"]).args(burst).output().unwrap();
        let error = String::from_utf8_lossy(&stderr);
        assert_eq!(status.code(), Some(2), "{error}");
        assert!(error.contains("'--with-people' cannot be used with") && error.contains(burst[0]), "{error}");
    }
}
