//! The table `recipients` as people write it: `user_key`, `phone`, `expires_at`, and the digests by which it is searched.

use std::collections::HashMap;
use std::fmt;

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, ReturnValue, WriteRequest};
use payout::{Moment, UserKey};
use secrecy::{ExposeSecret, SecretString};

use crate::batch_get::batch_get;
use crate::error::StoreError;
use crate::host::{Host, Machine};
use crate::payouts::Item;
use crate::recipient_key::Digests;
use crate::recipients::RecipientsTable;

/// Most rows that BatchWriteItem takes.
const MOST_WRITES: usize = 25;
/// It may leave rows unwritten when it is throttled; asked again this often, later and later.
const MOST_ROUNDS: u32 = 6;

/// Who stands behind a user key. `Debug` shows nothing of the number.
#[derive(Clone)]
pub struct Registration {
    /// Bleepy's key.
    pub user_key: UserKey,
    /// The number, digits only.
    pub phone: SecretString,
    /// When it is forgotten; `None` if never.
    pub expires_at: Option<Moment>,
    /// By which it is found; `None` if the row was written without.
    pub digests: Option<Digests>,
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

impl PartialEq for Registration {
    fn eq(&self, other: &Self) -> bool {
        // The table counts seconds.
        let seconds = |one: &Self| one.expires_at.map(Moment::as_seconds);
        self.user_key == other.user_key
            && self.phone.expose_secret() == other.phone.expose_secret()
            && seconds(self) == seconds(other)
            && self.digests == other.digests
    }
}

/// By which digest recipients are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Searched {
    /// Of the whole number.
    Phone,
    /// Of its last four digits.
    LastFour,
}

/// Reads registrations.
pub trait ReadRegistrations {
    /// Those that there are, in no order (consistent reads, one request per 100). Expired ones, too.
    fn registrations(&self, users: &[UserKey]) -> impl Future<Output = Result<Vec<Registration>, StoreError>>;
}

/// Writes registrations.
pub trait WriteRegistrations {
    /// Writes these, whatever was there: `dynamodb:BatchWriteItem`.
    fn register(&self, registrations: &[Registration]) -> impl Future<Output = Result<(), StoreError>>;
    /// Deletes one; whether there was one.
    fn unregister(&self, user: &UserKey) -> impl Future<Output = Result<bool, StoreError>>;
}

/// Finds who has a phone number.
pub trait FindRegistered {
    /// At most `most` user keys with this digest. The index may lag behind the table.
    fn registered(
        &self,
        by: Searched,
        digest: &str,
        most: u8,
    ) -> impl Future<Output = Result<Vec<UserKey>, StoreError>>;
}

fn item_of(registration: &Registration) -> Item {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let mut item = Item::from([
        ("user_key".to_owned(), text(registration.user_key.as_str())),
        ("phone".to_owned(), text(registration.phone.expose_secret())),
    ]);
    if let Some(at) = registration.expires_at {
        item.insert("expires_at".to_owned(), AttributeValue::N(at.as_seconds().to_string()));
    }
    if let Some(Digests { phone, last_four }) = &registration.digests {
        item.extend([("phone_digest".to_owned(), text(phone)), ("last_four_digest".to_owned(), text(last_four))]);
    }
    item
}

fn registration_of(item: &Item) -> Option<Registration> {
    let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok());
    let digests = text("phone_digest").zip(text("last_four_digest"));
    Some(Registration {
        user_key: UserKey::try_from(text("user_key")?.clone()).ok()?,
        phone: SecretString::from(text("phone")?.as_str()),
        expires_at: match item.get("expires_at") {
            Some(at) => Some(Moment::from_seconds(at.as_n().ok()?.parse().ok()?)),
            None => None,
        },
        digests: digests.map(|(phone, last)| Digests { phone: phone.clone(), last_four: last.clone() }),
    })
}

fn malformed(why: &str) -> StoreError {
    StoreError::Malformed { table: "recipients", why: why.to_owned() }
}

impl ReadRegistrations for RecipientsTable {
    async fn registrations(&self, users: &[UserKey]) -> Result<Vec<Registration>, StoreError> {
        let keys = users.iter().map(UserKey::as_str);
        let items = batch_get(&self.client, &self.name, "user_key", keys).await?;
        let read = |item: &Item| {
            registration_of(item).ok_or_else(|| malformed("a row without a phone, or with another expiry than seconds"))
        };
        items.iter().map(read).collect()
    }
}

impl WriteRegistrations for RecipientsTable {
    async fn register(&self, registrations: &[Registration]) -> Result<(), StoreError> {
        let mut missing = Vec::new();
        for registration in registrations {
            let put = PutRequest::builder().set_item(Some(item_of(registration))).build();
            let put = put.map_err(|error| malformed(&error.to_string()))?;
            missing.push(WriteRequest::builder().put_request(put).build());
        }
        let (mut round, rounds) = (0, missing.len().div_ceil(MOST_WRITES));
        let mut left_over = 0;
        while !missing.is_empty() {
            if round >= rounds && left_over >= MOST_ROUNDS {
                return Err(StoreError::Unavailable {
                    operation: "BatchWriteItem",
                    code: "rows left unwritten".into(),
                });
            }
            let asked = missing.split_off(missing.len().saturating_sub(MOST_WRITES));
            let request = self.client.batch_write_item().request_items(&self.name, asked);
            let answer = request.send().await.map_err(|error| StoreError::unavailable("BatchWriteItem", &error))?;
            let before = missing.len();
            missing.extend(answer.unprocessed_items.unwrap_or_default().into_values().flatten());
            round += 1;
            if missing.len() > before {
                left_over += 1;
                Machine.sleep(std::time::Duration::from_millis(50 << left_over.min(MOST_ROUNDS))).await;
            }
        }
        Ok(())
    }

    async fn unregister(&self, user: &UserKey) -> Result<bool, StoreError> {
        let request = self.client.delete_item().table_name(&self.name).return_values(ReturnValue::AllOld);
        let request = request.key("user_key", AttributeValue::S(user.as_str().to_owned()));
        let answer = request.send().await.map_err(|error| StoreError::unavailable("DeleteItem", &error))?;
        Ok(answer.attributes.is_some_and(|item| !item.is_empty()))
    }
}

impl FindRegistered for RecipientsTable {
    async fn registered(&self, by: Searched, digest: &str, most: u8) -> Result<Vec<UserKey>, StoreError> {
        let (index, key) = match by {
            Searched::Phone => ("by_phone", "phone_digest"),
            Searched::LastFour => ("by_last_four", "last_four_digest"),
        };
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .index_name(index)
            .key_condition_expression("#key = :digest")
            .set_expression_attribute_names(Some(HashMap::from([("#key".to_owned(), key.to_owned())])))
            .expression_attribute_values(":digest", AttributeValue::S(digest.to_owned()))
            .limit(i32::from(most))
            .send()
            .await
            .map_err(|error| StoreError::unavailable("Query", &error))?;
        let user = |item: &Item| UserKey::try_from(item.get("user_key")?.as_s().ok()?.clone()).ok();
        Ok(answer.items.unwrap_or_default().iter().filter_map(user).collect())
    }
}
