use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure as OldItem};
use operation::{MoneyDay, MoneyView, OrderId};
use payout::{Krw, Moment, TrId, korean_day};
use serde::{Deserialize, Serialize};

use super::{ControlTable, key};
use crate::batch_get::batch_get;
use crate::error::StoreError;
use crate::payouts::Item;

/// Snapshots whose spending says how long the balance lasts.
const MEDIAN_OF: usize = 14;
/// Days that [`ReadMoney`] goes back at most: one request.
const MOST_DAYS: u16 = 99;
const DAY: Duration = Duration::from_hours(24);

/// The balance on the morning of a Korean day, and what the rows said of it. One row of `control`, for ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// What people see of it; its `topped_up` and `difference` are those of the moment when it was taken, see
    /// [`Self::seen`].
    pub money: MoneyDay,
    /// Since when it counts: the moment of the snapshot before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Moment>,
    /// Whether something moved while it was taken, so that its difference may be none.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub doubtful: bool,
    /// Days of which rows can still cost or give back money, and what these rows had cost by then: what the next snapshot
    /// is compared with.
    #[serde(default)]
    pub open: BTreeMap<String, OpenDay>,
    /// Top-ups that a person has confirmed, by the order that said so.
    #[serde(skip)]
    pub top_ups: BTreeMap<String, Krw>,
}

/// What rows that were recorded on one Korean day had cost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenDay {
    /// Won of all coupons that were ever issued.
    pub issued: Krw,
    /// Won of those that were cancelled.
    pub cancelled: Krw,
    /// The only rows of that day that can still move money, and what each of them counts in the two sums above; `None` if
    /// they are many, so that the whole day is read again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<BTreeMap<TrId, (Krw, Krw)>>,
}

/// Reads the snapshots.
pub trait ReadMoney {
    /// The snapshots of the last `days` Korean days (at most 99), the day of `now` included, newest first; days without one
    /// are left out. One request, consistent.
    fn snapshots(&self, now: Moment, days: u16) -> impl Future<Output = Result<Vec<Snapshot>, StoreError>>;
    /// What the daily budget has counted on the Korean day of `now`.
    fn counted_today(&self, now: Moment) -> impl Future<Output = Result<Krw, StoreError>>;
}

/// Writes them.
pub trait KeepMoney {
    /// Keeps the snapshot, on condition that its day has none. Whether it had none, or an earlier try of the same had won.
    fn keep_snapshot(&self, snapshot: &Snapshot) -> impl Future<Output = Result<bool, StoreError>>;
}

/// Confirms that money was paid in.
pub trait ConfirmTopUp {
    /// Writes the top-up to the snapshot of this Korean day (`2026-11-22`), once for each order.
    fn top_up(&self, day: &str, order: &OrderId, amount: Krw) -> impl Future<Output = Result<ToppedUp, StoreError>>;
}

/// What came of confirming a top-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToppedUp {
    /// It is written, now or by an earlier try of the same order.
    Done,
    /// That day has no snapshot.
    NoSuchDay,
}

impl Snapshot {
    /// What people see, with the top-ups that were confirmed since.
    pub fn seen(&self) -> MoneyDay {
        let topped_up = self.top_ups.values().fold(0, |sum: u64, won| sum.saturating_add(won.0));
        let difference = self.money.difference.map(|won| won.saturating_sub_unsigned(topped_up));
        MoneyDay { topped_up: Krw(topped_up), difference, ..self.money.clone() }
    }

    /// What was spent, in won a day, since the snapshot before; `None` for the first.
    fn spent_a_day(&self) -> Option<u64> {
        let took = self.money.at.since(self.since?);
        let spent = u128::from(self.money.issued.0.saturating_sub(self.money.cancelled.0));
        let a_day = spent * DAY.as_millis() / took.as_millis().max(1);
        Some(u64::try_from(a_day).unwrap_or(u64::MAX))
    }
}

