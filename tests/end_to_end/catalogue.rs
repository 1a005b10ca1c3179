//! The catalogue: complete or not at all, whatever happens while it is read.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use aws_config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::config::Credentials;
use catalog::{Kind, Presence};
use giftishow_sim::{
    Api, CatalogueChange, CatalogueConfig, Fault, Goods, GoodsState, PriceForm, ScriptedFault, SimConfig,
};
use local::StackOptions;
use local::dynamodb::{DbFault, ScriptedDbFault};
use platform::{Aws, CatalogTable};
use serde_json::{Value, json};
use tests::{CODE, LIMIT, World};

const SYNC: &str = "catalog-sync";
/// Twelve pages of ten: the last one short.
const GOODS: usize = 115;
const BRANDS: usize = 9;
const PAGES: u64 = 12;

/// A world with a small catalogue, in which nothing happens by itself.
struct Shop(World);

impl Deref for Shop {
    type Target = World;
    fn deref(&self) -> &World {
        &self.0
    }
}

impl Shop {
    async fn open() -> Result<Self> {
        Self::with(StackOptions::parameter(options(), "CatalogPageSize", "10")).await
    }

    async fn with(options: StackOptions) -> Result<Self> {
        Ok(Self(World::start(options).await?))
    }

    /// One invocation, which must not fail.
    async fn run(&self) -> Result<Value> {
        self.sync().await?.answer().context("catalog-sync failed")
    }

    /// One invocation that must complete a run.
    async fn complete(&self) -> Result<Value> {
        let answer = self.run().await?;
        ensure!(answer["status"] == "complete", "{answer}");
        Ok(answer)
    }

    fn asked(&self, api: Api) -> u64 {
        self.sim().ledger().requests_for(api)
    }

    /// Code of the goods in this place of the list.
    fn code(&self, place: usize) -> String {
        self.sim().listed_goods()[place].code.clone()
    }

    /// What readers see of the goods: presence, price and the JSON that they came as, by code.
    fn seen(&self) -> BTreeMap<String, (String, Value, Value)> {
        let rows = self.catalog();
        let committed = rows.get("head#committed").map_or(0, |row| row["generation"].as_u64().unwrap_or_default());
        let versions = rows.iter().filter_map(|(key, row)| {
            let (kind, code) = Kind::of_key(key)?;
            let staged = row["generation"].as_u64()? > committed;
            let version = if staged { row.get("before")? } else { &row["version"] };
            let presence = version["presence"].as_str()?.to_owned();
            let price = version["item"]["discount_price"].clone();
            Some((format!("{}#{code}", kind.as_str()), (presence, price, version["raw"].clone())))
        });
        versions.collect()
    }

    fn presence(&self, code: &str) -> String {
        self.seen().get(&Kind::Goods.key(code)).map_or_else(|| "unseen".to_owned(), |(presence, ..)| presence.clone())
    }

    /// The history, the newest run first, as tools read it.
    async fn history(&self) -> Result<Vec<catalog::Run>> {
        Ok(CatalogTable::new(&self.aws().await, "catalog".to_owned()).runs(10).await?)
    }

