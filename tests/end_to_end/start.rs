//! A function that cannot work says why at start, by name, and stops.

use std::collections::BTreeMap;
use std::process::Stdio;

use anyhow::{Context, Result};
use tests::World;
use tokio::process::Command;

/// What a function says when it is started with these variables and stops by itself.
async fn says(function: &str, variables: &BTreeMap<String, String>) -> Result<String> {
    let binaries = tests::binaries().await?;
    let program = binaries.get(function).context("no such function")?;
    let mut command = Command::new(&program.path);
    command.env_clear().envs(variables).stdin(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(tests::LIMIT, command.output()).await.context("it did not stop")??;
    assert!(!output.status.success());
    Ok(format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}

#[tokio::test]
async fn a_missing_variable_is_named() -> Result<()> {
    let world = World::swept_by_hand().await?;
    let all = world.functions_env()?;
    for (function, names) in [
        (
            "callback",
            &[
                "PAYOUTS_TABLE",
                "REWARDS_TABLE",
                "CONTROL_TABLE",
                "CALLBACK_TOKEN_SHA256",
                "TR_ID_PREFIX",
                "TR_ID_NAMESPACE",
            ][..],
        ),
        ("catalog-sync", &["PAYOUTS_TABLE", "REWARDS_TABLE", "CATALOG_TABLE", "GIFTISHOW_SECRET_ID"]),
        ("send", &["PAYOUTS_TABLE", "CONTROL_TABLE", "REWARDS_TABLE", "RECIPIENTS_TABLE", "GIFTISHOW_SECRET_ID"]),
        (
            "sweeper",
            &[
                "PAYOUTS_TABLE",
                "CONTROL_TABLE",
                "SEND_FUNCTION",
                "GIFTISHOW_SECRET_ID",
                "TR_ID_PREFIX",
                "TR_ID_NAMESPACE",
            ],
        ),
    ] {
        for name in names {
            let mut variables = all.clone();
            variables.remove(*name).with_context(|| format!("{name} is not set by the template"))?;
            let said = says(function, &variables).await?;
            assert!(said.contains(&format!("the variable {name} is missing")), "{function}: {said}");
        }
    }
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn a_function_that_would_make_other_tr_ids_than_this_environment_began_with_is_refused_by_name() -> Result<()> {
    let world = World::swept_by_hand().await?;
    // Whoever makes tr_ids first pins how.
    world.win("first").await?;
    for (name, other, pinned) in [("TR_ID_NAMESPACE", "elsewhere", "local"), ("TR_ID_PREFIX", "xx", "bg")] {
        for function in ["callback", "sweeper"] {
            let mut variables = world.functions_env()?;
            variables.insert(name.into(), other.into());
            let said = says(function, &variables).await?;
            let refused = format!("the variable {name} is malformed: must stay ");
            assert!(said.contains(&refused) && said.contains(pinned), "{function}: {said}");
        }
    }
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn a_base_url_that_is_neither_loopback_nor_https_is_refused() -> Result<()> {
    let world = World::swept_by_hand().await?;
    for url in ["http://example.com", "http://127.0.0.1.example.com", "ftp://127.0.0.1", "nonsense"] {
        for function in ["catalog-sync", "send", "sweeper"] {
            let mut variables = world.functions_env()?;
            variables.insert("GIFTISHOW_BASE_URL".into(), url.into());
            let said = says(function, &variables).await?;
            assert!(said.contains("the variable GIFTISHOW_BASE_URL is malformed"), "{function} {url}: {said}");
        }
    }
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn a_missing_or_malformed_secret_names_the_field_and_shows_no_value() -> Result<()> {
    let world = World::swept_by_hand().await?;
    let code = format!("REAL{}", "C".repeat(32));
    let full = format!(r#""custom_auth_code":"{code}","user_id":"canary@example.com","callback_no":"0200000000""#);
    for (secret, expected) in [
        ("CANARY no json".to_owned(), "JSON"),
        (r#"{"user_id":"CANARY"}"#.to_owned(), "custom_auth_code"),
        (format!("{{{full}}}"), "custom_auth_token"),
        (format!(r#"{{{full},"token_key":"CANARY"}}"#), "token_key"),
        (format!(r#"{{{full},"custom_auth_token":17}}"#), "custom_auth_token"),
    ] {
        world.secrets().put(world.secret_id(), secret.clone());
        for function in ["catalog-sync", "send", "sweeper"] {
            let said = says(function, &world.functions_env()?).await?;
            assert!(said.contains(expected), "{expected}: {said}");
            assert!(!said.contains("CANARY") && !said.contains(&code) && !said.contains("canary@"), "{said}");
        }
    }
    let mut variables = world.functions_env()?;
    variables.insert("GIFTISHOW_SECRET_ID".into(), "not-there".into());
    assert!(says("send", &variables).await?.contains("the secret not-there cannot be read: ResourceNotFoundException"));
    world.end().await;
    Ok(())
}
