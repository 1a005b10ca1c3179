//! Wins, as the functions record them.

use payout::{Attempt, Evidence, Moment, PayoutKey, RewardCode, Rules, Slot, TrIdScheme, UserKey};
use platform::{Host as _, Machine, Write};

pub(crate) fn moment(text: &str) -> Moment {
    text.parse().unwrap()
}

pub(crate) fn user(name: &str) -> UserKey {
    UserKey::try_from(name.to_owned()).unwrap()
}

/// The `number`-th win of a user.
pub(crate) fn win(name: &str, number: u32, at: Moment) -> Attempt {
    let code = RewardCode::try_from("AD3FYTFS".to_owned()).unwrap();
    let payout = PayoutKey { code, user_key: user(name), slot: Slot::granted(number) };
    let stamp = payout::Stamp { owner: Machine.new_owner(), at, evidence: Evidence::default() };
    Attempt::first(&TrIdScheme::new("bg", "contract").unwrap(), &payout, 0, &stamp, &Rules::default())
}

/// What somebody makes of a row, on condition that it is still as it was.
pub(crate) fn change(before: &Attempt, change: impl FnOnce(&mut Attempt)) -> Write {
    let mut after = Attempt { owner: Machine.new_owner(), ..before.clone() };
    change(&mut after);
    Write::Change { before: before.clone(), after }
}
