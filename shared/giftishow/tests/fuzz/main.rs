//! Random answers: nothing panics, everything has a class, and nothing is concluded without its proof.
//!
//! Each API's parser has a test of its own; `FUZZ_SECONDS` says how long each runs (without it: some thousand answers). A failure is
//! shrunk and shown. The same checks are the targets of `cargo fuzz` in `fuzz/`.
#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests may panic like tests")]

mod answers;
#[expect(unreachable_pub, reason = "shared with the targets of cargo fuzz")]
mod checks;

use std::time::{Duration, Instant};

use proptest::test_runner::{Config, TestRunner};

/// Asks the check about so many answers.
fn run(check: impl Fn(&[u8]), cases: u32) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&answers::answer(), |body| {
        check(&body);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

/// Runs one API's check for its time, or for a moment.
fn fuzz(api: &str) {
    let (_, check) = checks::ALL.iter().find(|(name, _)| *name == api).unwrap();
    for body in answers::recorded() {
        check(&body);
    }
    let seconds = std::env::var("FUZZ_SECONDS").ok().map(|seconds| seconds.parse().unwrap());
    let until = Instant::now() + Duration::from_secs(seconds.unwrap_or(0));
    loop {
        run(check, 2_000);
        if Instant::now() >= until {
            return;
        }
    }
}

macro_rules! targets {
    ($($test:ident = $api:literal,)*) => {
        $(#[test]
        fn $test() {
            fuzz($api);
        })*
    };
}
targets! {
    any_answer_to_0101_is_a_page_or_nothing = "0101",
    any_answer_to_0111_is_goods_or_nothing = "0111",
    any_answer_to_0102_is_a_list_or_nothing = "0102",
    any_answer_to_0112_is_a_brand_or_nothing = "0112",
    any_answer_to_0201_has_its_class = "0201",
    any_answer_to_0202_has_its_class = "0202",
    any_answer_to_0203_has_its_class = "0203",
    any_answer_to_0204_has_its_class = "0204",
    any_answer_to_0205_has_its_class = "0205",
    any_answer_to_0301_has_its_class = "0301",
}

#[test]
fn of_100_000_random_answers_none_panics_and_none_is_taken_for_more_than_it_says() {
    let all = |body: &[u8]| checks::ALL.iter().for_each(|(_, check)| check(body));
    run(all, 100_000);
}
