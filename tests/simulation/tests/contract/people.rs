//! Who stands behind user keys: imported in batches, found by the digests of their numbers.

use std::time::Duration;

use anyhow::Result;
use local::dynamodb::DbFault;
use payout::{Moment, UserKey};
use platform::{
    FindRegistered as _, ReadRecipient as _, ReadRegistrations as _, RecipientKey, RecipientsTable, Registration,
    Searched, StoreError, WriteRegistrations as _,
};
use secrecy::{ExposeSecret, SecretString};

use crate::stores::Local;
use crate::wins::{moment, user};

fn key() -> RecipientKey {
    RecipientKey::new(&SecretString::from("k".repeat(32))).unwrap()
}

fn until() -> Moment {
    moment("2027-11-22T08:00:00.000Z")
}

fn registration(name: &str, phone: &str) -> Registration {
    Registration {
        user_key: user(name),
        phone: SecretString::from(phone),
        expires_at: Some(until()),
        digests: Some(key().digests(phone)),
    }
}

/// Numbers that belong to nobody.
fn many(name: &str, count: usize) -> Vec<Registration> {
    (0..count).map(|number| registration(&format!("{name}{number:03}"), &format!("0100000{number:04}"))).collect()
}

async fn found(recipients: &RecipientsTable, wanted: &[Registration]) -> Result<Vec<Registration>> {
    let users: Vec<UserKey> = wanted.iter().map(|one| one.user_key.clone()).collect();
    let mut found = recipients.registrations(&users).await?;
    found.sort_by(|one, other| one.user_key.as_str().cmp(other.user_key.as_str()));
    Ok(found)
}

#[tokio::test]
async fn an_import_that_the_table_takes_bit_by_bit_loses_nobody_and_one_that_it_does_not_take_is_told() -> Result<()> {
    let local = Local::start().await?;
    let recipients = RecipientsTable::new(&local.aws, local.table("RECIPIENTS_TABLE"));
    let people = many("early", 130);
    local.script(DbFault::LeavesRows, "BatchWriteItem", 3);
    recipients.register(&people).await?;
    assert_eq!(local.stack.recipient_count(), people.len());
    // Reading is cut short, too.
    local.script(DbFault::LeavesRows, "BatchGetItem", 1);
    assert_eq!(local.stack.dynamodb().pending_faults(), 1, "the import has met its faults");
    assert!(found(&recipients, &people).await? == people, "somebody is lost, or another one");
    assert_eq!(local.stack.dynamodb().pending_faults(), 0);
    // The same once more changes nothing.
    recipients.register(&people).await?;
    assert_eq!(local.stack.recipient_count(), people.len());

    let late = many("late", 30);
    local.script(DbFault::LeavesRows, "BatchWriteItem", u32::MAX);
    let told = recipients.register(&late).await;
    assert!(matches!(told, Err(StoreError::Unavailable { .. })), "{told:?}");
    local.stack.dynamodb().clear_script();
    let written = found(&recipients, &late).await?;
    assert!(!written.is_empty() && written.len() < late.len(), "{} were written", written.len());
    recipients.register(&late).await?;
    assert!(found(&recipients, &late).await? == late, "trying again ends as if nothing had happened");
    local.stack.shutdown().await;
    Ok(())
}

#[tokio::test]
async fn a_winner_is_found_by_the_number_that_they_have_now_and_by_nobody_else_s() -> Result<()> {
    let local = Local::start().await?;
    let recipients = RecipientsTable::new(&local.aws, local.table("RECIPIENTS_TABLE"));
    let by = async |by: Searched, digits: &str, most: u8| -> Result<Vec<String>> {
        let digest = match by {
            Searched::Phone => key().phone(digits),
            Searched::LastFour => key().last_four(digits),
        };
        let users = recipients.registered(by, &digest, most).await?;
        let mut users: Vec<String> = users.iter().map(|user| user.as_str().to_owned()).collect();
        users.sort();
        Ok(users)
    };
    let (phone, last_four) = (Searched::Phone, Searched::LastFour);
    let by_hand = Registration { digests: None, ..registration("dora", "01000004242") };
    let people = [
        registration("anna", "01000004242"),
        registration("bert", "01000004242"),
        registration("carl", "01000014242"),
        by_hand,
    ];
    recipients.register(&people).await?;
    assert_eq!(by(phone, "01000004242", 100).await?, ["anna", "bert"], "a row without digests is not found");
    assert_eq!(by(phone, "01000014242", 100).await?, ["carl"]);
    assert_eq!(by(last_four, "4242", 100).await?, ["anna", "bert", "carl"]);
    assert_eq!(by(last_four, "4242", 2).await?.len(), 2);
    assert_eq!(by(phone, "4242", 100).await?, [""; 0]);
    assert_eq!(by(last_four, "01000004242", 100).await?, [""; 0]);

    // Another number, of which the digests are written, too; and one that is written by hand over it.
    recipients.register(&[registration("anna", "01000005353"), registration("dora", "01000004242")]).await?;
    assert_eq!(by(phone, "01000004242", 100).await?, ["bert", "dora"]);
    assert_eq!(by(last_four, "5353", 100).await?, ["anna"]);
    recipients.register(&[Registration { digests: None, ..registration("dora", "01000004242") }]).await?;
    assert_eq!(by(phone, "01000004242", 100).await?, ["bert"]);

    // Who is deleted is nobody.
    assert!(recipients.unregister(&user("bert")).await?);
    assert!(!recipients.unregister(&user("bert")).await?);
    assert_eq!(by(last_four, "4242", 100).await?, ["carl"]);
    assert!(found(&recipients, &people[1..2]).await?.is_empty());

    // Who has expired is sent nothing, and shown as long as the row is there.
    let seconds = |at: Option<platform::Registration>| at.and_then(|one| one.expires_at).map(Moment::as_seconds);
    let carl = found(&recipients, &people[2..3]).await?.pop();
    assert_eq!(seconds(carl), Some(until().as_seconds()));
    let number = recipients.phone(&user("carl"), until().before(Duration::from_secs(1))).await?;
    assert_eq!(number.as_ref().map(ExposeSecret::expose_secret), Some("01000014242"));
    assert!(recipients.phone(&user("carl"), until()).await?.is_none());
    local.stack.shutdown().await;
    Ok(())
}
