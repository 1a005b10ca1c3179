use std::collections::HashMap;

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Put, ReturnValuesOnConditionCheckFailure as OldItem, TransactWriteItem, Update,
};

use super::expression::{Change, IS_NEW, Item, change, count, item_of, note};
use super::{PayoutsTable, Write};
use crate::error::StoreError;
use crate::{control, coupons};

/// Counters and buried attempts stand in the table `control` beside the line.
const COUNT: &str = "count/";
const BURIED: &str = "buried/";

/// One write of a transaction, in DynamoDB's words.
pub(super) fn transact_item(tables: &PayoutsTable, write: &Write) -> Result<TransactWriteItem, StoreError> {
    let item = match write {
        Write::Put(attempt) => put(&tables.name, item_of(attempt)?, Some(IS_NEW)),
        Write::Change { before, after } => update(&tables.name, tr_id(before.tr_id.as_str()), change(before, after)?),
        Write::NoteDuplicate { tr_id: id, at } => update(&tables.name, tr_id(id.as_str()), note(at.to_string())),
        Write::LineIsOpen => check(tables.control()?, control::line_key(), control::IS_OPEN),
        Write::Count(counted) => {
            update(tables.control()?, control::key(format!("{COUNT}{}", counted.counter)), count(counted))
        }
        Write::Bury(id) => put(tables.control()?, control::key(format!("{BURIED}{id}")), None),
        Write::NotBuried(id) => {
            check(tables.control()?, control::key(format!("{BURIED}{id}")), "attribute_not_exists(#name)")
        }
        Write::KeepCoupon(coupon) => put(tables.coupons()?, coupons::item_of(coupon), None),
    };
    item.map_err(|error| StoreError::Malformed { table: "payouts", why: error.to_string() })
}

impl PayoutsTable {
    fn control(&self) -> Result<&str, StoreError> {
        self.control.as_deref().ok_or_else(|| missing("control"))
    }

    fn coupons(&self) -> Result<&str, StoreError> {
        self.coupons.as_deref().ok_or_else(|| missing("coupons"))
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

fn check(table: &str, key: Item, condition: &str) -> Result<TransactWriteItem, BuildError> {
    let check = ConditionCheck::builder().table_name(table).set_key(Some(key)).condition_expression(condition);
    // `name` is a word of DynamoDB's own.
    let names = condition.contains("#name").then(|| HashMap::from([("#name".to_owned(), "name".to_owned())]));
    Ok(TransactWriteItem::builder().condition_check(check.set_expression_attribute_names(names).build()?).build())
}
