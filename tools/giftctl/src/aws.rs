//! The few questions that are put to AWS itself: a small signed HTTP client instead of four SDKs.

mod cloudformation;
mod lambda;
mod secrets;
mod sign;
mod sns;
mod xml;

use std::time::Duration;

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use reqwest::redirect::Policy;
use secrecy::ExposeSecret;
use url::Url;

pub(crate) use cloudformation::{Change, StackDescription};

use crate::failure::Failure;
use crate::settings::{Settings, is_loopback};

/// A stack on this machine takes any.
const LOCAL_REGION: &str = "ap-northeast-2";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A question to AWS.
const ASK_TIMEOUT: Duration = Duration::from_secs(20);

/// AWS, as somebody.
pub(crate) struct Aws {
    http: reqwest::Client,
    credentials: Credentials,
    region: String,
    endpoint: Option<Url>,
}

/// A request before it is signed.
pub(crate) struct Ask<'a> {
    pub(crate) service: &'a str,
    pub(crate) method: reqwest::Method,
    pub(crate) url: Url,
    pub(crate) headers: Vec<(&'a str, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) timeout: Duration,
}

/// What came back, whatever it says.
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

/// Nothing came back.
pub(crate) enum Unanswered {
    /// It never left.
    NotSent(Failure),
    /// It may have arrived.
    Lost(String),
}

impl From<Unanswered> for Failure {
    fn from(unanswered: Unanswered) -> Self {
        match unanswered {
            Unanswered::NotSent(failure) => failure,
            Unanswered::Lost(why) => Self::failed(format!("no answer from AWS: {why}")),
        }
    }
}

impl Aws {
    /// Finds credentials and region, the usual way.
    pub(crate) async fn new(settings: &Settings) -> Result<Self, Failure> {
        let (credentials, region) = match &settings.keys {
            Some(keys) => {
                let secret = keys.secret.expose_secret();
                let credentials = Credentials::new(&keys.id, secret, None, None, "giftctl.toml");
                (credentials, settings.region.clone().unwrap_or_else(|| LOCAL_REGION.to_owned()))
            }
            None => usual(settings).await?,
        };
        let mut http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .user_agent(concat!("giftctl/", env!("CARGO_PKG_VERSION")));
        if settings.endpoint.as_ref().is_some_and(is_loopback) {
            http = http.no_proxy();
        }
        let http = http.build().map_err(|error| Failure::failed(format!("no HTTP client: {error}")))?;
        Ok(Self { http, credentials, region, endpoint: settings.endpoint.clone() })
    }

    pub(crate) fn region(&self) -> &str {
        &self.region
    }

    /// Whether it is on this machine.
    pub(crate) fn is_local(&self) -> bool {
        self.endpoint.as_ref().is_some_and(is_loopback)
    }

    /// Where a service is.
    fn endpoint(&self, service: &str) -> Result<Url, Failure> {
        if let Some(endpoint) = &self.endpoint {
            return Ok(endpoint.clone());
        }
        let domain = if self.region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        format!("https://{service}.{}.{domain}/", self.region)
            .parse()
            .map_err(|_| Failure::configuration(format!("`{}` is no AWS region", self.region)))
    }

    /// Signs and sends, once.
    pub(crate) async fn send(&self, ask: Ask<'_>) -> Result<Answered, Unanswered> {
        let signed = sign::sign(&ask, &self.credentials, &self.region).map_err(Unanswered::NotSent)?;
        let url = ask.url.clone();
        let mut request = self.http.request(ask.method, ask.url).timeout(ask.timeout).body(ask.body);
        for (name, value) in ask.headers.iter().map(|(name, value)| (*name, value.as_str())) {
            request = request.header(name, value);
        }
        for (name, value) in &signed {
            request = request.header(name.as_str(), value.as_str());
        }
        let response = request.send().await.map_err(|error| unanswered(&error, &url))?;
        let status = response.status().as_u16();
        let body = response.bytes().await.map_err(|error| Unanswered::Lost(inner(&error)))?;
        Ok(Answered { status, body: body.to_vec() })
    }
}

fn unanswered(error: &reqwest::Error, url: &Url) -> Unanswered {
    if error.is_connect() || error.is_builder() {
        let host = url.host_str().unwrap_or("its host");
        let failure = Failure::failed(format!("{host} cannot be reached: {}", inner(error)));
        return Unanswered::NotSent(failure.mend("Is the region right, and the stack (`cargo local`) running?"));
    }
    Unanswered::Lost(inner(error))
}

/// The cause at the bottom: the layers above repeat the URL.
fn inner(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "timed out".to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

async fn usual(settings: &Settings) -> Result<(Credentials, String), Failure> {
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12());
    if let Some(region) = &settings.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(profile) = &settings.profile {
        loader = loader.profile_name(profile);
    }
    let config = loader.load().await;
    let Some(region) = config.region() else {
        return Err(Failure::configuration("no AWS region is named")
            .mend("--region ap-northeast-2, or AWS_REGION, or `region` in ~/.config/giftctl.toml"));
    };
    let provider: Option<SharedCredentialsProvider> = config.credentials_provider();
    let credentials = match provider {
        Some(provider) => provider.provide_credentials().await.map_err(|error| error.to_string()),
        None => Err("nothing provides any".to_owned()),
    };
    let credentials = credentials.map_err(|why| {
        let said = format!("no AWS credentials were found: {why}");
        Failure::configuration(said).mend("`aws sso login`, or `aws configure`, or AWS_PROFILE / --profile")
    })?;
    Ok((credentials, region.to_string()))
}
