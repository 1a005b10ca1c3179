use payout::{Delivery, Gubun, Moment, Reward};
use platform::Host as _;

use crate::{Given, Sender};

impl<G: Given> Sender<G> {
    /// When the hours begin in which winners of this reward are texted; `None` if it may be sent now. What the company shows
    /// or hands over itself wakes nobody, and does not wait.
    pub(crate) fn opens_at(&self, reward: &Reward) -> Option<Moment> {
        let is_texted = reward.delivery == Delivery::Giftishow && reward.gubun == Gubun::Mms;
        let hours = reward.send_hours.unwrap_or(self.send_hours);
        hours.opens_at(self.host.now()).filter(|_| is_texted)
    }
}
