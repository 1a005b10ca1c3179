//! Lists of payouts: nothing is left out and nothing shown twice, whatever becomes of rows between two pages.

use std::slice::from_ref;
use std::time::Duration;

use anyhow::Result;
use payout::{Attempt, Held, Moment, SHARDS, State, TrId};
use platform::{
    CountAttention as _, ListAttention as _, ListPayouts as _, PayoutsTable, Place, ReadPayout as _, Waiting, Write,
    WritePayouts as _, Written,
};

use crate::stores::Local;
use crate::wins::{change, moment, user, win};

async fn write(payouts: &PayoutsTable, write: Write) -> Result<()> {
    assert_eq!(payouts.write(&[write]).await?, Written::Done);
    Ok(())
}

fn ids(rows: &[Attempt]) -> Vec<TrId> {
    let mut ids: Vec<TrId> = rows.iter().map(|row| row.tr_id.clone()).collect();
    ids.sort();
    ids
}

/// All pages of all partitions of a day.
async fn day(payouts: &PayoutsTable, day: &str, most: u8) -> Result<Vec<Attempt>> {
    let mut rows = Vec::new();
    for shard in 0..SHARDS {
        let (mut of_shard, mut after): (Vec<Attempt>, Option<Place>) = (Vec::new(), None);
        loop {
            let (page, next) = payouts.of_day(day, shard, after.as_ref(), most).await?;
            assert!(page.len() <= usize::from(most));
            of_shard.extend(page);
            after = next;
            if after.is_none() {
                break;
            }
        }
        assert!(of_shard.is_sorted_by_key(|row| row.accepted_at), "oldest first");
        rows.append(&mut of_shard);
    }
    Ok(rows)
}

#[tokio::test]
async fn a_day_and_a_winner_are_listed_to_the_end_although_rows_come_and_go_between_the_pages() -> Result<()> {
    let local = Local::start().await?;
    let payouts = local.payouts();
    let midnight = moment("2026-11-22T15:00:00.000Z");
    let at = |minute: u64| midnight.after(Duration::from_mins(minute));
    // The first is of the day before, by a millisecond; three winners share each moment.
    let before = win("anna", 99, midnight.before(Duration::from_millis(1)));
    let mut today = Vec::new();
    for number in 0..9 {
        today.extend(["anna", "bert", "carl"].map(|name| win(name, 1 + number, at(u64::from(number)))));
    }
    for row in today.iter().chain([&before]) {
        write(&payouts, Write::Put(row.clone())).await?;
    }
    for most in [1, 2, 100] {
        assert_eq!(ids(&day(&payouts, "2026-11-23", most).await?), ids(&today), "pages of {most}");
        assert_eq!(day(&payouts, "2026-11-22", most).await?, from_ref(&before), "pages of {most}");
    }

    let anna: Vec<Attempt> =
        today.iter().filter(|row| row.user_key == Some(user("anna"))).chain([&before]).cloned().collect();
    let (shown, next) = payouts.of_user(&user("anna"), None, 4).await?;
    assert_eq!(shown, [before.clone(), anna[0].clone(), anna[1].clone(), anna[2].clone()]);
    // The one after which the next page begins is erased, another one behind it is sent, and two come.
    write(&payouts, change(&anna[2], |row| row.user_key = None)).await?;
    write(&payouts, change(&anna[5], |row| row.state = State::Sent)).await?;
    let (early, late) = (win("anna", 50, at(0)), win("anna", 51, at(30)));
    write(&payouts, Write::Put(early.clone())).await?;
    write(&payouts, Write::Put(late.clone())).await?;
    let (mut rest, mut after) = (Vec::new(), next);
    while let Some(place) = after {
        let (page, next) = payouts.of_user(&user("anna"), Some(&place.to_string().parse()?), 4).await?;
        rest.extend(page);
        after = next;
    }
    let expected: Vec<Attempt> = anna[3..9].iter().chain([&late]).cloned().collect();
    assert_eq!(
        rest.iter().map(|row| &row.tr_id).collect::<Vec<_>>(),
        expected.iter().map(|row| &row.tr_id).collect::<Vec<_>>()
    );
    assert_eq!(rest[2].state, State::Sent, "the row as it is");

    let (all, _) = payouts.of_user(&user("anna"), None, 100).await?;
    let mut now = ids(&anna);
    now.retain(|tr_id| *tr_id != anna[2].tr_id);
    now.extend([early.tr_id, late.tr_id]);
    now.sort();
    assert_eq!(ids(&all), now, "who was erased is found by nobody's key");
    assert_eq!(day(&payouts, "2026-11-23", 100).await?.len(), today.len() + 2, "and stays in the books of its day");
    local.stack.shutdown().await;
    Ok(())
}

async fn close(payouts: &PayoutsTable, tr_id: &TrId) -> Result<()> {
    let row = payouts.attempt(tr_id).await?.unwrap();
    let closed = change(&row, |row| {
        row.state = State::Closed;
        row.attention = None;
    });
    write(payouts, closed).await
}

#[tokio::test]
async fn what_waits_for_a_person_is_listed_to_the_end_although_each_is_decided_as_it_is_shown() -> Result<()> {
    let local = Local::start().await?;
    let payouts = local.payouts();
    let since =
        |number: u32| -> Moment { moment("2026-11-22T08:00:00.000Z").after(Duration::from_mins(u64::from(number))) };
    let rows: Vec<Attempt> =
        (1..=24).map(|number| win("anna", number, since(number)).held(Held::RewardMissing)).collect();
    for row in rows.iter().rev() {
        write(&payouts, Write::Put(row.clone())).await?;
    }
    // Nobody waits for what was taken.
    write(&payouts, Write::Put(win("bert", 1, since(0)))).await?;
    let mut longest = 0;
    for shard in 0..SHARDS {
        let waiting: Vec<Waiting> =
            rows.iter().filter(|row| row.due_shard == shard).map(|row| (row.state_since, row.tr_id.clone())).collect();
        let there = payouts.attention(shard).await?;
        assert_eq!((there.rows, there.oldest), (waiting.len() as u64, waiting.first().map(|(since, _)| *since)));
        assert_eq!(payouts.waiting(shard, None, 1_000).await?, waiting, "the longest waiting first");
        longest = longest.max(waiting.len());

        let (mut shown, mut after): (Vec<Waiting>, Option<Waiting>) = (Vec::new(), None);
        loop {
            let page = payouts.waiting(shard, after.as_ref(), 2).await?;
            for (_, tr_id) in &page {
                close(&payouts, tr_id).await?;
            }
            let is_last = page.len() < 2;
            after = page.last().cloned();
            shown.extend(page);
            if is_last {
                break;
            }
        }
        assert_eq!(shown, waiting);
        assert_eq!(payouts.waiting(shard, None, 1_000).await?, []);
    }
    assert!(longest > 4, "no partition had three pages");
    local.stack.shutdown().await;
    Ok(())
}
