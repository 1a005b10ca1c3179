//! With one rule or one assumption broken, a promise is.

use crate::check::breaks;
use crate::policy::{
    Backup, Graves, Half, Lateness, Lease, LostWorker, NotFoundCounts, Orders, Policy, Repair, RestoredRows, Table,
    UnansweredCancel,
};
use crate::promises::{FOUND_STAYS, GOES_ON, NOT_IN_VAIN, NOTHING_UNSEEN, ONE_COUPON, SENT_LIVES, SENT_STAYS};
use crate::world::Payout;

fn with(policy: Policy) -> Payout {
    Payout { crashes: 1, ..Payout::new(policy) }
}

fn restored(policy: Policy) -> Payout {
    Payout { attempts: 2, crashes: 0, ..Payout::new(policy) }
}

#[test]
fn rule_1_believing_not_found_at_once_pays_twice() {
    let policy = Policy { not_found: NotFoundCounts::AtOnce, ..Policy::default() };
    breaks("not found believed at once", &with(policy), ONE_COUPON);
}

#[test]
fn rule_1_believing_not_found_and_sending_the_same_id_again_ends_a_coupon_that_was_delivered() {
    let policy = Policy { not_found: NotFoundCounts::AtOnceForTheSameId, ..Policy::default() };
    breaks("not found believed, same id again", &with(policy), SENT_LIVES);
}

#[test]
fn rule_1_believing_an_early_cancel_because_its_answer_is_read_late_pays_twice() {
    let policy = Policy { not_found: NotFoundCounts::IfReadLate, ..Policy::default() };
    breaks("not found believed if read late", &with(policy), ONE_COUPON);
}

#[test]
fn rule_2_sending_again_after_a_cancel_without_an_answer_ends_a_coupon_that_was_delivered() {
    let policy = Policy { unanswered_cancel: UnansweredCancel::SendsAgain, ..Policy::default() };
    breaks("sent again after a cancel", &with(policy), SENT_LIVES);
}

#[test]
fn rule_3_a_lease_that_ends_before_its_holder_pays_twice() {
    let policy = Policy { lease: Lease::MayEndEarlier, ..Policy::default() };
    breaks("a lease shorter than its holder", &with(policy), ONE_COUPON);
}

#[test]
fn rule_4_running_again_when_a_lease_ends_pays_twice() {
    let policy = Policy { lost_worker: LostWorker::RunsAgain, ..Policy::default() };
    breaks("run again when a lease ends", &with(policy), ONE_COUPON);
}

#[test]
fn rule_4_taking_a_lost_worker_for_one_that_sent_nothing_hides_a_coupon() {
    let policy = Policy { lost_worker: LostWorker::SentNothing, ..Policy::default() };
    breaks("a lost worker sent nothing", &with(policy), NOTHING_UNSEEN);
}

#[test]
fn rule_6_without_comparing_owners_a_write_that_lands_twice_hides_a_coupon() {
    let policy = Policy { table: Table::ComparesState, ..Policy::default() };
    breaks("owners not compared", &with(policy), NOTHING_UNSEEN);
}

#[test]
fn rule_6_without_conditions_a_payout_that_fails_for_one_worker_hides_the_coupon_of_the_other() {
    let policy = Policy { table: Table::ComparesNothing, ..Policy::default() };
    breaks("no conditional writes", &with(policy), NOTHING_UNSEEN);
}

#[test]
fn without_leases_a_payout_that_fails_for_one_worker_hides_the_coupon_of_the_other() {
    let policy = Policy { table: Table::ClaimsAreFree, ..Policy::default() };
    breaks("no leases", &with(policy), NOTHING_UNSEEN);
}

#[test]
fn a_dead_attempt_written_apart_from_its_successor_ends_in_silence() {
    let policy = Policy { table: Table::WritesOneByOne, ..Policy::default() };
    breaks("no transaction", &with(policy), GOES_ON);
}

#[test]
fn rules_9_and_10_a_persons_order_that_is_taken_for_done_pays_twice() {
    let policy = Policy { orders: Orders::DoneAtOnce, ..Policy::default() };
    breaks("an order taken for done", &Payout { orders: 1, ..with(policy) }, ONE_COUPON);
}

#[test]
fn lateness_without_bound_pays_twice() {
    let policy = Policy { lateness: Lateness::Unbounded, ..Policy::default() };
    breaks("lateness without bound", &with(policy), ONE_COUPON);
}

#[test]
fn a_restored_table_that_forgets_what_was_buried_pays_twice() {
    let policy = Policy { backup: Backup::RestoredWithoutGraves, ..Policy::default() };
    breaks("a backup restored without graves", &restored(policy), ONE_COUPON);
}

#[test]
fn a_restored_table_of_which_the_buried_are_not_consulted_at_the_claim_pays_twice() {
    let policy = Policy { backup: Backup::Restored, graves: Graves::NotConsulted, ..Policy::default() };
    breaks("the buried not consulted", &restored(policy), ONE_COUPON);
}

#[test]
fn restored_open_rows_that_are_cancelled_without_looking_end_a_coupon_that_was_delivered() {
    let restored_rows = RestoredRows::CancelledAtOnce;
    let policy = Policy { backup: Backup::Restored, restored: restored_rows, ..Policy::default() };
    breaks("restored rows cancelled at once", &restored(policy), FOUND_STAYS);
}

/// What is written of it is refused with every sweep.
#[test]
fn half_a_transaction_that_is_not_adopted_never_ends() {
    let policy = Policy { backup: Backup::Restored, half: Half::IsRefused, ..Policy::default() };
    breaks("half a transaction not adopted", &restored(policy), NOT_IN_VAIN);
}

#[test]
fn half_a_transaction_that_is_not_repaired_ends_in_silence() {
    let policy = Policy { backup: Backup::Restored, repair: Repair::IsSkipped, ..Policy::default() };
    breaks("half a transaction not repaired", &restored(policy), GOES_ON);
}

/// Known, and not mended: a copy that shows a delivered attempt as not yet sent has it asked for again, and if that has no
/// answer, it is cancelled like any other. The winner then gets another.
#[test]
fn what_a_restored_table_holds_as_accepted_may_be_cancelled_although_it_was_delivered() {
    let policy = Policy { backup: Backup::Restored, ..Policy::default() };
    breaks("restored as accepted, asked for again", &restored(policy), SENT_STAYS);
}
