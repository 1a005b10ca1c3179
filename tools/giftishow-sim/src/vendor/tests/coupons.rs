//! Sending, looking up, cancelling.

use std::time::Duration;

use jiff::SignedDuration;

use super::{Desk, PRICE_WON, code_of};
use crate::api::Api;
use crate::catalogue::CatalogueChange;
use crate::config::{SimConfig, UnknownTrId};
use crate::params::Params;
use crate::vendor::{Answer, Standing};

#[test]
fn every_flaw_of_a_send_gets_its_own_code_and_changes_no_book() {
    let long = |count: usize| "가".repeat(count);
    let (title, message) = (long(11), long(1_501));
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("api_code", "")], "ERR0201"),
        (&[("api_code", "0202")], "E0007"),
        (&[("api_code", "9999")], "E0002"),
        (&[("custom_auth_code", "")], "E0011"),
        (&[("custom_auth_code", "REAL0")], "E0008"),
        (&[("custom_auth_token", "")], "E0012"),
        (&[("custom_auth_token", "AAAA")], "E0009"),
        (&[("dev_yn", "")], "E0013"),
        (&[("dev_yn", "Y")], "ERR0100"),
        (&[("user_id", "")], "ERR0201"),
        (&[("user_id", ""), ("USER_ID", "x")], "ERR0201"),
        (&[("user_id", "somebody@example.invalid")], "ERR0300"),
        (&[("tr_id", "")], "ERR0201"),
        (&[("tr_id", ""), ("TR_ID", "gft_0000000000000001")], "ERR0201"),
        (&[("tr_id", "gft_00000000000000001")], "ERR0807"),
        (&[("tr_id", "gft-1")], "COUPON.0004"),
        (&[("mms_title", "")], "ERR0201"),
        (&[("mms_title", &title)], "ERR0806"),
        (&[("mms_msg", "")], "ERR0201"),
        (&[("mms_msg", &message)], "COUPON.0002"),
        (&[("phone_no", "")], "COUPON.0005"),
        (&[("phone_no", "010-0000-0000")], "ERR0817"),
        (&[("phone_no", "010000")], "ERR0817"),
        (&[("callback_no", "")], "COUPON.0010"),
        (&[("callback_no", "0200000001")], "COUPON.0010"),
        (&[("gubun", "")], "ERR0201"),
        (&[("gubun", "n")], "ERR0201"),
        (&[("goods_code", "")], "ERR0201"),
        (&[("goods_code", "G99999999999")], "COUPON.0011"),
        (&[("goods_code", "G00000000003")], "ERR0401"),
        (&[("rev_info_yn", "Y")], "COUPON.0012"),
        (&[("rev_info_yn", "Y"), ("rev_info_date", "20270231"), ("rev_info_time", "1200")], "COUPON.0012"),
        (&[("rev_info_yn", "Y"), ("rev_info_date", "20270116"), ("rev_info_time", "12")], "COUPON.0013"),
        // The clock of the desk stands at 2027-01-15 17:00 in Korea.
        (&[("rev_info_yn", "Y"), ("rev_info_date", "20270115"), ("rev_info_time", "1704")], "COUPON.0014"),
        (&[("rev_info_yn", "Y"), ("rev_info_date", "20270416"), ("rev_info_time", "1701")], "COUPON.0014"),
    ];
    let mut desk = Desk::open(SimConfig::default());
    let empty = desk.ledger();
    for (changes, code) in cases {
        assert_eq!(code_of(&desk.ask(Api::Send, changes)), *code, "{changes:?}");
    }
    let after = desk.ledger();
    assert_eq!((after.entries.len(), after.balance), (0, empty.balance));
    assert_eq!(after.refused.values().sum::<u64>(), cases.len() as u64);
    assert_eq!(code_of(&desk.vendor.serve(Api::Send, &Params::of(&[]), desk.now)), "ERR0201", "no parameters at all");

    assert_eq!(code_of(&desk.send("gft_0000000000000001")), "0000", "a refused request leaves its tr_id free");
    let reserved = [("tr_id", "r"), ("rev_info_yn", "Y"), ("rev_info_date", "20270115"), ("rev_info_time", "1705")];
    assert_eq!(code_of(&desk.ask(Api::Send, &reserved)), "0000");
}

#[test]
fn a_tr_id_is_good_once_even_after_its_coupon_was_cancelled() {
    let mut desk = Desk::open(SimConfig::default());
    assert_eq!(code_of(&desk.send("a")), "0000");
    assert_eq!(code_of(&desk.send("a")), "ERR0215");
    assert_eq!(code_of(&desk.cancel("a")), "0000");
    assert_eq!(code_of(&desk.send("a")), "ERR0215");
    let ledger = desk.ledger();
    assert_eq!((ledger.entries.len(), ledger.duplicates_refused), (1, 2));
}

#[test]
fn a_cancel_is_answered_by_the_state_of_the_coupon() {
    let mut desk = Desk::open(SimConfig::default());
    for tr_id in ["live", "used", "old"] {
        desk.send(tr_id);
    }
    desk.vendor.use_coupon("used", desk.now).unwrap();
    assert_eq!(code_of(&desk.cancel("")), "ERR0201");
    assert_eq!(code_of(&desk.cancel("never")), "ERR0214");
    assert_eq!(code_of(&desk.cancel("used")), "COUPON.0007");
    assert_eq!(code_of(&desk.cancel("live")), "0000");
    assert_eq!(code_of(&desk.cancel("live")), "ERR0808");
    assert!(desk.vendor.use_coupon("live", desk.now).is_err(), "nobody can use a cancelled coupon");

    let week = SignedDuration::from_hours(7 * 24);
    desk.now = desk.now + week + SignedDuration::from_secs(1);
    assert_eq!(code_of(&desk.cancel("old")), "COUPON.0006");
    desk.now -= SignedDuration::from_secs(1);
    assert_eq!(code_of(&desk.cancel("old")), "0000");
}

