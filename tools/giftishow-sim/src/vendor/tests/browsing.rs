//! Looking at the catalogue.

use super::{Desk, code_of};
use crate::api::Api;
use crate::catalogue::CatalogueChange;
use crate::config::{CatalogueConfig, ListNum, SimConfig};
use crate::vendor::Answer;

fn open(list_num: ListNum) -> Desk {
    let catalogue = CatalogueConfig { goods: 50, brands: 20, list_num, ..CatalogueConfig::default() };
    Desk::open(SimConfig { catalogue, ..SimConfig::default() })
}

/// An operation, the code at the end of its path, changes of a good form, the code that answers.
type Case<'c> = (Api, Option<&'c str>, &'c [(&'c str, &'c str)], &'c str);

/// Codes on a page.
fn page(desk: &mut Desk, start: u64, size: u64) -> Vec<String> {
    let answer = desk.ask(Api::Goods, &[("start", &start.to_string()), ("size", &size.to_string())]);
    let Answer::GoodsPage(page) = answer else { panic!("page {start} of {size}: {answer:?}") };
    page.items.iter().map(|item| item.goods.code.clone()).collect()
}

#[test]
fn every_flaw_of_a_question_gets_its_own_code() {
    let mut desk = open(ListNum::Total);
    let cases: &[Case] = &[
        (Api::Goods, None, &[], "0000"),
        (Api::Goods, None, &[("user_id", "")], "0000"),
        (Api::Goods, None, &[("api_code", "0111")], "E0007"),
        (Api::Goods, None, &[("custom_auth_token", "x")], "E0009"),
        (Api::Goods, None, &[("start", "0")], "PAG0001"),
        (Api::Goods, None, &[("start", "-1")], "PAG0001"),
        (Api::Goods, None, &[("start", "first")], "PAG0001"),
        (Api::Goods, None, &[("start", "99999999999999999999")], "PAG0001"),
        (Api::Goods, None, &[("start", "18446744073709551615"), ("size", "5000")], "0000"),
        (Api::Goods, None, &[("size", "0")], "PAG0002"),
        (Api::Goods, None, &[("size", "5001")], "PAG0002"),
        (Api::Goods, None, &[("size", "1e2")], "PAG0002"),
        (Api::GoodsDetail, Some("G00000000001"), &[], "0000"),
        (Api::GoodsDetail, Some("G00000000003"), &[("goods_code", "")], "0000"),
        (Api::GoodsDetail, Some("G99999999999"), &[("goods_code", "G00000000001")], "ERR0401"),
        (Api::GoodsDetail, Some(""), &[("goods_code", "G00000000001")], "ERR0201"),
        (Api::GoodsDetail, Some("G00000000001"), &[("custom_auth_code", "")], "E0011"),
        (Api::Brands, None, &[], "0000"),
        (Api::Brands, None, &[("dev_yn", "")], "E0013"),
        (Api::BrandDetail, Some("BR00001"), &[], "0000"),
        (Api::BrandDetail, Some("BR99999"), &[("brand_code", "BR00001")], "ERR0401"),
        (Api::BrandDetail, Some(""), &[("brand_code", "BR00001")], "ERR0201"),
    ];
    for (api, url_code, changes, code) in cases {
        assert_eq!(code_of(&desk.ask_at(*api, *url_code, changes)), *code, "{api} {url_code:?} {changes:?}");
    }
}

#[test]
fn pages_cover_the_list_and_end_in_empty_ones() {
    let mut desk = open(ListNum::Total);
    let all = page(&mut desk, 1, 5_000);
    assert_eq!(all.len(), 50);
    let paged: Vec<String> = (1..=3).flat_map(|start| page(&mut desk, start, 20)).collect();
    assert_eq!(paged, all);
    assert_eq!((page(&mut desk, 4, 20).len(), page(&mut desk, 3, 20).len()), (0, 10));
    let Answer::GoodsPage(first) = desk.ask(Api::Goods, &[]) else { panic!("a page") };
    assert_eq!(first.items.len(), 20, "the specification's default");
}

#[test]
fn list_num_says_what_it_is_told_to() {
    let cases = [
        (ListNum::Total, Some(50), Some(20)),
        (ListNum::OfThisAnswer, Some(7), Some(20)),
        (ListNum::Fixed(-3), Some(-3), Some(-3)),
        (ListNum::Null, None, None),
    ];
    for (choice, goods, brands) in cases {
        let mut desk = open(choice);
        let Answer::GoodsPage(page) = desk.ask(Api::Goods, &[("size", "7")]) else { panic!("a page") };
        let Answer::Brands(list) = desk.ask(Api::Brands, &[]) else { panic!("brands") };
        assert_eq!((page.list_num, list.list_num), (goods, brands), "{choice:?}");
    }
}

#[test]
fn a_change_after_a_page_is_seen_from_the_next_one_on_and_happens_once() {
    let mut desk = open(ListNum::Total);
    let all = page(&mut desk, 1, 5_000);
    // Goods of the second page move to the first one, which has been read: the reader never sees them.
    desk.vendor.plan_change(1, CatalogueChange::Move { code: all[12].clone(), to: 0 });
    let read: Vec<String> = (1..=5).flat_map(|start| page(&mut desk, start, 10)).collect();
    assert!(!read.contains(&all[12]));
    assert_eq!(read.iter().filter(|code| **code == all[9]).count(), 2, "and another one twice");
    let again: Vec<String> = (1..=5).flat_map(|start| page(&mut desk, start, 10)).collect();
    assert_eq!((again.len(), &again[0]), (50, &all[12]));
}

#[test]
fn withdrawn_goods_are_gone_and_coupons_for_them_stay() {
    let mut desk = open(ListNum::Total);
    desk.send("a");
    let code = "G00000000001";
    desk.vendor.change_catalogue(CatalogueChange::Withdraw { code: code.to_owned() }).unwrap();
    assert_eq!(code_of(&desk.ask_at(Api::GoodsDetail, Some(code), &[])), "ERR0401");
    assert_eq!(code_of(&desk.send("b")), "COUPON.0011");
    assert_eq!(code_of(&desk.lookup("a")), "0000");
    assert_eq!(page(&mut desk, 1, 5_000).len(), 49);
}
