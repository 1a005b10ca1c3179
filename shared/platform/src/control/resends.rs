use std::time::Duration;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::types::AttributeValue;
use payout::{Moment, TrId};

use super::{ControlTable, key};
use crate::error::StoreError;
use crate::payouts::Item;

/// A resend counts on its Korean day: the row may go a while later.
const KEPT: Duration = Duration::from_hours(48);

/// Remembers when the message of a coupon was sent again, so that two who want it at once do not both have it sent.
pub trait LimitResends {
    /// When it was, oldest first, for two days (a consistent read).
    fn resends(&self, tr_id: &TrId) -> impl Future<Output = Result<Vec<Moment>, StoreError>>;
    /// Notes another one, on condition that nobody has noted one since `before` was read. Whether nobody had.
    fn note_resend(
        &self,
        tr_id: &TrId,
        before: &[Moment],
        now: Moment,
    ) -> impl Future<Output = Result<bool, StoreError>>;
}

fn name(tr_id: &TrId) -> String {
    format!("resend/{tr_id}")
}

impl LimitResends for ControlTable {
    async fn resends(&self, tr_id: &TrId) -> Result<Vec<Moment>, StoreError> {
        let request = self.client.get_item().table_name(&self.name).consistent_read(true);
        let answer = request.set_key(Some(key(name(tr_id)))).send().await;
        let item = answer.map_err(|error| StoreError::unavailable("GetItem", &error))?.item;
        item.as_ref().map_or_else(|| Ok(Vec::new()), resends_of)
    }

    async fn note_resend(&self, tr_id: &TrId, before: &[Moment], now: Moment) -> Result<bool, StoreError> {
        let kept = before.iter().copied().filter(|at| now.since(*at) < KEPT).chain([now]);
        let all = kept.map(|at| AttributeValue::S(at.to_string())).collect();
        let mut item = key(name(tr_id));
        item.insert("at".to_owned(), AttributeValue::L(all));
        item.insert("latest".to_owned(), AttributeValue::S(now.to_string()));
        item.insert("expires_at".to_owned(), AttributeValue::N(now.after(KEPT).as_seconds().to_string()));
        let request = self.client.put_item().table_name(&self.name).set_item(Some(item));
        let request = match before.last() {
            Some(latest) => request
                .condition_expression("latest = :latest")
                .expression_attribute_values(":latest", AttributeValue::S(latest.to_string())),
            None => request.condition_expression("attribute_not_exists(latest)"),
        };
        match request.send().await {
            Ok(_) => Ok(true),
            Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => Ok(false),
            Err(error) => Err(StoreError::unavailable("PutItem", &error)),
        }
    }
}

fn resends_of(item: &Item) -> Result<Vec<Moment>, StoreError> {
    let moments = || -> Option<Vec<Moment>> {
        item.get("at")?.as_l().ok()?.iter().map(|at| at.as_s().ok()?.parse().ok()).collect()
    };
    let malformed = || StoreError::Malformed { table: "control", why: "a row resend/… holds no moments".to_owned() };
    moments().ok_or_else(malformed)
}
