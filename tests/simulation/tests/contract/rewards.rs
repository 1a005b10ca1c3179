//! Rewards that several people change: nobody overwrites what they have not read.

use std::slice::from_ref;

use anyhow::Result;
use local::dynamodb::DbFault;
use payout::{Reward, RewardCode};
use platform::{
    Host as _, ListRewards as _, Machine, ReadRewardRows as _, ReadRewards as _, RewardRow, RewardsTable,
    WriteRewards as _,
};
use serde_json::{from_value, json};

use crate::stores::Local;

/// With every field that a row can have.
fn whole() -> local::Reward {
    local::Reward {
        max_per_day: Some(300),
        max_per_user_per_day: Some(1),
        min_valid_days: Some(30),
        template_id: Some("202611220000001".to_owned()),
        banner_id: Some("202611220000002".to_owned()),
        send_hours: Some("08-22".to_owned()),
        ..local::Reward::sample()
    }
}

async fn row(rewards: &RewardsTable, code: &RewardCode) -> Result<Option<RewardRow>> {
    Ok(rewards.reward_row(code).await?)
}

#[tokio::test]
async fn whoever_changes_a_reward_changes_the_one_that_they_have_read() -> Result<()> {
    let local = Local::start().await?;
    let rewards = RewardsTable::new(&local.aws, local.table("REWARDS_TABLE"));
    let reward: Reward = from_value(whole().row())?;
    let code = reward.code.clone();
    let priced = |won: u64| Reward { max_price_krw: payout::Krw(won), ..reward.clone() };
    let owners = [Machine.new_owner(), Machine.new_owner(), Machine.new_owner()];
    let [one, other, third] = &owners;

    // Three make the same new code at once.
    assert_eq!(row(&rewards, &code).await?, None);
    let (new, a, b) = (&reward, priced(1), priced(2));
    let made = tokio::try_join!(
        rewards.put_reward(new, None, one),
        rewards.put_reward(&a, None, other),
        rewards.put_reward(&b, None, third),
    )?;
    let first = row(&rewards, &code).await?.unwrap();
    let winner = owners.iter().position(|owner| first.written_by.as_ref() == Some(owner)).unwrap();
    assert_eq!([made.0, made.1, made.2], [0, 1, 2].map(|place| place == winner), "one of them, and the others know");
    assert_eq!(first.reward, Ok([new, &a, &b][winner].clone()));

    // Of two who have read it, the second reads it again.
    let (mine, yours) = (Machine.new_owner(), Machine.new_owner());
    assert!(rewards.put_reward(&priced(3), Some(&first), &mine).await?);
    assert!(!rewards.put_reward(&priced(4), Some(&first), &yours).await?);
    assert!(!rewards.put_reward(&priced(4), None, &yours).await?);
    let second = row(&rewards, &code).await?.unwrap();
    assert_eq!(second, RewardRow { reward: Ok(priced(3)), written_by: Some(mine) });
    assert_eq!(rewards.rewards(from_ref(&code)).await?[&code], priced(3));
    assert_eq!(rewards.list_rewards().await?, [priced(3)]);

    // What is gone meanwhile is not made again.
    local.stack.dynamodb().delete_item(&local.table("REWARDS_TABLE"), &json!({ "code": { "S": code.as_str() } }))?;
    assert!(!rewards.put_reward(&priced(5), Some(&second), &yours).await?);
    assert_eq!(row(&rewards, &code).await?, None);
    local.stack.shutdown().await;
    Ok(())
}

#[tokio::test]
async fn a_row_that_was_written_by_hand_is_taken_over_once_even_with_a_mistake() -> Result<()> {
    let local = Local::start().await?;
    let rewards = RewardsTable::new(&local.aws, local.table("REWARDS_TABLE"));
    let (right, wrong) = (local::Reward::sample(), local::Reward { gubun: "X".into(), ..local::Reward::sample() });
    let reward: Reward = from_value(right.row())?;
    for by_hand in [&right, &wrong] {
        local.stack.put_reward(by_hand)?;
        let read = row(&rewards, &reward.code).await?.unwrap();
        assert_eq!((read.reward.is_ok(), &read.written_by), (by_hand.gubun == "N", &None));
        assert_eq!(rewards.reward_rows().await?, from_ref(&read));
        assert!(rewards.put_reward(&reward, Some(&read), &Machine.new_owner()).await?);
        assert!(!rewards.put_reward(&reward, Some(&read), &Machine.new_owner()).await?);
        assert_eq!(rewards.list_rewards().await?, from_ref(&reward));
    }
    // A limit that there is none of is no attribute: the console would show it as one.
    let rows = local.stack.rewards();
    assert!(rows.iter().all(|row| row.get("max_per_day").is_none()), "{rows:?}");
    local.stack.shutdown().await;
    Ok(())
}

#[tokio::test]
async fn a_reward_whose_answer_was_lost_is_told_as_written() -> Result<()> {
    let local = Local::start().await?;
    let rewards = RewardsTable::new(&local.aws, local.table("REWARDS_TABLE"));
    let reward: Reward = from_value(whole().row())?;
    let mut before = None;
    for fault in [DbFault::ErrorAfterCommit, DbFault::DropAfterCommit, DbFault::ErrorBeforeCommit] {
        local.script(fault, "PutItem", 1);
        let mine = Machine.new_owner();
        assert!(rewards.put_reward(&reward, before.as_ref(), &mine).await?, "{fault:?}");
        assert_eq!(local.stack.dynamodb().pending_faults(), 0, "{fault:?}");
        let now = row(&rewards, &reward.code).await?;
        assert_eq!(now.as_ref().and_then(|row| row.written_by.as_ref()), Some(&mine), "{fault:?}");
        before = now;
    }
    local.stack.shutdown().await;
    Ok(())
}
