use payout::{Moment, TrId};
use platform::{ReadCoupon, SealedCoupon, StoreError};

use super::Port;

impl ReadCoupon for Port {
    async fn coupon(&self, tr_id: &TrId, _now: Moment) -> Result<Option<SealedCoupon>, StoreError> {
        self.reading("GetItem", |world| world.tables.coupon(tr_id).cloned()).await
    }
}
