use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::{UpdateItemError, UpdateItemOutput};
use aws_sdk_dynamodb::types::AttributeValue;
use payout::{Moment, Owner};

use super::key;
use crate::aws::Aws;
use crate::batch_get::{Wanted, batch_get_of};
use crate::error::StoreError;
use crate::payouts::Item;

/// The key of the heartbeat's row, in both tables. No attempt has it: a tr_id has an underscore.
pub(crate) const HEARTBEAT: &str = "heartbeat";

/// One beat: what a sweep has written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beat {
    /// Grows with every sweep.
    pub number: u64,
    /// When, on the sweeper's clock.
    pub at: Moment,
}

/// The last beat in either table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Beats {
    /// That of the table of payouts.
    pub payouts: Option<Beat>,
    /// That of the table of control, which is never restored with it.
    pub control: Option<Beat>,
}

impl Beats {
    /// Whether the table of payouts is an older copy of itself: it is written first, so it is never behind otherwise.
    pub fn are_of_an_older_table(&self) -> bool {
        let number = |beat: Option<Beat>| beat.map_or(0, |beat| beat.number);
        number(self.payouts) < number(self.control)
    }

    /// The number of the next beat.
    pub fn next(&self) -> u64 {
        let number = |beat: Option<Beat>| beat.map_or(0, |beat| beat.number);
        number(self.payouts).max(number(self.control)).saturating_add(1)
    }
}

/// Keeps the heartbeat, by which a restored table is recognised, and with it the lease of the one sweep that may be under
/// way (rule 9).
pub trait KeepTime {
    /// The last beats (one request).
    fn beats(&self) -> impl Future<Output = Result<Beats, StoreError>>;
    /// Writes a beat into the table of payouts and then into the table of control, where it begins the lease of this sweep.
    /// `false` if another sweep holds it.
    fn beat(&self, beat: Beat, sweep: &Owner, until: Moment) -> impl Future<Output = Result<bool, StoreError>>;
    /// Makes the lease longer, or ends it with a moment that is over. `false` if it was lost.
    fn hold(&self, sweep: &Owner, until: Moment) -> impl Future<Output = Result<bool, StoreError>>;
    /// Makes the table of payouts as young as it must be: a person has had it repaired.
    fn heal(&self, beat: Beat) -> impl Future<Output = Result<(), StoreError>>;
}

/// The two rows.
pub struct Heartbeat {
    client: Client,
    payouts: String,
    control: String,
}

impl Heartbeat {
    /// In the tables of these names.
    pub fn new(aws: &Aws, payouts: String, control: String) -> Self {
        Self { client: Client::new(aws.config()), payouts, control }
    }
}

impl KeepTime for Heartbeat {
    async fn beats(&self) -> Result<Beats, StoreError> {
        let payouts = Wanted { table: &self.payouts, key: "tr_id", values: vec![HEARTBEAT.to_owned()] };
        let control = Wanted { table: &self.control, key: "name", values: vec![HEARTBEAT.to_owned()] };
        let items = batch_get_of(&self.client, vec![payouts, control]).await?;
        let beat = |key: &str| items.iter().find(|item| item.contains_key(key)).map(beat_of).transpose();
        Ok(Beats { payouts: beat("tr_id")?, control: beat("name")? })
    }

    async fn beat(&self, beat: Beat, sweep: &Owner, until: Moment) -> Result<bool, StoreError> {
        // The table must still be the one that was looked at: a beat in an older copy would hide what it is.
        let goes_on = if beat.number == 1 { "attribute_not_exists(#number) OR " } else { "" };
        let goes_on = format!("{goes_on}#number BETWEEN :before AND :number");
        let before = AttributeValue::N((beat.number - 1).to_string());
        let request = self.beat_of_payouts(beat).condition_expression(goes_on);
        if !done(request.expression_attribute_values(":before", before).send().await)? {
            return Ok(false);
        }
        let request = self.client.update_item().table_name(&self.control).set_key(Some(key(HEARTBEAT.to_owned())));
        let request = request
            .update_expression("SET #number = :number, #at = :at, sweep = :sweep, sweep_until = :until")
            .condition_expression(
                "sweep = :sweep OR (attribute_not_exists(sweep_until) OR sweep_until <= :at) \
                 AND (attribute_not_exists(#number) OR #number < :number)",
            )
            .expression_attribute_names("#number", "number")
            .expression_attribute_names("#at", "at")
            .expression_attribute_values(":number", AttributeValue::N(beat.number.to_string()))
            .expression_attribute_values(":at", AttributeValue::S(beat.at.to_string()))
            .expression_attribute_values(":sweep", AttributeValue::S(sweep.as_str().to_owned()))
            .expression_attribute_values(":until", AttributeValue::S(until.to_string()));
        done(request.send().await)
    }

    async fn hold(&self, sweep: &Owner, until: Moment) -> Result<bool, StoreError> {
        let request = self.client.update_item().table_name(&self.control).set_key(Some(key(HEARTBEAT.to_owned())));
        let request = request
            .update_expression("SET sweep_until = :until")
            .condition_expression("sweep = :sweep")
            .expression_attribute_values(":sweep", AttributeValue::S(sweep.as_str().to_owned()))
            .expression_attribute_values(":until", AttributeValue::S(until.to_string()));
        done(request.send().await)
    }

    async fn heal(&self, beat: Beat) -> Result<(), StoreError> {
        let request = self.beat_of_payouts(beat);
        // A later beat is there already, or our own: it is as young as it must be.
        done(request.condition_expression("attribute_not_exists(#number) OR #number < :number").send().await).map(drop)
    }
}

impl Heartbeat {
    /// The beat of the table of payouts, for a condition to be added.
    fn beat_of_payouts(&self, beat: Beat) -> UpdateItemFluentBuilder {
        let request = self.client.update_item().table_name(&self.payouts);
        request
            .key("tr_id", AttributeValue::S(HEARTBEAT.to_owned()))
            .update_expression("SET #number = :number, #at = :at")
            .expression_attribute_names("#number", "number")
            .expression_attribute_names("#at", "at")
            .expression_attribute_values(":number", AttributeValue::N(beat.number.to_string()))
            .expression_attribute_values(":at", AttributeValue::S(beat.at.to_string()))
    }
}

/// Whether it was written: the condition held.
fn done(answer: Result<UpdateItemOutput, SdkError<UpdateItemError>>) -> Result<bool, StoreError> {
    match answer {
        Ok(_) => Ok(true),
        Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => Ok(false),
        Err(error) => Err(StoreError::unavailable("UpdateItem", &error)),
    }
}

/// The beat that a row holds.
pub(crate) fn beat_of(item: &Item) -> Result<Beat, StoreError> {
    let beat = || {
        let number = item.get("number")?.as_n().ok()?.parse().ok()?;
        Some(Beat { number, at: item.get("at")?.as_s().ok()?.parse().ok()? })
    };
    beat().ok_or_else(|| StoreError::Malformed {
        table: "control or payouts",
        why: "the row heartbeat holds no beat".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_payouts_that_is_behind_the_table_of_control_is_an_older_copy_of_itself() {
        let beat = |number| Some(Beat { number, at: Moment::from_millis(0) });
        let older = |payouts, control| Beats { payouts, control }.are_of_an_older_table();
        assert!(!older(None, None), "new");
        assert!(!older(beat(1), None), "the first beat was not finished");
        assert!(!older(beat(7), beat(7)) && !older(beat(8), beat(7)));
        assert!(older(beat(6), beat(7)) && older(None, beat(1)));
        assert_eq!(Beats { payouts: beat(8), control: beat(7) }.next(), 9);
    }
}
