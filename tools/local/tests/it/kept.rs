//! What is kept from run to run.

use std::path::{Path, PathBuf};

use local::template::Template;
use local::{Recipient, Reward, Stack, StackOptions};
use reqwest::Client;
use serde_json::json;

use crate::dynamodb::call;
use crate::{LIMIT, eventually, options, start};

/// A folder of this test's own.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("local-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

fn kept(folder: &Path) -> StackOptions {
    StackOptions { data: Some(folder.to_owned()), ..options() }
}

async fn refused(options: StackOptions) -> String {
    format!("{:#}", Stack::start(options).await.err().unwrap())
}

#[tokio::test]
async fn a_second_run_has_the_rows_the_secrets_the_token_and_the_account_of_the_first() {
    let folder = folder("rows");
    let first = start(kept(&folder)).await;
    first.put_reward(&Reward::sample()).unwrap();
    first.put_recipient(&Recipient::sample()).unwrap();
    first.put_payout(&json!({ "tr_id": "t1", "state": "accepted", "user_key": "u", "accepted_at": "x" })).unwrap();
    first.wait_until("delivered", LIMIT, |stack| !stack.logs().containing("batch t1").is_empty()).await.unwrap();
    eventually("its position is kept", || folder.join("stream-position").exists()).await;
    first.secrets().put(first.secret_id(), "{\"kept\":true}");
    let (token, account) = (first.callback_token().to_owned(), first.sim().credentials());
    first.shutdown().await;

    let second = start(kept(&folder)).await;
    assert_eq!((second.rewards().len(), second.recipient_count(), second.payouts().len()), (1, 1, 1));
    assert_eq!((second.callback_token(), second.token_is_valid()), (token.as_str(), true));
    assert!(second.sim().credentials() == account, "the same account at Giftishow");
    let asked = Client::new().post(second.secrets().endpoint()).header("x-amz-target", "secretsmanager.GetSecretValue");
    let secret = asked.body(json!({ "SecretId": second.secret_id() }).to_string()).send().await.unwrap();
    assert!(secret.text().await.unwrap().contains("kept"));
    second.put_payout(&json!({ "tr_id": "t2", "state": "accepted", "user_key": "u", "accepted_at": "y" })).unwrap();
    second.wait_until("delivered", LIMIT, |stack| !stack.logs().containing("batch").is_empty()).await.unwrap();
    assert_eq!(second.logs().containing("batch t1").len(), 0, "what was delivered is not delivered again");
    second.shutdown().await;

    let fresh = start(StackOptions { fresh: true, ..kept(&folder) }).await;
    assert_eq!((fresh.rewards().len(), fresh.payouts().len()), (0, 0));
    assert!(fresh.callback_token() != token && fresh.sim().credentials() != account);
    fresh.shutdown().await;
}

#[tokio::test]
async fn two_at_once_are_one_too_many() {
    let folder = folder("twice");
    let first = start(kept(&folder)).await;
    first.put_reward(&Reward::sample()).unwrap();
    let said = refused(StackOptions { fresh: true, ..kept(&folder) }).await;
    assert!(said.contains("another local stack") && said.contains("--folder"), "{said}");
    assert_eq!(first.rewards().len(), 1, "--fresh of the second took nothing from the first");
    first.shutdown().await;
    start(kept(&folder)).await.shutdown().await;
}

#[tokio::test]
async fn tables_of_another_template_are_told_and_not_touched() {
    let folder = folder("tables");
    let first = start(kept(&folder)).await;
    let row = json!({ "TableName": "payouts", "Item": { "tr_id": { "S": "old" } } });
    assert_eq!(call(&first, "PutItem", &row).send().await.unwrap().status(), 200);
    first.shutdown().await;
    let text = std::fs::read_to_string(Template::path()).unwrap();
    let newer = text.replace("IndexName: attention", "IndexName: needs_somebody");
    let said = refused(StackOptions { template: Some(newer), ..kept(&folder) }).await;
    assert!(said.contains("--fresh") && said.contains("payouts"), "{said}");
    let again = start(kept(&folder)).await;
    assert_eq!(again.payouts().len(), 1);
    again.shutdown().await;
}
