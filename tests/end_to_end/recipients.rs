//! Recipients of the company's own service: `RECIPIENT_URL`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use giftishow_sim::Api;
use local::{Recipient, Stack, StackOptions};
use serde_json::{Value, json};
use tests::{CODE, LIMIT, PHONE, World};
use tokio::net::TcpSocket;
use tokio::task::JoinHandle;

/// Numbers that no output can hold by chance.
const ONE: &str = "01000004343";
const OTHER: &str = "01000005454";
const HEADER: &str = "Bearer of-the-company";

/// How the company's service answers for a user.
#[derive(Clone)]
enum Says {
    Phone(&'static str),
    Status(u16),
    Text(&'static str),
    Nothing,
}

/// The company's own service. Of whom it does not know it says so, with 404.
#[derive(Clone, Default)]
struct Company(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    users: BTreeMap<String, Says>,
    asked: Vec<(String, Option<String>)>,
}

impl Company {
    fn says(&self, user: &str, says: Says) {
        self.known(|known| known.users.insert(user.to_owned(), says));
    }

    /// Whom it was asked for, with the header that came along.
    fn asked(&self, user: &str) -> Vec<Option<String>> {
        self.known(|known| {
            known.asked.iter().filter(|(asked, _)| asked == user).map(|(_, header)| header.clone()).collect()
        })
    }

    fn known<T>(&self, work: impl FnOnce(&mut Known) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn serve(&self, socket: TcpSocket) -> Result<JoinHandle<()>> {
        let router = Router::new().route("/phones", post(answer)).with_state(self.clone());
        let listener = socket.listen(64)?;
        Ok(tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        }))
    }
}

async fn answer(State(company): State<Company>, headers: HeaderMap, Json(question): Json<Value>) -> Response {
    let user = question["userKey"].as_str().unwrap_or_default().to_owned();
    let header = headers.get("authorization").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let says = company.known(|known| {
        known.asked.push((user.clone(), header));
        known.users.get(&user).cloned()
    });
    match says {
        None => (StatusCode::NOT_FOUND, Json(json!({ "phone": null }))).into_response(),
        Some(Says::Phone(phone)) => Json(json!({ "phone": phone })).into_response(),
        Some(Says::Status(status)) => StatusCode::from_u16(status).unwrap_or_default().into_response(),
        Some(Says::Text(text)) => text.into_response(),
        Some(Says::Nothing) => {
            tokio::time::sleep(Duration::from_mins(10)).await;
            StatusCode::OK.into_response()
        }
    }
}

/// A world that asks at this socket, which is bound and does not listen yet, with the header in the secret.
async fn world(socket: &TcpSocket) -> Result<World> {
    socket.bind(([127, 0, 0, 1], 0).into())?;
    let url = format!("http://{}/phones", socket.local_addr()?);
    let options: StackOptions = tests::options().parameter("RecipientUrl", url);
    let world = World::start(options.variable("send", "AWS_LAMBDA_LOG_LEVEL", "trace")).await?;
    let credentials = world.sim().credentials();
    let secret = json!({
        "custom_auth_code": credentials.custom_auth_code, "custom_auth_token": credentials.custom_auth_token,
        "user_id": credentials.user_id, "callback_no": credentials.callback_no,
        "recipient_header": format!("Authorization: {HEADER}"),
    });
    world.secrets().put(world.secret_id(), secret.to_string());
    Ok(world)
}

fn assert_nobody_is_named(world: &World) {
    let rows = world.payouts().iter().map(Value::to_string).collect::<String>();
    for secret in [ONE, OTHER, HEADER] {
        assert!(world.logs().containing(secret).is_empty() && !rows.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn who_is_not_in_the_table_is_looked_up_at_the_company_and_who_is_nowhere_fails_until_registered() -> Result<()> {
    let socket = TcpSocket::new_v4()?;
    let world = world(&socket).await?;
    let company = Company::default();
    let serving = company.serve(socket)?;
    company.says("theirs", Says::Phone(ONE));
    company.says("both", Says::Phone(OTHER));
    world.put_recipient(&Recipient::new("both", PHONE))?;
    company.says("null", Says::Text(r#"{"phone":null}"#));
    company.says("malformed", Says::Phone("010-0000-4343"));
    for user in ["theirs", "both", "nobody", "null", "malformed"] {
        assert_eq!(world.post_callback(&[(CODE, user)]).await?.0, 200);
    }
    for user in ["theirs", "both"] {
        world.wait_for(user, "sent").await?;
    }
    for (user, code) in
        [("nobody", "recipient_missing"), ("null", "recipient_missing"), ("malformed", "recipient_malformed")]
    {
        world.wait_for(user, "failed").await?;
        assert_eq!(world.last_attempt(user)["last_code"], code, "{user}");
    }
    world.wait_for_metric("PayoutsFailed", 3).await?;
    assert_eq!(company.asked("theirs"), [Some(HEADER.to_owned())]);
    assert!(company.asked("both").is_empty(), "the table wins");

    company.says("nobody", Says::Phone(OTHER));
    assert_eq!(world.post_callback(&[(CODE, "nobody")]).await?.0, 200);
    world.wait_for("nobody", "sent").await?;
    assert_eq!((world.attempts("nobody").len(), world.requests(Api::Send)), (1, 3));
    assert_nobody_is_named(&world);
    world.assert_paid_once(&["theirs", "both", "nobody"]);
    world.end().await;
    serving.abort();
    Ok(())
}

#[tokio::test]
async fn while_the_company_s_service_is_away_or_fails_payouts_wait_and_are_paid_when_it_is_back() -> Result<()> {
    let socket = TcpSocket::new_v4()?;
    let world = world(&socket).await?;
    let users = ["away", "error", "denied", "nonsense", "moved", "routed", "hanging"];
    let waits = |world: &Stack, user: &str| {
        let row = world.attempts(user).pop().unwrap_or_default();
        row["state"] == "accepted" && row["last_event"] == "not_sent"
    };
    assert_eq!(world.post_callback(&[(CODE, "away")]).await?.0, 200);
    world.wait_until("it waits for a service that is away", LIMIT, |world| waits(world, "away")).await?;

    let company = Company::default();
    let troubles = [
        Says::Status(500),
        Says::Status(500),
        Says::Status(403),
        Says::Text("<html>"),
        Says::Status(307),
        Says::Status(404),
        Says::Nothing,
    ];
    for (user, trouble) in users.into_iter().zip(troubles) {
        company.says(user, trouble);
    }
    let serving = company.serve(socket)?;
    for user in &users[1..] {
        assert_eq!(world.post_callback(&[(CODE, user)]).await?.0, 200);
    }
    for user in users {
        let twice = |world: &Stack| waits(world, user) && company.asked(user).len() >= 2;
        world.wait_until("it was asked twice in vain", LIMIT, twice).await?;
    }
    assert_eq!(world.requests(Api::Send), 0);
    world.wait_until("what was not used is given back", LIMIT, |_| world.counted("sends") == 0).await?;
    assert_eq!(world.pause_reason(), "", "nothing is wrong with the line");
    let told = world.logs().containing("RECIPIENT_URL");
    assert!(told.iter().any(|line| line.text.contains(r#"\"phone\": null"#)), "what to answer is told: {told:?}");

    for user in users {
        company.says(user, Says::Phone(ONE));
    }
    for user in users {
        world.wait_for(user, "sent").await?;
        assert_eq!(world.attempts(user).len(), 1, "{user}");
    }
    assert_nobody_is_named(&world);
    world.assert_paid_once(&users);
    world.end().await;
    serving.abort();
    Ok(())
}
