//! A new callback token, while Bleepy goes on posting.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::json;
use tests::{CODE, World};
use tokio::sync::watch;

const NEW_TOKEN: &str = "another-token";
/// Its SHA-256.
const NEW_DIGEST: &str = "9e78bcb94091b75109fd6773524fc8d6a4f8a6dfb3dae39a9c26c5001879bcf3";

/// Values of one tag in CloudFormation's answer.
fn values<'x>(xml: &'x str, tag: &str) -> Vec<&'x str> {
    let opening = format!("<{tag}>");
    let parts = xml.split(opening.as_str()).skip(1);
    parts.filter_map(|part| Some(part.split_once("</")?.0)).collect()
}

async fn formation(world: &World, fields: &[(String, String)]) -> Result<String> {
    let base =
        [("Version", "2010-05-15"), ("StackName", "local")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let form: Vec<_> = base.iter().chain(fields).collect();
    let client = reqwest::Client::builder().no_proxy().build()?;
    let answer = client.post(world.cloud_endpoint()).form(&form).send().await?;
    let (status, xml) = (answer.status(), answer.text().await?);
    ensure!(status == 200, "{status}: {xml}");
    Ok(xml)
}

async fn describe(world: &World) -> Result<String> {
    formation(world, &[("Action".to_owned(), "DescribeStacks".to_owned())]).await
}

/// Changes the digests, leaves everything else as it is, and waits for the end of it.
async fn rotate(world: &World, digests: &str) -> Result<()> {
    let mut fields = vec![("Action".to_owned(), "UpdateStack".to_owned())];
    fields.push(("UsePreviousTemplate".to_owned(), "true".to_owned()));
    for (place, key) in values(&describe(world).await?, "ParameterKey").into_iter().enumerate() {
        let member = format!("Parameters.member.{}", place + 1);
        fields.push((format!("{member}.ParameterKey"), key.to_owned()));
        fields.push(if key == "CallbackTokenSha256" {
            (format!("{member}.ParameterValue"), digests.to_owned())
        } else {
            (format!("{member}.UsePreviousValue"), "true".to_owned())
        });
    }
    formation(world, &fields).await?;
    while values(&describe(world).await?, "StackStatus") != ["UPDATE_COMPLETE"] {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// Posts a win again and again until it is told to stop; every answer must be 200. How many there were.
pub(crate) async fn post_on(
    world: &World,
    url: &str,
    (code, user): (&str, &str),
    stop: watch::Receiver<bool>,
) -> Result<u32> {
    let mut posted = 0;
    while !*stop.borrow() {
        let body = json!({ "list": [{ "code": code, "userKey": user }] }).to_string();
        let (status, body) = world.post(url, body).await?;
        ensure!(status == 200, "post {posted} was answered {status}: {body}");
        posted += 1;
    }
    Ok(posted)
}

#[tokio::test]
async fn no_callback_is_lost_while_the_token_is_rotated() -> Result<()> {
    let world = World::fast().await?;
    world.win("winner").await?;
    let old = values(&describe(&world).await?, "ParameterKey").contains(&"CallbackTokenSha256");
    ensure!(old, "the parameter that is rotated");
    let old_digest = world.template().parameters()["CallbackTokenSha256"].clone();
    let new_url = format!("{}/bleepy/{NEW_TOKEN}", world.front_url());
    let body = json!({ "list": [{ "code": CODE, "userKey": "winner" }] }).to_string();
    assert_eq!(world.post(&new_url, body.clone()).await?.0, 404, "not yet");

    let old_url = world.callback_url();
    let (stop, stopped) = watch::channel(false);
    let post = || post_on(&world, &old_url, (CODE, "winner"), stopped.clone());
    let posters = async { tokio::join!(post(), post()) };
    let rotation = async {
        let both = rotate(&world, &format!("{old_digest},{NEW_DIGEST}")).await;
        let new = world.post(&new_url, body.clone()).await;
        stop.send_replace(true);
        both.and(new)
    };
    let ((one, other), new) = tokio::join!(posters, rotation);
    assert_eq!(new?.0, 200, "both are valid");
    ensure!(one? > 1 && other? > 1, "the posters were at it all the while");

    rotate(&world, NEW_DIGEST).await?;
    assert_eq!(world.post(&old_url, body.clone()).await?.0, 404, "the old one is worth nothing any more");
    assert_eq!(world.post(&new_url, body).await?.0, 200);
    world.wait_for("winner", "sent").await?;
    world.assert_paid_once(&["winner"]);
    world.attempts("winner").first().context("the one attempt")?;
    world.end().await;
    Ok(())
}
