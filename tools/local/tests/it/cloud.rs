//! What `giftctl` asks of the cloud.

use std::collections::BTreeMap;

use local::Stack;
use reqwest::Client;
use serde_json::{Value, json};

use crate::url::with_desk;
use crate::{eventually, options, start};

/// One question of the query protocol; status and XML of the answer.
async fn ask(stack: &Stack, version: &str, fields: &[(&str, &str)]) -> (u16, String) {
    let form = fields.iter().copied().chain([("Version", version)]).collect::<Vec<_>>();
    let response = Client::new().post(stack.cloud_endpoint()).form(&form).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

async fn formation(stack: &Stack, action: &str, more: &[(&str, &str)]) -> (u16, String) {
    let fields: Vec<_> = [("Action", action), ("StackName", "local")].into_iter().chain(more.iter().copied()).collect();
    ask(stack, "2010-05-15", &fields).await
}

/// Pairs of a list's members, by two of their tags.
fn pairs(xml: &str, key: &str, value: &str) -> BTreeMap<String, String> {
    let text = |part: &str, tag: &str| {
        let rest = part.split_once(&format!("<{tag}>")).map(|(_, rest)| rest)?;
        Some(rest.split_once("</").map(|(text, _)| text)?.to_owned())
    };
    xml.split("<member>").filter_map(|part| Some((text(part, key)?, text(part, value)?))).collect()
}

/// All parameters as they are, but for one.
async fn update(stack: &Stack, name: &str, value: &str) -> (u16, String) {
    let (_, xml) = formation(stack, "DescribeStacks", &[]).await;
    let known = pairs(&xml, "ParameterKey", "ParameterValue");
    let mut fields = vec![("UsePreviousTemplate".to_owned(), "true".to_owned())];
    let names = known.keys().map(String::as_str).chain((!known.contains_key(name)).then_some(name));
    for (place, key) in names.enumerate() {
        let member = format!("Parameters.member.{}", place + 1);
        fields.push((format!("{member}.ParameterKey"), key.to_owned()));
        let (field, value) = if key == name { ("ParameterValue", value) } else { ("UsePreviousValue", "true") };
        fields.push((format!("{member}.{field}"), value.to_owned()));
    }
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    formation(stack, "UpdateStack", &fields).await
}

async fn status(stack: &Stack) -> String {
    let (_, xml) = formation(stack, "DescribeStacks", &[]).await;
    xml.split_once("<StackStatus>").unwrap().1.split_once('<').unwrap().0.to_owned()
}

async fn until_complete(stack: &Stack) {
    while status(stack).await == "UPDATE_IN_PROGRESS" {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(status(stack).await, "UPDATE_COMPLETE");
}

#[tokio::test]
async fn a_stack_tells_its_outputs_with_local_addresses_its_parameters_and_its_functions() {
    let stack = start(with_desk()).await;
    let (code, xml) = formation(&stack, "DescribeStacks", &[]).await;
    assert_eq!(code, 200, "{xml}");
    let outputs = pairs(&xml, "OutputKey", "OutputValue");
    assert_eq!(outputs["CallbackUrl"], format!("{}/bleepy/TOKEN", stack.front_url()));
    assert_eq!(outputs["DeskUrl"], stack.function_url("desk").unwrap());
    assert_eq!(outputs["GiftishowSecretArn"], stack.secret_id());
    assert_eq!(outputs["PayoutsTableName"], "payouts");
    assert_eq!(outputs["AlarmTopicArn"], "arn:aws:sns:ap-northeast-2:000000000000:alarm-topic");
    assert!(!xml.contains(stack.callback_token()), "nobody is told the token");
    let parameters = pairs(&xml, "ParameterKey", "ParameterValue");
    assert_eq!(parameters["GiftishowBaseUrl"], stack.sim().base_url());
    assert_eq!(parameters["AllowedCidrs"], "", "an empty one is one, too");
    let (_, xml) = formation(&stack, "DescribeStackResources", &[]).await;
    let functions = pairs(&xml, "LogicalResourceId", "PhysicalResourceId");
    assert_eq!(
        (functions["SendFunction"].as_str(), functions["CatalogSyncFunction"].as_str()),
        ("send", "catalog-sync")
    );
    assert_eq!(pairs(&xml, "LogicalResourceId", "ResourceType")["SendFunction"], "AWS::Lambda::Function");

    let (code, xml) = ask(&stack, "2010-05-15", &[("Action", "DescribeStacks"), ("StackName", "another")]).await;
    assert_eq!(code, 400);
    assert!(xml.contains("<Code>ValidationError</Code><Message>Stack with id another does not exist"), "{xml}");
    stack.shutdown().await;
}

#[tokio::test]
async fn a_changed_parameter_reaches_new_invocations_and_cuts_none_off() {
    let stack = start(options()).await;
    let asked = json!({ "do": "env" });
    let seen =
        async || stack.invoke("callback", &asked).await.unwrap().answer().unwrap()["CALLBACK_TOKEN_SHA256"].clone();
    let before = seen().await;
    let other = stack.invoke("sweeper", &json!({ "do": "put", "tr_id": "warm" })).await.unwrap();
    assert!(!other.is_failed());
    let sweepers = stack.function("sweeper").unwrap().processes();
    // One is at work when the change comes.
    let waiting = json!({ "do": "wait" });
    let working = stack.invoke("callback", &waiting);
    let changed = async {
        eventually("it works", || stack.in_flight("callback") == 1).await;
        let both = format!("{},{}", before.as_str().unwrap(), "ab".repeat(32));
        let (code, xml) = update(&stack, "CallbackTokenSha256", &both).await;
        assert_eq!(code, 200, "{xml}");
        assert_eq!(status(&stack).await, "UPDATE_IN_PROGRESS");
        let (code, xml) = update(&stack, "CallbackTokenSha256", &"cd".repeat(32)).await;
        assert!(code == 400 && xml.contains("UPDATE_IN_PROGRESS state and can not be updated"), "{xml}");
        until_complete(&stack).await;
        assert_eq!(seen().await, both.as_str());
    };
    let (worked, ()) = tokio::join!(working, changed);
    assert!(!worked.unwrap().is_failed(), "it ended as it began");
    eventually("the old process is gone", || stack.function("callback").unwrap().processes() == 1).await;
    assert_eq!(stack.function("sweeper").unwrap().processes(), sweepers, "what has not changed goes on");

    let url = format!("{}/2015-03-31/functions/callback/configuration", stack.cloud_endpoint());
    let shown: Value = Client::new().get(url).send().await.unwrap().json().await.unwrap();
    assert_eq!((&shown["FunctionName"], &shown["LastUpdateStatus"]), (&"callback".into(), &"Successful".into()));
    assert_eq!(shown["Environment"]["Variables"]["CALLBACK_TOKEN_SHA256"], seen().await);
    stack.shutdown().await;
}

#[tokio::test]
async fn a_wrong_update_is_refused_in_cloudformation_s_words_and_changes_nothing() {
    let stack = start(options()).await;
    let (code, xml) = update(&stack, "NoSuch", "1").await;
    assert!(code == 400 && xml.contains("<Message>Parameters: [NoSuch] do not exist in the template"), "{xml}");
    let (_, xml) = update(&stack, "GraceSeconds", "600").await;
    assert!(xml.contains("No updates are to be performed."), "{xml}");
    let (_, xml) = update(&stack, "GraceSeconds", "soon").await;
    assert!(xml.contains("ValidationError") && xml.contains("GraceSeconds"), "{xml}");
    let (_, xml) = update(&stack, "GiftishowBaseUrl", "https://giftishow.invalid").await;
    assert!(xml.contains("fake Giftishow"), "never the real one: {xml}");
    let (_, xml) = formation(&stack, "UpdateStack", &[("UsePreviousTemplate", "true")]).await;
    assert!(xml.contains("must have values"), "what is left out is not what it was: {xml}");
    let (_, xml) = formation(&stack, "UpdateStack", &[]).await;
    assert!(xml.contains("UsePreviousTemplate"), "{xml}");
    let (code, xml) = formation(&stack, "DeleteStack", &[]).await;
    assert!(code == 400 && xml.contains("DeleteStack"), "{xml}");
    assert_eq!(status(&stack).await, "CREATE_COMPLETE");
    stack.shutdown().await;
}

#[tokio::test]
async fn what_is_published_is_kept_as_mail_and_the_topic_names_its_reader() {
    let stack = start(options()).await;
    let env = stack.invoke("sweeper", &json!({ "do": "env" })).await.unwrap().answer().unwrap();
    assert_eq!(env["AWS_ENDPOINT_URL_SNS"], stack.cloud_endpoint());
    let topic = "arn:aws:sns:ap-northeast-2:000000000000:alarm-topic";
    let publish = async |topic: &str, subject: &str, message: &str| {
        let fields = [("Action", "Publish"), ("TopicArn", topic), ("Subject", subject), ("Message", message)];
        ask(&stack, "2010-03-31", &fields).await
    };
    let (code, xml) = publish(topic, "어제의 당첨", "지급 12건 <오류 없음>\n잔액 995,500원").await;
    assert!(code == 200 && xml.contains("<MessageId>"), "{xml}");
    assert_eq!(publish("arn:aws:sns:x:1:other", "s", "m").await.0, 404);
    assert_eq!(publish(topic, "s", "").await.0, 400);
    assert_eq!(publish(topic, &"가".repeat(100), "m").await.0, 400, "SNS takes fewer than 100 characters");
    let mails = stack.mails();
    assert_eq!((mails.len(), mails[0].subject.as_str()), (1, "어제의 당첨"));
    assert!(mails[0].message.ends_with("잔액 995,500원"));
    let (_, xml) = ask(&stack, "2010-03-31", &[("Action", "ListSubscriptionsByTopic"), ("TopicArn", topic)]).await;
    let subscribers = pairs(&xml, "Endpoint", "SubscriptionArn");
    assert!(subscribers["nobody@example.invalid"].starts_with(topic), "confirmed: {xml}");
    stack.shutdown().await;
}
