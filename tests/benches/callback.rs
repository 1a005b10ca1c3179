//! What the callback's handler costs beside the write that it must do: its median against that of a bare SDK `PutItem` of the
//! same row to the same server, taken in turns in one run. Run with `cargo bench -p tests --bench callback`.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use aws_config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Credentials;
use aws_sdk_dynamodb::types::AttributeValue;
use callback::{Access, Callback, handle};
use lambda_http::http::Method;
use lambda_http::{Body, Request};
use payout::{Attempt, Evidence, Moment, PayoutKey, RepeatPolicy, RewardCode, Rules, TrIdScheme, UserKey, Win};
use platform::{Aws, Env, Host, Machine, PayoutsTable, RewardCache, RewardsTable};
use serde_json::json;
use tests::{CODE, World};
use uuid::Uuid;

/// Few, because the local server gets slower with every row in its stream: the write must not hide what the handler adds.
const ROUNDS: usize = 300;
const WARM_UP: usize = 30;
/// SHA-256 of "bench".
const DIGEST: &str = "1b32c28cb38c05480eccc1bd60ff97029b57a05c96718b96dad7e9d84894f549";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let world = World::swept_by_hand().await?;
    let env = world.functions_env()?;
    let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(Region::new("ap-northeast-2"))
        .credentials_provider(Credentials::new("bench", "bench", None, None, "bench"))
        .endpoint_url(world.dynamodb().endpoint_for("bench"))
        .load()
        .await;
    let client = Client::new(&config);
    let aws = Aws::from(config);
    let callback = Callback {
        access: Access::from_env(&Env::of(&[("CALLBACK_TOKEN_SHA256", DIGEST)]))?,
        scheme: TrIdScheme::new("bg", "bench")?,
        rules: Rules::default(),
        rewards: RewardCache::new(RewardsTable::new(&aws, env["REWARDS_TABLE"].clone())),
        payouts: PayoutsTable::new(&aws, env["PAYOUTS_TABLE"].clone()),
        host: Machine,
    };

    let (mut handler, mut bare) = (Vec::new(), Vec::new());
    for round in 0..WARM_UP + ROUNDS {
        let request = request()?;
        let started = Instant::now();
        let status = handle(&callback, request).await?.status();
        let took = started.elapsed();
        ensure!(status == 200, "the callback was answered {status}");

        let item = row(&callback.scheme)?;
        let started = Instant::now();
        let put = client.put_item().table_name(&env["PAYOUTS_TABLE"]).set_item(Some(item));
        put.condition_expression("attribute_not_exists(tr_id)").send().await?;
        if round >= WARM_UP {
            handler.push(took);
            bare.push(started.elapsed());
        }
    }
    let (handler, bare) = (median(handler), median(bare));
    let ratio = handler.as_secs_f64() / bare.as_secs_f64();
    // Standard output holds the metrics.
    eprintln!(
        "callback handler {handler:?}, bare PutItem {bare:?} (medians of {ROUNDS}): {ratio:.2} times; at most 1.50"
    );
    world.end().await;
    ensure!(ratio <= 1.5, "the handler costs too much beside its write");
    Ok(())
}

fn request() -> Result<Request> {
    let body = json!({ "list": [{ "code": CODE, "userKey": Uuid::new_v4().simple().to_string() }] }).to_string();
    let mut request = Request::new(Body::Text(body));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = "/bleepy/bench".parse()?;
    Ok(request)
}

/// A row like the one that the handler writes.
fn row(scheme: &TrIdScheme) -> Result<HashMap<String, AttributeValue>> {
    let payout = PayoutKey {
        code: RewardCode::try_from(CODE.to_owned())?,
        user_key: UserKey::try_from(Uuid::new_v4().simple().to_string())?,
        slot: RepeatPolicy::Once.slot(&Win { at: Moment::from_millis(0), request_id: "", index: 0, entries: 1 }),
    };
    let tr_id = scheme.tr_id(&payout, 1, 0);
    let attempt =
        Attempt::first(tr_id, 0, payout, &Machine.stamp(Machine.new_owner(), Evidence::default()), &Rules::default());
    Ok(serde_dynamo::to_item(attempt)?)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
