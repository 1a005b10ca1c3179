//! Histories that once broke a promise, told.

use simulation::{Ends, Settings, Simulation, Story};

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const DAY: i64 = 24 * 60 * MINUTE;
/// A story begins ten minutes before.
const MIDNIGHT: i64 = 10 * MINUTE;

/// How it ends; every promise must be kept.
fn ends(story: &Story) -> Ends {
    let (result, lines) = Simulation::new(Settings::default()).unwrap().tell(story);
    match result {
        Ok(ends) => ends,
        Err(violation) => panic!("{violation}\n{}", lines.join("\n")),
    }
}

fn sent_and_held(story: &Story) -> (u64, u64) {
    let Ends { sent, held, .. } = ends(story);
    (sent, held)
}

/// Paid on Monday; Thursday's callback is lost and tried again in a list of two.
#[test]
fn a_second_win_that_is_lost_and_retried_in_a_list_is_not_swallowed() {
    let mut story = Story::default();
    let monday = story.win(DAY, Story::DAILY, 0);
    let thursday = story.win(4 * DAY, Story::DAILY, 0);
    let other = story.win(4 * DAY, Story::DAILY, 1);
    story.post(DAY, &[monday], 0);
    story.post(4 * DAY + 60 * MINUTE, &[other, thursday], 0);
    assert_eq!(sent_and_held(&story), (2, 1));
}

#[test]
fn a_win_after_midnight_is_not_the_one_of_the_evening() {
    let mut story = Story::default();
    let evening = story.win(0, Story::DAILY, 0);
    let night = story.win(MIDNIGHT + 20 * MINUTE, Story::DAILY, 0);
    story.post(0, &[evening], 0);
    story.post(MIDNIGHT + 20 * MINUTE, &[night], 0);
    assert_eq!(sent_and_held(&story), (2, 0));
}

/// Nobody is texted of the weekly reward from eleven to midnight.
#[test]
fn a_win_in_the_quiet_hour_is_sent_when_it_is_over() {
    let mut story = Story::default();
    for (user, at) in [0, MIDNIGHT - SECOND, MIDNIGHT, DAY - MINUTE].into_iter().enumerate() {
        let win = story.win(at, Story::WEEKLY, user);
        story.post(at, &[win], 0);
    }
    assert_eq!(sent_and_held(&story), (4, 0));
}

/// Told at once, and again: whether it is a win or a retry, nobody can tell.
#[test]
fn what_comes_within_ten_minutes_and_across_midnight_waits_for_a_person() {
    for reward in [Story::DAILY, Story::WEEKLY] {
        let mut story = Story::default();
        let win = story.win(MIDNIGHT - 5 * MINUTE, reward, 0);
        story.post(MIDNIGHT - 5 * MINUTE, &[win], 0);
        story.post(MIDNIGHT + 4 * MINUTE, &[win], 0);
        assert_eq!(sent_and_held(&story), (1, 1));
    }
}

/// A quick clock has put the win into the day that was about to begin; the list comes to a slow one.
#[test]
fn a_list_in_the_last_minute_of_a_day_does_not_pay_the_next_day_again() {
    let mut story = Story::default();
    let win = story.win(MIDNIGHT - 20 * SECOND, Story::DAILY, 0);
    let other = story.win(MIDNIGHT - 20 * SECOND, Story::DAILY, 1);
    story.post(MIDNIGHT - 20 * SECOND, &[win], 25 * SECOND);
    story.post(MIDNIGHT - 10 * SECOND, &[win, other], -25 * SECOND);
    assert_eq!(sent_and_held(&story), (2, 1));
}

#[test]
fn two_first_callbacks_of_one_win_that_meet_at_midnight_are_one_payout() {
    for apart in 0..8 {
        let mut story = Story::default();
        let win = story.win(MIDNIGHT, Story::DAILY, 0);
        story.post(MIDNIGHT, &[win], -20 * SECOND);
        story.post(MIDNIGHT + apart, &[win], 20 * SECOND);
        assert_eq!(sent_and_held(&story), (1, 1));
    }
}

/// A list took the day of a win that came by itself later.
#[test]
fn a_win_whose_day_a_retried_list_has_taken_is_not_swallowed() {
    let mut story = Story::default();
    let lost = story.win(DAY, Story::DAILY, 0);
    let other = story.win(DAY, Story::DAILY, 1);
    let fresh = story.win(3 * DAY, Story::DAILY, 0);
    story.post(3 * DAY - 60 * MINUTE, &[lost, other], 0);
    story.post(3 * DAY, &[fresh], 0);
    let Ends { sent, held, .. } = ends(&story);
    assert_eq!(sent + held, 3);
}

#[test]
fn two_lost_wins_of_one_user_in_one_list_are_two() {
    let mut story = Story::default();
    let monday = story.win(DAY, Story::DAILY, 0);
    let tuesday = story.win(2 * DAY, Story::DAILY, 0);
    story.post(3 * DAY, &[monday, tuesday], 0);
    assert_eq!(sent_and_held(&story), (1, 1));
}

/// The table loses a row whose coupon is out; the same win comes again in a list of the next day.
#[test]
fn a_table_that_was_put_back_does_not_pay_a_win_again_that_is_retried_in_another_slot() {
    let mut story = Story::default();
    let win = story.win(MINUTE, Story::DAILY, 0);
    let other = story.win(MINUTE, Story::DAILY, 1);
    story.post(MINUTE, &[win], 0);
    story.put_back(0, 5 * MINUTE);
    story.post(DAY, &[win, other], 0);
    ends(&story);
}
