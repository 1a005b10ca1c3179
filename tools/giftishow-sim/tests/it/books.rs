//! What is kept from run to run.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use giftishow_sim::{Api, Fault, ScriptedFault, Sim, SimConfig};

use crate::common::{LIMIT, call};

/// A file of this test's own that is not there yet.
fn books(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("giftishow-books-{}-{name}", std::process::id()));
    let _ = std::fs::remove_file(&path);
    path
}

async fn open(path: &Path) -> Sim {
    let config = SimConfig { books: Some(path.to_owned()), ..SimConfig::default() };
    Sim::start(config).await.expect("the simulator starts")
}

#[tokio::test]
async fn a_second_run_goes_on_where_the_first_was_dropped() {
    let path = books("again");
    let sim = open(&path).await;
    for (tr_id, gubun) in [("kept", "Y"), ("cancelled", "N"), ("used", "N")] {
        call(&sim, Api::Send, &[("tr_id", tr_id), ("gubun", gubun)]).await.json();
    }
    call(&sim, Api::Cancel, &[("tr_id", "cancelled")]).await.json();
    sim.use_coupon("used").expect("it is live");
    sim.script(ScriptedFault::once(Api::Send, Fault::ChargeOnly));
    call(&sim, Api::Send, &[("tr_id", "charged")]).await;
    sim.set_balance(700_000);
    sim.suspend("G00000000001").expect("these goods");
    let (before, credentials, pin_no) = (sim.ledger(), sim.credentials(), sim.pin_no("kept"));
    // No farewell: what was answered is on disk.
    std::mem::forget(sim);

    let sim = open(&path).await;
    let after = sim.ledger();
    assert_eq!((&after.entries, &after.failed_sends), (&before.entries, &before.failed_sends));
    assert_eq!((after.live, after.used, after.cancelled), (1, 1, 1));
    assert_eq!((after.balance, after.balance_start), (before.balance, before.balance_start));
    assert!(after.adds_up());
    assert!(sim.credentials() == credentials, "the account is the same");
    assert_eq!((sim.pin_no("kept"), pin_no.is_some()), (pin_no, true));
    let again = call(&sim, Api::Send, &[("tr_id", "kept")]).await.json();
    assert_eq!(again["code"], "ERR0215", "a tr_id is good once, whatever was restarted");
    call(&sim, Api::Cancel, &[("tr_id", "kept")]).await.json();
    assert_eq!(sim.ledger().live, 0);
    let mode = std::fs::metadata(&path).expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "it holds phone numbers");
}

#[tokio::test]
async fn half_a_line_is_cut_off_and_nonsense_is_refused_with_its_line_but_not_its_words() {
    let path = books("torn");
    call(&open(&path).await, Api::Send, &[("tr_id", "whole")]).await.json();
    let append = |text: &str| {
        let mut file = std::fs::OpenOptions::new().append(true).open(&path).expect("the file");
        file.write_all(text.as_bytes()).expect("room on the disk");
    };
    append("{\"balance_start\":1");
    let sim = open(&path).await;
    call(&sim, Api::Send, &[("tr_id", "after")]).await.json();
    drop(sim);
    assert_eq!(open(&path).await.ledger().live, 2);

    append("{\"phone\":\"01000000000\"}\n");
    let config = SimConfig { books: Some(path), ..SimConfig::default() };
    let error = Sim::start(config).await.err().expect("that is no line of the books");
    let said = format!("{error:#}");
    assert!(said.contains("line 4") && !said.contains("01000000000"), "{said}");
}

#[tokio::test]
async fn books_that_cannot_be_written_answer_nothing_more() {
    let config = SimConfig { books: Some("/dev/full".into()), ..SimConfig::default() };
    // It is no file, and would take anything.
    assert!(Sim::start(config).await.is_err());
    let path = books("folder");
    std::fs::create_dir_all(&path).expect("a folder");
    let config = SimConfig { books: Some(path), ..SimConfig::default() };
    assert!(tokio::time::timeout(LIMIT, Sim::start(config)).await.expect("at once").is_err());
}
