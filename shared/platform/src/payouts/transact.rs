use std::collections::HashMap;

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Put, ReturnValuesOnConditionCheckFailure as OldItem, TransactWriteItem, Update,
};

use super::expression::{Change, IS_NEW, Item, change, item_of, note};
use super::{PayoutsTable, Write};
use crate::error::StoreError;
use crate::{audit, control, coupons};

/// One write of a transaction, in DynamoDB's words.
pub(super) fn transact_item(tables: &PayoutsTable, write: &Write) -> Result<TransactWriteItem, StoreError> {
    let item = match write {
        Write::Put(attempt) => put(&tables.name, item_of(attempt)?, Some(IS_NEW)),
        Write::Change { before, after } => update(&tables.name, tr_id(before.tr_id.as_str()), change(before, after)?),
        Write::NoteDuplicate { tr_id: id, times, at, seen } => {
            update(&tables.name, tr_id(id.as_str()), note(*times, at.to_string(), *seen))
        }
        Write::Absent { tr_id: id, payout_id } => is_absent(&tables.name, id.as_str(), payout_id.as_str()),
        Write::Bury(id) => put(tables.control()?, control::key(control::buried(id)), None),
        Write::KeepCoupon(coupon) => put(tables.coupons()?, coupons::item_of(coupon), None),
        Write::Audit(line) => record(tables.audit()?, line.item()?),
    };
    item.map_err(|error| StoreError::Malformed { table: "payouts", why: error.to_string() })
}

impl PayoutsTable {
    pub(super) fn control(&self) -> Result<&str, StoreError> {
        self.control.as_deref().ok_or_else(|| missing("control"))
    }

    fn coupons(&self) -> Result<&str, StoreError> {
        self.coupons.as_deref().ok_or_else(|| missing("coupons"))
    }

    fn audit(&self) -> Result<&str, StoreError> {
        self.audit.as_deref().ok_or_else(|| missing("audit"))
    }
}

fn missing(table: &'static str) -> StoreError {
    StoreError::Malformed { table, why: "this function was not given it".to_owned() }
}

fn tr_id(id: &str) -> Item {
    HashMap::from([("tr_id".to_owned(), AttributeValue::S(id.to_owned()))])
}

fn put(table: &str, item: Item, condition: Option<&str>) -> Result<TransactWriteItem, BuildError> {
    let put = Put::builder().table_name(table).set_item(Some(item));
    let put = put.set_condition_expression(condition.map(str::to_owned));
    let put = put.return_values_on_condition_check_failure(OldItem::AllOld).build()?;
    Ok(TransactWriteItem::builder().put(put).build())
}

fn record(table: &str, item: Item) -> Result<TransactWriteItem, BuildError> {
    let put = Put::builder().table_name(table).set_item(Some(item)).condition_expression(audit::IS_NEW);
    let put = put.expression_attribute_names(audit::ORDER.0, audit::ORDER.1).build()?;
    Ok(TransactWriteItem::builder().put(put).build())
}

fn update(table: &str, key: Item, change: Change) -> Result<TransactWriteItem, BuildError> {
    let update = Update::builder()
        .table_name(table)
        .set_key(Some(key))
        .update_expression(change.update)
        .condition_expression(change.condition)
        .set_expression_attribute_names(Some(change.names))
        .set_expression_attribute_values(Some(change.values))
        .return_values_on_condition_check_failure(OldItem::AllOld)
        .build()?;
    Ok(TransactWriteItem::builder().update(update).build())
}

fn is_absent(table: &str, id: &str, payout_id: &str) -> Result<TransactWriteItem, BuildError> {
    let check = ConditionCheck::builder()
        .table_name(table)
        .set_key(Some(tr_id(id)))
        .condition_expression("attribute_not_exists(tr_id) OR payout_id <> :payout_id")
        .expression_attribute_values(":payout_id", AttributeValue::S(payout_id.to_owned()))
        .return_values_on_condition_check_failure(OldItem::AllOld)
        .build()?;
    Ok(TransactWriteItem::builder().condition_check(check).build())
}