/// For how many days this balance lasts, at the median of the last 14 snapshots' spending a day (newest first); `None` if
/// nothing is known or was spent.
pub fn lasts_days(balance: Krw, snapshots: &[Snapshot]) -> Option<u64> {
    let mut spent: Vec<u64> = snapshots.iter().filter_map(Snapshot::spent_a_day).take(MEDIAN_OF).collect();
    spent.sort_unstable();
    let median = match spent.len() {
        0 => return None,
        odd if odd % 2 == 1 => spent[odd / 2],
        even => spent[even / 2 - 1].midpoint(spent[even / 2]),
    };
    (median > 0).then(|| balance.0 / median)
}

/// What people see of these snapshots, newest first.
pub fn money_view(snapshots: &[Snapshot], budget_left: Option<Krw>) -> MoneyView {
    let lasts_days = snapshots.first().and_then(|newest| lasts_days(newest.money.balance, snapshots));
    MoneyView { days: snapshots.iter().map(Snapshot::seen).collect(), lasts_days, budget_left }
}

/// The row as it is written.
#[derive(Serialize, Deserialize)]
struct SnapshotRow {
    name: String,
    snapshot: Snapshot,
    /// Beside it, so that a top-up needs to know nothing else of the row.
    top_ups: BTreeMap<String, Krw>,
}

fn name_of(day: &str) -> String {
    format!("money/{day}")
}

impl ReadMoney for ControlTable {
    async fn snapshots(&self, now: Moment, days: u16) -> Result<Vec<Snapshot>, StoreError> {
        let day = |back: u16| name_of(&korean_day(now.before(DAY * u32::from(back))).to_string());
        let names: Vec<String> = (0..days.min(MOST_DAYS)).map(day).collect();
        let items = batch_get(&self.client, &self.name, "name", names.iter().map(String::as_str)).await?;
        let mut snapshots = items.into_iter().map(snapshot_of).collect::<Result<Vec<_>, _>>()?;
        snapshots.sort_unstable_by_key(|snapshot| std::cmp::Reverse(snapshot.money.at));
        Ok(snapshots)
    }

    async fn counted_today(&self, now: Moment) -> Result<Krw, StoreError> {
        let name = format!("count/won/{}", korean_day(now));
        let items = batch_get(&self.client, &self.name, "name", std::iter::once(name.as_str())).await?;
        let counted = |item: &Item| item.get("counted")?.as_n().ok()?.parse().ok();
        Ok(Krw(items.first().and_then(counted).unwrap_or_default()))
    }
}

impl KeepMoney for ControlTable {
    async fn keep_snapshot(&self, snapshot: &Snapshot) -> Result<bool, StoreError> {
        let name = name_of(&snapshot.money.day);
        let row = SnapshotRow { name, snapshot: snapshot.clone(), top_ups: snapshot.top_ups.clone() };
        let item = serde_dynamo::to_item(&row).map_err(|error| malformed(&snapshot.money.day, &error))?;
        let request = self.client.put_item().table_name(&self.name).set_item(Some(item));
        let request = request
            .condition_expression("attribute_not_exists(#name)")
            .expression_attribute_names("#name", "name")
            .return_values_on_condition_check_failure(OldItem::AllOld);
        match request.send().await {
            Ok(_) => Ok(true),
            Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => {
                let PutItemError::ConditionalCheckFailedException(failed) = error.into_err() else { return Ok(false) };
                // An earlier try of the same is left as it is: top-ups may have been confirmed since.
                let there = failed.item.and_then(|item| snapshot_of(item).ok());
                Ok(there.is_some_and(|there| there.money.at == snapshot.money.at))
            }
            Err(error) => Err(StoreError::unavailable("PutItem", &error)),
        }
    }
}

