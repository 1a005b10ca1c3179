//! The catalogue as its readers see it.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::time::Duration;

use crate::common::{call, call_at, control, start};
use giftishow_sim::{
    Api, CatalogueChange, CatalogueConfig, Fault, Goods, GoodsState, ListNum, ScriptedFault, Sim, SimConfig,
};
use serde_json::{Value, json};

async fn page(sim: &Sim, start: u32, size: u32) -> Value {
    call(sim, Api::Goods, &[("start", &start.to_string()), ("size", &size.to_string())]).await.json()
}

fn codes(page: &Value) -> Vec<&str> {
    let goods = page["result"]["goodsList"].as_array().expect("a list");
    goods.iter().map(|goods| goods["goodsCode"].as_str().expect("a code")).collect()
}

fn keys(object: &Value) -> BTreeSet<&str> {
    object.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[tokio::test]
async fn all_2300_goods_are_read_in_pages_of_any_size() {
    let sim = start().await;
    let whole = page(&sim, 1, 5_000).await;
    assert_eq!((&whole["code"], &whole["result"]["listNum"]), (&json!("0000"), &json!(2_300)));
    let mut pieces = Vec::new();
    for start in 1..=23 {
        let page = page(&sim, start, 100).await;
        pieces.extend(codes(&page).into_iter().map(str::to_owned));
    }
    assert_eq!(pieces, codes(&whole));
    assert_eq!(codes(&page(&sim, 24, 100).await), Vec::<&str>::new(), "past the end is empty, and no error");
    assert_eq!(sim.ledger().requests_for(Api::Goods), 25);
}

#[tokio::test]
async fn goods_are_written_as_the_live_service_writes_them() {
    let sim = start().await;
    let whole = page(&sim, 1, 5_000).await;
    let goods = whole["result"]["goodsList"].as_array().unwrap();
    let coffee = &goods[0];
    assert_eq!((&coffee["goodsCode"], &coffee["goodsStateCd"]), (&json!("G00000000001"), &json!("SALE")));
    assert_eq!((&coffee["discountPrice"], &coffee["limitDay"]), (&json!(4_500), &json!(30)));
    let expected = "rmIdBuyCntFlagCd discountRate mdCode endDate affliateId discountPrice mmsGoodsImg srchKeyword limitDay content \
        goodsDescImgWeb goodsImgB goodsTypeNm exhGenderCd exhAgeCd validPrdDay goodsComName goodsName mmsReserveFlag popular \
        goodsStateCd brandCode goodsNo brandName mmsBarcdCreateYn salePrice brandIconImg goodsComId rmCntFlag saleDateFlagCd \
        contentAddDesc goodsCode goodsTypeDtlNm category1Seq goodsImgS affiliate validPrdTypeCd saleDateFlag realPrice";
    assert_eq!(keys(coffee), expected.split_whitespace().collect());
    assert_eq!(goods[2]["goodsStateCd"], "SUS");

    let until = |goods: &&Value| goods["validPrdTypeCd"] == "02";
    assert!(goods.iter().filter(until).any(|goods| goods["limitDay"].as_u64().is_some_and(|day| day > 20_000_000)));
    assert!(goods.iter().filter(until).any(|goods| goods["limitDay"].as_str().is_some_and(|day| day.len() == 8)));
    assert!(
        goods.iter().any(|goods| goods["content"].is_null())
            && goods.iter().any(|goods| goods.get("brandIconImg").is_none())
    );
    for goods in goods {
        let image = goods["goodsImgS"].as_str().unwrap();
        assert!(image.split('/').nth(2).unwrap().ends_with(".invalid"), "{image} leads nowhere");
    }

    let detail = call_at(&sim, Api::GoodsDetail, "G00000000001").await.json();
    let detail = &detail["result"]["goodsDetail"];
    let expected = "rmIdBuyCntFlagCd discountRate goldPrice mdCode vipDiscountRate discountPrice mmsGoodsImg limitDay content \
        goodsDescImgWeb goodsImgB goodsTypeNm categoryName1 vipPrice goodsName mmsReserveFlag goodsStateCd brandCode \
        goldDiscountRate goodsNo platinumPrice brandName salePrice brandIconImg rmCntFlag goodsTypeCd platinumDiscountRate \
        saleDateFlagCd contentAddDesc categorySeq1 goodsCode goodsTypeDtlNm goodsImgS affiliate saleDateFlag realPrice";
    assert_eq!(keys(detail), expected.split_whitespace().collect());
    assert_eq!((&detail["goodsName"], &detail["goldPrice"]), (&json!("아메리카노"), &json!(4_230)));
}

#[tokio::test]
async fn brands_are_written_as_the_live_service_writes_them() {
    let sim = start().await;
    let brands = call(&sim, Api::Brands, &[]).await.json();
    let list = brands["result"]["brandList"].as_array().unwrap();
    assert_eq!((&brands["result"]["listNum"], list.len()), (&json!(134), 134));
    let expected = "brandName brandSeq category1Name sort content brandBannerImg mmsThumImg category2Seq brandIConImg category1Seq \
        brandCode category2Name";
    assert_eq!(keys(&list[0]), expected.split_whitespace().collect());
    let code = list[50]["brandCode"].as_str().unwrap();
    assert_eq!(call_at(&sim, Api::BrandDetail, code).await.json()["result"]["brandDetail"], list[50]);
    assert_eq!(call_at(&sim, Api::BrandDetail, "BR99999").await.json()["code"], "ERR0401");
}

#[tokio::test]
async fn generated_goods_can_be_ordered_and_retired_ones_cannot() {
    let sim = start().await;
    let retired = sim.retired_goods().remove(0);
    assert_eq!(call(&sim, Api::Send, &[("goods_code", &retired.code)]).await.json()["code"], "COUPON.0011");
    assert_eq!(call_at(&sim, Api::GoodsDetail, &retired.code).await.json()["code"], "ERR0401");
    assert_eq!(call_at(&sim, Api::GoodsDetail, &retired.successor).await.json()["code"], "0000");

    let listed = sim.listed_goods();
    let suits = |goods: &&Goods| {
        goods.price_won < goods.list_price_won && goods.price_won < 100_000 && goods.state == GoodsState::OnSale
    };
    let Goods { code, price_won, list_price_won, .. } = listed.iter().find(suits).unwrap();
    assert_eq!(call(&sim, Api::Send, &[("goods_code", code)]).await.json()["code"], "0000");
    sim.change_price(code, 1).unwrap();
    let seen = call(&sim, Api::Lookup, &[]).await.json();
    let coupon = &seen["result"][0]["couponInfoList"][0];
    let prices = (json!(price_won.to_string()), json!(list_price_won.to_string()));
    assert_eq!((&coupon["sellPriceAmt"], &coupon["cnsmPriceAmt"]), (&prices.0, &prices.1), "as ordered");
    assert_eq!(sim.ledger().issued_won, *price_won);
}

#[tokio::test]
async fn every_trouble_of_the_road_hits_the_page_it_was_scripted_for() {
    let sim = start().await;
    let second = [("start", "2"), ("size", "100")];
    let script = |fault: &str| {
        let fault = Fault::named(fault, Api::Goods).unwrap();
        sim.script(ScriptedFault::once(Api::Goods, fault).for_page(2).delayed(Duration::from_millis(20)));
    };
    for (fault, status) in
        [("http-500", 500), ("http-503", 503), ("http-502-html", 502), ("http-204", 204), ("redirect", 307)]
    {
        script(fault);
        assert_eq!(codes(&page(&sim, 1, 100).await).len(), 100);
        let raw = call(&sim, Api::Goods, &second).await;
        assert_eq!(raw.status(), status, "{fault}");
        assert_eq!(codes(&page(&sim, 2, 100).await).len(), 100, "{fault} hits once");
    }
    for (fault, code) in [("code:PAG0001", "PAG0001"), ("unlisted-code", "ERR9998")] {
        script(fault);
        assert_eq!(call(&sim, Api::Goods, &second).await.json()["code"], code);
    }
    script("empty-page");
    let empty = page(&sim, 2, 100).await;
    assert_eq!((codes(&empty).len(), &empty["result"]["listNum"]), (0, &json!(2_300)));

    script("reset");
    assert_eq!(call(&sim, Api::Goods, &second).await.end.unwrap_err().kind(), ErrorKind::ConnectionReset);
    script("timeout");
    assert!(call(&sim, Api::Goods, &second).await.bytes.is_empty());
    script("truncated-body");
    let raw = call(&sim, Api::Goods, &second).await;
    let declared: usize = raw.header("content-length").unwrap().parse().unwrap();
    assert!((1..declared).contains(&raw.body().len()));
    sim.script(ScriptedFault::once(Api::Goods, Fault::SlowBodyAfter).for_page(2).delayed(Duration::from_secs(1)));
    let slow = tokio::time::timeout(Duration::from_millis(500), call(&sim, Api::Goods, &second)).await;
    assert!(slow.is_err(), "the last byte is a second away");

    sim.script(ScriptedFault::once(Api::GoodsDetail, Fault::Redirect));
    let moved = call_at(&sim, Api::GoodsDetail, "G00000000001").await;
    assert_eq!(moved.header("location").as_deref(), Some("/bizApi/goods/G00000000001"));
    sim.script(ScriptedFault::once(Api::GoodsDetail, Fault::NotFound));
    assert_eq!(call_at(&sim, Api::GoodsDetail, "G00000000001").await.json()["code"], "ERR0401");
}

#[tokio::test]
async fn the_catalogue_changes_under_its_reader() {
    let catalogue =
        CatalogueConfig { goods: 40, brands: 10, list_num: ListNum::OfThisAnswer, ..CatalogueConfig::default() };
    let sim = Sim::start(SimConfig { catalogue, ..SimConfig::default() }).await.unwrap();
    let whole = page(&sim, 1, 100).await;
    let all = codes(&whole);
    let changes = json!([
        { "change": "withdraw", "code": all[30] },
        { "change": "write-price-as", "code": all[31], "form": "text" },
        { "change": "repeat", "code": all[1], "at": 25, "after_page": 1 },
        { "change": "shrink", "keep": 30, "after_page": 3 },
    ]);
    assert_eq!(control(&sim, "POST", "/_catalogue", &changes.to_string()).await.status(), 204);
    let mut sizes = Vec::new();
    let mut read = Vec::new();
    for start in 1..=5 {
        let page = page(&sim, start, 10).await;
        sizes.push(page["result"]["listNum"].as_u64().unwrap());
        read.extend(codes(&page).into_iter().map(str::to_owned));
        let priced = page["result"]["goodsList"].as_array().unwrap().iter().find(|goods| goods["goodsCode"] == all[31]);
        assert!(priced.is_none_or(|goods| goods["discountPrice"].is_string()));
    }
    assert_eq!(sizes, [10, 10, 10, 0, 0]);
    assert_eq!(read.iter().filter(|code| *code == all[1]).count(), 2);
    assert!(!read.iter().any(|code| code == all[30]));

    sim.change_catalogue(CatalogueChange::Shrink { keep: None }).unwrap();
    sim.add_goods([Goods::on_sale("G_NEW", "새상품", "새브랜드", 100)]).unwrap();
    sim.suspend("G_NEW").unwrap();
    sim.withdraw(all[5]).unwrap();
    assert_eq!(codes(&page(&sim, 1, 100).await).len(), 40);
    assert_eq!(call(&sim, Api::Send, &[("goods_code", "G_NEW")]).await.json()["code"], "ERR0401");
    let unknown = json!([{ "change": "withdraw", "code": all[5] }]).to_string();
    assert_eq!(control(&sim, "POST", "/_catalogue", &unknown).await.status(), 404);
    assert_eq!(control(&sim, "POST", "/_catalogue", r#"[{"change":"burn"}]"#).await.status(), 400);
}

#[tokio::test]
async fn a_catalogue_larger_than_any_is_refused() {
    let catalogue = CatalogueConfig { goods: CatalogueConfig::GOODS_MAX + 1, ..CatalogueConfig::default() };
    assert!(Sim::start(SimConfig { catalogue, ..SimConfig::default() }).await.is_err());
}
