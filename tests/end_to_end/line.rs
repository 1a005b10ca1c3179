//! Rule 8: what is wrong with the line as a whole pauses it, uses up no attempt, and is over by itself, except what a person
//! has stopped.

use anyhow::Result;
use giftishow_sim::{Api, Fault, ScriptedFault, SimCredentials};
use local::Stack;
use tests::{LIMIT, World};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

fn users(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("user{number}")).collect()
}

fn names(users: &[String]) -> Vec<&str> {
    users.iter().map(String::as_str).collect()
}

fn probed(times: u64) -> impl Fn(&Stack) -> bool {
    move |world| world.sim().ledger().requests_for(Api::Balance) >= times
}

/// Every payout waits with its first attempt.
fn assert_all_wait(world: &World, count: usize) {
    let rows = world.payouts();
    assert_eq!(rows.len(), count);
    assert!(rows.iter().all(|row| row["state"] == "accepted" && row["attempt"] == 1), "{rows:#?}");
}

async fn wait_for_all(world: &World, users: &[String]) -> Result<()> {
    let live = |world: &Stack| world.sim().ledger().live >= users.len();
    world.wait_until("all are live", LIMIT * 2, live).await?;
    for user in users {
        world.wait_for(user, "sent").await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_hundred_payouts_wait_for_a_top_up_with_their_first_attempt_and_are_then_paid_once_each() -> Result<()> {
    let world = World::fast().await?;
    world.sim().set_balance(4_000);
    let users = users(100);
    world.win_all(&users).await?;
    world.wait_for_pause("balance").await?;
    world.wait_until("two probes found it too low", LIMIT, probed(2)).await?;
    // The refused one may cost 50,000 won: a send on less might only be refused again.
    world.sim().set_balance(49_999);
    world.wait_until("one more probe", LIMIT, probed(world.requests(Api::Balance) + 1)).await?;
    assert_all_wait(&world, 100);
    let refused = world.requests(Api::Send);
    assert!((1..=2).contains(&refused), "{refused} sends on a balance that is too low");
    assert!(world.sim().ledger().entries.is_empty());
    world.wait_for_metric("LinePaused", 2).await?;

    world.sim().set_balance(1_000_000);
    wait_for_all(&world, &users).await?;
    assert_eq!((world.payouts().len(), world.requests(Api::Send)), (100, refused + 100));
    assert_eq!((world.pause_reason().as_str(), world.metric("LineResumed")), ("", 1));
    world.assert_paid_once(&names(&users));
    world.end().await;
    Ok(())
}

/// The same account with another key.
fn rotated(world: &World) -> SimCredentials {
    SimCredentials { custom_auth_code: format!("REAL{}", "0".repeat(32)), ..world.sim().credentials() }
}

#[tokio::test]
async fn rejected_credentials_pause_the_line_and_the_mended_secret_opens_it_by_itself() -> Result<()> {
    let world = World::fast().await?;
    let rotated = rotated(&world);
    // The account was given a new key; the secret still holds the old one.
    world.sim().set_credentials(rotated.clone());
    let users = users(3);
    world.win_all(&users).await?;
    world.wait_for_pause("credentials").await?;
    world.wait_until("a probe was refused, too", LIMIT, probed(1)).await?;
    assert_all_wait(&world, 3);
    assert_eq!(world.requests(Api::Send), 1);
    world.wait_for_metric("LineRefused", 1).await?;

    world.put_credentials(&rotated);
    wait_for_all(&world, &users).await?;
    assert_eq!(world.payouts().len(), 3);
    world.assert_paid_once(&names(&users));
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn a_secret_that_is_rotated_in_flight_is_read_once_more_and_pauses_nothing() -> Result<()> {
    let world = World::fast().await?;
    world.win("before").await?;
    world.wait_for("before", "sent").await?;
    let swept = |world: &Stack| world.function("sweeper").is_ok_and(|sweeper| sweeper.invocations() > 1);
    world.wait_until("both have read the secret", LIMIT, swept).await?;
    let (read, sent) = (world.secrets().requests(), world.requests(Api::Send));

    let rotated = rotated(&world);
    world.put_credentials(&rotated);
    world.sim().set_credentials(rotated);
    // Not the first send after the rotation, which is refused, but the second.
    world.win("after").await?;
    world.wait_for("after", "sent").await?;
    world.script_for("unsure", Api::Send, "reset-after-issue")?;
    world.win("unsure").await?;
    world.wait_for("unsure", "sent").await?;

    assert_eq!(world.secrets().requests() - read, 2, "send and sweeper, once each");
    assert_eq!((world.requests(Api::Send) - sent, world.requests(Api::Cancel)), (4, 2), "each refused once");
    assert!(world.logs().containing("The line is paused").is_empty());
    assert_eq!((world.attempts("after").len(), world.attempts("unsure").len()), (1, 2));
    world.assert_paid_once(&["before", "after", "unsure"]);
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn five_sends_without_an_answer_pause_the_line_while_cancels_go_on_and_a_probe_opens_it() -> Result<()> {
    let world = World::swept_by_hand().await?;
    let users = users(8);
    for user in &users[..2] {
        world.script_for(user, Api::Send, "http-500-after-issue")?;
    }
    world.sim().script(ScriptedFault::always(Api::Send, Fault::named("http-503-before-issue", Api::Send)?));
    world.sim().script(ScriptedFault::always(Api::Balance, Fault::named("http-503", Api::Balance)?));
    world.win_all(&users).await?;
    world.wait_for_pause("outage").await?;
    assert_eq!(world.requests(Api::Send), 5);

    let waits = |row: &serde_json::Value| row["state"] == "accepted" || row["state"] == "dead";
    world.sweep_until("every unknown has ended", |world| world.payouts().iter().all(waits)).await?;
    world.sweep_until("a probe went without an answer", |world| world.requests(Api::Balance) > 0).await?;
    let ledger = world.sim().ledger();
    assert_eq!((ledger.live, ledger.cancelled, world.requests(Api::Send)), (0, 2, 5), "cancelled, and nothing sent");
    assert_eq!((world.payouts().len(), world.pause_reason().as_str()), (13, "outage"));

    world.sim().clear_faults();
    let all_sent = |world: &World| users.iter().all(|user| world.last_attempt(user)["state"] == "sent");
    world.sweep_until("all are sent", all_sent).await?;
    assert_eq!((world.payouts().len(), world.requests(Api::Send)), (13, 13));
    world.assert_paid_once(&names(&users));
    world.end().await;
    Ok(())
}

/// Lets whoever connects talk to somebody else.
async fn forward(listener: TcpListener, to: std::net::SocketAddr) {
    while let Ok((mut from, _)) = listener.accept().await {
        tokio::spawn(async move {
            if let Ok(mut to) = TcpStream::connect(to).await {
                let _ = tokio::io::copy_bidirectional(&mut from, &mut to).await;
            }
        });
    }
}

#[tokio::test]
async fn five_refused_connections_pause_the_line_and_use_up_nothing() -> Result<()> {
    // Bound, and not listening yet: nobody else can take the port.
    let socket = TcpSocket::new_v4()?;
    socket.bind(([127, 0, 0, 1], 0).into())?;
    let address = format!("http://{}", socket.local_addr()?);
    let world = World::start(tests::options().parameter("GiftishowBaseUrl", address)).await?;
    let users = users(7);
    world.win_all(&users).await?;
    world.wait_for_pause("outage").await?;
    assert_all_wait(&world, 7);
    assert_eq!((world.line()["unanswered"].as_u64(), world.requests(Api::Send)), (Some(5), 0));

    let forwarding = tokio::spawn(forward(socket.listen(64)?, world.sim().addr()));
    wait_for_all(&world, &users).await?;
    assert_eq!((world.payouts().len(), world.requests(Api::Send)), (7, 7));
    world.assert_paid_once(&names(&users));
    world.end().await;
    forwarding.abort();
    Ok(())
}

#[tokio::test]
async fn what_a_person_has_stopped_only_a_person_opens_while_cancels_go_on() -> Result<()> {
    let world = World::swept_by_hand().await?;
    world.script_for("before", Api::Send, "reset-after-issue")?;
    world.win("before").await?;
    world.wait_for("before", "unknown").await?;
    world.stop_the_line()?;
    world.win("after").await?;
    let refused = |world: &Stack| !world.logs().containing("An attempt waits: the line is paused").is_empty();
    world.wait_until("send has met the stopped line", LIMIT, refused).await?;

    for user in ["before", "after"] {
        let waits = |world: &World| world.last_attempt(user)["state"] == "accepted";
        world.sweep_until("an attempt waits", waits).await?;
    }
    assert_eq!((world.attempts("before").len(), world.sim().ledger().cancelled), (2, 1));
    for _ in 0..3 {
        for user in ["before", "after"] {
            let tr_id = world.last_attempt(user)["tr_id"].as_str().unwrap_or_default().to_owned();
            world.let_time_pass(&tr_id, jiff::SignedDuration::from_hours(1))?;
        }
        let swept = world.sweep().await?.answer().unwrap_or_default();
        assert_eq!((swept["due"].as_u64(), swept["redriven"].as_u64()), (Some(2), Some(0)));
    }
    assert_eq!((world.requests(Api::Send), world.requests(Api::Balance)), (1, 0), "not even a probe");
    world.wait_for_metric("LinePaused", 3).await?;

    world.open_the_line()?;
    for user in ["before", "after"] {
        world.sweep_until("it is sent", |world| world.last_attempt(user)["state"] == "sent").await?;
    }
    assert_eq!(
        (world.requests(Api::Balance), world.metric("AttemptsStuck")),
        (1, 0),
        "one probe, and nobody is called"
    );
    world.assert_paid_once(&["before", "after"]);
    world.end().await;
    Ok(())
}

/// A payout that is refused every time as if Giftishow took nothing from us, as a firewall does with one text.
fn poison(world: &World, user: &str) -> Result<()> {
    let refused = Fault::named("code:E0002", Api::Send)?;
    world.sim().script(ScriptedFault::always(Api::Send, refused).for_tr_id(World::tr_id(user, 1)));
    Ok(())
}

#[tokio::test]
async fn a_payout_that_alone_is_refused_like_the_line_goes_to_a_person_and_the_others_are_paid() -> Result<()> {
    let world = World::fast().await?;
    poison(&world, "poison")?;
    let users = users(10);
    world.win("poison").await?;
    world.win_all(&users).await?;
    wait_for_all(&world, &users).await?;
    world.wait_for("poison", "review").await?;
    let row = world.last_attempt("poison");
    assert_eq!(
        (row["last_event"].as_str(), row["last_code"].as_str()),
        (Some("refused_alone"), Some("E0002")),
        "{row}"
    );
    assert_eq!((row["attempt"].as_u64(), world.requests(Api::Send)), (Some(1), 3 + 10), "asked for three times");
    world.wait_for_metric("PayoutsInReview", 1).await?;
    world.wait_for_pause("").await?;
    world.win("afterwards").await?;
    world.wait_for("afterwards", "sent").await?;
    let paid: Vec<_> = names(&users).into_iter().chain(["afterwards"]).collect();
    world.assert_paid_once(&paid);
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn a_payout_that_is_refused_like_the_line_while_probes_are_answered_for_an_hour_goes_to_a_person() -> Result<()> {
    let world = World::swept_by_hand().await?;
    poison(&world, "poison")?;
    world.win("poison").await?;
    let refused = |times: u64| move |world: &World| world.last_attempt("poison")["line_refusals"] == times;
    for times in 1..=4 {
        world.sweep_until("it is refused once more", refused(times)).await?;
        world.wait_for_pause("configuration").await?;
    }
    // Within the hour it may be the line, however often.
    assert_eq!(world.last_attempt("poison")["state"], "accepted");
    let mut row = world.last_attempt("poison");
    let hour_ago = jiff::Timestamp::now() - jiff::SignedDuration::from_mins(61);
    row["line_refused_since"] = payout::Moment::new(hour_ago).to_string().into();
    world.put_payout(&row)?;
    world.sweep_until("a person is asked", |world| world.last_attempt("poison")["state"] == "review").await?;
    assert_eq!((world.requests(Api::Send), world.pause_reason().as_str()), (5, ""));
    world.win("afterwards").await?;
    world.wait_for("afterwards", "sent").await?;
    world.assert_paid_once(&["afterwards"]);
    world.end().await;
    Ok(())
}
