//! One suite for the tables of the simulation and for the real ones: the same questions must get the same answers, and leave
//! the same rows behind. What only people's orders need has no tables in the simulation: its promises are asked of the real
//! ones alone.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod ask;
mod audit;
mod generate;
mod lists;
mod money;
mod people;
mod resends;
mod rewards;
mod stores;
mod wins;

use std::time::{Duration, Instant};

use anyhow::Result;
use local::Stack;
use local::dynamodb::{DbFault, ScriptedDbFault};
use payout::{Moment, Owner};
use platform::{Beat, Beats, KeepTime};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, TestRunner};

use ask::{Question, ask};
use stores::{Both, both};

/// Sequences of questions, each over attempts of its own.
const SEQUENCES: usize = 140;
/// A busy machine may do fewer.
const MOST_TIME: Duration = Duration::from_secs(25);

/// Asks both stores the same and compares what they say, and what they hold in the end.
async fn compare(stores: &Both, number: usize, questions: &[Question]) {
    for (index, question) in questions.iter().enumerate() {
        let memory = ask(&stores.memory, number, question).await;
        let real = ask(&stores.real, number, question).await;
        assert_eq!(memory, real, "question {index} of {questions:#?}");
    }
}

#[tokio::test]
async fn both_give_the_same_answers_and_hold_the_same_rows() -> Result<()> {
    let (stack, stores) = both().await?;
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRunner::deterministic().new_rng());
    let sequences = generate::sequences();
    let started = Instant::now();
    let mut asked = 0;
    for number in 0..SEQUENCES {
        if started.elapsed() > MOST_TIME {
            break;
        }
        let questions = sequences.new_tree(&mut runner).map_err(anyhow::Error::msg)?.current();
        compare(&stores, number, &questions).await;
        compare(&stores, number, &ask::everything()).await;
        asked += questions.len();
    }
    println!("{asked} questions");
    assert!(asked > 300, "{asked} questions are few");
    stack.shutdown().await;
    Ok(())
}

/// Two sweeps that want the same lease: who is told that it holds it, and what the heartbeat is then.
async fn sweeps(time: &impl KeepTime) -> Result<(Vec<bool>, Beats)> {
    let at = |second: i64| Moment::from_millis(1_790_000_000_000 + 1_000 * second);
    let (one, other) = (Owner::new("one"), Owner::new("other"));
    let beat = |number, second| Beat { number, at: at(second) };
    let told = vec![
        time.beat(beat(1, 0), &one, at(100)).await?,
        time.beat(beat(2, 50), &other, at(150)).await?,
        time.hold(&other, at(300)).await?,
        time.hold(&one, at(200)).await?,
        time.beat(beat(3, 199), &other, at(299)).await?,
        time.beat(beat(4, 200), &other, at(300)).await?,
        // Its own beat again, whose answer was lost.
        time.beat(beat(4, 200), &other, at(300)).await?,
        time.hold(&one, at(400)).await?,
    ];
    Ok((told, time.beats().await?))
}

#[tokio::test]
async fn one_sweep_at_a_time_holds_the_lease_until_it_runs_out() -> Result<()> {
    let (stack, stores) = both().await?;
    let (told, beats) = sweeps(&stores.real.time).await?;
    assert_eq!(told, [true, false, false, true, false, true, true, false]);
    assert_eq!((told, beats), sweeps(&stores.memory).await?);
    stack.shutdown().await;
    Ok(())
}

/// What happens to a request on its way, and which requests it may happen to.
const FAULTS: [DbFault; 7] = [
    DbFault::Throttling,
    DbFault::ThroughputExceeded,
    DbFault::ErrorBeforeCommit,
    DbFault::ErrorAfterCommit,
    DbFault::DropAfterCommit,
    DbFault::TransactionConflict,
    DbFault::TransactionInProgress,
];

#[tokio::test]
async fn a_write_that_is_repeated_after_a_failure_ends_as_if_nothing_had_happened() -> Result<()> {
    let (stack, stores) = both().await?;
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRunner::deterministic().new_rng());
    let sequences = generate::sequences_of_owned_writes();
    let started = Instant::now();
    let mut met = [0; FAULTS.len()];
    for number in 0..SEQUENCES {
        if started.elapsed() > MOST_TIME {
            break;
        }
        let which = number % FAULTS.len();
        let fault = FAULTS[which];
        let questions = sequences.new_tree(&mut runner).map_err(anyhow::Error::msg)?.current();
        for question in &questions {
            if !script(&stack, fault, question) {
                continue;
            }
            let memory = ask(&stores.memory, number, question).await;
            let real = ask(&stores.real, number, question).await;
            assert_eq!(memory, real, "{fault:?} at {question:#?}");
            met[which] += usize::from(stack.dynamodb().pending_faults() == 0);
            stack.dynamodb().clear_script();
        }
        compare(&stores, number, &ask::everything()).await;
    }
    println!("faults met: {met:?}");
    assert!(met.iter().all(|met| *met > 0), "a fault that nothing met proves nothing: {met:?}");
    stack.shutdown().await;
    Ok(())
}

/// Lets the next write meet the fault. Conflicts happen to transactions only: whether it can.
fn script(stack: &Stack, fault: DbFault, question: &Question) -> bool {
    let of_transactions = matches!(fault, DbFault::TransactionConflict | DbFault::TransactionInProgress);
    if of_transactions && !question.is_a_transaction() {
        return false;
    }
    let operations: &[&str] =
        if question.is_a_transaction() { &["TransactWriteItems"] } else { &["PutItem", "UpdateItem"] };
    let operation = operations[usize::from(operations.len() > 1 && !question.is_a_put())];
    stack.dynamodb().script(ScriptedDbFault::new(fault).operation(operation));
    true
}
