//! Finding goods in the stored catalogue.

use std::cmp::{Ordering, Reverse};

use icu_normalizer::ComposingNormalizerBorrowed;
use serde::Serialize;

use crate::item::{Goods, Krw, SaleState, Validity};
use crate::version::Presence;

/// Separates the fields of an entry, so that nothing is found across two of them. No normalised text has it.
const BETWEEN: char = '\u{1f}';

/// A text as searching compares it: compatibility-composed (so that decomposed Hangul and full-width letters match), in lower
/// case, without blanks and punctuation.
pub fn normalised(text: &str) -> String {
    let composed = ComposingNormalizerBorrowed::new_nfkc().normalize(text);
    composed.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What is looked for. The default finds everything that is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Words, all of which must occur in name, brand or search keywords; part of a word is enough.
    pub keyword: String,
    /// `brandCode`.
    pub brand_code: Option<String>,
    /// `category1Seq`.
    pub category1_seq: Option<i64>,
    /// Least consumer price (`salePrice`), in won.
    pub least: Option<Krw>,
    /// Greatest consumer price, in won. Goods without a price are in no range.
    pub most: Option<Krw>,
    /// Only in this state.
    pub state: Option<SaleState>,
    /// Also goods that were withdrawn.
    pub withdrawn: bool,
    /// In which order.
    pub sort: Sort,
    /// How many hits to pass over.
    pub offset: usize,
    /// Most hits to return, 1 to 1,000.
    pub limit: usize,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            keyword: String::new(),
            brand_code: None,
            category1_seq: None,
            least: None,
            most: None,
            state: None,
            withdrawn: false,
            sort: Sort::default(),
            offset: 0,
            limit: 20,
        }
    }
}

/// The order of the hits; equal ones stand by code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// By name.
    #[default]
    Name,
    /// The cheapest for consumers first; without a price last.
    Cheapest,
    /// The dearest for consumers first; without a price last.
    Dearest,
    /// By brand, then name.
    Brand,
}

/// What only the operator may see, never an end user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Internal {
    /// `discountPrice`: what a send costs this account, in won. Internal, not for end users.
    pub discount_price: Option<Krw>,
}

/// Goods that were found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hit {
    /// `goodsCode`.
    pub code: String,
    /// `goodsName`.
    pub name: Option<String>,
    /// `brandCode`.
    pub brand_code: Option<String>,
    /// `brandName`.
    pub brand_name: Option<String>,
    /// `category1Seq`.
    pub category1_seq: Option<i64>,
    /// `categoryName1`.
    pub category1_name: Option<String>,
    /// `salePrice`: what consumers pay, in won.
    pub sale_price: Option<Krw>,
    /// `goodsStateCd`.
    pub state: SaleState,
    /// Whether Giftishow still has it.
    pub presence: Presence,
    /// How long its coupons are valid.
    pub validity: Option<Validity>,
    /// `goodsImgS`, the address of an image.
    pub image: Option<String>,
    /// Internal, not for end users.
    pub internal: Internal,
}

impl Hit {
    fn of(presence: Presence, goods: Goods) -> Self {
        Self {
            code: goods.code,
            name: goods.name,
            brand_code: goods.brand_code,
            brand_name: goods.brand_name,
            category1_seq: goods.category1_seq,
            category1_name: goods.category1_name,
            sale_price: goods.sale_price,
            state: goods.state,
            presence,
            validity: goods.validity,
            image: goods.goods_img_s,
            internal: Internal { discount_price: goods.discount_price },
        }
    }
}

/// A page of hits.
pub type Page<'i> = Vec<&'i Hit>;

/// What a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<'i> {
    /// How many in all.
    pub total: usize,
    /// The page that was asked for.
    pub hits: Page<'i>,
}

struct Entry {
    hit: Hit,
    text: String,
}

/// The catalogue, ready to be searched. Keeps nothing of the goods that hits do not show.
#[derive(Default)]
pub struct Index(Vec<Entry>);

impl Index {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds goods.
    pub fn add(&mut self, presence: Presence, goods: Goods) {
        let mut text = String::new();
        for field in [&goods.name, &goods.brand_name, &goods.srch_keyword].into_iter().flatten() {
            text.push_str(&normalised(field));
            text.push(BETWEEN);
        }
        self.0.push(Entry { hit: Hit::of(presence, goods), text });
    }

    /// How many goods there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Finds goods. Looks at every entry: of 20,000, within milliseconds.
    pub fn search(&self, query: &Query) -> Found<'_> {
        let words: Vec<String> = query.keyword.split_whitespace().map(normalised).collect();
        let matching = self
            .0
            .iter()
            .filter(|entry| query.allows(&entry.hit) && words.iter().all(|word| entry.text.contains(word.as_str())));
        let mut hits: Vec<&Hit> = matching.map(|entry| &entry.hit).collect();
        let total = hits.len();
        let (from, limit) = (query.offset.min(total), query.limit.clamp(1, 1_000));
        let to = from.saturating_add(limit).min(total);
        let order = |one: &&Hit, other: &&Hit| query.sort.compare(one, other);
        // Only what is shown must be in order.
        if to < total {
            hits.select_nth_unstable_by(to, order);
            hits.truncate(to);
        }
        hits.sort_unstable_by(order);
        Found { total, hits: hits.split_off(from) }
    }
}

