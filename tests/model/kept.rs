//! With every rule kept, the promises hold.

use payout::{Gubun, State};

use crate::check::{holds, walk};
use crate::giftishow::Coupon;
use crate::model::Step::{self, LateSend, Reopened, Sender, Sweeper, TimePasses};
use crate::operate::{Decision, OperatorStep};
use crate::policy::{Backup, Lateness, Policy, SevenDays};
use crate::promises::{DEAD_IS_DEAD, ENDS_SEEN, NEVER_TWO, NOTHING_UNSEEN, ONE_COUPON, SENT_STAYS};
use crate::send::{LookUp, Order, Reception, SenderStep};
use crate::sweep::SweeperStep;
use crate::world::{Fate, Payout};

#[test]
fn with_every_rule_kept_every_promise_holds() {
    holds("every rule kept", &Payout::new(Policy::default()), &[]);
}

#[test]
fn with_every_rule_kept_no_payout_is_sent_whose_pin_is_lost() {
    let payout = Payout { gubun: Gubun::Pin, crashes: 1, ..Payout::new(Policy::default()) };
    holds("every rule kept, with PINs", &payout, &[]);
}

/// Until the audits find it there may be two, so only what holds in the end is promised.
#[test]
fn a_coupon_that_is_later_than_the_grace_period_is_found_by_an_audit() {
    // So late a coupon that it outlives our seven days is nobody's to cancel.
    let seven_days = SevenDays::FromTheSend;
    let policy = Policy { lateness: Lateness::UntilTheLastAudit, seven_days, ..Policy::default() };
    let payout = Payout { attempts: 2, crashes: 0, ..Payout::new(policy) };
    let for_a_while = [ONE_COUPON, DEAD_IS_DEAD, NOTHING_UNSEEN, NEVER_TWO];
    holds("late until the last audit", &payout, &for_a_while);

    let sweeper = |step: fn(LookUp, Fate) -> SweeperStep| Sweeper(step(LookUp::Truth, Fate::Lands));
    let reads = Sweeper(SweeperStep::Reads(0));
    let arrives = Sweeper(SweeperStep::CancelArrives);
    let mut steps = vec![wakes(), claims(), sends(), gives_up(), TimePasses, TimePasses, TimePasses];
    steps.extend([reads, Sweeper(SweeperStep::Cancels), arrives, sweeper(SweeperStep::Hears)]);
    steps.extend([wakes(), claims(), sends(), issues(), hears(), LateSend(0), TimePasses]);
    steps.extend([reads, sweeper(SweeperStep::LooksUp), arrives, sweeper(SweeperStep::Hears)]);
    let world = walk(&payout, &steps);
    assert_eq!(world.giftishow.coupons[0], Coupon::Cancelled);
    assert_eq!((world.last().state, world.is_waiting()), (State::Sent, false));
}

/// The rows are older than what they tell of, so they may be wrong; the winner still gets one coupon.
#[test]
fn a_table_restored_from_any_backup_pays_nobody_twice() {
    let policy = Policy { backup: Backup::Restored, ..Policy::default() };
    let payout = Payout { attempts: 2, crashes: 0, ..Payout::new(policy) };
    holds("a backup restored", &payout, &[NOTHING_UNSEEN, ENDS_SEEN, SENT_STAYS]);
}

/// R19. A coupon that a person orders away is cancelled on purpose.
#[test]
fn whatever_a_person_orders_at_any_moment_the_winner_has_one_coupon_at_most() {
    for (gubun, crashes) in [(Gubun::Mms, 1), (Gubun::Pin, 0)] {
        let payout = Payout { gubun, attempts: 2, crashes, orders: 1, ..Payout::new(Policy::default()) };
        holds("with a person's order", &payout, &[SENT_STAYS]);
    }

    let payout = Payout { orders: 1, ..Payout::new(Policy::default()) };
    let decides = |decision| Step::Operator(OperatorStep::Decides(decision));
    let sweeper = |step| Sweeper(step);
    let sent = [wakes(), claims(), sends(), issues(), hears(), Step::Operator(OperatorStep::Looks)];
    let swept = [SweeperStep::Reads(0), SweeperStep::Cancels, SweeperStep::CancelArrives].map(sweeper);
    let ends = |decision, answer: SweeperStep| {
        let steps: Vec<Step> =
            sent.into_iter().chain([decides(decision)]).chain(swept).chain([sweeper(answer)]).collect();
        walk(&payout, &steps)
    };
    let hears = SweeperStep::Hears(LookUp::Truth, Fate::Lands);
    let closed = ends(Decision::Closes, hears);
    assert_eq!((closed.last().state, closed.giftishow.coupons[0]), (State::Closed, Coupon::Cancelled));
    assert_eq!(ends(Decision::Reissues, hears).last().state, State::Accepted);
    let unheard = ends(Decision::Closes, SweeperStep::HearsNothing(Fate::Lands));
    assert!(unheard.last().state == State::Unknown && unheard.last().order.is_some());
}

/// Rule 8: its own refusals cannot be told from the line's by their codes.
#[test]
fn a_payout_that_giftishow_alone_never_takes_ends_with_a_person_and_is_paid_once_that_is_mended() {
    let payout = Payout { crashes: 0, refused_alone: true, ..Payout::new(Policy::default()) };
    holds("refused alone", &payout, &[]);

    let refuses = Sender(0, SenderStep::Reaches(Reception::RefusesLine));
    let mut steps = Vec::new();
    for _ in 0..2 {
        steps.extend([wakes(), claims(), sends(), refuses, hears(), TimePasses]);
    }
    let alone = Sender(0, SenderStep::HearsThatItIsAlone(Fate::Lands));
    steps.extend([wakes(), claims(), sends(), refuses, alone]);
    let world = walk(&payout, &steps);
    assert_eq!((world.last().state, world.is_waiting()), (State::Review, false));
    steps.extend([Reopened, wakes(), claims(), sends(), issues(), hears()]);
    assert_eq!(walk(&payout, &steps).last().state, State::Sent);
}

#[test]
fn a_failed_payout_is_reopened_and_paid() {
    let payout = Payout::new(Policy::default());
    let fails = Sender(0, SenderStep::DoesNotSend(Fate::Lands));
    let wrong = Sender(0, SenderStep::Claims(Order::Wrong, Fate::Lands));
    assert_eq!(walk(&payout, &[wakes(), wrong, fails]).last().state, State::Failed);
    let steps = [wakes(), wrong, fails, Reopened, wakes(), claims(), sends(), issues(), hears()];
    assert_eq!(walk(&payout, &steps).last().state, State::Sent);
}

fn wakes() -> Step {
    Sender(0, SenderStep::Wakes)
}

fn claims() -> Step {
    Sender(0, SenderStep::Claims(Order::Found, Fate::Lands))
}

fn sends() -> Step {
    Sender(0, SenderStep::Sends)
}

fn issues() -> Step {
    Sender(0, SenderStep::Reaches(Reception::Takes))
}

fn hears() -> Step {
    Sender(0, SenderStep::Hears(LookUp::Truth, Fate::Lands))
}

fn gives_up() -> Step {
    Sender(0, SenderStep::HearsNothing(Fate::Lands))
}
