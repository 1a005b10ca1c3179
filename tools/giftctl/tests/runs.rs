//! What goes on for a while, and may be ended at any moment: watching, and copying from a restored table.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod fake;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fake::{Fake, code, done, err, out, stack};
use operation::{Operation, Outcome, Page, PayoutLine};
use payout::{Krw, Moment, State, TrId};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

/// Longest wait for what must come.
const LIMIT: Duration = Duration::from_secs(30);
const ORDER: &str = "0123456789abcdef0123";

/// A command that runs.
struct Running {
    child: Child,
    data: Receiver<String>,
    words: Receiver<String>,
}

impl Running {
    fn start(fake: &Fake, arguments: &[&str]) -> Self {
        let mut command = fake.command(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (data, words) = (lines(child.stdout.take().unwrap()), lines(child.stderr.take().unwrap()));
        Self { child, data, words }
    }

    /// The next line of its data.
    fn reads(&self) -> String {
        self.data.recv_timeout(LIMIT).unwrap()
    }

    /// What so many lines of JSON tell of which payouts.
    fn told(&self, number: usize) -> BTreeMap<String, String> {
        let lines = (0..number).map(|_| serde_json::from_str::<Value>(&self.reads()).unwrap());
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let of = |line: Value| match line.get("gone") {
            Some(tr_id) => (text(tr_id), "gone".to_owned()),
            None => (text(&line["tr_id"]), text(&line["state"])),
        };
        lines.map(of).collect()
    }

    /// Waits until its words hold this.
    fn hears(&self, part: &str) {
        while !self.words.recv_timeout(LIMIT).unwrap().contains(part) {}
    }

    /// Ctrl-C; its exit code, and the words that were left.
    fn interrupted(mut self) -> (Option<i32>, String) {
        kill_process(Pid::from_child(&self.child), Signal::INT).unwrap();
        let code = self.child.wait().unwrap().code();
        (code, self.words.iter().collect::<Vec<_>>().join("\n"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

fn lines(from: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        BufReader::new(from).lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
    });
    receiver
}

fn tr_id(number: usize) -> TrId {
    serde_json::from_value(json!(format!("BG0123456789ABCDEF{number:02}"))).unwrap()
}

fn payout(number: usize, state: State) -> PayoutLine {
    let at = Moment::from_seconds(1_790_000_000);
    PayoutLine {
        tr_id: tr_id(number),
        code: serde_json::from_value(json!("SUMMER")).unwrap(),
        user_key: None,
        state,
        since: at,
        accepted_at: at,
        attempt: 1,
        last_event: "accepted".to_owned(),
        last_code: None,
    }
}

/// What waits, a page for each; `None` while nothing answers.
type Waiting = Arc<Mutex<Option<Vec<PayoutLine>>>>;

fn with_payouts(fake: &Fake, payouts: Vec<PayoutLine>) -> Waiting {
    let waiting: Waiting = Arc::new(Mutex::new(Some(payouts)));
    let payouts = Arc::clone(&waiting);
    fake.answer(move |request| match (&request.operation, &*payouts.lock().unwrap()) {
        (Operation::List(listing), Some(rows)) => {
            let place = listing.after.as_ref().map_or(0, |after| after.parse::<usize>().unwrap());
            let next = (place + 1 < rows.len()).then(|| (place + 1).to_string());
            done(Outcome::Payouts(Page { rows: rows.iter().skip(place).take(1).cloned().collect(), next, total: None }))
        }
        (Operation::List(_), None) => (502, String::new()),
        _ => stack(),
    });
    waiting
}

#[test]
fn who_watches_sees_every_page_then_what_changes_and_what_is_gone_until_ctrl_c() {
    let fake = Fake::start("watch");
    let waiting =
        with_payouts(&fake, vec![payout(1, State::Failed), payout(2, State::Review), payout(3, State::Failed)]);
    let watch = Running::start(&fake, &["payout", "watch", "--every", "1", "-o", "jsonl"]);
    let of = |told: &[(usize, &str)]| -> BTreeMap<String, String> {
        told.iter().map(|(number, state)| (tr_id(*number).as_str().to_owned(), (*state).to_owned())).collect()
    };
    assert_eq!(watch.told(3), of(&[(1, "failed"), (2, "review"), (3, "failed")]));

    // What stays as it is is not told again.
    *waiting.lock().unwrap() = Some(vec![payout(1, State::Failed), payout(2, State::Failed)]);
    assert_eq!(watch.told(2), of(&[(2, "failed"), (3, "gone")]));

    // A look that fails is said, and changes nothing.
    *waiting.lock().unwrap() = None;
    watch.hears("did not answer");
    *waiting.lock().unwrap() = Some(vec![payout(1, State::Failed), payout(2, State::Failed), payout(4, State::Review)]);
    assert_eq!(watch.told(1), of(&[(4, "review")]));
    let (code, words) = watch.interrupted();
    assert_eq!(code, Some(130), "{words}");
}

#[test]
fn people_watch_lines_of_text_and_a_machine_no_document_that_never_ends() {
    let fake = Fake::start("watch-text");
    let waiting = with_payouts(&fake, vec![payout(1, State::Review)]);
    let watch = Running::start(&fake, &["payout", "watch", "--day", "today", "--every", "1", "--lang", "ko"]);
    let line = watch.reads();
    assert!(line.contains(tr_id(1).as_str()) && line.contains("담당자 확인 필요"), "{line}");
    *waiting.lock().unwrap() = Some(Vec::new());
    assert!(watch.reads().ends_with(&format!("{}  -", tr_id(1).as_str())));
    assert_eq!(watch.interrupted().0, Some(130));

    let asked = fake.requests();
    assert!(asked.iter().all(|request| request["operation"]["list"]["day"].is_string()), "{asked:?}");
    assert_eq!(code(&fake.run(&["payout", "watch", "-o", "json"])), 2);
    assert_eq!(code(&fake.run(&["payout", "watch", "--every", "0"])), 2);
    // The first look must succeed: whoever has mistyped the stack need not wait.
    *waiting.lock().unwrap() = None;
    assert_eq!(code(&fake.run(&["payout", "watch"])), 1);
}

/// A restored table with so many pages; the answer to one of them may be lost.
fn with_copy(fake: &Fake, pages: usize, breaks_at: Option<usize>) {
    fake.answer(move |request| match &request.operation {
        Operation::RestoreCopy { .. } if request.dry_run => {
            done(Outcome::Would { rows: 1, cost: Krw(0), needs_second: false })
        }
        Operation::RestoreCopy { table, after } => {
            assert_eq!(table, "payouts-restored");
            let page = after.as_ref().map_or(0, |after| (0..pages).position(|n| tr_id(n % 100) == *after).unwrap() + 1);
            if breaks_at == Some(page) {
                return (502, String::new());
            }
            let next = (page + 1 < pages).then(|| tr_id(page % 100));
            done(Outcome::Copied { copied: 10, there: 1, next })
        }
        _ => stack(),
    });
}

/// Where each call began, and which order it was a part of.
fn calls(fake: &Fake) -> Vec<(Value, Value)> {
    let of = |request: &Value| (request["operation"]["restore_copy"]["after"].clone(), request["id"].clone());
    fake.requests().iter().map(of).collect()
}

#[test]
fn a_copy_whose_answer_is_lost_says_where_it_was_and_goes_on_as_the_same_order() {
    let fake = Fake::start("copy");
    with_copy(&fake, 4, Some(2));
    let copy = ["restore", "copy", "payouts-restored", "--yes", "-o", "json"];
    assert_eq!(code(&fake.run(&[&copy[..3], &["--dry-run"]].concat())), 0);
    assert_eq!(code(&fake.run(&copy[..3])), 2, "nobody can be asked");
    fake.world.lock().unwrap().requests.clear();

    let output = fake.run(&copy);
    assert_eq!(code(&output), 6, "{}", err(&output));
    let place = tr_id(1);
    let words = format!("copied 20, there already 2\n--after {}\n", place.as_str());
    assert!(err(&output).contains(&words), "{}", err(&output));
    let asked = calls(&fake);
    assert_eq!(asked.iter().map(|call| &call.0).collect::<Vec<_>>(), [&json!(null), &json!(tr_id(0)), &json!(place)]);
    let order = asked[0].1.as_str().unwrap();
    assert!(asked.iter().all(|call| call.1 == order), "one order: {asked:?}");
    assert!(err(&output).contains(&format!("--order-id {order}")), "{}", err(&output));

    with_copy(&fake, 4, None);
    fake.world.lock().unwrap().requests.clear();
    let output = fake.run(&[&copy[..], &["--after", place.as_str(), "--order-id", order]].concat());
    assert_eq!(code(&output), 0, "{}", err(&output));
    let json: Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!(json["copied"], json!({ "copied": 20, "there": 2, "next": null }));
    let again = calls(&fake);
    assert_eq!(again, [(json!(place), json!(order)), (json!(tr_id(2)), json!(order))]);
}

#[test]
fn a_copy_that_is_ended_by_hand_goes_on_by_the_same_command() {
    let fake = Fake::start("copy-ended");
    // Pages without end.
    with_copy(&fake, usize::MAX, None);
    let copy = ["restore", "copy", "payouts-restored", "--yes", "--order-id", ORDER];
    let running = Running::start(&fake, &copy);
    running.hears("simulated Giftishow");
    for _ in 0..3 {
        running.hears("--after ");
    }
    let (ended, words) = running.interrupted();
    assert_eq!(ended, Some(130), "{words}");

    with_copy(&fake, 2, None);
    let output = fake.run(&copy);
    assert_eq!((code(&output), out(&output).contains("20")), (0, true), "{}", err(&output));
    assert!(calls(&fake).iter().all(|call| call.1 == ORDER));

    let at = Moment::from_seconds(1_790_000_000);
    fake.answer(move |request| match request.operation {
        Operation::Stack => stack(),
        _ => done(Outcome::AlreadyDone { at, result: Some("20 copied, 2 there".to_owned()) }),
    });
    let output = fake.run(&copy);
    assert_eq!((code(&output), out(&output).contains("20 copied, 2 there")), (0, true), "{}", err(&output));
}

#[test]
fn a_repair_goes_on_page_by_page_and_adds_up() {
    let fake = Fake::start("repair");
    fake.answer(|request| match &request.operation {
        Operation::RestoreRepair { after, .. } => {
            let next = after.is_none().then(|| tr_id(1));
            done(Outcome::Repaired { successors: 1, looked_up_first: 20, for_a_person: 3, next })
        }
        _ => stack(),
    });
    let output = fake.run(&["restore", "repair", "--taken-at", "2026-11-22T09:00:00+09:00", "--yes", "-o", "json"]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    let json: Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!(json["repaired"], json!({ "successors": 2, "looked_up_first": 40, "for_a_person": 6 }));
    let of = |request: &Value| (request["operation"]["restore_repair"].clone(), request["id"].clone());
    let asked: Vec<(Value, Value)> = fake.requests().iter().map(of).collect();
    let taken_at = "2026-11-22T00:00:00.000Z";
    assert_eq!(asked[0].0, json!({ "taken_at": taken_at }));
    assert_eq!(asked[1], (json!({ "taken_at": taken_at, "after": tr_id(1) }), asked[0].1.clone()), "one order");
}
