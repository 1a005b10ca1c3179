//! What must always hold, and what must be possible.

use payout::{Attempt, State};
use stateright::Property;

use crate::giftishow::Coupon;
use crate::world::{Backup, Payout, Sweeper, World, coupon_of, is_open};

pub(crate) const ONE_COUPON: &str = "the winner never has two coupons";
pub(crate) const SENT_LIVES: &str = "what counts as sent is live or used, and nothing on its way can end it";
pub(crate) const DEAD_IS_DEAD: &str = "of a dead attempt nothing is live, nor will be";
pub(crate) const NOTHING_UNSEEN: &str = "a payout that failed or was given up leaves no coupon that nobody knows of";
pub(crate) const IS_DUE: &str = "every row that is open is due one day";
pub(crate) const GOES_ON: &str = "a dead attempt is followed by another one";
pub(crate) const NOT_SILENT: &str = "a person is called when the machine gives up";
pub(crate) const LEGAL: &str = "no driver tells of an event that is illegal";
pub(crate) const LEASE_HOLDS: &str = "no lease is lost before its end";
pub(crate) const PIN_IS_KEPT: &str = "of what counts as sent, the PIN is kept if only the answer tells it";
pub(crate) const ENDS_WELL: &str = "in the end the winner has one coupon at most, or a person was told of two";
pub(crate) const ENDS_SEEN: &str = "in the end there is no coupon that nobody knows of, or a person was told of two";
pub(crate) const NOT_IN_VAIN: &str = "no write is refused for ever";
pub(crate) const SENT_STAYS: &str = "what once counted as sent is not cancelled";
pub(crate) const FOUND_STAYS: &str = "what a restored table held as open, and had been sent, is not cancelled";
pub(crate) const CLOSED_IS_OVER: &str = "of a closed payout nothing is live that could be cancelled, nor will be";
pub(crate) const NEVER_TWO: &str = "nobody is told of a second coupon while nothing is later than the grace period";

pub(crate) fn promises() -> Vec<Property<Payout>> {
    let mut promises = vec![
        Property::always(ONE_COUPON, |_, world: &World| paying(world) <= 1),
        Property::always(SENT_LIVES, |_, world: &World| sent_lives(world)),
        Property::always(DEAD_IS_DEAD, |_, world: &World| dead_is_dead(world)),
        Property::always(CLOSED_IS_OVER, |_, world: &World| closed_is_over(world)),
        Property::always(NOTHING_UNSEEN, |_, world: &World| nothing_unseen(world)),
        Property::always(IS_DUE, |_, world: &World| {
            world.rows.iter().all(|row| !is_open(row.state) || row.due_at.is_some())
        }),
        Property::always(GOES_ON, |_, world: &World| {
            if world.backup == Backup::Restored {
                return true;
            }
            let rows = &world.rows;
            let follows = |index: usize| rows.get(index + 1).map(|next| &next.tr_id);
            rows.iter().enumerate().all(|(index, row)| {
                row.state != State::Dead || (follows(index).is_some() && row.next_tr_id.as_ref() == follows(index))
            })
        }),
        Property::always(PIN_IS_KEPT, |_, world: &World| {
            let mut sent = world.rows.iter().filter(|row| row.state == State::Sent);
            sent.all(|row| !row.would_be_lost() || world.kept[coupon_of(row)])
        }),
        Property::always(ENDS_WELL, |_, world: &World| world.is_waiting() || paying(world) <= 1 || world.told_of_two),
        Property::always(ENDS_SEEN, |_, world: &World| {
            world.is_waiting() || nothing_unseen(world) || world.told_of_two
        }),
        Property::always(NEVER_TWO, |_, world: &World| !world.told_of_two),
        Property::always(NOT_IN_VAIN, |_, world: &World| !world.slips.in_vain),
        Property::always(SENT_STAYS, |_, world: &World| sent_stays(world, |_| true)),
        Property::always(FOUND_STAYS, |_, world: &World| sent_stays(world, |row| row.restored_at.is_some())),
        Property::always(NOT_SILENT, |_, world: &World| !world.slips.silence),
        Property::always(LEGAL, |_, world: &World| !world.slips.illegal_event),
        Property::always(LEASE_HOLDS, |_, world: &World| !world.slips.lost_lease),
    ];
    promises.extend(possible());
    promises
}

