//! The PIN of a coupon that the company shows itself, for whoever has a reason.

use operation::{Outcome, Refusal};
use payout::{Krw, TrId};
use platform::{Host as _, ReadCoupon as _, SealedCoupon};
use secrecy::ExposeSecret;

use crate::order::{DONE, Ending, Order, unavailable};
use crate::{Given, Operate};

impl<G: Given> Operate<G> {
    pub(crate) async fn sealed_coupon(&self, tr_id: &TrId) -> Result<SealedCoupon, Refusal> {
        let coupon = self.coupons.coupon(tr_id, self.host.now()).await.map_err(|error| unavailable(&error))?;
        coupon.ok_or_else(|| Refusal::NotFound { what: "coupon".to_owned() })
    }

    /// The record comes first: nobody sees a PIN of which that is not recorded.
    pub(crate) async fn coupon_show(&self, order: &Order<'_>, tr_id: &TrId) -> Result<Outcome, Refusal> {
        let sealed = self.sealed_coupon(tr_id).await?;
        let key = self.sealer.key().await.map_err(|error| Refusal::Unavailable { what: error.to_string() })?;
        let changed = || Refusal::Unavailable { what: "the key with which the coupon was sealed".to_owned() };
        let coupon = key.open(&sealed).ok_or_else(changed)?;
        self.record(order, DONE, Ending::done("shown", Krw(0))).await?;
        let coupon_img_url = coupon.coupon_img_url.map(|url| url.expose_secret().to_owned());
        Ok(Outcome::Coupon { pin_no: coupon.pin_no.expose_secret().to_owned(), coupon_img_url })
    }
}