#[test]
fn an_unknown_tr_id_is_answered_as_configured() {
    let cases = [
        (UnknownTrId::Err0214, "ERR0214", "ERR0214"),
        (UnknownTrId::Coupon0004, "COUPON.0004", "COUPON.0004"),
        (UnknownTrId::NoContent, "HTTP 204", "HTTP 204"),
        (UnknownTrId::EmptyList, "ERR0214", "0000"),
    ];
    for (choice, cancelled, looked_up) in cases {
        let config = SimConfig { cancel_unknown_tr_id: choice, lookup_unknown_tr_id: choice, ..SimConfig::default() };
        let mut desk = Desk::open(config);
        assert_eq!(code_of(&desk.cancel("never")), cancelled);
        assert_eq!(code_of(&desk.lookup("never")), looked_up);
    }
}

#[test]
fn a_lookup_shows_the_state_but_may_lag_behind_the_send() {
    let mut desk = Desk::open(SimConfig { lookup_lag: Duration::from_secs(5), ..SimConfig::default() });
    desk.send("a");
    assert_eq!(code_of(&desk.lookup("a")), "ERR0214");
    desk.now += SignedDuration::from_secs(5);
    let Answer::Coupon(coupon) = desk.lookup("a") else { panic!("the coupon is there by now") };
    assert_eq!((coupon.standing, coupon.phone.expose()), (Standing::Live, "01000000000"));
    assert!(!format!("{coupon:?}").contains("01000000000"), "a phone number is never printed");
    let went_to = |tr_id, phone| desk.vendor.went_to(tr_id, phone);
    assert!(went_to("a", "01000000000") && !went_to("a", "01000000001") && !went_to("never", "01000000000"));
    desk.cancel("a");
    let Answer::Coupon(coupon) = desk.lookup("a") else { panic!("a cancelled coupon stays on the books") };
    assert_eq!(coupon.standing, Standing::Cancelled);
}

#[test]
fn the_won_add_up_whatever_happens() {
    let mut desk = Desk::open(SimConfig { balance_won: 3 * PRICE_WON, ..SimConfig::default() });
    for tr_id in ["live", "cancelled", "used"] {
        assert_eq!(code_of(&desk.send(tr_id)), "0000");
    }
    assert_eq!(code_of(&desk.send("too much")), "COUPON.0004");
    assert_eq!(code_of(&desk.send("too_much")), "E0010");
    desk.cancel("cancelled");
    desk.cancel("cancelled");
    desk.vendor.use_coupon("used", desk.now).unwrap();

    let ledger = desk.ledger();
    assert_eq!((ledger.live, ledger.cancelled, ledger.used), (1, 1, 1));
    assert_eq!((ledger.issued_won, ledger.cancelled_won, ledger.sent_won()), (13_500, 4_500, 9_000));
    assert_eq!(ledger.balance, ledger.balance_start - ledger.issued_won + ledger.cancelled_won);
    assert!(ledger.adds_up());
    assert_eq!(ledger.live_for(["live", "cancelled", "used", "never"]), 1);

    desk.vendor.set_balance(0);
    assert_eq!(code_of(&desk.send("broke")), "E0010");
    assert_eq!(desk.ask(Api::Balance, &[]), Answer::Balance(0));
    desk.vendor.set_balance(PRICE_WON);
    assert_eq!(code_of(&desk.send("broke")), "0000", "a refusal for money leaves the tr_id free");
    assert!(desk.ledger().adds_up());
}

#[test]
fn goods_taken_off_sale_are_refused_until_they_return() {
    let mut desk = Desk::open(SimConfig::default());
    let code = || "G00000000001".to_owned();
    desk.vendor.change_catalogue(CatalogueChange::Suspend { code: code() }).unwrap();
    assert_eq!(code_of(&desk.send("a")), "ERR0401");
    desk.vendor.change_catalogue(CatalogueChange::Resume { code: code() }).unwrap();
    assert_eq!(code_of(&desk.send("a")), "0000");
}

#[test]
fn pin_and_image_come_only_with_their_gubun() {
    let mut desk = Desk::open(SimConfig::default());
    for (tr_id, gubun, pin, image) in [("n", "N", false, false), ("y", "Y", true, false), ("i", "I", true, true)] {
        let Answer::Issued(issued) = desk.ask(Api::Send, &[("tr_id", tr_id), ("gubun", gubun)]) else {
            panic!("gubun {gubun} is served");
        };
        assert_eq!((issued.pin_no.is_some(), issued.image_url.is_some()), (pin, image), "{gubun}");
    }
}

#[test]
fn the_card_and_the_banner_of_a_message_are_on_the_books() {
    let mut desk = Desk::open(SimConfig::default());
    let looks = [("tr_id", "branded"), ("template_id", "CARD-1"), ("banner_id", "BANNER-1")];
    assert!(matches!(desk.ask(Api::Send, &looks), Answer::Issued(_)));
    assert!(matches!(desk.send("plain"), Answer::Issued(_)));
    let books = desk.ledger().entries.into_iter().map(|entry| (entry.template_id, entry.banner_id));
    let branded = (Some("CARD-1".to_owned()), Some("BANNER-1".to_owned()));
    assert_eq!(books.collect::<Vec<_>>(), [branded, (None, None)]);
}
