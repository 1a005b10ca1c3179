//! 0101, 0111, 0102 and 0112: what is on offer.

use std::sync::Arc;

use super::{Answer, Vendor};
use crate::api::Api;
use crate::catalogue::{Brand, CatalogueChange, Item};
use crate::codes::Code;
use crate::config::ListNum;
use crate::params::{Params, number};

const PAGE_SIZE_DEFAULT: u64 = 20;
/// The largest that the live service was seen to take.
const PAGE_SIZE_MAX: u64 = 5_000;

/// A list, or a page of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct List<T> {
    pub(crate) list_num: Option<i64>,
    pub(crate) items: Vec<Arc<T>>,
}

impl Vendor {
    pub(super) fn goods_page(&mut self, params: &Params) -> Answer {
        let Some(page) = params.page() else {
            return Answer::Refused(Code::BAD_PAGE);
        };
        let size = params.get("size").map_or(Some(PAGE_SIZE_DEFAULT), number);
        let Some(size) = size.filter(|size| (1..=PAGE_SIZE_MAX).contains(size)) else {
            return Answer::Refused(Code::BAD_PAGE_SIZE);
        };
        let places = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        let listed = self.catalogue.listed();
        let total = listed.len();
        let items = listed.skip(places((page - 1).saturating_mul(size))).take(places(size)).cloned().collect();
        let answer = Answer::GoodsPage(self.list(items, total));
        self.change_after(page);
        answer
    }

    /// A page without goods, although there are some.
    pub(crate) fn empty_page(&mut self) -> Answer {
        let total = self.catalogue.listed().len();
        Answer::GoodsPage(self.list::<Item>(Vec::new(), total))
    }

    pub(super) fn goods_detail(&mut self, params: &Params) -> Answer {
        let Some(code) = params.url_code() else {
            return Answer::Refused(Code::PARAMETER_MISSING);
        };
        self.catalogue.get(code).map_or_else(|| self.not_found(Api::GoodsDetail), Answer::Goods)
    }

    pub(super) fn brand_list(&mut self) -> Answer {
        let brands: Vec<Arc<Brand>> = self.catalogue.brands().to_vec();
        let total = brands.len();
        Answer::Brands(self.list(brands, total))
    }

    pub(super) fn brand_detail(&mut self, params: &Params) -> Answer {
        let Some(code) = params.url_code() else {
            return Answer::Refused(Code::PARAMETER_MISSING);
        };
        let brand = self.catalogue.brands().iter().find(|brand| brand.code == code).cloned();
        brand.map_or_else(|| self.not_found(Api::BrandDetail), Answer::Brand)
    }

    /// Plans a change for the moment after a page was served.
    pub(crate) fn plan_change(&mut self, after_page: u64, change: CatalogueChange) {
        self.planned.push((after_page, change));
    }

    fn change_after(&mut self, page: u64) {
        let (due, later) = std::mem::take(&mut self.planned).into_iter().partition(|(after, _)| *after == page);
        self.planned = later;
        let due: Vec<(u64, CatalogueChange)> = due;
        for (_, change) in due {
            if self.catalogue.change(change.clone()).is_err() {
                tracing::warn!(?change, page, "the planned change is for goods that are not on offer");
            }
        }
    }

    fn list<T>(&self, items: Vec<Arc<T>>, total: usize) -> List<T> {
        let count = |number: usize| i64::try_from(number).ok();
        let list_num = match self.list_num {
            ListNum::Total => count(total),
            ListNum::OfThisAnswer => count(items.len()),
            ListNum::Fixed(number) => Some(number),
            ListNum::Null => None,
        };
        List { list_num, items }
    }
}
