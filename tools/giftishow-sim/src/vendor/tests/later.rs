//! What time does, and what comes after the sending: reservations, the end of validity, resending, giving money back.

use jiff::SignedDuration;

use super::{Desk, PRICE_WON, code_of};
use crate::api::Api;
use crate::catalogue::{CatalogueChange, Goods, Validity};
use crate::config::{CatalogueConfig, SimConfig};
use crate::vendor::{Answer, Standing};

fn open() -> Desk {
    Desk::open(SimConfig { catalogue: CatalogueConfig::none(), ..SimConfig::default() })
}

fn standing(desk: &mut Desk, tr_id: &str) -> Standing {
    let Answer::Coupon(coupon) = desk.lookup(tr_id) else { panic!("{tr_id} is on the books") };
    coupon.standing
}

#[test]
fn a_reserved_coupon_is_paid_at_once_and_issued_at_its_time() {
    let mut desk = open();
    // The clock of the desk stands at 2027-01-15 17:00 in Korea.
    assert!(matches!(desk.reserve("a", "20270115", "1705"), Answer::Reserved(_)));
    let before = desk.ledger();
    assert_eq!((before.reserved, before.live, before.issued_won), (1, 0, PRICE_WON));
    assert_eq!(before.entries[0].waits_until, Some(before.entries[0].issued_at));
    assert_eq!(standing(&mut desk, "a"), Standing::Reserved);
    assert!(desk.vendor.use_coupon("a", desk.now).is_err(), "nobody has it yet");
    assert_eq!(code_of(&desk.resend("a")), "ERR0213");
    assert_eq!(code_of(&desk.send("a")), "ERR0215");

    desk.wait(SignedDuration::from_mins(5));
    assert_eq!((desk.ledger().reserved, desk.ledger().live), (0, 1));
    assert_eq!(standing(&mut desk, "a"), Standing::Live);
    desk.vendor.use_coupon("a", desk.now).unwrap();
    assert!(desk.ledger().adds_up());
}

#[test]
fn a_reserved_coupon_can_be_cancelled_before_its_time_and_seven_days_from_it() {
    let mut desk = open();
    for tr_id in ["before", "after", "late"] {
        assert_eq!(code_of(&desk.reserve(tr_id, "20270215", "1700")), "0000");
    }
    assert_eq!(code_of(&desk.cancel("before")), "0000");
    desk.wait(SignedDuration::from_hours((31 + 7) * 24));
    assert_eq!(code_of(&desk.cancel("after")), "0000");
    desk.wait(SignedDuration::from_secs(1));
    assert_eq!(code_of(&desk.cancel("late")), "COUPON.0006");
    let ledger = desk.ledger();
    assert_eq!((ledger.live, ledger.cancelled, ledger.cancelled_won), (1, 2, 2 * PRICE_WON));
    assert!(ledger.adds_up());
}

#[test]
fn a_coupon_expires_with_its_last_day_in_korea() {
    let mut desk = open();
    let until = Validity::Until("2027-01-20".parse().unwrap());
    let goods = Goods { validity: until, ..Goods::on_sale("G1", "행사상품", "시험카페", 1_000) };
    desk.vendor.change_catalogue(CatalogueChange::Add { goods }).unwrap();
    desk.send("thirty_days");
    desk.ask(Api::Send, &[("tr_id", "until"), ("goods_code", "G1")]);

    let to_midnight = SignedDuration::from_hours(7) - SignedDuration::from_secs(1);
    desk.wait(SignedDuration::from_hours(5 * 24) + to_midnight);
    assert_eq!(standing(&mut desk, "until"), Standing::Live, "23:59:59 of the last day");
    desk.wait(SignedDuration::from_secs(1));
    assert_eq!((standing(&mut desk, "until"), standing(&mut desk, "thirty_days")), (Standing::Expired, Standing::Live));
    assert!(desk.vendor.use_coupon("until", desk.now).is_err());
    assert_eq!(code_of(&desk.resend("until")), "COUPON.0009");

    desk.wait(SignedDuration::from_hours(25 * 24));
    assert_eq!(standing(&mut desk, "thirty_days"), Standing::Expired);
    assert_eq!(code_of(&desk.cancel("thirty_days")), "COUPON.0006");
    let ledger = desk.ledger();
    assert_eq!((ledger.live, ledger.expired, ledger.sent_won()), (0, 2, PRICE_WON + 1_000));
    assert!(ledger.entries.iter().all(|entry| entry.expired_at.is_some_and(|at| at < desk.now)));
    assert!(ledger.adds_up());
}

