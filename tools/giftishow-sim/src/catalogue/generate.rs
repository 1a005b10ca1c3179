//! Goods and brands out of a seed: the same seed gives the same catalogue, and a smaller one is the beginning of a larger one.

use std::sync::Arc;

use jiff::civil::Date;

use super::words::{KINDS, NAMES, SIZES};
use super::{Brand, Goods, GoodsState, Item, PriceForm, Retired, Validity};

/// SplitMix64 (Steele, Lea, Flood 2014): small, fast, and even enough for a catalogue.
struct Dice(u64);

impl Dice {
    fn of(seed: u64, index: usize) -> Self {
        Self(seed ^ (index as u64).wrapping_mul(0xD134_2543_DE82_EF95))
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.roll() % limit.max(1)
    }

    fn one_of<'t, T>(&mut self, list: &'t [T]) -> &'t T {
        &list[usize::try_from(self.below(list.len() as u64)).unwrap_or(0)]
    }
}

/// The brand with this index, under a name of its own or a given one.
pub(super) fn brand(index: usize, name: Option<&str>) -> Brand {
    let kind = &KINDS[index % KINDS.len()];
    let round = index / KINDS.len();
    let own = || {
        let again = round / NAMES.len();
        let more = if again == 0 { String::new() } else { format!(" {}", again + 1) };
        format!("{}{}{more}", NAMES[round % NAMES.len()], kind.shop)
    };
    let number = u32::try_from(index).unwrap_or(u32::MAX / 2) + 1;
    Brand { code: format!("BR{number:05}"), name: name.map_or_else(own, str::to_owned), number: 500 + number, kind }
}

/// The goods with this index, and the code that they replaced, if any. Every brand gets goods before one gets more.
pub(super) fn item(seed: u64, index: usize, brands: &[Arc<Brand>]) -> (Item, Option<Retired>) {
    let mut dice = Dice::of(seed, index);
    let brand = match brands.get(index) {
        Some(brand) => brand,
        None if brands.is_empty() => &Arc::new(self::brand(0, None)),
        None => dice.one_of(brands),
    };
    let kind = brand.kind;
    let number = index as u64;
    // Sixteen codes for each, and the seventeenth for the one that it may have replaced.
    let first = 200_000 + 17 * number;
    let code = format!("G{:011}", first + dice.below(16));
    let retired =
        (dice.below(40) == 0).then(|| Retired { code: format!("G{:011}", first + 16), successor: code.clone() });

    let (cheapest, dearest) = kind.prices_won;
    let list_price_won = cheapest + 100 * dice.below((dearest - cheapest) / 100 + 1);
    let discount = dice.below(kind.discount_max + 1);
    let goods = Goods {
        code,
        name: format!("{} {}", dice.one_of(kind.products), dice.one_of(SIZES)),
        brand: brand.name.clone(),
        // The service cuts off single won.
        price_won: list_price_won * (100 - discount) / 1_000 * 10,
        list_price_won,
        state: if dice.below(33) == 0 { GoodsState::Suspended } else { GoodsState::OnSale },
        validity: validity(&mut dice),
    };
    let number = 20_001 + u32::try_from(index).unwrap_or(u32::MAX / 2);
    let brand = Arc::clone(brand);
    (Item { goods, brand, number, price_form: PriceForm::Number, withdrawn: false }, retired)
}

fn validity(dice: &mut Dice) -> Validity {
    match dice.below(10) {
        0..=6 => Validity::Days(30),
        7 => Validity::Days(60),
        8 => Validity::Days(93),
        // So late that no test's clock gets there by accident.
        _ => {
            let month = i8::try_from(1 + dice.below(12)).unwrap_or(1);
            let day = i8::try_from(1 + dice.below(28)).unwrap_or(1);
            Date::new(2098, month, day).map_or_else(|_| Validity::default(), Validity::Until)
        }
    }
}
