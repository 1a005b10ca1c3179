use platform::{GoodsState, ReadGoodsState, StoreError, View};

use super::Port;

/// A catalogue that was never copied: whether goods are withdrawn is decided before Giftishow is asked, so it is a question
/// for the scenarios on the real binaries. Here it can fail, or be where a process ends.
impl ReadGoodsState for Port {
    async fn goods_state(&self, _code: &str, _view: View) -> Result<Option<GoodsState>, StoreError> {
        self.reading("BatchGetItem", |_| None).await
    }
}
