//! No live traffic: every request to the real service spends money.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

use anyhow::{Context, Result};
use local::template::Template;
use local::{Runner, Stack, StackOptions};
use reqwest::Url;

use crate::{files, text};

/// Where the real service's name may stand, and why. Prose may name it too.
const NAMED_IN: [(&str, &str); 3] = [
    ("shared/giftishow/src/base_url.rs", "the client's constant"),
    ("shared/giftishow/tests/contract/values.rs", "an address that is refused, and never asked"),
    ("template.yaml", "the default of the deployed functions"),
];

/// The real service, as the deployed functions find it.
fn real_service() -> Result<String> {
    let template = Template::load(&BTreeMap::new())?;
    let url: Url = template.parameters().get("GiftishowBaseUrl").context("no default")?.parse()?;
    assert_eq!(url.scheme(), "https");
    url.domain().map(ToOwned::to_owned).context("no host name")
}

#[test]
fn the_real_services_name_stands_in_the_constant_in_the_templates_default_and_in_prose_only() -> Result<()> {
    let host = real_service()?;
    let mut named_in = BTreeSet::new();
    for path in files()? {
        let times = text(&path)?.to_lowercase().matches(&host).count();
        if times > 0 && path.extension().is_none_or(|extension| extension != "md") {
            assert_eq!(times, 1, "{}", path.display());
            named_in.insert(path.to_string_lossy().into_owned());
        }
    }
    assert!(named_in.iter().eq(NAMED_IN.map(|(path, _)| path).iter()), "{named_in:?}");
    Ok(())
}

#[tokio::test]
async fn what_runs_on_this_machine_speaks_to_this_machine() -> Result<()> {
    // The functions themselves are not needed to see what they are given.
    let elsewhere = Runner::Remote { endpoint: "http://127.0.0.1:9".to_owned() };
    let stack = Stack::start(StackOptions { runner: elsewhere, scheduled: false, ..StackOptions::default() }).await?;
    for function in stack.template().functions()? {
        let base_url = function.env.get("GIFTISHOW_BASE_URL");
        assert_eq!(base_url.is_some(), function.name != "callback", "{} falls back to the real service", function.name);
        assert!(base_url.is_none_or(|url| is_loopback(url)), "{}: {base_url:?}", function.name);
    }
    let given = stack.functions_env()?;
    for service in ["DYNAMODB", "LAMBDA", "S3", "SECRETS_MANAGER", "SNS"] {
        assert!(given.contains_key(&format!("AWS_ENDPOINT_URL_{service}")), "{service} would be asked in the cloud");
    }
    for (name, value) in given.iter().filter(|(_, value)| value.contains("://")) {
        assert!(is_loopback(value), "{name} = {value}");
    }
    assert!(is_loopback(&stack.front_url()) && is_loopback(stack.invoke_endpoint()));
    stack.shutdown().await;
    Ok(())
}

fn is_loopback(url: &str) -> bool {
    let host = Url::parse(url).ok().and_then(|url| url.host_str()?.parse::<IpAddr>().ok());
    host == Some(IpAddr::V4(Ipv4Addr::LOCALHOST))
}
