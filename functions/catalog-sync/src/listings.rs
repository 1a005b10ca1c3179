//! What is asked of Giftishow, and what keeps an answer from being one.

use giftishow::{
    AccountFault, Answer, BrandCode, BrandListOutcome, BrandOutcome, GoodsCode, GoodsListOutcome, GoodsOutcome,
    PageRequest,
};
use line::Giftishow;
use platform::ReadSecret;

/// Reads the catalogue at Giftishow.
pub trait ReadListings {
    /// 0101.
    fn goods(&self, page: PageRequest) -> impl Future<Output = Answer<GoodsListOutcome>>;
    /// 0111.
    fn goods_detail(&self, code: &GoodsCode) -> impl Future<Output = Answer<GoodsOutcome>>;
    /// 0102.
    fn brands(&self) -> impl Future<Output = Answer<BrandListOutcome>>;
    /// 0112.
    fn brand_detail(&self, code: &BrandCode) -> impl Future<Output = Answer<BrandOutcome>>;
    /// For when the credentials were refused.
    fn read_credentials_again(&self) -> impl Future<Output = ()>;
}

impl<S: ReadSecret> ReadListings for Giftishow<S> {
    async fn goods(&self, page: PageRequest) -> Answer<GoodsListOutcome> {
        Giftishow::goods(self, page).await
    }

    async fn goods_detail(&self, code: &GoodsCode) -> Answer<GoodsOutcome> {
        Giftishow::goods_detail(self, code).await
    }

    async fn brands(&self) -> Answer<BrandListOutcome> {
        Giftishow::brands(self).await
    }

    async fn brand_detail(&self, code: &BrandCode) -> Answer<BrandOutcome> {
        Giftishow::brand_detail(self, code).await
    }

    async fn read_credentials_again(&self) {
        Giftishow::read_credentials_again(self).await;
    }
}

/// Why an answer is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The line is refused.
    Refused(AccountFault),
    /// Nobody can tell.
    Silence,
}

/// An outcome that may be no answer.
pub(crate) trait Heard {
    fn trouble(&self) -> Option<Trouble>;
}

macro_rules! heard {
    ($($outcome:ident: $($answer:ident)|+, $($silence:ident)|+;)*) => {
        $(impl Heard for $outcome {
            fn trouble(&self) -> Option<Trouble> {
                match self {
                    $(Self::$answer { .. })|+ => None,
                    $(Self::$silence)|+ => Some(Trouble::Silence),
                    Self::LineRefused(fault) => Some(Trouble::Refused(*fault)),
                }
            }
        })*
    };
}
heard! {
    GoodsListOutcome: Page | PagingRefused, Unanswered;
    GoodsOutcome: Found | NotFound, Unanswered;
    BrandListOutcome: List, Unanswered;
    BrandOutcome: Found | NotFound, Unanswered;
}
