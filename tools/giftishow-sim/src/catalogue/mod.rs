//! The catalogue: what is listed, described and orderable. Most of it is generated, when somebody first asks for it.

mod change;
mod generate;
mod goods;
#[cfg(test)]
mod tests;
mod words;

use std::collections::HashMap;
use std::sync::Arc;

pub use change::CatalogueChange;
pub(crate) use change::PlannedChange;
pub use goods::{Goods, GoodsState, PriceForm, Retired, Validity};
pub(crate) use words::Kind;

use crate::config::CatalogueConfig;

/// A product and what is only written, never decided upon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) goods: Goods,
    pub(crate) brand: Arc<Brand>,
    /// `goodsNo`.
    pub(crate) number: u32,
    pub(crate) price_form: PriceForm,
    withdrawn: bool,
}

/// A brand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Brand {
    /// `brandCode`.
    pub(crate) code: String,
    pub(crate) name: String,
    /// `brandSeq`.
    pub(crate) number: u32,
    pub(crate) kind: &'static Kind,
}

/// No such product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UnknownGoods;

/// Everything on offer.
pub(crate) struct Catalogue {
    items: Vec<Arc<Item>>,
    by_code: HashMap<String, usize>,
    /// What 0101 lists, as places in `items`. Holds a place twice after a `Repeat`, and not at all after a `Withdraw`.
    listed: Vec<usize>,
    keep: Option<usize>,
    brands: Vec<Arc<Brand>>,
    retired: Vec<Retired>,
    /// What is still to be generated: most simulators never need it.
    to_come: Option<CatalogueConfig>,
}

impl Catalogue {
    /// These goods now, the generated ones when they are asked for.
    pub(crate) fn new(goods: Vec<Goods>, config: CatalogueConfig) -> Self {
        let mut catalogue = Self {
            items: Vec::new(),
            by_code: HashMap::new(),
            listed: Vec::new(),
            keep: None,
            brands: Vec::new(),
            retired: Vec::new(),
            to_come: None,
        };
        for goods in goods {
            catalogue.add(goods);
        }
        catalogue.to_come = Some(config);
        catalogue
    }

    /// The goods with this code, unless withdrawn.
    pub(crate) fn get(&mut self, code: &str) -> Option<Arc<Item>> {
        let at = self.place(code).ok()?;
        Some(Arc::clone(&self.items[at]))
    }

    /// Goods as a coupon was once ordered for them, whatever became of the catalogue since.
    pub(crate) fn as_ordered(&mut self, goods: Goods) -> Arc<Item> {
        match self.get(&goods.code) {
            Some(item) if item.goods == goods => item,
            Some(item) => Arc::new(Item { goods, ..Item::clone(&item) }),
            None => {
                let brand = self.brand_named(&goods.brand);
                Arc::new(Item { goods, brand, number: 20_000, price_form: PriceForm::default(), withdrawn: true })
            }
        }
    }

    /// What 0101 lists, in order.
    pub(crate) fn listed(&mut self) -> impl ExactSizeIterator<Item = &Arc<Item>> {
        self.generate();
        let keep = self.keep.unwrap_or(usize::MAX).min(self.listed.len());
        self.listed[..keep].iter().map(|at| &self.items[*at])
    }

    pub(crate) fn brands(&mut self) -> &[Arc<Brand>] {
        self.generate();
        &self.brands
    }

    pub(crate) fn retired(&mut self) -> &[Retired] {
        self.generate();
        &self.retired
    }

