//! Nothing that belongs to a person or opens a door ever leaves the functions.

use anyhow::Result;
use giftishow_sim::{Api, CatalogueConfig, Fault, ScriptedFault, SimConfig};
use local::{Recipient, StackOptions};
use tests::{CODE, LIMIT, World};

/// A number that no output can hold by chance.
const PHONE: &str = "01000004242";

#[tokio::test]
async fn phone_token_and_keys_appear_in_no_output_row_or_dead_letter() -> Result<()> {
    // Few goods: every line of theirs is searched, too.
    let catalogue = CatalogueConfig { goods: 20, brands: 5, ..CatalogueConfig::default() };
    let sim = SimConfig { catalogue, ..SimConfig::default() };
    let mut options = StackOptions { sim, ..tests::options() };
    for function in ["callback", "catalog-sync", "send", "sweeper"] {
        options = options.variable(function, "AWS_LAMBDA_LOG_LEVEL", "trace").variable(function, "RUST_BACKTRACE", "1");
    }
    let world = World::start(options).await?;
    let faults =
        ["reset-after-issue", "code:ERR0817", "code:E0009", "http-502-html-after-issue", "duplicate-after-issue"];
    for user in faults {
        world.put_recipient(&Recipient::new(user, PHONE))?;
        world.script_for(user, Api::Send, user)?;
        world.post_callback(&[(CODE, user)]).await?;
    }
    world.put_recipient(&Recipient::new("malformed", format!("{PHONE}-12345")))?;
    world.post_callback(&[(CODE, "malformed")]).await?;
    let marked = format!(r#"{{"list":[{{"code":"{CODE}","userKey":{PHONE}}}]}}"#);
    assert_eq!(world.post(&world.callback_url(), marked).await?.0, 400);
    let ended = |world: &local::Stack| {
        let rows = world.payouts();
        rows.len() >= 6 && rows.iter().all(|row| row.get("due_at").is_none())
    };
    world.wait_until("every payout has ended", LIMIT, ended).await?;
    world.sweep().await?;
    world.sim().script(ScriptedFault::once(Api::Brands, Fault::named("code:E0009", Api::Brands)?));
    world.sync().await?;

    let credentials = world.sim().credentials();
    let secrets = [
        PHONE,
        world.callback_token(),
        &credentials.custom_auth_code,
        &credentials.custom_auth_token,
        &credentials.user_id,
    ];
    let rows = world.payouts().iter().map(ToString::to_string).collect::<String>();
    let dead_letters = format!("{:?}", world.pump().given_up());
    assert!(!world.logs().lines().is_empty());
    for secret in secrets {
        assert!(secret.len() >= 8, "a canary must not occur by chance");
        assert!(world.logs().containing(secret).is_empty(), "{:#?}", world.logs().containing(secret));
        assert!(!rows.contains(secret) && !dead_letters.contains(secret));
    }
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn user_keys_are_written_to_rows_and_never_to_logs() -> Result<()> {
    let world = World::fast().await?;
    world.script_for("canary-user-key", Api::Send, "reset-after-issue")?;
    world.win("canary-user-key").await?;
    world.wait_for("canary-user-key", "sent").await?;
    assert!(world.logs().containing("canary-user-key").is_empty());
    world.end().await;
    Ok(())
}
