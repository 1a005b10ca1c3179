//! Who did what: found by all that it is asked by, and written with the row or not at all.

use std::time::Duration;

use anyhow::Result;
use local::dynamodb::DbFault;
use payout::{Moment, State};
use platform::{
    AuditLine, AuditTable, ReadAudit as _, ReadPayout as _, Refusal, StoreError, Write, WriteAudit as _,
    WritePayouts as _, Written,
};
use serde_json::json;

use crate::FAULTS;
use crate::stores::Local;
use crate::wins::{change, moment, win};

fn line(order: &str, step: &str, at: Moment, about: &str) -> AuditLine {
    let record = json!({ "who": "anna", "roles": ["cs"], "cost": 4_230, "reason": null, "step": step });
    AuditLine::new(order, step, at, at.after(Duration::from_hours(24)), record).about(Some(about.to_owned()))
}

/// A whole day, a page after the other.
async fn day(audit: &AuditTable, day: &str, most: u8) -> Result<Vec<AuditLine>> {
    let (mut lines, mut before) = (Vec::new(), None);
    loop {
        let page = audit.of_day(day, before.as_deref(), most).await?;
        let is_last = page.len() < usize::from(most);
        before = page.last().map(|line| line.at_order.clone());
        lines.extend(page);
        if is_last {
            return Ok(lines);
        }
    }
}

#[tokio::test]
async fn who_did_what_is_found_by_order_by_day_and_by_whom_it_is_about() -> Result<()> {
    let local = Local::start().await?;
    let audit = local.audit();
    // A minute apart, on both sides of midnight in Korea; the last two of each day at one moment.
    let minutes = [1, 2, 3, 4, 5, 5, 6, 7, 8, 9, 10, 10];
    let at = |minute: u64| moment("2026-11-22T14:54:00.000Z").after(Duration::from_mins(minute));
    let mut lines = Vec::new();
    for (number, minute) in minutes.into_iter().enumerate() {
        let (order, step) = (format!("order-{}", number / 3), ["intended", "done", "refused/1"][number % 3]);
        lines.push(line(&order, step, at(minute), ["bg_1", "", "bg_2"][number % 3]));
    }
    for line in &lines {
        assert!(audit.record(line).await?, "{}", line.at_order);
    }
    // A step is recorded once, whatever somebody says of it later.
    assert!(!audit.record(&AuditLine { record: json!("another"), ..lines[0].clone() }).await?);

    let mut order = audit.of_order("order-1").await?;
    order.sort_by(|one, other| one.at_order.cmp(&other.at_order));
    assert_eq!(order, lines[3..6]);
    assert_eq!(audit.of_order("order").await?, []);

    for most in [1, 3, 4, 100] {
        for (date, of_day) in [("2026-11-22", &lines[..6]), ("2026-11-23", &lines[6..]), ("2026-11-24", &lines[..0])] {
            let newest_first: Vec<AuditLine> = of_day.iter().rev().cloned().collect();
            assert_eq!(day(&audit, date, most).await?, newest_first, "{date}, pages of {most}");
        }
    }

    let about = |tr_id: &str| -> Vec<AuditLine> {
        lines.iter().filter(|line| line.about.as_deref() == Some(tr_id)).cloned().collect()
    };
    assert_eq!(audit.about("bg_2", 100).await?, about("bg_2"));
    assert_eq!(audit.about("bg_1", 3).await?, about("bg_1")[1..], "the latest, oldest first");
    assert_eq!(audit.about("nobody", 100).await?, []);
    local.stack.shutdown().await;
    Ok(())
}

#[tokio::test]
async fn records_that_are_more_than_one_answer_holds_are_all_found() -> Result<()> {
    let local = Local::start().await?;
    let audit = local.audit();
    let mut lines = Vec::new();
    for number in 0..5 {
        let at = moment("2026-11-22T03:00:00.000Z").after(Duration::from_mins(number));
        // Three of these are a megabyte, and that is all that an answer holds.
        let line = line("order", &number.to_string(), at, "bg_1");
        lines.push(AuditLine { record: json!("x".repeat(350_000)), ..line });
    }
    for line in &lines {
        assert!(audit.record(line).await?);
    }
    let same = |found: &[AuditLine]| found.iter().map(|line| line.step.clone()).collect::<Vec<_>>();
    assert_eq!(same(&audit.of_order("order").await?), ["0", "1", "2", "3", "4"]);
    assert_eq!(same(&audit.about("bg_1", 100).await?), ["0", "1", "2", "3", "4"]);
    assert_eq!(same(&audit.of_day("2026-11-22", None, 4).await?), ["4", "3", "2", "1"]);
    assert_eq!(same(&day(&audit, "2026-11-22", 100).await?), ["4", "3", "2", "1", "0"]);
    local.stack.shutdown().await;
    Ok(())
}

