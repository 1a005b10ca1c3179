//! The catalogue: what is read of goods and brands, and what a bad item costs.

use giftishow::{
    Brand, BrandListOutcome, BrandOutcome, Code, Goods, GoodsListOutcome, GoodsOutcome, GoodsState, Heard, ItemFault,
    Listing, TransportFault, Validity, Won,
};

use crate::fixtures::fixture;

fn page(body: &str) -> Listing<Goods> {
    match GoodsListOutcome::read(Heard::Body(body.as_bytes())).outcome {
        GoodsListOutcome::Page(listing) => listing,
        other => panic!("{other:?} from {body}"),
    }
}

fn brands(body: &str) -> Listing<Brand> {
    match BrandListOutcome::read(Heard::Body(body.as_bytes())).outcome {
        BrandListOutcome::List(listing) => listing,
        other => panic!("{other:?} from {body}"),
    }
}

fn goods(item: &str) -> Goods {
    let body = format!(r#"{{"code":"0000","result":{{"goodsDetail":{item}}}}}"#);
    match GoodsOutcome::read(Heard::Body(body.as_bytes())).outcome {
        GoodsOutcome::Found(goods) => *goods,
        other => panic!("{other:?} from {body}"),
    }
}

fn until(text: &str) -> Validity {
    Validity::Until(text.parse().unwrap())
}

#[test]
fn the_specifications_goods_are_read_whole_from_their_misspelt_keys() {
    let listing = page(&fixture("spec/0101-goods"));
    let [goods] = listing.items.as_slice() else { panic!("{listing:?}") };
    assert_eq!(goods.goods_state, GoodsState::Sale);
    assert_eq!(goods.goods_name.as_deref(), Some("광동)비타500 100ml 병"));
    assert_eq!((goods.brand_code.as_deref(), goods.brand_name.as_deref()), (Some("BR00046"), Some("세븐일레븐")));
    assert_eq!(
        (goods.sale_price, goods.real_price, goods.discount_price),
        (Some(Won(800)), Some(Won(800)), Some(Won(750)))
    );
    assert_eq!((goods.discount_rate, goods.popular, goods.category1_seq), (Some(6.0), Some(1), Some(4)));
    assert_eq!(goods.validity, Some(Validity::Days(30)));
    assert_eq!(goods.affiliate_id.as_deref(), Some("ELEVEN"));
    assert_eq!(goods.rm_id_buy_cnt_flag_cd.as_deref(), Some("N"));
    let images = [&goods.goods_img_s, &goods.goods_img_b, &goods.brand_icon_img];
    assert!(images.iter().all(|image| image.as_ref().is_some_and(|url| url.starts_with("https://"))), "{images:?}");
    assert_eq!((goods.mms_reserve_flag, goods.rm_cnt_flag), (Some(true), Some(false)));
    assert_eq!(goods.content_add_desc, None);

    let GoodsOutcome::Found(detail) = GoodsOutcome::read(Heard::Body(fixture("spec/0111-goods").as_bytes())).outcome
    else {
        panic!("not found");
    };
    assert_eq!(
        (detail.gold_price, detail.vip_price, detail.platinum_price),
        (Some(Won(750)), Some(Won(730)), Some(Won(710)))
    );
    assert_eq!((detail.category1_seq, detail.category1_name.as_deref()), (Some(4), Some("편의점/마트")));
    assert_eq!((detail.goods_type_cd.as_deref(), detail.goods_type_dtl_nm.as_deref()), (Some("GNR"), Some("편의점")));
    assert!(detail.goods_img_b.is_some() && detail.goods_img_s.is_some() && detail.mms_goods_img.is_some());
    assert_eq!((detail.goods_desc_img_web, detail.validity), (None, Some(Validity::Days(30))));
}

#[test]
fn brands_are_read_from_every_spelling_of_their_images() {
    let listed = brands(&fixture("live/0102-brands"));
    let [first, second] = listed.items.as_slice() else { panic!("{listed:?}") };
    for brand in [first, second] {
        assert!(brand.brand_icon_img.is_some() && brand.mms_thumb_img.is_some(), "{brand:?}");
    }
    assert_eq!((first.brand_seq, first.sort, first.category1_seq), (Some(612), Some(1), Some(5)));
    let BrandOutcome::Found(brand) = BrandOutcome::read(Heard::Body(fixture("spec/0112-brand").as_bytes())).outcome
    else {
        panic!("not found");
    };
    assert!(brand.brand_icon_img.is_some_and(|url| url.ends_with("143401538.jpg")));
}

#[test]
fn a_live_page_is_read_and_its_bad_items_are_reported_with_their_index() {
    let body = fixture("live/0101-goods");
    let listing = page(&body);
    let codes: Vec<_> = listing.items.iter().map(|goods| goods.goods_code.as_str()).collect();
    assert_eq!(codes, ["G00000000001", "G00000000002", "G00000000003", "G00000000006"]);
    let bad: Vec<_> = listing.unreadable.iter().map(|bad| (bad.index, bad.fault)).collect();
    assert_eq!(bad, [(3, ItemFault::NoCode), (4, ItemFault::NotAnObject)]);
    assert_eq!((listing.unreadable[1].raw.as_str(), listing.len()), ("null", 6));
    let [coffee, film, cake, bare] = listing.items.as_slice() else { panic!("{listing:?}") };
    assert_eq!((coffee.sale_price, coffee.goods_no, coffee.discount_rate), (Some(Won(4_500)), Some(21_445), Some(6.0)));
    assert_eq!((coffee.affiliate_id.as_deref(), cake.affiliate_id.as_deref()), (Some("GND"), Some("GND")));
    assert_eq!((coffee.validity, cake.validity), (Some(Validity::Days(60)), Some(Validity::Days(30))));
    assert_eq!(film.validity, Some(until("2026-09-04")));
    assert_eq!((&cake.goods_state, cake.sale_price), (&GoodsState::Suspended, None));
    assert_eq!(bare.goods_state, GoodsState::Other("(missing)".to_owned()));
    // What nobody knows yet is still there, byte for byte.
    assert!(coffee.raw.as_str().contains("someNewKey") && body.contains(coffee.raw.as_str()));
    assert!(!format!("{coffee:?}").contains("someNewKey"));
}

#[test]
fn a_field_of_any_json_is_read_or_missing_but_never_spoils_its_item() {
    for (value, price, name) in [
        ("800", Some(800), Some("800")),
        (r#""800""#, Some(800), Some("800")),
        (r#"" 800 ""#, Some(800), Some(" 800 ")),
        ("800.0", Some(800), Some("800")),
        ("-1", Some(-1), Some("-1")),
        ("800.5", None, Some("800.5")),
        ("1.5e3", Some(1_500), Some("1500")),
        ("99999999999999999999", None, Some("100000000000000000000")),
        (r#""many""#, None, Some("many")),
        (r#""\"8\u00300\"""#, None, Some(r#""800""#)),
        ("true", None, Some("Y")),
        ("null", None, None),
        (r#""""#, None, None),
        (r#"" ""#, None, None),
        ("[800]", None, None),
        (r#"{"won":[800,{}]}"#, None, None),
    ] {
        let item = goods(&format!(r#"{{"salePrice":{value},"goodsName":{value},"goodsCode":"G1"}}"#));
        assert_eq!(item.sale_price, price.map(Won), "{value}");
        assert_eq!(item.goods_name.as_deref(), name, "{value}");
    }
    let repeated = goods(
        r#"{"goodsCode":"G1","goodsCode":"G2","limitDay":null,"limitday":"7","GOODSNAME":"","goodsName":"a","goodsname":"b"}"#,
    );
    assert_eq!((repeated.goods_code.as_str(), repeated.goods_name.as_deref()), ("G1", Some("a")));
    assert_eq!(repeated.validity, Some(Validity::Days(7)));
    let long_key = format!(r#"{{"{}":1,"goodsCode":123}}"#, "k".repeat(10_000));
    assert_eq!(goods(&long_key).goods_code.as_str(), "123");
}

#[test]
fn validity_is_told_by_the_form_of_its_fields() {
    for (fields, validity) in [
        (r#""limitDay":30"#, Some(Validity::Days(30))),
        (r#""limitDay":"30","validPrdTypeCd":"01""#, Some(Validity::Days(30))),
        (r#""limitDay":20260904,"validPrdTypeCd":"02""#, Some(until("2026-09-04"))),
        (r#""limitday":"20260904""#, Some(until("2026-09-04"))),
        (r#""limitDay":"20260904","validPrdDay":"30","validPrdTypeCd":"01""#, Some(Validity::Days(30))),
        (r#""limitDay":"30","validPrdDay":"20260904","validPrdTypeCd":"02""#, Some(until("2026-09-04"))),
        (r#""limitDay":"30","validPrdTypeCd":"02""#, None),
        (r#""limitDay":20261341"#, None),
        (r#""limitDay":"2026-9-4""#, None),
        (r#""limitDay":-1"#, None),
        (r#""limitDay":"가나""#, None),
        (r#""content":"x""#, None),
    ] {
        assert_eq!(goods(&format!(r#"{{"goodsCode":"G1",{fields}}}"#)).validity, validity, "{fields}");
    }
}

#[test]
fn only_a_list_that_is_there_counts() {
    for body in [
        "",
        "null",
        "{}",
        r#"{"code":"0000"}"#,
        r#"{"code":"0000","result":null}"#,
        r#"{"code":"0000","result":[]}"#,
        r#"{"code":"0000","result":{"listNum":0}}"#,
        r#"{"code":"0000","result":{"goodsList":null,"brandList":null}}"#,
        r#"{"code":"0000","result":{"goodsList":{}}}"#,
        r#"{"result":{"goodsList":[]}}"#,
        r#"{"code":"0000","result":{"code":"ERR0008","goodsList":[]}}"#,
        r#"{"code":"0000","result":{"goodsList":[{"goodsCode":"G1"}]}"#,
    ] {
        let heard = Heard::Body(body.as_bytes());
        assert_eq!(GoodsListOutcome::read(heard).outcome, GoodsListOutcome::Unanswered, "{body}");
        assert_eq!(BrandListOutcome::read(heard).outcome, BrandListOutcome::Unanswered, "{body}");
        assert_eq!(GoodsOutcome::read(heard).outcome, GoodsOutcome::Unanswered, "{body}");
        assert_eq!(BrandOutcome::read(heard).outcome, BrandOutcome::Unanswered, "{body}");
    }
    let inner = r#"{"code":"0000","result":{"code":"ERR0008","goodsList":[]}}"#;
    assert_eq!(GoodsListOutcome::read(Heard::Body(inner.as_bytes())).code, Some(Code::Err0008));
}

#[test]
fn a_detail_that_cannot_be_used_is_no_answer() {
    for item in [
        "null",
        "[]",
        "{}",
        r#"{"goodsCode":""}"#,
        r#"{"goodsCode":"G 1"}"#,
        r#"{"goodsName":"\ud800","goodsCode":"G1"}"#,
    ] {
        let body = format!(r#"{{"code":"0000","result":{{"goodsDetail":{item}}}}}"#);
        let reading = GoodsOutcome::read(Heard::Body(body.as_bytes()));
        assert_eq!(reading.outcome, GoodsOutcome::Unanswered, "{body}");
        let expected = (item != "null").then_some(TransportFault::BodyUnreadable);
        assert_eq!(reading.transport, expected, "{body}");
    }
}
