use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use payout::TrIdScheme;

use super::{ControlTable, key};
use crate::env::ConfigError;
use crate::error::StoreError;
use crate::payouts::Item;
use crate::telemetry::StartError;

/// The row of the scheme.
const NAMESPACE: &str = "namespace";

/// Pins how this environment makes its tr_ids: made otherwise, every win would be a new one.
pub trait PinScheme {
    /// The scheme that is pinned, which is this one if none was before. One request, two the first time.
    fn pin(&self, scheme: &TrIdScheme) -> impl Future<Output = Result<TrIdScheme, StoreError>>;

    /// For a function that makes tr_ids, before it does anything else. In the cloud it is also the function's first TLS
    /// handshake, made while there is a whole processor for it.
    fn start_with(&self, scheme: &TrIdScheme) -> impl Future<Output = Result<(), StartError>> {
        async {
            let pinned = self.pin(scheme).await;
            let pinned = pinned.map_err(|error| StartError::Needed(format!("the pinned namespace: {error}")))?;
            if pinned.prefix() != scheme.prefix() {
                return Err(differs("TR_ID_PREFIX", pinned.prefix()).into());
            }
            if pinned.namespace() != scheme.namespace() {
                return Err(differs("TR_ID_NAMESPACE", pinned.namespace()).into());
            }
            Ok(())
        }
    }
}

fn differs(name: &'static str, pinned: &str) -> ConfigError {
    let why = format!("must stay {pinned:?}, as this environment began: otherwise every win would be paid again");
    ConfigError::Malformed { name, why }
}

impl PinScheme for ControlTable {
    async fn pin(&self, scheme: &TrIdScheme) -> Result<TrIdScheme, StoreError> {
        let request = self.client.get_item().table_name(&self.name).consistent_read(true);
        let answer = request.set_key(Some(key(NAMESPACE.to_owned()))).send().await;
        if let Some(item) = answer.map_err(|error| StoreError::unavailable("GetItem", &error))?.item {
            return scheme_of(&item);
        }
        let mut item = key(NAMESPACE.to_owned());
        item.insert("prefix".to_owned(), AttributeValue::S(scheme.prefix().to_owned()));
        item.insert("namespace".to_owned(), AttributeValue::S(scheme.namespace().to_owned()));
        let request = self.client.put_item().table_name(&self.name).set_item(Some(item));
        let request = request
            .condition_expression("attribute_not_exists(#name)")
            .expression_attribute_names("#name", "name")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match request.send().await {
            Ok(_) => Ok(scheme.clone()),
            Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => {
                match error.into_err() {
                    PutItemError::ConditionalCheckFailedException(failed) => {
                        scheme_of(&failed.item.unwrap_or_default())
                    }
                    _ => Err(malformed()),
                }
            }
            Err(error) => Err(StoreError::unavailable("PutItem", &error)),
        }
    }
}

fn scheme_of(item: &Item) -> Result<TrIdScheme, StoreError> {
    let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str);
    TrIdScheme::new(text("prefix"), text("namespace")).map_err(|_| malformed())
}

fn malformed() -> StoreError {
    StoreError::Malformed { table: "control", why: "the row namespace holds no prefix or no namespace".to_owned() }
}
