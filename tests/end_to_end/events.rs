//! The sample events, as `cargo lambda invoke --data-file` hands them over.

use anyhow::{Context, Result};
use local::StackOptions;
use local::pump::Delivery;
use serde_json::Value;
use tests::World;

fn event(function: &str) -> Result<Value> {
    let path = local::workspace_root().join(format!("events/{function}.json"));
    Ok(serde_json::from_slice(&std::fs::read(path)?)?)
}

#[tokio::test]
async fn every_sample_event_is_understood_and_they_belong_together() -> Result<()> {
    let token = Some("local-callback-token".to_owned());
    // Nothing but the sample events moves anything here.
    let alone = StackOptions { token, delivery: Delivery::Lost, scheduled: false, ..tests::options() };
    let world = World::start(alone).await?;
    world.register("2eew35da")?;

    let answer = world.invoke("callback", &event("callback")?).await?.answer().context("no answer")?;
    assert_eq!(answer["statusCode"], 200, "{answer}");
    let record = &event("send")?["Records"][0]["dynamodb"]["NewImage"];
    assert_eq!(record["tr_id"]["S"], world.last_attempt("2eew35da")["tr_id"]);

    // Its row has other owners than the one that the callback made: the claim finds that and leaves the row alone.
    let answer = world.invoke("send", &event("send")?).await?.answer().context("no answer")?;
    assert_eq!(answer["batchItemFailures"], serde_json::json!([]));
    let answer = world.invoke("sweeper", &event("sweeper")?).await?.answer().context("no answer")?;
    assert!(answer["due"].is_number(), "{answer}");
    let answer = world.invoke("catalog-sync", &event("catalog-sync")?).await?.answer().context("no answer")?;
    assert_eq!(answer["why"], "sends are waiting", "the sample's row is still to be sent: {answer}");
    let answer = world.invoke("operate", &event("operate")?).await?.answer().context("no answer")?;
    assert_eq!(answer["statusCode"], 200, "{answer}");
    let answer = world.invoke("reconcile", &event("reconcile")?).await?.answer().context("no answer")?;
    assert_eq!(answer["done"], "taken", "{answer}");
    world.end().await;
    Ok(())
}