    /// The local services, for a client of this process.
    async fn aws(&self) -> Aws {
        let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .region(Region::new("ap-northeast-2"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .endpoint_url(self.dynamodb().endpoint());
        config.load().await.into()
    }

    /// The latest run of the history.
    fn last_run(&self) -> Value {
        let rows = self.catalog();
        rows.into_iter().rfind(|(key, _)| key.starts_with("run#")).map_or(Value::Null, |(_, row)| row["run"].clone())
    }
}

fn options() -> StackOptions {
    let catalogue = CatalogueConfig { goods: GOODS, brands: BRANDS, ..CatalogueConfig::default() };
    let sim = SimConfig { catalogue, ..SimConfig::default() };
    StackOptions { scheduled: false, sim, ..tests::options() }
}

fn on_page(fault: Fault, page: u64) -> ScriptedFault {
    ScriptedFault::always(Api::Goods, fault).for_page(page)
}

#[tokio::test]
async fn the_first_run_copies_everything_and_an_unchanged_day_writes_one_row_of_history() -> Result<()> {
    let shop = Shop::open().await?;
    let brands = shop.complete().await?["brands"]["new"].as_u64().context("brands")?;
    let goods = u64::try_from(GOODS)?;
    assert_eq!((shop.asked(Api::Goods), shop.asked(Api::Brands)), (PAGES, 1));
    assert_eq!((shop.asked(Api::GoodsDetail), shop.asked(Api::BrandDetail)), (goods, brands));
    let offered = shop.sim().listed_goods();
    assert_eq!(shop.seen().len(), offered.len() + usize::try_from(brands)?);
    for goods in &offered {
        let row = &shop.catalog()[&Kind::Goods.key(&goods.code)]["version"];
        assert_eq!((row["item"]["name"].as_str(), &row["presence"]), (Some(goods.name.as_str()), &json!("listed")));
        assert_eq!(row["item"]["discount_price"], goods.price_won);
        assert!(row["item"]["affiliate_id"].is_string(), "from a misspelt key of the list");
        assert!(row["item"]["platinum_price"].is_number(), "from the detail");
        assert!(row["raw"].as_str().is_some_and(|raw| raw.contains(&goods.code)));
    }

    let (before, rows) = (shop.dynamodb_requests(), shop.catalog());
    let answer = shop.complete().await?;
    assert_eq!((&answer["goods"]["new"], &answer["goods"]["changed"]), (&json!(0), &json!(0)));
    assert_eq!((shop.asked(Api::Goods), shop.asked(Api::Brands)), (2 * PAGES, 2));
    assert_eq!(shop.asked(Api::GoodsDetail), goods, "details of what has not changed are not asked for");
    let cost = shop.dynamodb_requests().since(&before);
    assert_eq!((cost.of(SYNC, "PutItem"), cost.of(SYNC, "UpdateItem"), cost.of(SYNC, "TransactWriteItems")), (1, 0, 0));
    let after = shop.catalog();
    assert_eq!(after.len(), rows.len() + 1, "one row of history");
    assert!(rows.iter().all(|(key, row)| after[key] == *row));
    shop.0.end().await;
    Ok(())
}

#[tokio::test]
async fn as_many_rows_are_written_as_goods_changed() -> Result<()> {
    let shop = Shop::open().await?;
    shop.complete().await?;
    let (dearer, suspended, gone) = (shop.code(20), shop.code(50), shop.code(70));
    shop.sim().change_price(&dearer, 77_000)?;
    shop.sim().suspend(&suspended)?;
    shop.sim().withdraw(&gone)?;
    shop.sim().add_goods([Goods::on_sale("G99999999999", "새 상품", "시험카페", 3_000)])?;
    let (before, details) = (shop.dynamodb_requests(), shop.asked(Api::GoodsDetail));
    let answer = shop.complete().await?;
    let goods = &answer["goods"];
    let told = ["listed", "new", "changed", "repriced", "withdrawn"].map(|count| goods[count].as_u64());
    assert_eq!(told, [GOODS, 1, 2, 1, 1].map(|count| u64::try_from(count).ok()), "{answer}");
    assert_eq!(shop.dynamodb_requests().since(&before).of(SYNC, "UpdateItem"), 4);
    assert_eq!(shop.asked(Api::GoodsDetail) - details, 4);
    assert_eq!(shop.presence(&gone), "withdrawn");
    let seen = shop.seen();
    assert_eq!(seen[&Kind::Goods.key(&dearer)].1, 77_000);
    assert_eq!(shop.catalog()[&Kind::Goods.key(&suspended)]["version"]["item"]["state"], "SUS");

    // The history tells the same, and the difference between two runs is what happened between them.
    let runs = shop.history().await?;
    assert_eq!((runs.len(), runs[0].held.clone(), runs[0].goods.listed), (2, None, GOODS));
    let difference = catalog::difference(&runs[..1]);
    let changed: Vec<&str> = difference.changes.iter().map(|change| change.code.as_str()).collect();
    let mut expected = [dearer.as_str(), &suspended, &gone, "G99999999999"];
    expected.sort_unstable();
    assert_eq!(changed, expected);
    let repriced: Vec<_> = difference.changes.iter().filter_map(catalog::Change::repriced).collect();
    assert_eq!(repriced.len(), 1);
    assert_eq!(repriced[0].1.map(|won| won.0), Some(77_000));

    // Back again, under the same code.
    let again = Goods { state: GoodsState::OnSale, ..Goods::on_sale(&gone, "돌아온 상품", "시험카페", 1_000) };
    shop.sim().add_goods([again])?;
    assert_eq!(shop.complete().await?["goods"]["returned"], 1);
    assert_eq!(shop.presence(&gone), "listed");
    shop.0.end().await;
    Ok(())
}

#[tokio::test]
async fn a_page_that_fails_deletes_nothing_whichever_it_is_and_holds_the_run_in_the_end() -> Result<()> {
    let shop = Shop::open().await?;
    shop.complete().await?;
    shop.sim().withdraw(&shop.code(3))?;
    shop.sim().change_price(&shop.code(1), 99_000)?;
    let before = shop.seen();
    let faults = ["http-500", "truncated-body", "code:PAG0001", "unlisted-code", "http-502-html", "redirect"];
    for page in 1..=PAGES {
        let name = faults[usize::try_from(page)? % faults.len()];
        shop.sim().script(on_page(Fault::named(name, Api::Goods)?, page));
        let answer = shop.run().await?;
        assert_eq!(answer["status"], if page % 3 == 0 { "held" } else { "unfinished" }, "page {page}: {answer}");
        assert_eq!(shop.seen(), before, "page {page}, {name}");
        shop.sim().clear_faults();
    }
    assert_eq!(shop.last_run()["held"]["reason"], "unanswered");
    let held = shop.logs().containing("A run of the catalogue is held").len();
    assert_eq!(held, usize::try_from(PAGES)? / 3);
    assert_eq!(shop.complete().await?["goods"]["withdrawn"], 1);
    shop.0.end().await;
    Ok(())
}

#[tokio::test]
async fn an_empty_page_in_the_middle_or_a_list_that_shrank_too_much_holds_the_run() -> Result<()> {
    let shop = Shop::open().await?;
    shop.complete().await?;
    let before = shop.seen();
    for page in [1, 5, PAGES - 1] {
        shop.sim().script(on_page(Fault::EmptyPage, page));
        let answer = shop.run().await?;
        assert_eq!(answer["status"], "held", "{answer}");
        assert_eq!(shop.last_run()["held"], json!({ "reason": "empty_page", "page": page }));
        assert_eq!(shop.seen(), before);
        shop.sim().clear_faults();
    }
    for keep in [Some(0), Some(GOODS * 4 / 5 - 1)] {
        shop.sim().change_catalogue(CatalogueChange::Shrink { keep })?;
        assert_eq!(shop.run().await?["status"], "held", "{keep:?}");
        assert_eq!(shop.seen(), before);
    }
    assert_eq!(shop.logs().containing(r#""CatalogHeld":1"#).len(), 5);
    // Unless a person says that it is true.
    let answer = shop.invoke(SYNC, &json!({ "may_shrink": true })).await?.answer().context("no answer")?;
    assert_eq!((&answer["status"], &answer["goods"]["listed"]), (&json!("complete"), &json!(91)), "{answer}");
    shop.sim().change_catalogue(CatalogueChange::Shrink { keep: None })?;
    shop.complete().await?;
    assert_eq!(shop.seen(), before, "all of them are back");
    // An empty page behind a full last one is the end, and nothing else.
    shop.sim().change_catalogue(CatalogueChange::Shrink { keep: Some(110) })?;
    shop.complete().await?;
    // So is one that is refused there.
    shop.sim().script(on_page(Fault::named("code:PAG0001", Api::Goods)?, PAGES + 1));
    shop.complete().await?;
    shop.0.end().await;
    Ok(())
}

#[tokio::test]
async fn goods_that_are_still_described_are_withdrawn_only_when_two_runs_miss_them() -> Result<()> {
    let shop = Shop::open().await?;
    shop.complete().await?;
    let last = shop.sim().listed_goods().into_iter().rfind(|goods| goods.state == GoodsState::OnSale);
    let code = last.context("goods on sale")?.code;
    let keep = shop.sim().listed_goods().iter().position(|goods| goods.code == code);
    shop.sim().change_catalogue(CatalogueChange::Shrink { keep })?;
    assert_eq!(shop.complete().await?["goods"]["unlisted"], 1);
    assert_eq!(shop.presence(&code), Presence::Unlisted.as_str());
    assert_eq!(shop.complete().await?["goods"]["withdrawn"], 1);
    assert_eq!(shop.presence(&code), Presence::Withdrawn.as_str());
    shop.0.end().await;
    Ok(())
}

#[tokio::test]
async fn goods_that_move_between_pages_or_stand_on_two_are_neither_lost_nor_doubled() -> Result<()> {
    let shop = Shop::open().await?;
    shop.complete().await?;
    let before = shop.seen();
    // Goods of the first page move to the end when it has been read: those of the second move up and are missed.
    shop.sim().change_catalogue_after_page(1, CatalogueChange::Move { code: shop.code(2), to: usize::MAX });
    let missed = shop.code(10);
    // Twice on two pages, and others twice because the last of the list come to the front.
    shop.sim().change_catalogue(CatalogueChange::Repeat { code: shop.code(33), at: 88 })?;
    let answer = shop.complete().await?;
    assert_eq!((&answer["goods"]["withdrawn"], &answer["goods"]["unlisted"]), (&json!(0), &json!(1)), "{answer}");
    assert!(answer["tally"]["repeated"].as_u64() >= Some(2), "{answer}");
    assert_eq!(shop.presence(&missed), "unlisted");
    shop.complete().await?;
    let strip = |seen: BTreeMap<String, (String, Value, Value)>| seen.into_keys().collect::<Vec<_>>();
    assert_eq!(strip(shop.seen()), strip(before));
    assert_eq!(shop.presence(&missed), "listed");

    // Withdrawn, suspended and repriced while it is read: the next run shows it.
    let (gone, late) = (shop.code(60), shop.code(100));
    shop.sim().change_catalogue_after_page(7, CatalogueChange::Withdraw { code: gone.clone() });
    shop.sim().change_catalogue_after_page(2, CatalogueChange::ChangePrice { code: late.clone(), won: 88_000 });
    shop.complete().await?;
    assert_eq!(shop.seen()[&Kind::Goods.key(&late)].1, 88_000);
    shop.complete().await?;
    assert_eq!(shop.presence(&gone), "withdrawn");
    shop.0.end().await;
    Ok(())
}

#[tokio::test]
async fn a_price_that_is_written_otherwise_is_no_change_and_one_that_is_missing_is() -> Result<()> {
    let shop = Shop::open().await?;
    shop.complete().await?;
    let (text, null) = (shop.code(4), shop.code(5));
    shop.sim().change_catalogue(CatalogueChange::WritePriceAs { code: text.clone(), form: PriceForm::Text })?;
    shop.sim().change_catalogue(CatalogueChange::WritePriceAs { code: null.clone(), form: PriceForm::Null })?;
    let answer = shop.complete().await?;
    assert_eq!((&answer["goods"]["changed"], &answer["goods"]["repriced"]), (&json!(1), &json!(1)), "{answer}");
    let seen = shop.seen();
    assert!(seen[&Kind::Goods.key(&text)].1.is_number() && seen[&Kind::Goods.key(&null)].1.is_null());
    shop.0.end().await;
    Ok(())
}

#[tokio::test]
async fn killed_at_any_page_a_run_ends_in_the_same_table_as_one_that_was_not() -> Result<()> {
    let (clean, killed) = (Shop::open().await?, Shop::open().await?);
    clean.complete().await?;
    for page in 1..=PAGES {
        kill_at(&killed, on_page(Fault::TimeoutBefore, page)).await?;
        assert!(killed.seen().is_empty(), "half a catalogue is none");
    }
    killed.complete().await?;
    assert_eq!(rows(&killed), rows(&clean), "the first run");

    for page in 1..=PAGES {
        let before = killed.seen();
        for shop in [&clean, &killed] {
            let (early, late) = (shop.code(usize::try_from(page)?), shop.code(100 - usize::try_from(page)?));
            shop.sim().change_price(&early, 90_000 + page)?;
            shop.sim().withdraw(&late)?;
            let new = format!("G{:011}", 99_000_000_000 + page);
            shop.sim().add_goods([Goods::on_sale(&new, "새 상품", "시험카페", 3_000)])?;
        }
        kill_at(&killed, on_page(Fault::TimeoutBefore, page)).await?;
        assert_eq!(killed.seen(), before, "killed at page {page}");
        if page % 4 == 0 {
            kill_at(&killed, ScriptedFault::once(Api::GoodsDetail, Fault::TimeoutBefore)).await?;
            assert_eq!(killed.seen(), before, "killed at a detail after page {page}");
        }
        clean.complete().await?;
        killed.complete().await?;
        assert_eq!(rows(&killed), rows(&clean), "killed at page {page}");
    }
    clean.0.end().await;
    killed.0.end().await;
    Ok(())
}

/// Goods and brands with all that their rows hold, but for when that was.
fn rows(shop: &Shop) -> BTreeMap<String, Value> {
    let rows = shop.catalog().into_iter().filter(|(key, _)| Kind::of_key(key).is_some());
    let timeless = |mut row: Value| {
        for version in ["version", "before"] {
            row[version].as_object_mut().and_then(|version| version.remove("changed_at"));
        }
        row
    };
    rows.map(|(key, row)| (key, timeless(row))).collect()
}

/// Kills the function while it waits for an answer that never comes.
async fn kill_at(shop: &Shop, silence: ScriptedFault) -> Result<()> {
    let met = |ledger: &giftishow_sim::Ledger| ledger.events.iter().filter(|event| event.fault.is_some()).count();
    let before = met(&shop.sim().ledger());
    shop.sim().script(silence);
    let kill = async {
        shop.sim().wait_until(LIMIT, |ledger| met(ledger) > before).await?;
        shop.kill_function(SYNC).await
    };
    let (outcome, killed) = tokio::join!(shop.sync(), kill);
    killed?;
    shop.sim().clear_faults();
    ensure!(outcome?.is_failed(), "it ended before it was killed");
    Ok(())
}

#[tokio::test]
async fn killed_at_any_write_nobody_sees_half_of_a_run() -> Result<()> {
    let shop = Shop::open().await?;
    shop.complete().await?;
    for (round, fault) in [DbFault::KillCallerBeforeCommit, DbFault::KillCallerAfterCommit].into_iter().enumerate() {
        for (operation, skip) in [("PutItem", 0), ("UpdateItem", 0), ("UpdateItem", 1), ("TransactWriteItems", 0)] {
            let before = shop.seen();
            let won = 60_000 + u64::try_from(round)? * 1_000 + u64::from(skip) + u64::try_from(operation.len())?;
            shop.sim().change_price(&shop.code(15), won)?;
            shop.sim().change_price(&shop.code(95), won)?;
            let fault = ScriptedDbFault::new(fault).caller(SYNC).table("catalog").operation(operation).skip(skip);
            shop.dynamodb().script(fault);
            assert!(shop.sync().await?.is_failed(), "{operation}");
            let committed = round == 1 && operation == "TransactWriteItems";
            assert_eq!(shop.seen() == before, !committed, "{operation} {skip}");
            shop.complete().await?;
            let seen = shop.seen();
            assert!([15, 95].map(|place| seen[&Kind::Goods.key(&shop.code(place))].1 == won).iter().all(|same| *same));
        }
    }
    shop.0.end().await;
    Ok(())
}

#[tokio::test]
async fn out_of_time_a_run_saves_its_place_and_goes_on_from_there() -> Result<()> {
    let goes_on = json!({ "only_unfinished": true });
    // Twenty pages of one and two empty ones; three seconds more than what is kept for a request and for settling.
    let catalogue = CatalogueConfig { goods: 20, brands: 3, ..CatalogueConfig::default() };
    let sim = SimConfig { catalogue, ..SimConfig::default() };
    let slow = StackOptions { sim, ..options() }.parameter("CatalogPageSize", "1").parameter("CatalogGapMs", "250");
    let shop = Shop::with(slow.timeout(SYNC, Duration::from_secs(93))).await?;
    assert_eq!(shop.invoke(SYNC, &goes_on).await?.answer(), Some(json!({ "status": "idle" })));
    let mut answer = shop.run().await?;
    while answer["status"] == "unfinished" {
        assert!(shop.seen().is_empty(), "half a catalogue is none");
        answer = shop.invoke(SYNC, &goes_on).await?.answer().context("no answer")?;
    }
    assert_eq!((&answer["status"], &answer["goods"]["new"]), (&json!("complete"), &json!(20)), "{answer}");
    assert!(answer["tally"]["invocations"].as_u64() >= Some(3), "{answer}");

    let (before, seen) = (shop.asked(Api::Goods), shop.seen());
    let answer = shop.run().await?;
    assert!(answer["next"]["page"].as_u64() > Some(2), "{answer}");
    let answer = shop.invoke(SYNC, &goes_on).await?.answer().context("no answer")?;
    assert_eq!((&answer["status"], &answer["tally"]["invocations"]), (&json!("complete"), &json!(2)), "{answer}");
    assert_eq!(shop.asked(Api::Goods) - before, 22, "no page is read twice");
    assert_eq!((&answer["tally"]["pages"], &answer["goods"]["listed"]), (&json!(22), &json!(20)), "{answer}");
    assert_eq!(shop.seen(), seen);
    shop.0.end().await;
    Ok(())
}

#[tokio::test]
async fn sends_go_first() -> Result<()> {
    let shop = Shop::open().await?;
    let row = |due_at: &str| json!({ "tr_id": "bg_00000000000000000", "state": "accepted", "due_shard": 0, "due_at": due_at });
    shop.put_payout(&row("2026-01-01T00:00:00.000Z"))?;
    let answer = shop.run().await?;
    assert_eq!((&answer["status"], &answer["why"]), (&json!("unfinished"), &json!("sends are waiting")));
    assert_eq!((shop.asked(Api::Brands), shop.asked(Api::Goods)), (0, 0));
    shop.put_payout(&row("2999-01-01T00:00:00.000Z"))?;
    let answer = shop.complete().await?;
    assert_eq!(answer["tally"]["invocations"], 2, "the same run went on");
    shop.0.end().await;
    Ok(())
}

#[tokio::test]
async fn operators_learn_what_is_wrong_with_a_reward_and_what_may_take_its_place() -> Result<()> {
    let shop = Shop::open().await?;
    shop.complete().await?;
    let sale: Vec<String> = {
        let goods = shop.sim().listed_goods().into_iter().skip(10);
        goods.filter(|goods| goods.state == GoodsState::OnSale).map(|goods| goods.code).collect()
    };
    for (code, goods) in [("RETIRED", &sale[0]), ("DEAR", &sale[1]), ("SUSPENDED", &sale[2]), ("OFF", &sale[3])] {
        let reward = local::Reward { code: code.into(), goods_code: goods.clone(), ..local::Reward::sample() };
        shop.put_reward(&local::Reward { active: code != "OFF", max_price_krw: 1_000_000, ..reward })?;
    }
    shop.put_reward(&local::Reward {
        code: "NEVER".into(),
        goods_code: "G77777777777".into(),
        ..local::Reward::sample()
    })?;
    assert_eq!(shop.complete().await?["rewards_at_risk"], 1, "goods that do not exist");

    let successor = "G88888888888".to_owned();
    shop.sim().change_catalogue(CatalogueChange::Replace { code: sale[0].clone(), successor: successor.clone() })?;
    shop.sim().change_price(&sale[1], 1_000_001)?;
    shop.sim().suspend(&sale[2])?;
    shop.sim().withdraw(&sale[3])?;
    assert_eq!(shop.complete().await?["rewards_at_risk"], 4);
    let said = |code: &str, what: &str| {
        let lines = shop.logs().containing("A reward cannot be paid").into_iter();
        let lines = lines.filter_map(|line| serde_json::from_str::<Value>(&line.text).ok());
        lines.filter(|line| line["code"] == code && line["what"] == what).collect::<Vec<_>>()
    };
    let told = |code: &str, what: &str| !said(code, what).is_empty();
    let all = |_: &local::Stack| told("RETIRED", "withdrawn") && told("NEVER", "unknown_goods");
    shop.wait_until("the log has it", LIMIT, all).await?;
    assert_eq!(said("RETIRED", "withdrawn")[0]["successor"], successor);
    assert!(told("DEAR", "price_above_limit") && told("SUSPENDED", "not_on_sale"));
    assert!(!told("OFF", "withdrawn"), "what is switched off is not sold");
    assert!(!told(CODE, "withdrawn"), "what is right is not told");
    assert_eq!(shop.logs().containing(r#""RewardsAtRisk":4"#).len(), 1);
    shop.0.end().await;
    Ok(())
}