#[test]
fn a_message_goes_out_again_five_minutes_apart_and_three_times_a_day() {
    let (minutes, second) = (SignedDuration::from_mins, SignedDuration::from_secs(1));
    let mut desk = open();
    desk.send("a");
    assert_eq!(code_of(&desk.resend("a")), "0000");
    desk.wait(minutes(5) - second);
    assert_eq!(code_of(&desk.resend("a")), "COUPON.0009");
    desk.wait(second);
    assert_eq!(code_of(&desk.ask(Api::Resend, &[("tr_id", "a"), ("sms_flag", "Y")])), "0000");
    desk.wait(minutes(5));
    assert_eq!(code_of(&desk.ask(Api::Resend, &[("tr_id", "a"), ("sms_flag", "N")])), "0000");
    desk.wait(minutes(5));
    assert_eq!(code_of(&desk.resend("a")), "COUPON.0009", "the fourth on one day");
    // From 17:15 to midnight in Korea.
    desk.wait(minutes(6 * 60 + 45));
    assert_eq!(code_of(&desk.resend("a")), "0000");
    let sms: Vec<bool> = desk.ledger().entries[0].resends.iter().map(|resend| resend.sms).collect();
    assert_eq!(sms, [false, true, false, false]);
}

#[test]
fn what_cannot_be_sent_again_is_refused_for_good() {
    let mut desk = open();
    for tr_id in ["used", "cancelled"] {
        desk.send(tr_id);
    }
    desk.vendor.use_coupon("used", desk.now).unwrap();
    desk.cancel("cancelled");
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("tr_id", "")], "ERR0201"),
        (&[("user_id", "")], "ERR0201"),
        (&[("sms_flag", "yes"), ("tr_id", "used")], "ERR0201"),
        (&[("tr_id", "never")], "ERR0212"),
        (&[("tr_id", "used")], "COUPON.0009"),
        (&[("tr_id", "cancelled")], "COUPON.0009"),
    ];
    for (changes, code) in cases {
        assert_eq!(code_of(&desk.ask(Api::Resend, changes)), *code, "{changes:?}");
    }
}

#[test]
fn a_failed_send_gives_its_money_back_once_and_a_coupon_never_does() {
    let mut desk = open();
    let form = desk.form(Api::Send, &[("tr_id", "failed")]);
    let now = desk.now;
    assert_eq!(desk.vendor.charge_without_coupon(&form, now), Answer::Charged);
    let ledger = desk.ledger();
    assert_eq!((ledger.entries.len(), ledger.failed_won, ledger.issued_won), (0, PRICE_WON, 0));
    assert!(ledger.adds_up());
    assert_eq!(code_of(&desk.lookup("failed")), "ERR0214");
    assert_eq!(code_of(&desk.cancel("failed")), "ERR0805");
    assert_eq!(code_of(&desk.resend("failed")), "ERR0212");
    assert_eq!(code_of(&desk.send("failed")), "ERR0215");

    desk.send("good");
    desk.send("cancelled");
    desk.cancel("cancelled");
    let cases = [
        ("", "ERR0201"),
        ("never", "ERR0214"),
        ("good", "COUPON.0006"),
        ("cancelled", "ERR0808"),
        ("failed", "0000"),
        ("failed", "ERR0808"),
    ];
    for (tr_id, code) in cases {
        assert_eq!(code_of(&desk.ask(Api::FailedSendCancel, &[("tr_id", tr_id)])), code, "{tr_id}");
    }
    let ledger = desk.ledger();
    assert_eq!((ledger.failed_won, ledger.balance), (0, ledger.balance_start - PRICE_WON));
    assert!(ledger.failed_sends[0].refunded_at.is_some() && ledger.adds_up());
}
