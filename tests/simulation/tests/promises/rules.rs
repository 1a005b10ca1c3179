//! Each rule is left out, at the edge of the simulation: histories that break a promise must be found soon.

use payout::State;
use simulation::{Profile, Settings, Simulation, Violation, Weakness};

/// Looks for a history that breaks a promise without this rule, and shows that it takes few faults.
fn found(weakness: Weakness, profile: Profile, most: u64) -> Violation {
    let settings = Settings { profile, weakness: Some(weakness), ..Settings::default() };
    let mut simulation = Simulation::new(settings).unwrap();
    let tally = simulation.run(0..most, 1);
    let Some(first) = tally.failures.first() else { panic!("{weakness:?}: nothing in {most} histories") };
    // The first may be a long one: the shortest of a few is shown.
    let few = simulation.run(first.seed..most, 3).failures;
    let shrunk = few.into_iter().map(|failure| (simulation.shrink(failure.seed), failure));
    let Some((fewest, failure)) = shrunk.min_by_key(|(fewest, _)| fewest.len()) else { panic!("found and lost") };
    let replay = simulation.replay(failure.seed, Some(&fewest));
    assert!(replay.result.is_err(), "what is left of the history still breaks a promise");
    let faults: Vec<&str> = replay.faults.iter().map(|fault| fault.name()).collect();
    println!("without {weakness:?}: after {} histories, with {faults:?}: {}", tally.histories, failure.violation);
    assert!(fewest.len() <= 10, "{faults:?}");
    failure.violation.clone()
}

#[test]
fn without_the_grace_period_a_late_send_pays_twice() {
    found(Weakness::Grace, Profile::Every, 10_000);
}

#[test]
fn without_the_second_opinion_a_cancel_that_found_nothing_pays_twice() {
    found(Weakness::SecondOpinion, Profile::Every, 20_000);
}

#[test]
fn a_send_that_was_unknown_must_not_be_sent_again() {
    found(Weakness::SentAgain, Profile::Every, 10_000);
}

#[test]
fn a_worker_that_believes_in_more_time_than_its_lease_pays_twice() {
    assert_eq!(found(Weakness::Deadline, Profile::Freezes, 10_000), Violation::PaidTwice);
}

#[test]
fn a_lease_that_ran_out_does_not_mean_not_sent() {
    found(Weakness::LeaseExpiry, Profile::Every, 10_000);
}

#[test]
fn without_audits_a_coupon_that_comes_days_later_is_paid_in_silence() {
    found(Weakness::Audit, Profile::Late, 10_000);
}

#[test]
fn without_the_comparison_of_owners_a_late_write_loses_a_coupon() {
    found(Weakness::OwnerCompare, Profile::Writes, 60_000);
}

#[test]
fn without_conditions_promises_break() {
    found(Weakness::Conditions, Profile::Every, 10_000);
}

#[test]
fn without_leases_promises_break() {
    found(Weakness::Lease, Profile::Every, 10_000);
}

#[test]
fn a_table_that_was_put_back_pays_twice_without_what_was_buried() {
    assert_eq!(found(Weakness::Burial, Profile::Restore, 60_000), Violation::PaidTwice);
}

#[test]
fn caps_that_are_only_counted_are_passed() {
    assert_eq!(found(Weakness::Caps, Profile::Every, 10_000), Violation::CapPassed);
}

#[test]
fn without_sending_hours_a_winner_is_texted_at_night() {
    assert_eq!(found(Weakness::SendHours, Profile::Every, 1_000), Violation::SentOutsideHours);
}

#[test]
fn a_0000_outside_proves_nothing() {
    found(Weakness::InnerCode, Profile::Every, 10_000);
}

#[test]
fn lists_that_are_not_transactions_are_written_in_part() {
    assert_eq!(found(Weakness::Transactions, Profile::Every, 1_000), Violation::ListInPart);
}

#[test]
fn a_200_before_the_write_is_seen() {
    assert_eq!(found(Weakness::DurableWrite, Profile::Every, 1_000), Violation::PromisedWithoutRow);
}

#[test]
fn a_coupon_that_is_not_kept_is_missed() {
    assert_eq!(found(Weakness::KeptCoupon, Profile::Every, 1_000), Violation::CouponNotKept);
}

#[test]
fn a_row_that_nobody_will_look_at_is_seen() {
    found(Weakness::DueAt, Profile::Every, 1_000);
}

#[test]
fn a_coupon_that_nobody_looked_up_is_not_confirmed() {
    assert_eq!(found(Weakness::Unlooked, Profile::People, 20_000), Violation::SentWithoutCoupon);
}

#[test]
fn a_payout_is_not_closed_before_its_coupon_is_cancelled() {
    assert_eq!(found(Weakness::ClosedAtOnce, Profile::People, 5_000), Violation::CouponUnaccounted(State::Closed));
}

#[test]
fn a_payout_does_not_go_on_before_its_coupon_is_cancelled() {
    assert_eq!(found(Weakness::ReissuedAtOnce, Profile::People, 5_000), Violation::PaidTwice);
}

#[test]
fn a_row_that_forgets_whose_payout_it_was_is_paid_again() {
    assert_eq!(found(Weakness::Erasure, Profile::People, 20_000), Violation::PaidTwice);
}

#[test]
fn a_review_without_an_alarm_is_seen() {
    assert_eq!(found(Weakness::Alarm, Profile::Every, 1_000), Violation::NobodyCalled);
}
