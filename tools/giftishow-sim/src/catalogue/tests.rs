//! What is generated, and what changes.

use std::collections::BTreeSet;

use super::{Catalogue, CatalogueChange as Change, Goods, GoodsState, PriceForm, Retired, Validity};
use crate::config::{CatalogueConfig, SimConfig};

fn catalogue(seed: u64, goods: usize) -> Catalogue {
    Catalogue::new(SimConfig::default().goods, CatalogueConfig { seed, goods, ..CatalogueConfig::default() })
}

fn goods(catalogue: &mut Catalogue) -> Vec<Goods> {
    catalogue.listed().map(|item| item.goods.clone()).collect()
}

fn codes(catalogue: &mut Catalogue) -> Vec<String> {
    catalogue.listed().map(|item| item.goods.code.clone()).collect()
}

#[test]
fn a_seed_makes_2300_goods_of_134_brands_and_always_the_same() {
    let mut first = catalogue(1, 2_300);
    let all = goods(&mut first);
    assert_eq!(all, goods(&mut catalogue(1, 2_300)));
    assert_eq!(all[..500], goods(&mut catalogue(1, 500))[..], "a smaller one is its beginning");
    assert_ne!(all, goods(&mut catalogue(2, 2_300)));
    assert_eq!(all[..3], SimConfig::default().goods[..], "the known ones come first");

    let distinct: BTreeSet<&str> = all.iter().map(|goods| goods.code.as_str()).collect();
    let brands: BTreeSet<&str> = all.iter().map(|goods| goods.brand.as_str()).collect();
    assert_eq!((all.len(), distinct.len(), brands.len()), (2_300, 2_300, 134));
    let known: BTreeSet<&str> = first.brands().iter().map(|brand| brand.name.as_str()).collect();
    assert_eq!(brands, known, "every brand has goods");
}

#[test]
fn a_catalogue_has_some_of_everything() {
    let mut catalogue = catalogue(7, 2_300);
    let all = goods(&mut catalogue);
    let share = |wanted: &dyn Fn(&Goods) -> bool| all.iter().filter(|goods| wanted(goods)).count();
    assert!((30..150).contains(&share(&|goods| goods.state == GoodsState::Suspended)));
    assert!((100..500).contains(&share(&|goods| matches!(goods.validity, Validity::Until(_)))));
    assert!(share(&|goods| matches!(goods.validity, Validity::Days(60 | 93))) > 100);
    assert!(share(&|goods| goods.price_won < goods.list_price_won) > 1_000);
    assert!(all.iter().all(|goods| goods.price_won >= 500 && goods.price_won <= goods.list_price_won));
    assert!(all.iter().all(|goods| goods.price_won.is_multiple_of(10)), "single won are cut off");

    let retired = catalogue.retired().to_vec();
    assert!((20..150).contains(&retired.len()));
    for Retired { code, successor } in retired {
        assert!(catalogue.get(&code).is_none() && catalogue.get(&successor).is_some(), "{code} → {successor}");
    }
}

#[test]
fn the_largest_catalogue_has_no_code_twice() {
    let mut catalogue = catalogue(3, CatalogueConfig::GOODS_MAX);
    let retired = catalogue.retired().iter().map(|retired| retired.code.clone()).collect::<Vec<_>>();
    let mut seen: BTreeSet<String> = codes(&mut catalogue).into_iter().collect();
    assert_eq!(seen.len(), CatalogueConfig::GOODS_MAX);
    assert!(retired.into_iter().all(|code| seen.insert(code)), "nor a retired one");
}

#[test]
fn nothing_is_generated_before_somebody_asks_for_it() {
    let mut catalogue = catalogue(1, 2_300);
    assert!(catalogue.get("G00000000001").is_some());
    catalogue.change(Change::Suspend { code: "G00000000001".to_owned() }).unwrap();
    assert_eq!(catalogue.items.len(), 3);
    assert!(catalogue.get("G99999999999").is_none());
    assert_eq!(catalogue.items.len(), 2_300);
    let none = &mut Catalogue::new(SimConfig::default().goods, CatalogueConfig::none());
    assert_eq!((codes(none).len(), none.brands().len()), (3, 3));
}

#[test]
fn changes_do_what_they_say() {
    let mut catalogue = catalogue(1, 30);
    let all = codes(&mut catalogue);
    let code = |at: usize| all[at].clone();
    let changes = [
        Change::Withdraw { code: code(29) },
        Change::Replace { code: code(5), successor: "G_NEW".to_owned() },
        Change::ChangePrice { code: code(6), won: 1_000_000 },
        Change::Suspend { code: code(7) },
        Change::Add { goods: Goods::on_sale("G_MORE", "새상품", "새브랜드", 100) },
        Change::Move { code: code(8), to: 0 },
        Change::Repeat { code: code(9), at: usize::MAX },
        Change::WritePriceAs { code: code(10), form: PriceForm::Null },
    ];
    for change in changes {
        catalogue.change(change).unwrap();
    }
    let mut expected = all.clone();
    expected.pop();
    "G_NEW".clone_into(&mut expected[5]);
    expected.push("G_MORE".to_owned());
    let moved = expected.remove(8);
    expected.insert(0, moved);
    expected.push(code(9));
    assert_eq!(codes(&mut catalogue), expected);
    assert!(catalogue.get(&all[29]).is_none() && catalogue.get(&all[5]).is_none());
    assert_eq!(catalogue.get("G_NEW").unwrap().brand, catalogue.items[5].brand);
    assert_eq!(catalogue.retired().last().unwrap().code, all[5]);
    let dear = catalogue.get(&all[6]).unwrap();
    assert_eq!((dear.goods.price_won, dear.goods.list_price()), (1_000_000, 1_000_000));
    assert_eq!(catalogue.get(&all[7]).unwrap().goods.state, GoodsState::Suspended);
    assert_eq!(catalogue.get("G_MORE").unwrap().brand.code, "BR00135");
    assert_eq!(catalogue.get(&all[10]).unwrap().price_form, PriceForm::Null);

    catalogue.change(Change::Shrink { keep: Some(10) }).unwrap();
    assert_eq!(codes(&mut catalogue).len(), 10);
    assert!(catalogue.get(&all[20]).is_some(), "not listed, but still orderable");
    catalogue.change(Change::Shrink { keep: None }).unwrap();
    assert_eq!(codes(&mut catalogue), expected);
    assert!(catalogue.change(Change::Withdraw { code: code(29) }).is_err(), "gone already");
    catalogue.change(Change::Add { goods: Goods::on_sale(&all[29], "다시", "시험카페", 100) }).unwrap();
    assert_eq!(codes(&mut catalogue).last(), Some(&all[29]), "and back again");
}