    pub(crate) fn change(&mut self, change: CatalogueChange) -> Result<(), UnknownGoods> {
        use CatalogueChange as C;
        match change {
            C::Withdraw { code } => self.withdraw(&code).map(|_| ()),
            C::Replace { code, successor } => self.replace(code, successor),
            C::ChangePrice { code, won } => self.edit(&code, |item| {
                // The discount stays what it is, unless the list price is passed.
                item.goods.list_price_won = item.goods.list_price_won.max(won);
                item.goods.price_won = won;
            }),
            C::Suspend { code } => self.edit(&code, |item| item.goods.state = GoodsState::Suspended),
            C::Resume { code } => self.edit(&code, |item| item.goods.state = GoodsState::OnSale),
            C::Add { goods } => {
                self.generate();
                self.add(goods);
                Ok(())
            }
            C::Move { code, to } => {
                self.generate();
                let at = self.place(&code)?;
                self.listed.retain(|listed| *listed != at);
                self.listed.insert(to.min(self.listed.len()), at);
                Ok(())
            }
            C::Repeat { code, at: position } => {
                self.generate();
                let at = self.place(&code)?;
                self.listed.insert(position.min(self.listed.len()), at);
                Ok(())
            }
            C::Shrink { keep } => {
                self.generate();
                self.keep = keep;
                Ok(())
            }
            C::WritePriceAs { code, form } => self.edit(&code, |item| item.price_form = form),
        }
    }

    /// The place of goods that are on offer. Generates only what it must.
    fn place(&mut self, code: &str) -> Result<usize, UnknownGoods> {
        if !self.by_code.contains_key(code) {
            self.generate();
        }
        let at = self.by_code.get(code).copied().filter(|at| !self.items[*at].withdrawn);
        at.ok_or(UnknownGoods)
    }

    fn edit(&mut self, code: &str, edit: impl FnOnce(&mut Item)) -> Result<(), UnknownGoods> {
        let at = self.place(code)?;
        edit(Arc::make_mut(&mut self.items[at]));
        Ok(())
    }

    /// Takes goods off the list; where they stood first.
    fn withdraw(&mut self, code: &str) -> Result<usize, UnknownGoods> {
        self.generate();
        let at = self.place(code)?;
        Arc::make_mut(&mut self.items[at]).withdrawn = true;
        let position = self.listed.iter().position(|listed| *listed == at).unwrap_or(self.listed.len());
        self.listed.retain(|listed| *listed != at);
        Ok(position)
    }

    fn replace(&mut self, code: String, successor: String) -> Result<(), UnknownGoods> {
        let position = self.withdraw(&code)?;
        let goods = Goods { code: successor.clone(), ..self.items[self.by_code[&code]].goods.clone() };
        let at = self.add(goods);
        self.listed.retain(|listed| *listed != at);
        self.listed.insert(position.min(self.listed.len()), at);
        self.retired.push(Retired { code, successor });
        Ok(())
    }

    /// New goods come last; goods with a known code take the place of the old ones.
    fn add(&mut self, goods: Goods) -> usize {
        let brand = self.brand_named(&goods.brand);
        let at = self.by_code.get(&goods.code).copied().unwrap_or(self.items.len());
        // Live numbers have five digits.
        let number = 20_001 + u32::try_from(at).unwrap_or(u32::MAX / 2);
        let item = Arc::new(Item { goods, brand, number, price_form: PriceForm::default(), withdrawn: false });
        self.by_code.insert(item.goods.code.clone(), at);
        if at == self.items.len() || !self.listed.contains(&at) {
            self.listed.push(at);
        }
        match self.items.get_mut(at) {
            Some(old) => *old = item,
            None => self.items.push(item),
        }
        at
    }

    fn brand_named(&mut self, name: &str) -> Arc<Brand> {
        if let Some(brand) = self.brands.iter().find(|brand| brand.name == name) {
            return Arc::clone(brand);
        }
        let brand = Arc::new(generate::brand(self.brands.len(), Some(name)));
        self.brands.push(Arc::clone(&brand));
        brand
    }

    fn generate(&mut self) {
        let Some(config) = self.to_come.take() else { return };
        for index in self.brands.len()..config.brands {
            self.brands.push(Arc::new(generate::brand(index, None)));
        }
        for index in self.items.len()..config.goods {
            let (item, retired) = generate::item(config.seed, index, &self.brands);
            self.by_code.insert(item.goods.code.clone(), index);
            self.listed.push(index);
            self.retired.extend(retired);
            self.items.push(Arc::new(item));
        }
    }
}