impl ConfirmTopUp for ControlTable {
    async fn top_up(&self, day: &str, order: &OrderId, amount: Krw) -> Result<ToppedUp, StoreError> {
        let request = self.client.update_item().table_name(&self.name).set_key(Some(key(name_of(day))));
        // The same order says the same amount: written twice, it is one.
        let request = request
            .update_expression("SET top_ups.#order = :amount")
            .condition_expression("attribute_exists(#name)")
            .expression_attribute_names("#order", order.as_str())
            .expression_attribute_names("#name", "name")
            .expression_attribute_values(":amount", AttributeValue::N(amount.0.to_string()))
            .return_values_on_condition_check_failure(OldItem::None);
        match request.send().await {
            Ok(_) => Ok(ToppedUp::Done),
            Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => {
                Ok(ToppedUp::NoSuchDay)
            }
            Err(error) => Err(StoreError::unavailable("UpdateItem", &error)),
        }
    }
}

fn snapshot_of(item: Item) -> Result<Snapshot, StoreError> {
    let row: SnapshotRow = serde_dynamo::from_item(item).map_err(|error| malformed("money", &error))?;
    Ok(Snapshot { top_ups: row.top_ups, ..row.snapshot })
}

fn malformed(row: &str, error: &serde_dynamo::Error) -> StoreError {
    StoreError::malformed("control", row, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(day: u8, balance: u64, spent: u64) -> Snapshot {
        let at: Moment = format!("2026-11-{day:02}T21:00:00Z").parse().unwrap();
        Snapshot {
            money: MoneyDay {
                day: format!("2026-11-{:02}", day + 1),
                at,
                balance: Krw(balance),
                issued: Krw(spent + 500),
                cancelled: Krw(500),
                topped_up: Krw(0),
                difference: Some(0),
                explanations: Vec::new(),
            },
            since: Some(at.before(DAY)),
            doubtful: false,
            open: BTreeMap::new(),
            top_ups: BTreeMap::new(),
        }
    }

    #[test]
    fn the_balance_lasts_as_long_as_the_median_of_the_last_days_allows() {
        let days = [snapshot(9, 100_000, 10_000), snapshot(8, 0, 900_000), snapshot(7, 0, 5_000)];
        assert_eq!(lasts_days(Krw(100_000), &days), Some(10), "one wild day changes nothing");
        assert_eq!(lasts_days(Krw(100_000), &days[1..]), Some(0));
        assert_eq!(lasts_days(Krw(100_000), &[snapshot(9, 0, 0)]), None, "nothing is spent");
        assert_eq!(lasts_days(Krw(100_000), &[]), None);
        let two_days = Snapshot { since: Some(days[0].money.at.before(DAY * 2)), ..days[0].clone() };
        assert_eq!(lasts_days(Krw(100_000), &[two_days]), Some(20), "a day was left out");
    }

    #[test]
    fn a_confirmed_top_up_explains_the_difference() {
        let mut more = snapshot(9, 0, 0);
        more.money.difference = Some(1_000_000);
        assert_eq!(more.seen().difference, Some(1_000_000));
        more.top_ups.insert("order".to_owned(), Krw(1_000_000));
        assert_eq!((more.seen().topped_up, more.seen().difference), (Krw(1_000_000), Some(0)));
    }

    #[test]
    fn a_snapshot_is_read_back_as_it_was_written() {
        let rows = BTreeMap::from([(TrId::try_from("bg_1".to_owned()).unwrap(), (Krw(1), Krw(2)))]);
        let open = OpenDay { issued: Krw(3), cancelled: Krw(4), rows: Some(rows) };
        let day = Snapshot { open: BTreeMap::from([("2026-11-09".to_owned(), open)]), ..snapshot(9, 1, 2) };
        let row = SnapshotRow { name: name_of("2026-11-10"), snapshot: day.clone(), top_ups: BTreeMap::new() };
        let item: Item = serde_dynamo::to_item(&row).unwrap();
        assert_eq!(snapshot_of(item).unwrap(), day);
    }
}
