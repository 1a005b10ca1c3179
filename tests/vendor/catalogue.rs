//! The whole catalogue through the client.

use anyhow::{Result, bail};
use giftishow::{BrandListOutcome, BrandOutcome, GoodsListOutcome, GoodsOutcome, Listing, Validity, Won};
use giftishow_sim::{Api, CatalogueChange, CatalogueConfig, Goods, GoodsState, ListNum, PriceForm, SimConfig};

use crate::desk::Desk;

async fn page(desk: &Desk, number: u32, size: u32) -> Result<Listing<giftishow::Goods>> {
    match desk.goods_page(number, size).await? {
        GoodsListOutcome::Page(page) => Ok(page),
        other => bail!("page {number} of {size}: {other:?}"),
    }
}

/// Reads until a short page, never looking at `listNum`.
async fn read_all(desk: &Desk, size: u32) -> Result<Vec<giftishow::Goods>> {
    let mut all = Vec::new();
    for number in 1.. {
        let page = page(desk, number, size).await?;
        assert_eq!(page.unreadable, [], "page {number}");
        let last = page.len() < usize::try_from(size)?;
        all.extend(page.items);
        if last {
            break;
        }
    }
    Ok(all)
}

fn won(won: u64) -> Option<Won> {
    i64::try_from(won).ok().map(Won)
}

/// Whether the client read what the fake has on offer.
fn assert_same(read: &giftishow::Goods, offered: &Goods) {
    assert_eq!(read.goods_code.as_str(), offered.code);
    assert_eq!(read.goods_name.as_deref(), Some(offered.name.as_str()));
    assert_eq!(read.brand_name.as_deref(), Some(offered.brand.as_str()));
    assert_eq!((read.discount_price, read.sale_price), (won(offered.price_won), won(offered.list_price())));
    let state = match offered.state {
        GoodsState::OnSale => giftishow::GoodsState::Sale,
        GoodsState::Suspended => giftishow::GoodsState::Suspended,
    };
    assert_eq!(read.goods_state, state, "{}", offered.code);
    let validity = match offered.validity {
        giftishow_sim::Validity::Days(days) => Validity::Days(days.into()),
        giftishow_sim::Validity::Until(date) => Validity::Until(date),
    };
    assert_eq!(read.validity, Some(validity), "{}", offered.code);
    assert!(read.affiliate.is_some() && read.goods_img_s.is_some(), "{}", offered.code);
}

#[tokio::test]
async fn all_2300_goods_are_read_whatever_the_size_of_a_page_and_whatever_list_num_says() -> Result<()> {
    for (size, list_num, requests) in [
        (100, ListNum::Total, 24),
        (100, ListNum::OfThisAnswer, 24),
        (5_000, ListNum::Total, 1),
        (5_000, ListNum::Fixed(-1), 1),
        (700, ListNum::Null, 4),
    ] {
        let catalogue = CatalogueConfig { list_num, ..CatalogueConfig::default() };
        let desk = Desk::with(SimConfig { catalogue, ..SimConfig::default() }).await?;
        let (read, offered) = (read_all(&desk, size).await?, desk.sim.listed_goods());
        assert_eq!((read.len(), offered.len()), (2_300, 2_300));
        read.iter().zip(&offered).for_each(|(read, offered)| assert_same(read, offered));
        assert!(read.iter().all(|goods| goods.affiliate_id.is_some()), "under a misspelt key");
        assert_eq!(desk.sim.ledger().requests_for(Api::Goods), requests, "{size} {list_num:?}");
    }
    Ok(())
}

#[tokio::test]
async fn one_of_the_goods_and_one_brand_read_like_their_lists() -> Result<()> {
    let desk = Desk::open().await?;
    let offered = desk.sim.listed_goods();
    for goods in offered.iter().step_by(7) {
        let GoodsOutcome::Found(read) = desk.goods(&goods.code).await? else { bail!("{} is on offer", goods.code) };
        assert_same(&read, goods);
    }
    let BrandListOutcome::List(brands) = desk.client.brands(&desk.credentials).await.outcome else { bail!("brands") };
    assert_eq!((brands.len(), brands.list_num, brands.unreadable.len()), (10, Some(10), 0));
    for brand in brands.items {
        assert!(brand.brand_icon_img.is_some() && brand.mms_thumb_img.is_some() && brand.category1_seq.is_some());
        assert_eq!(desk.brand(brand.brand_code.as_str()).await?, BrandOutcome::Found(Box::new(brand)));
    }
    Ok(())
}

#[tokio::test]
async fn a_strange_item_spoils_no_page() -> Result<()> {
    let desk = Desk::open().await?;
    let offered = desk.sim.listed_goods();
    for (at, form) in [(4, PriceForm::Text), (5, PriceForm::Null)] {
        let code = offered[at].code.clone();
        desk.sim.change_catalogue(CatalogueChange::WritePriceAs { code, form })?;
    }
    desk.sim.add_goods([Goods::on_sale("", "이름만 있는 상품", "시험카페", 100)])?;
    let page = page(&desk, 1, 100).await?;
    assert_eq!((page.len(), page.items.len(), page.unreadable.len()), (31, 30, 1));
    assert_eq!(page.unreadable[0].index, 30);
    assert_eq!(page.items[4].discount_price, won(offered[4].price_won), "a number that comes as a text");
    assert_eq!((page.items[5].discount_price, page.items[5].sale_price), (None, None));
    Ok(())
}
