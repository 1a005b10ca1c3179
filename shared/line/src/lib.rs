//! The line: the way to Giftishow as a whole, for the functions that use it.
//!
//! Keeps the credentials, reads them afresh when Giftishow refuses them, and says what Giftishow's answers mean in the words
//! of payouts. `giftishow` knows nothing of payouts and `payout` nothing of Giftishow; here they meet.

mod catalog;
mod meaning;

use giftishow::{
    Answer, BalanceOutcome, BaseUrl, CancelOutcome, Client, ClientLimits, CouponOutcome, Credentials, ResendBy,
    ResendOutcome, SendOutcome, SendRequest, TransactionId,
};
use payout::Rules;
use platform::{ConfigError, Env, ReadSecret, StartError};
use secrecy::ExposeSecret;
use tokio::sync::RwLock;

pub use meaning::{evidence, fault, seen, standing};

const BASE_URL: &str = "GIFTISHOW_BASE_URL";

/// A client of Giftishow with credentials that follow the secret.
pub struct Giftishow<S> {
    client: Client,
    credentials: RwLock<Credentials>,
    secret: S,
}

/// Where Giftishow is: `GIFTISHOW_BASE_URL`, by default the real service. HTTPS, or loopback.
pub fn base_url(env: &Env) -> Result<BaseUrl, ConfigError> {
    let url = env.optional(BASE_URL);
    let url = url.as_deref().unwrap_or(BaseUrl::PRODUCTION);
    BaseUrl::parse(url).map_err(|why| ConfigError::malformed(BASE_URL, why))
}

impl<S: ReadSecret> Giftishow<S> {
    /// Reads the secret (in the cloud, the function's first TLS handshake) and sets the client up. Asks Giftishow nothing.
    pub async fn open(base_url: BaseUrl, rules: &Rules, secret: S) -> Result<Self, StartError> {
        let default = ClientLimits::default();
        let limits = ClientLimits {
            send_timeout: rules.send_timeout,
            cancel_timeout: rules.send_timeout,
            lookup_timeout: rules.send_timeout.min(default.lookup_timeout),
            connect_timeout: rules.send_timeout.min(default.connect_timeout),
            ..default
        };
        let client = Client::new(base_url, limits).map_err(|error| StartError::Needed(error.to_string()))?;
        let credentials = RwLock::new(read(&secret).await.map_err(StartError::Needed)?);
        Ok(Self { client, credentials, secret })
    }

    /// 0204. Spends money: call it only with the lease in hand.
    pub async fn send(&self, request: &SendRequest) -> Answer<SendOutcome> {
        self.client.send(&*self.credentials.read().await, request).await
    }

    /// 0202.
    pub async fn cancel(&self, tr_id: &TransactionId) -> Answer<CancelOutcome> {
        self.client.cancel(&*self.credentials.read().await, tr_id).await
    }

    /// 0201.
    pub async fn coupon(&self, tr_id: &TransactionId) -> Answer<CouponOutcome> {
        self.client.coupon(&*self.credentials.read().await, tr_id).await
    }

    /// 0203: the message once more, as an MMS. Every call may send one.
    pub async fn resend(&self, tr_id: &TransactionId) -> Answer<ResendOutcome> {
        self.client.resend(&*self.credentials.read().await, tr_id, ResendBy::Mms).await
    }

    /// Whose account it is, masked.
    pub async fn account(&self) -> String {
        self.credentials.read().await.masked_user_id()
    }

    /// 0301. Costs nothing: also the probe of a paused line (rule 8).
    pub async fn balance(&self) -> Answer<BalanceOutcome> {
        self.client.balance(&*self.credentials.read().await).await
    }

    /// For when Giftishow has refused the credentials: the secret may have been rotated since it was read. Reads it once
    /// more, for the next request; tells whether there is something new to try.
    pub async fn read_credentials_again(&self) -> bool {
        self.read_credentials().await.unwrap_or_else(|why| {
            tracing::error!("Giftishow refused the credentials, and {why}.");
            false
        })
    }

    /// Reads the secret, for the next request; whether it holds others than before, or why it cannot be used.
    pub async fn read_credentials(&self) -> Result<bool, String> {
        let credentials = read(&self.secret).await?;
        let known = &mut *self.credentials.write().await;
        let changed = *known != credentials;
        *known = credentials;
        Ok(changed)
    }
}

async fn read<S: ReadSecret>(secret: &S) -> Result<Credentials, String> {
    let text = secret.read_secret().await.map_err(|error| error.to_string())?;
    Credentials::from_secret_json(text.expose_secret()).map_err(|error| format!("Giftishow's secret: {error}"))
}