#[tokio::test]
async fn a_row_that_is_not_changed_leaves_no_record_and_what_is_recorded_already_changes_no_row() -> Result<()> {
    let local = Local::start().await?;
    let (payouts, audit) = (local.payouts(), local.audit());
    let at = moment("2026-11-22T08:00:00.000Z");
    let row = win("anna", 1, at);
    let granted = [Write::Put(row.clone()), Write::Audit(line("first", "done", at, row.tr_id.as_str()))];
    assert_eq!(payouts.write(&granted).await?, Written::Done);
    let closed = |order: &str| {
        [change(&row, |row| row.state = State::Closed), Write::Audit(line(order, "done", at, row.tr_id.as_str()))]
    };
    let refused = |index, current| Refusal { index, current };

    // The step is recorded: an order is carried out once.
    assert_eq!(payouts.write(&closed("first")).await?, Written::Refused(vec![refused(1, None)]));
    assert_eq!(payouts.attempt(&row.tr_id).await?.as_ref(), Some(&row));

    let done = closed("second");
    assert_eq!(payouts.write(&done).await?, Written::Done);
    let now = payouts.attempt(&row.tr_id).await?;
    assert_eq!(now.as_ref().map(|row| row.state), Some(State::Closed));

    // Whoever still holds the row as it was.
    assert_eq!(payouts.write(&closed("third")).await?, Written::Refused(vec![refused(0, now.clone())]));
    assert_eq!(audit.of_order("third").await?, []);
    let both = Written::Refused(vec![refused(0, now.clone()), refused(1, None)]);
    assert_eq!(payouts.write(&closed("second")).await?, both);

    // The very same once more has won already.
    assert_eq!(payouts.write(&done).await?, Written::Done);
    assert_eq!(payouts.attempt(&row.tr_id).await?, now);
    let about = audit.about(row.tr_id.as_str(), 100).await?;
    assert_eq!(about.iter().map(|line| line.order.as_str()).collect::<Vec<_>>(), ["first", "second"]);
    local.stack.shutdown().await;
    Ok(())
}

#[tokio::test]
async fn whatever_happens_to_the_transaction_there_is_a_row_with_its_record_or_neither() -> Result<()> {
    let local = Local::start().await?;
    let (payouts, audit) = (local.payouts(), local.audit());
    let at = moment("2026-11-22T08:00:00.000Z");
    for (number, fault) in (1..).zip(FAULTS) {
        let row = win("anna", number, at);
        let order = format!("order-{number}");
        let writes = [Write::Put(row.clone()), Write::Audit(line(&order, "done", at, row.tr_id.as_str()))];
        // More often than the SDK tries.
        local.script(fault, "TransactWriteItems", 20);
        let told = payouts.write(&writes).await;
        assert!(matches!(told, Err(StoreError::Unavailable { .. })), "{fault:?}: {told:?}");
        local.stack.dynamodb().clear_script();
        let is_there = payouts.attempt(&row.tr_id).await?.is_some();
        assert_eq!(is_there, matches!(fault, DbFault::ErrorAfterCommit | DbFault::DropAfterCommit), "{fault:?}");
        assert_eq!(audit.of_order(&order).await?.len(), usize::from(is_there), "{fault:?}: one without the other");

        assert_eq!(payouts.write(&writes).await?, Written::Done, "{fault:?}");
        assert_eq!(payouts.attempt(&row.tr_id).await?, Some(row), "{fault:?}");
        assert_eq!(audit.of_order(&order).await?.len(), 1, "{fault:?}");
    }
    local.stack.shutdown().await;
    Ok(())
}
