//! Recipients of a CSV: whatever encoding, however often, and whatever ends it in the middle.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod fake;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use fake::{Fake, code, err, out};
use serde_json::Value;

fn write(fake: &Fake, name: &str, bytes: &[u8]) -> PathBuf {
    let path = fake.directory.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// Zeroes and a counter: nobody's number.
fn lines(number: usize) -> String {
    let mut text = "user_key,phone,expires_at\n".to_owned();
    for n in 0..number {
        let _ = writeln!(text, "user-{n},0100000{:04},2027-12-31", n % 10_000);
    }
    text
}

fn import(fake: &Fake, file: &str, expect: usize) -> std::process::Output {
    fake.run(&["recipient", "import", file, "--yes", "--expect", &expect.to_string(), "-o", "json"])
}

#[test]
fn cp949_boms_quotes_and_bad_lines_are_read_as_what_they_are() {
    let fake = Fake::start("encodings");
    let text = "사용자키,전화번호,만료일\r\n홍길동,010-0000-0001,2027-12-31\r\n\"김,철수\",\"1000000002\",2027.12.31\r\n\
        나쁨,02-000-1234,2027-12-31\r\n\"열림,010-0000-0003,2027-12-31\r\n홍길동,010-0000-0004,2027-12-31\r\n\r\n끝,010-0000-0005,2027-12-31";
    let (cp949, _, _) = encoding_rs::EUC_KR.encode(text);
    let bom = [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat();
    for (name, bytes) in [("utf8.csv", text.as_bytes()), ("bom.csv", &bom), ("cp949.csv", &cp949)] {
        write(&fake, name, bytes);
        let output = import(&fake, name, 3);
        assert_eq!(code(&output), 5, "{}", err(&output));
        let json: Value = serde_json::from_str(&out(&output)).unwrap();
        assert_eq!(json["imported"]["bad"], 3, "{json}");
        let world = fake.world.lock().unwrap();
        let keys: Vec<&str> = world.recipients.keys().map(String::as_str).collect();
        assert_eq!(keys, ["김,철수", "끝", "홍길동"]);
        assert_eq!(world.recipients["김,철수"].0, "01000000002");
        let errors = std::fs::read_to_string(fake.directory.join(format!("{name}.errors.csv"))).unwrap();
        let places: Vec<&str> = errors.lines().map(|line| line.split(',').next().unwrap()).collect();
        assert_eq!(places, ["line", "4", "5", "6"], "{errors}");
        assert!(!errors.contains("1234"), "{errors}");
    }
    assert!(fake.run(&["recipient", "import", "utf8.csv", "--yes", "--expect", "4"]).status.code() == Some(3));
}

#[test]
fn the_same_file_again_changes_nothing_and_a_dry_run_sends_nothing() {
    let fake = Fake::start("again");
    write(&fake, "users.csv", lines(1_234).as_bytes());
    let output = fake.run(&["recipient", "import", "users.csv", "--dry-run", "-o", "json"]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    assert!(fake.world.lock().unwrap().recipients.is_empty());
    assert!(fake.requests().iter().all(|request| request["dry_run"] == true));
    let counts = |output: &std::process::Output| {
        let json: Value = serde_json::from_str(&out(output)).unwrap();
        ["new", "changed", "unchanged"].map(|name| json["imported"][name].as_u64().unwrap())
    };
    assert_eq!(counts(&import(&fake, "users.csv", 1_234)), [1_234, 0, 0]);
    assert_eq!(counts(&import(&fake, "users.csv", 1_234)), [0, 0, 1_234]);
    assert!(!fake.directory.join("users.csv.giftctl-progress").exists());
    assert!(!fake.directory.join("users.csv.errors.csv").exists());
}

#[test]
fn killed_in_the_middle_it_goes_on_where_it_was() {
    let fake = Fake::start("killed");
    let text = lines(20_000).replace("user-7777,", ",");
    write(&fake, "users.csv", text.as_bytes());
    fake.delay(Duration::from_millis(30));
    let mut child = fake
        .command(&["recipient", "import", "users.csv", "--yes", "--expect", "19999"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    for _ in 0..2_000 {
        std::thread::sleep(Duration::from_millis(5));
        if fake.requests().len() >= 20 {
            break;
        }
    }
    // SIGKILL.
    child.kill().unwrap();
    child.wait().unwrap();
    std::thread::sleep(Duration::from_millis(100));
    let before = fake.requests().len();
    assert!((20..40).contains(&before), "{before}: it was to be ended in the middle");
    fake.delay(Duration::ZERO);
    let output = import(&fake, "users.csv", 19_999);
    assert_eq!(code(&output), 5, "{}", err(&output));
    let further = fake.requests().len() - before;
    assert!(further < 40, "{further} batches again: it began anew");
    let world = fake.world.lock().unwrap();
    assert_eq!(world.recipients.len(), 19_999);
    let errors = std::fs::read_to_string(fake.directory.join("users.csv.errors.csv")).unwrap();
    assert_eq!(errors.lines().count(), 2, "{errors}");
    let json: Value = serde_json::from_str(&out(&output)).unwrap();
    let total: u64 = ["new", "changed", "unchanged"].iter().map(|n| json["imported"][*n].as_u64().unwrap()).sum();
    assert_eq!((total, json["imported"]["bad"].as_u64()), (19_999, Some(1)), "{json}");
}

/// `cargo test -p giftctl --release --test imports -- --ignored --nocapture`
#[test]
#[ignore = "takes a minute: a million lines"]
fn a_million_lines_are_imported_in_constant_memory() {
    let fake = Fake::start("million");
    write(&fake, "users.csv", lines(1_000_000).as_bytes());
    let time = fake.directory.join("rss.txt");
    let output = std::process::Command::new("/usr/bin/time")
        .args(["-f", "%M %e", "-o"])
        .arg(&time)
        .arg(env!("CARGO_BIN_EXE_giftctl"))
        .args(["recipient", "import", "users.csv", "--yes", "--expect", "1000000"])
        .current_dir(&fake.directory)
        .env("HOME", &fake.directory)
        .output()
        .unwrap();
    assert_eq!(code(&output), 0, "{}", err(&output));
    let measured = std::fs::read_to_string(time).unwrap();
    println!("max RSS in KiB, seconds: {measured}");
    let kib: u64 = measured.split_whitespace().next().unwrap().parse().unwrap();
    assert!(kib <= 64 * 1024, "{kib} KiB");
}