impl Query {
    fn allows(&self, hit: &Hit) -> bool {
        let in_range = |least: Option<Krw>, most: Option<Krw>| {
            hit.sale_price.map_or(least.is_none() && most.is_none(), |price| {
                least.is_none_or(|least| price >= least) && most.is_none_or(|most| price <= most)
            })
        };
        (self.withdrawn || hit.presence != Presence::Withdrawn)
            && self.brand_code.as_ref().is_none_or(|code| hit.brand_code.as_ref() == Some(code))
            && self.category1_seq.is_none_or(|seq| hit.category1_seq == Some(seq))
            && self.state.is_none_or(|state| hit.state == state)
            && in_range(self.least, self.most)
    }
}

impl Sort {
    fn compare(self, one: &Hit, other: &Hit) -> Ordering {
        let dear = |hit: &Hit| Reverse(hit.sale_price);
        let cheap = |hit: &Hit| hit.sale_price.map_or((true, Krw(0)), |price| (false, price));
        let order = match self {
            Self::Name => one.name.cmp(&other.name),
            Self::Cheapest => cheap(one).cmp(&cheap(other)),
            Self::Dearest => dear(one).cmp(&dear(other)),
            Self::Brand => (&one.brand_name, &one.name).cmp(&(&other.brand_name, &other.name)),
        };
        order.then_with(|| one.code.cmp(&other.code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index() -> Index {
        let mut index = Index::new();
        for (code, name, brand, keyword, won, state, presence) in [
            ("G1", "아메리카노 (Tall)", "시험카페", "커피, Coffee", Some(4_500), SaleState::OnSale, Presence::Listed),
            ("G2", "카페라떼", "시험카페", "커피", Some(5_000), SaleState::Suspended, Presence::Listed),
            ("G3", "바나나우유 240ml", "시험편의점", "우유", None, SaleState::OnSale, Presence::Listed),
            ("G4", "아메리카노", "옛날카페", "커피", Some(3_000), SaleState::OnSale, Presence::Withdrawn),
        ] {
            index.add(
                presence,
                Goods {
                    code: code.into(),
                    name: Some(name.into()),
                    brand_code: Some(brand.chars().rev().collect()),
                    brand_name: Some(brand.into()),
                    srch_keyword: Some(keyword.into()),
                    category1_seq: Some(if brand.contains("카페") { 1 } else { 4 }),
                    sale_price: won.map(Krw),
                    discount_price: won.map(|won| Krw(won - 100)),
                    state,
                    ..Goods::default()
                },
            );
        }
        index
    }

    fn codes(query: &Query) -> Vec<String> {
        index().search(query).hits.iter().map(|hit| hit.code.clone()).collect()
    }

    fn keyword(keyword: &str) -> Query {
        Query { keyword: keyword.into(), ..Query::default() }
    }

    #[test]
    fn a_keyword_is_found_however_it_is_written_and_wherever_it_stands() {
        for word in [
            "메리카",
            "아메리카노tall",
            "ＣＯＦＦＥＥ",
            "시험카페 아메",
            "\u{110b}\u{1161}\u{1106}\u{1166}\u{1105}\u{1175}",
        ] {
            assert_eq!(codes(&keyword(word)), ["G1"], "{word}");
        }
        assert_eq!(codes(&keyword("240 ML")), ["G3"]);
        assert_eq!(codes(&keyword("카페커피")), Vec::<String>::new(), "nothing is found across two fields");
        assert_eq!(codes(&keyword("")).len(), 3);
    }

    #[test]
    fn brand_category_price_and_state_narrow_and_what_is_withdrawn_is_shown_only_on_demand() {
        assert_eq!(codes(&Query { state: Some(SaleState::Suspended), ..Query::default() }), ["G2"]);
        assert_eq!(codes(&Query { category1_seq: Some(4), ..Query::default() }), ["G3"]);
        assert_eq!(codes(&Query { brand_code: Some("페카험시".into()), ..keyword("라떼") }), ["G2"]);
        assert_eq!(codes(&Query { least: Some(Krw(4_501)), ..Query::default() }), ["G2"]);
        assert_eq!(codes(&Query { most: Some(Krw(4_500)), ..Query::default() }), ["G1"]);
        assert_eq!(codes(&Query { withdrawn: true, sort: Sort::Cheapest, ..keyword("아메리카노") }), ["G4", "G1"]);
    }

    #[test]
    fn hits_are_sorted_and_paged_and_the_internal_price_stands_apart() {
        assert_eq!(codes(&Query { sort: Sort::Cheapest, ..Query::default() }), ["G1", "G2", "G3"]);
        assert_eq!(codes(&Query { sort: Sort::Dearest, ..Query::default() }), ["G2", "G1", "G3"]);
        let index = index();
        let query = Query { sort: Sort::Cheapest, offset: 1, limit: 1, ..Query::default() };
        let found = index.search(&query);
        assert_eq!((found.total, found.hits[0].code.as_str()), (3, "G2"));
        assert_eq!(index.search(&Query { offset: 9, ..query }).hits.len(), 0);
        let json = serde_json::to_value(found.hits[0]).unwrap();
        assert_eq!(json["internal"]["discount_price"], 4_900);
        assert!(json.get("discount_price").is_none(), "internal, not for end users");
    }
}
