use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, CancellationReason, ReturnValuesOnConditionCheckFailure as OldItem};
use payout::Attempt;

use super::expression::{Change, IS_NEW, Item, change, item_of, note};
use super::transact::transact_item;
use super::{PayoutsTable, Refusal, Write, Written, attempt_of};
use crate::error::StoreError;

/// Writes rows, each on its condition, all or none.
pub trait WritePayouts {
    /// One write is one request; several are one transaction of at most 100. A condition that failed because our own
    /// retried write had won already counts as [`Written::Done`] (rule 6).
    fn write(&self, writes: &[Write]) -> impl Future<Output = Result<Written, StoreError>>;
}

impl WritePayouts for PayoutsTable {
    async fn write(&self, writes: &[Write]) -> Result<Written, StoreError> {
        let refusals = match writes {
            [] => return Ok(Written::Done),
            [Write::Put(attempt)] => self.put(attempt).await?,
            [Write::Change { before, after }] => self.update(before.tr_id.as_str(), change(before, after)?).await?,
            [Write::NoteDuplicate { tr_id, times, at, seen }] => {
                self.update(tr_id.as_str(), note(*times, at.to_string(), *seen)).await?
            }
            several => self.transact(several).await?,
        };
        // What our own write put there shows that it, and with it the whole list, had won.
        let ours = |refusal: &Refusal| refusal.current.as_ref().is_some_and(|row| is_ours(row, &writes[refusal.index]));
        if refusals.iter().any(ours) || refusals.is_empty() {
            return Ok(Written::Done);
        }
        Ok(Written::Refused(refusals))
    }
}

fn is_ours(current: &Attempt, write: &Write) -> bool {
    match write {
        Write::Put(after) => current.accepted_by == after.accepted_by && current.payout_id == after.payout_id,
        Write::Change { after, .. } => current.owner == after.owner && current.state == after.state,
        Write::NoteDuplicate { .. }
        | Write::Absent { .. }
        | Write::Bury(_)
        | Write::KeepCoupon(_)
        | Write::Audit(_) => false,
    }
}

fn refused(index: usize, item: Option<Item>) -> Result<Vec<Refusal>, StoreError> {
    let item = item.filter(|item| !item.is_empty());
    Ok(vec![Refusal { index, current: item.map(attempt_of).transpose()? }])
}

impl PayoutsTable {
    async fn put(&self, attempt: &Attempt) -> Result<Vec<Refusal>, StoreError> {
        let request = self.client.put_item().table_name(&self.name).set_item(Some(item_of(attempt)?));
        let request = request.condition_expression(IS_NEW);
        match request.return_values_on_condition_check_failure(OldItem::AllOld).send().await {
            Ok(_) => Ok(Vec::new()),
            Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => {
                match error.into_err() {
                    PutItemError::ConditionalCheckFailedException(failed) => refused(0, failed.item),
                    _ => refused(0, None),
                }
            }
            Err(error) => Err(StoreError::unavailable("PutItem", &error)),
        }
    }

    async fn update(&self, tr_id: &str, change: Change) -> Result<Vec<Refusal>, StoreError> {
        let request = self.client.update_item().table_name(&self.name).key("tr_id", AttributeValue::S(tr_id.into()));
        let request = request
            .update_expression(change.update)
            .condition_expression(change.condition)
            .set_expression_attribute_names(Some(change.names))
            .set_expression_attribute_values(Some(change.values));
        match request.return_values_on_condition_check_failure(OldItem::AllOld).send().await {
            Ok(_) => Ok(Vec::new()),
            Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => {
                match error.into_err() {
                    UpdateItemError::ConditionalCheckFailedException(failed) => refused(0, failed.item),
                    _ => refused(0, None),
                }
            }
            Err(error) => Err(StoreError::unavailable("UpdateItem", &error)),
        }
    }

    async fn transact(&self, writes: &[Write]) -> Result<Vec<Refusal>, StoreError> {
        let items = writes.iter().map(|write| transact_item(self, write)).collect::<Result<Vec<_>, _>>()?;
        // The SDK adds a request token, so that its own retry of a transaction that was committed succeeds.
        match self.client.transact_write_items().set_transact_items(Some(items)).send().await {
            Ok(_) => Ok(Vec::new()),
            Err(SdkError::ServiceError(error)) if error.err().is_transaction_canceled_exception() => {
                match error.into_err() {
                    TransactWriteItemsError::TransactionCanceledException(cancelled) => {
                        refusals(writes, cancelled.cancellation_reasons.unwrap_or_default())
                    }
                    _ => Err(conflict("TransactionCanceledException")),
                }
            }
            Err(error) => Err(StoreError::unavailable("TransactWriteItems", &error)),
        }
    }
}

fn is_about_an_attempt(write: &Write) -> bool {
    matches!(write, Write::Put(_) | Write::Change { .. } | Write::NoteDuplicate { .. } | Write::Absent { .. })
}

fn conflict(code: &str) -> StoreError {
    StoreError::Unavailable { operation: "TransactWriteItems", code: code.to_owned() }
}

/// The failed conditions of a cancelled transaction. Any other reason (conflict, throttling) means: try again, whatever
/// the conditions said.
fn refusals(writes: &[Write], reasons: Vec<CancellationReason>) -> Result<Vec<Refusal>, StoreError> {
    let mut refusals = Vec::new();
    for (index, reason) in reasons.into_iter().enumerate() {
        match reason.code.as_deref() {
            None | Some("None") => {}
            Some("ConditionalCheckFailed") => {
                let is_attempt = writes.get(index).is_some_and(is_about_an_attempt);
                refusals.extend(refused(index, reason.item.filter(|_| is_attempt))?);
            }
            Some(other) => return Err(conflict(other)),
        }
    }
    if refusals.is_empty() { Err(conflict("TransactionCanceledException")) } else { Ok(refusals) }
}
