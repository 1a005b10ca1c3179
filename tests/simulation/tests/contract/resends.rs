//! Messages that are sent again: as many ask as like, and as many are sent as the rules say.

use std::time::Duration;

use anyhow::Result;
use local::dynamodb::DbFault;
use operation::{Facts, Seen, Standing, Way};
use payout::{Attempt, Gubun, Moment, Rules, State};
use platform::{ControlTable, LimitResends as _};
use serde_json::json;

use crate::stores::Local;
use crate::wins::{moment, win};

fn sent() -> Attempt {
    Attempt { state: State::Sent, gubun: Some(Gubun::Mms), ..win("anna", 1, moment("2026-11-22T08:00:00.000Z")) }
}

/// Somebody reads what was sent, asks the rules, and notes another one: whether they may send.
async fn may_send(control: &ControlTable, row: &Attempt, now: Moment) -> Result<bool> {
    let resent = control.resends(&row.tr_id).await?;
    let seen = Seen {
        standing: Standing::Live,
        status: None,
        same_goods: None,
        same_phone: None,
        valid_until: None,
        send_result_code: None,
    };
    let facts = Facts {
        attempt: row,
        seen: Some(&seen),
        reward: Ok(()),
        has_recipient: true,
        pin_kept: false,
        resent: &resent,
        now,
        rules: &Rules::default(),
    };
    Ok(facts.why_not(Way::Resend).is_none() && control.note_resend(&row.tr_id, &resent, now).await?)
}

#[tokio::test]
async fn of_all_who_ask_at_once_one_sends_every_five_minutes_and_three_times_on_a_korean_day() -> Result<()> {
    let local = Local::start().await?;
    let (control, row) = (local.control(), sent());
    // 23:46 in Korea; three ask every two minutes, each at the same time.
    let begin = moment("2026-11-22T14:46:00.000Z");
    let mut sent_at = Vec::new();
    for minute in (0..60).step_by(2) {
        let now = begin.after(Duration::from_mins(minute));
        let one = || may_send(&control, &row, now);
        let (a, b, c) = tokio::try_join!(one(), one(), one())?;
        let sent = [a, b, c].into_iter().filter(|sent| *sent).count();
        assert!(sent <= 1, "{sent} at once after {minute} minutes");
        sent_at.extend((sent == 1).then_some(minute));
    }
    // Midnight is after 14 minutes: it begins a day of three, and ends no five minutes.
    assert_eq!(sent_at, [0, 6, 12, 18, 24, 30]);
    let moments: Vec<Moment> = sent_at.iter().map(|minute| begin.after(Duration::from_mins(*minute))).collect();
    assert_eq!(control.resends(&row.tr_id).await?, moments);

    // Two days later what no rule asks for is forgotten.
    let later = begin.after(Duration::from_hours(49));
    assert!(may_send(&control, &row, later).await?);
    assert_eq!(control.resends(&row.tr_id).await?, [later]);
    let rows = local.stack.control();
    let kept = rows.iter().find(|kept| kept["name"] == json!(format!("resend/{}", row.tr_id))).unwrap();
    assert_eq!(kept["expires_at"], json!(later.after(Duration::from_hours(48)).as_seconds()));

    // Whoever does not learn that it is noted does not send: better once too few than twice.
    let latest = later.after(Duration::from_mins(5));
    local.script(DbFault::ErrorAfterCommit, "PutItem", 1);
    assert!(!may_send(&control, &row, latest).await?);
    assert_eq!(local.stack.dynamodb().pending_faults(), 0);
    assert_eq!(control.resends(&row.tr_id).await?, [later, latest]);
    local.stack.shutdown().await;
    Ok(())
}
