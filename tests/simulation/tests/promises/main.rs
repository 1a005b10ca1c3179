//! The promises of the product, each over many histories. `cargo sim` runs more of them, and shows any of them.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that panics has failed")]

mod rules;
mod stories;

use std::thread;

use simulation::{Fault, Profile, Settings, Simulation, Tally};

fn settings(profile: Profile) -> Settings {
    Settings { profile, ..Settings::default() }
}

/// Runs histories on two threads; none may break a promise.
fn kept(settings: Settings, histories: u64) -> Tally {
    let half = histories / 2;
    let run = move |seeds| Simulation::new(settings).unwrap().run(seeds, 1);
    let other = thread::spawn(move || run(half..histories));
    let mut tally = run(0..half);
    tally.add(other.join().unwrap());
    assert_eq!(tally.failures, [], "cargo sim --seed N --profile … shows it");
    tally
}

#[test]
fn with_every_fault_at_once_every_200_ends_with_one_coupon_or_an_alarm() {
    let tally = kept(settings(Profile::Every), 100_000);
    // A fault that never happens proves nothing.
    let possible =
        Fault::ALL.iter().zip(tally.hits).filter(|(fault, _)| !matches!(fault, Fault::Restored | Fault::BackupTorn));
    let never: Vec<&str> = possible.filter(|(_, hits)| *hits == 0).map(|(fault, _)| fault.name()).collect();
    assert_eq!(never, [""; 0]);
    assert!(tally.ends.sent > 100_000 && tally.ends.sent_later > 10_000, "{:?}", tally.ends);
    assert!(tally.ends.failed > 1_000 && tally.ends.review > 1_000, "{:?}", tally.ends);
}

/// R12.
#[test]
fn several_sends_at_once_are_as_safe_as_one() {
    for send_concurrency in [2, 8, 20] {
        kept(Settings { send_concurrency, ..Settings::default() }, 20_000);
    }
}

/// R17.
#[test]
fn no_win_is_swallowed_however_callbacks_are_lost_and_retried() {
    let tally = kept(settings(Profile::Retries), 50_000);
    assert!(tally.ends.held > 1_000, "{:?}", tally.ends);
}

/// R19, R20.
#[test]
fn whatever_people_order_at_any_moment_and_twice_no_win_is_paid_twice_or_lost() {
    let tally = kept(settings(Profile::People), 30_000);
    let ends = tally.ends;
    assert!(ends.closed > 1_000 && ends.sent > 10_000 && ends.review > 500, "{ends:?}");
}

/// R4.
#[test]
fn a_hundred_identical_callbacks_at_once_are_one_payout_and_a_hundred_times_200() {
    let Tally { ends, .. } = kept(settings(Profile::Crowd), 1_000);
    assert_eq!((ends.sent, ends.answered, ends.not_answered), (1_000, 100_000, 0));
}

/// R7.
#[test]
fn an_unknown_send_is_cancelled_within_a_sweeper_period_and_five_seconds() {
    let slowest = kept(settings(Profile::Unknown), 10_000).slowest;
    assert!((1..=65_000).contains(&slowest.cancel_ms), "{slowest:?}");
}

/// R8. A lease is the time limit of `send` and its margin.
#[test]
fn a_crash_anywhere_in_send_is_resolved_within_the_lease_the_grace_period_and_two_sweeps() {
    let slowest = kept(settings(Profile::Crashes), 10_000).slowest;
    assert!((1..=(60 + 30 + 600 + 120) * 1_000).contains(&slowest.end_ms), "{slowest:?}");
}

/// R9.
#[test]
fn answers_that_say_nothing_neither_lose_nor_double() {
    let tally = kept(settings(Profile::Answers), 30_000);
    assert!(tally.hits[Fault::SendGarbled as usize] > 5_000 && tally.hits[Fault::SendUnclear as usize] > 5_000);
    assert_eq!(tally.ends.failed, 0);
}

/// R10.
#[test]
fn whatever_the_stream_does_every_payout_is_sent_with_its_first_attempt() {
    let ends = kept(settings(Profile::Wakes), 10_000).ends;
    // Wins right after midnight may be held.
    assert_eq!((ends.sent_later, ends.failed, ends.review), (0, 0, ends.held));
}

/// R11.
#[test]
fn what_pauses_the_line_uses_up_no_attempt() {
    let tally = kept(settings(Profile::Line), 10_000);
    assert!(tally.hits[Fault::BalanceEmpty as usize] > 50);
    let ends = tally.ends;
    assert_eq!((ends.sent_later, ends.failed, ends.review), (0, 0, ends.held + ends.alone));
    assert!(ends.alone < 10, "three refusals of one payout while others are answered are rare: {ends:?}");
}

/// R13.
#[test]
fn putting_the_table_back_to_any_earlier_moment_pays_nobody_twice() {
    let tally = kept(settings(Profile::Restore), 20_000);
    assert!(tally.hits[Fault::Restored as usize] > 500);
}

/// R15.
#[test]
fn a_coupon_that_is_issued_up_to_six_days_late_is_found_and_cancelled() {
    let tally = kept(settings(Profile::Late), 20_000);
    assert!(tally.hits[Fault::SendLate as usize] > 500);
}

/// R16.
#[test]
fn a_seed_is_the_same_history_every_time() {
    let mut simulation = Simulation::new(Settings::default()).unwrap();
    for seed in 0..50 {
        let replays = [(); 3].map(|()| simulation.replay(seed, None));
        assert!(replays.iter().all(|replay| replay.digest == replays[0].digest), "seed {seed}");
        assert!(replays.iter().all(|replay| replay.lines == replays[0].lines), "seed {seed}");
        let numbers: Vec<usize> = (0..replays[0].faults.len()).collect();
        assert_eq!(
            simulation.replay(seed, Some(&numbers)).digest,
            replays[0].digest,
            "seed {seed}, with all its faults"
        );
    }
}
