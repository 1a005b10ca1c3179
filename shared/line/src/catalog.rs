//! The catalogue's four requests. None of them spends money.

use giftishow::{
    Answer, BrandCode, BrandListOutcome, BrandOutcome, GoodsCode, GoodsListOutcome, GoodsOutcome, PageRequest,
};
use platform::ReadSecret;

use crate::Giftishow;

impl<S: ReadSecret> Giftishow<S> {
    /// 0101.
    pub async fn goods(&self, page: PageRequest) -> Answer<GoodsListOutcome> {
        self.client.goods(&*self.credentials.read().await, page).await
    }

    /// 0111.
    pub async fn goods_detail(&self, code: &GoodsCode) -> Answer<GoodsOutcome> {
        self.client.goods_detail(&*self.credentials.read().await, code).await
    }

    /// 0102.
    pub async fn brands(&self) -> Answer<BrandListOutcome> {
        self.client.brands(&*self.credentials.read().await).await
    }

    /// 0112.
    pub async fn brand_detail(&self, code: &BrandCode) -> Answer<BrandOutcome> {
        self.client.brand_detail(&*self.credentials.read().await, code).await
    }
}
