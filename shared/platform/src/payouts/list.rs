use std::collections::HashMap;
use std::fmt::{Display, Formatter};
use std::str::FromStr;

use aws_sdk_dynamodb::types::AttributeValue;
use payout::{Attempt, Moment, TrId, UserKey};

use super::expression::Item;
use super::{PayoutsTable, attempt_of};
use crate::batch_get::batch_get;
use crate::error::StoreError;

/// Lists the rows of a day, or of a winner, oldest first, a page at a time.
pub trait ListPayouts {
    /// At most `most` (1 to 100) rows that were recorded on one Korean day (`2026-11-22`), of one partition (0 to 3), after
    /// this place; and the place after which the next page begins, if there may be one. A page can be empty and have a next
    /// one. The index may lag behind the table; the rows themselves are read consistently.
    fn of_day(&self, day: &str, shard: u8, after: Option<&Place>, most: u8) -> impl Future<Output = Listed>;

    /// Likewise, the rows of one winner.
    fn of_user(&self, user_key: &UserKey, after: Option<&Place>, most: u8) -> impl Future<Output = Listed>;
}

/// A page of rows, and where the next one begins.
pub type Listed = Result<(Vec<Attempt>, Option<Place>), StoreError>;

/// Where a page of [`ListPayouts`] ended. As text: `2026-11-22T08:00:00.000Z/<tr_id>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// When the row of that place was recorded.
    pub accepted_at: Moment,
    /// The row.
    pub tr_id: TrId,
}

impl Display for Place {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.accepted_at, self.tr_id.as_str())
    }
}

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let (at, tr_id) = text.split_once('/').ok_or(NoPlace)?;
        let accepted_at = at.parse().map_err(|_| NoPlace)?;
        let tr_id = TrId::try_from(tr_id.to_owned()).map_err(|_| NoPlace)?;
        Ok(Self { accepted_at, tr_id })
    }
}

/// A text that is no [`Place`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not where a page ended: <moment>/<tr_id> is")]
pub struct NoPlace;

/// A partition of one of the indexes that are sorted by `accepted_at`.
struct Partition<'a> {
    index: &'static str,
    key: &'static str,
    value: &'a str,
}

impl ListPayouts for PayoutsTable {
    async fn of_day(&self, day: &str, shard: u8, after: Option<&Place>, most: u8) -> Listed {
        let value = format!("{day}/{shard}");
        self.listed(Partition { index: "by_day", key: "day_shard", value: &value }, after, most).await
    }

    async fn of_user(&self, user_key: &UserKey, after: Option<&Place>, most: u8) -> Listed {
        self.listed(Partition { index: "by_user", key: "user_key", value: user_key.as_str() }, after, most).await
    }
}

impl PayoutsTable {
    async fn listed(&self, of: Partition<'_>, after: Option<&Place>, most: u8) -> Listed {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let from = after.map(|place| {
            HashMap::from([
                (of.key.to_owned(), text(of.value)),
                ("accepted_at".to_owned(), AttributeValue::S(place.accepted_at.to_string())),
                ("tr_id".to_owned(), text(place.tr_id.as_str())),
            ])
        });
        let request = self.client.query().table_name(&self.name).index_name(of.index).set_exclusive_start_key(from);
        let answer = request
            .key_condition_expression("#partition = :partition")
            .expression_attribute_names("#partition", of.key)
            .expression_attribute_values(":partition", text(of.value))
            .limit(i32::from(most.clamp(1, 100)))
            .send()
            .await
            .map_err(|error| StoreError::unavailable("Query", &error))?;
        let next = answer.last_evaluated_key.filter(|key| !key.is_empty());
        let next = next.as_ref().map(place).transpose()?;
        let keys = answer.items.unwrap_or_default();
        let keys = keys.iter().map(place).collect::<Result<Vec<_>, _>>()?;
        Ok((self.rows(&keys).await?, next))
    }

    /// The rows that there are, oldest first.
    async fn rows(&self, keys: &[Place]) -> Result<Vec<Attempt>, StoreError> {
        let ids = keys.iter().map(|place| place.tr_id.as_str());
        let items = batch_get(&self.client, &self.name, "tr_id", ids).await?;
        let mut rows = items.into_iter().map(attempt_of).collect::<Result<Vec<_>, _>>()?;
        rows.sort_unstable_by(|a, b| (a.accepted_at, &a.tr_id).cmp(&(b.accepted_at, &b.tr_id)));
        Ok(rows)
    }
}

fn place(key: &Item) -> Result<Place, StoreError> {
    let text = |name: &str| key.get(name).and_then(|value| value.as_s().ok());
    let accepted_at = text("accepted_at").and_then(|text| text.parse().ok());
    let tr_id = text("tr_id").and_then(|text| TrId::try_from(text.clone()).ok());
    let place = accepted_at.zip(tr_id).map(|(accepted_at, tr_id)| Place { accepted_at, tr_id });
    place
        .ok_or_else(|| StoreError::Malformed { table: "payouts", why: "an index shows a row without a key".to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_back_from_its_text() {
        let place = Place {
            accepted_at: "2026-11-22T08:00:00.000Z".parse().unwrap(),
            tr_id: TrId::try_from("BS_0123456789ABCDEFG".to_owned()).unwrap(),
        };
        assert_eq!(place.to_string().parse(), Ok(place));
        for wrong in ["", "2026-11-22T08:00:00.000Z", "yesterday/BS_0123456789ABCDEFG", "2026-11-22T08:00:00.000Z/"] {
            assert_eq!(wrong.parse::<Place>(), Err(NoPlace), "{wrong}");
        }
    }
}
