//! The pictures of goods, copied into a bucket.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a scenario that panics has failed")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use catalog::Kind;
use giftishow_sim::{CatalogueConfig, SimConfig};
use local::StackOptions;
use serde_json::Value;
use tests::World;

const SYNC: &str = "catalog-sync";
const BUCKET: &str = "pictures";

/// Stands between the function and the fake Giftishow: answers for the hosts of the pictures, which nobody has, and for S3.
#[derive(Default)]
struct Between {
    own: OnceLock<String>,
    sim: OnceLock<String>,
    bucket: Mutex<BTreeMap<String, Bytes>>,
    puts: Mutex<u32>,
    pictures: Mutex<u32>,
}

impl Between {
    async fn open() -> Result<Arc<Self>> {
        let between = Arc::new(Self::default());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        between.own.get_or_init(|| format!("http://{}", listener.local_addr().expect("an address")));
        let router = Router::new().fallback(answer).with_state(Arc::clone(&between));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(between)
    }

    fn url(&self) -> &str {
        self.own.get().expect("it is open")
    }

    fn keep(&self, path: &str, headers: &HeaderMap, body: Bytes) -> StatusCode {
        *self.puts.lock().unwrap() += 1;
        let mut bucket = self.bucket.lock().unwrap();
        let key = path.trim_start_matches('/').to_owned();
        if headers.get("if-none-match").is_some_and(|value| value == "*") && bucket.contains_key(&key) {
            return StatusCode::PRECONDITION_FAILED;
        }
        bucket.insert(key, body);
        StatusCode::OK
    }

    /// The small and the MMS picture are one file; every fifth of the goods has one that is none.
    fn picture(&self, path: &str) -> (StatusCode, Bytes) {
        *self.pictures.lock().unwrap() += 1;
        if path.ends_with("_desc.jpg") {
            return (StatusCode::OK, Bytes::from_static(b"<html>not found</html>"));
        }
        (StatusCode::OK, [&[0xFF, 0xD8, 0xFF, 0xE0], path.as_bytes()].concat().into())
    }
}

async fn answer(
    State(between): State<Arc<Between>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, Bytes) {
    match method {
        Method::PUT => (between.keep(uri.path(), &headers, body), precondition()),
        Method::GET => between.picture(uri.path()),
        _ => {
            let url = format!("{}{}", between.sim.get().expect("a sim"), uri.path());
            let form = headers.get("content-type").expect("a form").clone();
            let client = reqwest::Client::builder().no_proxy().build().expect("a client");
            let answer = client.post(url).header("content-type", form).body(body).send().await.expect("an answer");
            let status = StatusCode::from_u16(answer.status().as_u16()).expect("a status");
            let mut text = answer.text().await.expect("a text");
            for host in ["https://biz.", "https://bizimg.", "http://t.", "https://imgs."] {
                text = text.replace(&format!("{host}giftishow.invalid"), between.url());
            }
            (status, text.into())
        }
    }
}

/// How S3 says that there is such an object already; nobody looks at it with another status.
fn precondition() -> Bytes {
    Bytes::from_static(b"<Error><Code>PreconditionFailed</Code><Message>exists</Message></Error>")
}

#[tokio::test]
async fn pictures_are_copied_once_by_their_content_and_one_that_is_none_spoils_nothing() -> Result<()> {
    let between = Between::open().await?;
    let catalogue = CatalogueConfig { goods: 11, brands: 3, ..CatalogueConfig::default() };
    let sim = SimConfig { catalogue, ..SimConfig::default() };
    let options = StackOptions { sim, scheduled: false, ..tests::options() }
        .parameter("ImageBucket", BUCKET)
        .variable(SYNC, "GIFTISHOW_BASE_URL", between.url())
        .variable(SYNC, "AWS_ENDPOINT_URL_S3", between.url());
    let world = World::start(options).await?;
    between.sim.get_or_init(|| world.sim().base_url());

    let answer = world.sync().await?.answer().context("catalog-sync failed")?;
    assert_eq!(answer["status"], "complete", "{answer}");
    let tally = &answer["tally"];
    let failed = tally["pictures_failed"].as_u64().context("a count")?;
    assert!(failed >= 2, "{tally}");
    assert_eq!(tally["pictures"], 2 * 11, "a small one and a large one of each: {tally}");
    assert_eq!(tally["requests"], 1 + 3 + 1 + 11, "requests for pictures are no requests to the API: {tally}");
    let bucket = between.bucket.lock().unwrap().clone();
    assert_eq!(bucket.len(), 2 * 11);
    let goods = goods(&world);
    for row in &goods {
        for picture in row["item"]["pictures"].as_array().context("pictures")? {
            let key = format!("{BUCKET}/{}", picture["key"].as_str().context("a key")?);
            assert!(bucket[&key].starts_with(&[0xFF, 0xD8, 0xFF]), "{key}");
        }
    }
    assert_eq!(goods.iter().filter(|row| row["mirrored"] == false).count(), usize::try_from(failed)?);

    // Only what has failed is tried again; nothing that is there is written, neither a row nor an object.
    let (before, asked) = (world.dynamodb_requests(), *between.pictures.lock().unwrap());
    world.sync().await?.answer().context("catalog-sync failed")?;
    assert_eq!(world.dynamodb_requests().since(&before).of(SYNC, "UpdateItem"), 0);
    assert_eq!(u64::from(*between.pictures.lock().unwrap() - asked), 3 * failed);
    assert_eq!(*between.bucket.lock().unwrap(), bucket);
    world.end().await;
    Ok(())
}

fn goods(world: &World) -> Vec<Value> {
    let rows = world.catalog().into_iter();
    let goods = rows.filter(|(key, _)| Kind::of_key(key).is_some_and(|(kind, _)| kind == Kind::Goods));
    goods.map(|(_, row)| row.get("version").cloned().unwrap_or_default()).collect()
}
