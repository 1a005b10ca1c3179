//! What the catalogue's four APIs answer: goods and brands, one at a time or in lists.

pub(crate) mod brand;
pub(crate) mod goods;
pub(crate) mod item;
pub(crate) mod listing;
mod text;
mod validity;

pub use brand::Brand;
pub use goods::{Goods, GoodsState};
pub use item::{ItemFault, RawItem, UnreadableItem};
pub use listing::Listing;
pub use validity::Validity;
