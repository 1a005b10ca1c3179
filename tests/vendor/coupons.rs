//! Coupons from sending to their end.

use anyhow::{Result, bail};
use giftishow::{
    BalanceOutcome, BannerId, CancelOutcome, Coupon, CouponOutcome, GoodsCode, Gubun, OrderNo, PhoneNumber, PinStatus,
    ResendBy, ResendOutcome, ReservedTime, SendOptions, SendOutcome, SendRequest, Standing, TemplateId, Won,
};
use giftishow_sim::{Api, SimConfig, UnknownTrId};
use jiff::{SignedDuration, Timestamp};

use crate::desk::{Desk, TR_ID, request};

async fn found(desk: &Desk, tr_id: &str) -> Result<Coupon> {
    match desk.coupon(tr_id).await? {
        CouponOutcome::Found(coupon) => Ok(coupon),
        other => bail!("{tr_id} is on the books: {other:?}"),
    }
}

async fn issue(desk: &Desk, request: &SendRequest) -> Result<giftishow::IssuedCoupon> {
    match desk.send(request).await {
        SendOutcome::Issued(coupon) => Ok(coupon),
        other => bail!("{} is issued: {other:?}", request.tr_id),
    }
}

#[tokio::test]
async fn each_gubun_brings_what_it_promises() -> Result<()> {
    let desk = Desk::open().await?;
    for (gubun, pin, image) in
        [(Gubun::Mms, false, false), (Gubun::Pin, true, false), (Gubun::BarcodeImage, true, true)]
    {
        let tr_id = format!("gubun_{}", gubun.as_str());
        let coupon = issue(&desk, &SendRequest { gubun, ..request(&tr_id)? }).await?;
        assert_eq!((coupon.pin_no.is_some(), coupon.coupon_img_url.is_some()), (pin, image), "{gubun:?}");
        let ledger = desk.sim.ledger();
        let entry = ledger.find(&tr_id).expect("an entry");
        assert_eq!((entry.order_no.as_str(), entry.gubun.as_str()), (coupon.order_no.as_str(), gubun.as_str()));
    }
    let balance = desk.client.balance(&desk.credentials).await.outcome;
    assert_eq!(balance, BalanceOutcome::Balance(Won(1_000_000 - 3 * 4_500)));
    Ok(())
}

#[tokio::test]
async fn a_coupon_is_sent_looked_up_sent_again_and_cancelled() -> Result<()> {
    let desk = Desk::open().await?;
    issue(&desk, &request(TR_ID)?).await?;
    let coupon = found(&desk, TR_ID).await?;
    assert_eq!((&coupon.status, coupon.sell_price), (&PinStatus::Issued, Some(Won(4_500))));
    assert!(coupon.is_for(&GoodsCode::parse("G00000000001")?, &PhoneNumber::parse("01000000000")?));
    assert_eq!(desk.send(&request(TR_ID)?).await, SendOutcome::Duplicate);

    assert_eq!(desk.resend(TR_ID, ResendBy::Sms).await?, ResendOutcome::Accepted);
    assert_eq!(desk.resend(TR_ID, ResendBy::Mms).await?, ResendOutcome::Refused, "five minutes have not passed");
    desk.sim.advance_clock(SignedDuration::from_mins(5));
    assert_eq!(desk.resend(TR_ID, ResendBy::Mms).await?, ResendOutcome::Accepted);
    let sms: Vec<bool> = desk.sim.ledger().entries[0].resends.iter().map(|resend| resend.sms).collect();
    assert_eq!(sms, [true, false]);

    assert_eq!(desk.cancel(TR_ID).await?, CancelOutcome::Cancelled);
    assert_eq!(desk.cancel(TR_ID).await?, CancelOutcome::Cancelled, "a second one does no harm");
    assert_eq!(found(&desk, TR_ID).await?.status, PinStatus::Cancelled);
    assert_eq!(desk.resend(TR_ID, ResendBy::Mms).await?, ResendOutcome::Refused);
    let ledger = desk.sim.ledger();
    assert_eq!((ledger.live, ledger.cancelled, ledger.balance), (0, 1, ledger.balance_start));
    Ok(())
}

#[tokio::test]
async fn a_reserved_coupon_waits_for_its_time_and_expires_after_thirty_days() -> Result<()> {
    let desk = Desk::open().await?;
    let now = Timestamp::now();
    let in_an_hour = ReservedTime::at(now + SignedDuration::from_hours(1), now)?;
    let options = SendOptions {
        reserved: Some(in_an_hour),
        template_id: Some(TemplateId::parse("T1")?),
        banner_id: Some(BannerId::parse("B1")?),
    };
    let order_no = Some(OrderNo::parse("order-1")?);
    for tr_id in ["kept", "dropped"] {
        issue(&desk, &SendRequest { options: options.clone(), order_no: order_no.clone(), ..request(tr_id)? }).await?;
    }
    assert_eq!(desk.sim.ledger().reserved, 2);
    assert_eq!(found(&desk, "kept").await?.status.standing(), Standing::Ambiguous, "nobody has it yet");
    assert_eq!(desk.resend("kept", ResendBy::Mms).await?, ResendOutcome::NothingToResend);
    assert_eq!(desk.cancel("dropped").await?, CancelOutcome::Cancelled);

    desk.sim.advance_clock(SignedDuration::from_hours(1));
    assert_eq!(found(&desk, "kept").await?.status.standing(), Standing::Live);
    desk.sim.advance_clock(SignedDuration::from_hours(32 * 24));
    assert_eq!(found(&desk, "kept").await?.status, PinStatus::Expired);
    assert_eq!(desk.cancel("kept").await?, CancelOutcome::NotCancellable);
    let ledger = desk.sim.ledger();
    assert_eq!((ledger.expired, ledger.cancelled, ledger.sent_won()), (1, 1, 4_500));
    Ok(())
}

#[tokio::test]
async fn every_way_of_saying_that_there_is_no_such_coupon_is_understood() -> Result<()> {
    for choice in [UnknownTrId::Err0214, UnknownTrId::Coupon0004, UnknownTrId::NoContent, UnknownTrId::EmptyList] {
        let config = SimConfig { cancel_unknown_tr_id: choice, lookup_unknown_tr_id: choice, ..SimConfig::default() };
        let desk = Desk::with(config).await?;
        assert_eq!(desk.coupon(TR_ID).await?, CouponOutcome::NotFound, "{choice:?}");
        assert_eq!(desk.cancel(TR_ID).await?, CancelOutcome::NotFound, "{choice:?}");
        assert_eq!(desk.ask(Api::FailedSendCancel).await?, "NotFound", "{choice:?}");
    }
    Ok(())
}

#[tokio::test]
async fn money_that_was_taken_for_nothing_comes_back_once() -> Result<()> {
    let desk = Desk::ready_for(Api::FailedSendCancel).await?;
    assert_eq!(desk.sim.ledger().failed_won, 4_500);
    assert_eq!(desk.coupon(TR_ID).await?, CouponOutcome::NotFound);
    for _ in 0..2 {
        assert_eq!(desk.ask(Api::FailedSendCancel).await?, "TakenBack");
    }
    assert_eq!(desk.sim.ledger().balance, desk.sim.ledger().balance_start);

    let desk = Desk::ready_for(Api::Cancel).await?;
    assert_eq!(desk.ask(Api::FailedSendCancel).await?, "Issued", "a coupon is not a failed send");
    assert_eq!(desk.sim.ledger().live, 1);
    Ok(())
}