fn possible() -> Vec<Property<Payout>> {
    vec![
        Property::sometimes("a payout is sent at the first try", |_, world: &World| is(world, State::Sent, 1)),
        Property::sometimes("a payout is sent after a time-out", |_, world: &World| is(world, State::Sent, 2)),
        Property::sometimes("a payout is sent at the last try", |_, world: &World| is(world, State::Sent, 3)),
        Property::sometimes("a person is asked after three attempts", |_, world: &World| {
            is(world, State::Review, 3) && !is_for_a_person_to_judge(world.last())
        }),
        Property::sometimes("a duplicate is found to be ours", |_, world: &World| {
            world.last().state == State::Sent && world.last().last_event == "duplicate_of_ours"
        }),
        Property::sometimes("a coupon is used before it can be cancelled", |_, world: &World| {
            world.last().last_event == "already_used"
        }),
        Property::sometimes("a cancel comes seven days too late", |_, world: &World| {
            world.last().last_event == "not_cancellable"
        }),
    ]
}

fn paying(world: &World) -> usize {
    world.giftishow.coupons.iter().filter(|coupon| coupon.pays()).count()
}

fn is(world: &World, state: State, attempt: u8) -> bool {
    world.last().state == state && world.last().attempt == attempt
}

fn sent_lives(world: &World) -> bool {
    world.rows.iter().filter(|row| row.state == State::Sent).all(|row| {
        let attempt = coupon_of(row);
        let cancelling = matches!(&world.sweeper,
            Sweeper::Waits { row: other, answer: None, .. } if other.tr_id == row.tr_id);
        let may_end = cancelling || world.giftishow.late_cancels[attempt];
        let coupon = world.giftishow.coupons[attempt];
        coupon.pays() && !(may_end && world.giftishow.would_cancel(attempt, world.now))
    })
}

fn sent_stays(world: &World, of_interest: impl Fn(&Attempt) -> bool) -> bool {
    world.rows.iter().filter(|row| of_interest(row)).all(|row| {
        let attempt = coupon_of(row);
        !(world.ever_sent[attempt] && world.giftishow.coupons[attempt] == Coupon::Cancelled)
    })
}

fn dead_is_dead(world: &World) -> bool {
    world.rows.iter().filter(|row| row.state == State::Dead).all(|row| {
        let attempt = coupon_of(row);
        let on_its_way = world.sends_on_their_way().any(|on_its_way| on_its_way == attempt);
        match world.giftishow.coupons[attempt] {
            Coupon::None => !on_its_way,
            coupon => !coupon.pays(),
        }
    })
}

/// What was used, or outlives our seven days, a person may have given up.
fn closed_is_over(world: &World) -> bool {
    world.rows.iter().filter(|row| row.state == State::Closed).all(|row| {
        let attempt = coupon_of(row);
        let on_its_way = world.sends_on_their_way().any(|on_its_way| on_its_way == attempt);
        match world.giftishow.coupons[attempt] {
            Coupon::None => !on_its_way,
            Coupon::Live { .. } => !world.giftishow.would_cancel(attempt, world.now),
            Coupon::Used | Coupon::Cancelled => true,
        }
    })
}

/// A row in review that only a person can judge says so with the code that it keeps; a coupon of it may be live.
fn nothing_unseen(world: &World) -> bool {
    let last = world.last();
    let given_up = match last.state {
        State::Failed => true,
        State::Review => !is_for_a_person_to_judge(last),
        _ => false,
    };
    !given_up || !world.giftishow.coupons.iter().any(|coupon| coupon.pays())
}

fn is_for_a_person_to_judge(row: &Attempt) -> bool {
    row.is_unclear()
        || matches!(row.last_event.as_str(), "duplicate_of_ours" | "not_cancellable" | "found_after_restore")
}
