//! Tries every order of events, and tells what was found.

use std::time::Instant;

use payout::Gubun;
use stateright::{Checker, Expectation, HasDiscoveries, Model};

use crate::model::Step;
use crate::world::{Payout, World};

/// Several times as many steps as any test takes: a model that has grown out of hand fails instead of running for ever.
const MOST_STEPS: usize = 5_000_000;

/// All promises but these hold in every state that can be reached. If none is left out, and winners get their coupons from
/// Giftishow, what should be possible is.
pub(crate) fn holds(what: &str, payout: &Payout, except: &[&str]) {
    let started = Instant::now();
    let properties = payout.properties();
    let (promises, possible): (Vec<_>, Vec<_>) =
        properties.iter().partition(|property| property.expectation == Expectation::Always);
    let promises = promises.into_iter().map(|promise| promise.name).filter(|name| !except.contains(name));
    let broken = HasDiscoveries::AnyOf(promises.clone().collect());
    let checker = payout.clone().checker().finish_when(broken).target_state_count(MOST_STEPS).spawn_bfs().join();
    println!(
        "{what}: {} states, {} steps, {} deep, {:.1?}",
        checker.unique_state_count(),
        checker.state_count(),
        checker.max_depth(),
        started.elapsed()
    );
    for promise in promises {
        if let Some(path) = checker.discovery(promise) {
            let steps: Vec<String> = path.into_actions().iter().map(|step| format!("    {step:?}")).collect();
            panic!("\"{promise}\" is broken:\n{}", steps.join("\n"));
        }
    }
    let anything_can_happen = except.is_empty() && payout.gubun == Gubun::Mms;
    for possible in possible.iter().filter(|_| anything_can_happen) {
        assert!(checker.discovery(possible.name).is_some(), "not possible: {}", possible.name);
    }
    assert!(checker.state_count() < MOST_STEPS, "not all was tried");
}

/// The promise is broken; prints the shortest way to break it.
pub(crate) fn breaks(what: &str, payout: &Payout, promise: &'static str) {
    let started = Instant::now();
    let mut shortest = way_to_break(payout, promise, None);
    while let Some(steps) = &shortest
        && let Some(shorter) = way_to_break(payout, promise, Some(steps.len()))
    {
        shortest = Some(shorter);
    }
    let Some(steps) = shortest else { panic!("{what}: nothing breaks \"{promise}\"") };
    println!("{what}: \"{promise}\" is broken in {} steps, found in {:.1?}", steps.len(), started.elapsed());
    for step in steps {
        println!("    {step:?}");
    }
}

/// Of fewer steps than these. A search stops some states after the first way it finds, and tells the last one.
fn way_to_break(payout: &Payout, promise: &'static str, fewer_than: Option<usize>) -> Option<Vec<Step>> {
    let mut checker = payout.clone().checker().target_state_count(MOST_STEPS);
    checker = checker.finish_when(HasDiscoveries::AnyOf([promise].into()));
    if let Some(steps) = fewer_than {
        checker = checker.target_max_depth(steps + 1);
    }
    Some(checker.spawn_bfs().join().discovery(promise)?.into_actions())
}

/// The state after these steps, each of which must be possible.
pub(crate) fn walk(payout: &Payout, steps: &[Step]) -> World {
    let mut world = payout.accepted();
    for step in steps {
        let mut possible = Vec::new();
        payout.actions(&world, &mut possible);
        assert!(possible.contains(step), "{step:?} is not among {possible:?}");
        world = payout.next_state(&world, *step).expect("the next state");
    }
    world
}
