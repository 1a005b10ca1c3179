//! Asks every read-only API once and prints what it saw. Never sends, resends or cancels; shows nothing secret.
//!
//! ```text
//! cargo run -p giftishow --example smoke -- --base-url http://127.0.0.1:8080 --secret secret.json
//! ```

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Parser;
use giftishow::{
    BalanceOutcome, BaseUrl, BrandCode, BrandListOutcome, BrandOutcome, Client, ClientLimits, CouponOutcome,
    Credentials, Evidence, Goods, GoodsCode, GoodsListOutcome, GoodsOutcome, PageRequest, TransactionId,
};

/// The environment's variable with the secret, if there is no file.
const SECRET: &str = "GIFTISHOW_SECRET";

/// Asks every read-only API of Giftishow Biz once (0301 0101 0111 0102 0112 0201) and prints what it saw.
///
/// The secret is JSON with `custom_auth_code`, `custom_auth_token` (or `token_key`), `user_id` and `callback_no`.
#[derive(Parser)]
struct Arguments {
    /// Scheme, host and port.
    #[arg(long)]
    base_url: BaseUrl,
    /// A file with the secret; without it, the secret itself is in the environment's `GIFTISHOW_SECRET`.
    #[arg(long)]
    secret: Option<PathBuf>,
    /// The coupon to look up; without it, one that does not exist.
    #[arg(long, default_value = "smoke_0000000000")]
    tr_id: String,
    /// The goods to ask for; without it, the first of the page.
    #[arg(long)]
    goods_code: Option<String>,
    /// The brand to ask for; without it, the first of the list.
    #[arg(long)]
    brand_code: Option<String>,
    /// The size of the page of goods.
    #[arg(long, default_value_t = 20)]
    size: u32,
    /// The address is the real service, or at least not this machine.
    #[arg(long)]
    i_know_this_is_live: bool,
}

impl Arguments {
    /// Everything that is not this machine may be the real service.
    fn check(&self) -> anyhow::Result<()> {
        if !self.base_url.is_loopback() && !self.i_know_this_is_live {
            bail!("{} is not this machine: add --i-know-this-is-live to ask it all the same", self.base_url);
        }
        Ok(())
    }

    fn credentials(&self) -> anyhow::Result<Credentials> {
        let json = match &self.secret {
            Some(path) => std::fs::read_to_string(path).context("the secret's file cannot be read")?,
            None => std::env::var(SECRET).context("give --secret FILE or set GIFTISHOW_SECRET")?,
        };
        Ok(Credentials::from_secret_json(&json)?)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    arguments.check()?;
    let line = Line {
        client: Client::new(arguments.base_url.clone(), ClientLimits::default())?,
        credentials: arguments.credentials()?,
    };
    let page = PageRequest::new(1, arguments.size)?;
    let goods_code = arguments.goods_code.map(GoodsCode::parse).transpose()?;
    let brand_code = arguments.brand_code.map(BrandCode::parse).transpose()?;
    let tr_id = TransactionId::parse(arguments.tr_id)?;

    line.balance().await;
    let first = line.goods(page).await;
    if let Some(code) = goods_code.or(first) {
        line.goods_detail(&code).await;
    }
    let first = line.brands().await;
    if let Some(code) = brand_code.or(first) {
        line.brand_detail(&code).await;
    }
    line.coupon(&tr_id).await;
    Ok(())
}

/// A client with its credentials. Each method asks once and prints one line.
struct Line {
    client: Client,
    credentials: Credentials,
}

impl Line {
    async fn balance(&self) {
        let answer = self.client.balance(&self.credentials).await;
        let seen = match answer.outcome {
            BalanceOutcome::Balance(won) => format!("{} won", won.0),
            other => format!("{other:?}"),
        };
        say("0301 balance", &answer.evidence, &seen);
    }

    /// Returns the first code of the page.
    async fn goods(&self, page: PageRequest) -> Option<GoodsCode> {
        let answer = self.client.goods(&self.credentials, page).await;
        let (first, seen) = match answer.outcome {
            GoodsListOutcome::Page(listing) => (
                listing.items.first().map(|goods| goods.goods_code.clone()),
                format!(
                    "{} on page 1, {} unreadable, listNum {:?}",
                    listing.len(),
                    listing.unreadable.len(),
                    listing.list_num
                ),
            ),
            other => (None, format!("{other:?}")),
        };
        say("0101 goods", &answer.evidence, &seen);
        first
    }

    async fn goods_detail(&self, code: &GoodsCode) {
        let answer = self.client.goods_detail(&self.credentials, code).await;
        let seen = match answer.outcome {
            GoodsOutcome::Found(goods) => described(&goods),
            other => format!("{code}: {other:?}"),
        };
        say("0111 goods detail", &answer.evidence, &seen);
    }

    /// Returns the first code of the list.
    async fn brands(&self) -> Option<BrandCode> {
        let answer = self.client.brands(&self.credentials).await;
        let (first, seen) = match answer.outcome {
            BrandListOutcome::List(listing) => (
                listing.items.first().map(|brand| brand.brand_code.clone()),
                format!("{}, {} unreadable", listing.len(), listing.unreadable.len()),
            ),
            other => (None, format!("{other:?}")),
        };
        say("0102 brands", &answer.evidence, &seen);
        first
    }

    async fn brand_detail(&self, code: &BrandCode) {
        let answer = self.client.brand_detail(&self.credentials, code).await;
        let seen = match answer.outcome {
            BrandOutcome::Found(brand) => format!("{code} {:?}", brand.brand_name.unwrap_or_default()),
            other => format!("{code}: {other:?}"),
        };
        say("0112 brand detail", &answer.evidence, &seen);
    }

    async fn coupon(&self, tr_id: &TransactionId) {
        let answer = self.client.coupon(&self.credentials, tr_id).await;
        let seen = match answer.outcome {
            CouponOutcome::Found(coupon) => format!("{tr_id}: {:?}, {:?}", coupon.status, coupon.status.standing()),
            other => format!("{tr_id}: {other:?}"),
        };
        say("0201 coupon", &answer.evidence, &seen);
    }
}

fn described(goods: &Goods) -> String {
    let Goods { goods_code, goods_name, goods_state, discount_price, validity, .. } = goods;
    format!("{goods_code} {goods_name:?}, {goods_state}, costs {discount_price:?}, valid {validity:?}")
}

fn say(what: &str, evidence: &Evidence, seen: &str) {
    let code = evidence.code.as_ref().map_or("-", |code| code.as_str());
    let status = evidence.http_status.map_or_else(|| "-".to_owned(), |status| status.to_string());
    let fault = evidence.transport.map_or("", |fault| fault.as_str());
    println!("{what:<18} http {status} code {code} {fault} {:?}: {seen}", evidence.elapsed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_real_host_is_refused_without_the_word_for_it() {
        let arguments = |more: &[&str]| {
            let fixed = ["smoke", "--base-url"];
            Arguments::try_parse_from(fixed.iter().chain(more)).unwrap()
        };
        let refused = arguments(&[BaseUrl::PRODUCTION]).check().unwrap_err().to_string();
        assert!(refused.contains("--i-know-this-is-live"), "{refused}");
        assert!(arguments(&[BaseUrl::PRODUCTION, "--i-know-this-is-live"]).check().is_ok());
        assert!(arguments(&["http://127.0.0.1:8080"]).check().is_ok());
        let plain = BaseUrl::PRODUCTION.replace("https:", "http:");
        assert!(Arguments::try_parse_from(["smoke", "--base-url", &plain]).is_err());
    }
}
