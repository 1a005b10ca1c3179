//! The books: one snapshot for each day, each top-up once; and having one taken now.

use std::collections::BTreeMap;
use std::slice::from_ref;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use local::dynamodb::DbFault;
use operation::{MoneyDay, MoneyView, OrderId};
use payout::{Krw, Moment};
use platform::{
    ConfirmTopUp as _, KeepMoney as _, OpenDay, ReadMoney as _, ReconcileFunction, Snapshot, TakeMoney as _, ToppedUp,
    money_view,
};
use tokio::net::TcpListener;

use crate::stores::{Local, aws};
use crate::wins::{moment, win};

fn snapshot(day: &str, at: Moment) -> Snapshot {
    let open = OpenDay {
        issued: Krw(9_000),
        cancelled: Krw(4_500),
        rows: Some(BTreeMap::from([(win("anna", 1, at).tr_id, (Krw(4_500), Krw(0)))])),
    };
    Snapshot {
        money: MoneyDay {
            day: day.to_owned(),
            at,
            balance: Krw(1_000_000),
            issued: Krw(9_000),
            cancelled: Krw(4_500),
            topped_up: Krw(0),
            difference: Some(700_000),
            explanations: vec!["A top-up.".to_owned()],
        },
        since: Some(at.before(Duration::from_hours(24))),
        doubtful: true,
        open: BTreeMap::from([("2026-11-21".to_owned(), open)]),
        top_ups: BTreeMap::new(),
    }
}

fn order(number: u8) -> OrderId {
    OrderId::try_from(format!("order-{number:016}")).unwrap()
}

#[tokio::test]
async fn a_day_has_one_snapshot_and_a_top_up_counts_once_whatever_is_tried_again() -> Result<()> {
    let local = Local::start().await?;
    let control = local.control();
    let at = moment("2026-11-22T21:00:00.000Z");
    let yesterday = snapshot("2026-11-22", at.before(Duration::from_hours(24)));
    let today = snapshot("2026-11-23", at);
    assert!(control.keep_snapshot(&yesterday).await?);
    // The answer is lost, and the SDK asks again.
    local.script(DbFault::ErrorAfterCommit, "PutItem", 1);
    assert!(control.keep_snapshot(&today).await?);
    assert!(!control.keep_snapshot(&snapshot("2026-11-23", at.after(Duration::from_mins(15)))).await?);
    assert_eq!(control.snapshots(at, 31).await?, [today.clone(), yesterday.clone()], "newest first");
    assert_eq!(control.snapshots(at, 1).await?, from_ref(&today));

    local.script(DbFault::DropAfterCommit, "UpdateItem", 1);
    for (number, amount) in [(1, 500_000), (1, 500_000), (2, 200_000)] {
        assert_eq!(control.top_up("2026-11-23", &order(number), Krw(amount)).await?, ToppedUp::Done);
    }
    assert_eq!(control.top_up("2026-11-24", &order(3), Krw(1)).await?, ToppedUp::NoSuchDay);
    // A try that comes late finds its own, and takes nothing back that was confirmed since.
    assert!(control.keep_snapshot(&today).await?);
    assert_eq!(local.stack.dynamodb().pending_faults(), 0);
    let days = control.snapshots(at, 99).await?;
    let confirmed = |number, won| (order(number).as_str().to_owned(), Krw(won));
    let top_ups = BTreeMap::from([confirmed(1, 500_000), confirmed(2, 200_000)]);
    assert_eq!(days, [Snapshot { top_ups, ..today }, yesterday]);
    let seen = money_view(&days, None).days;
    assert_eq!((seen[0].topped_up, seen[0].difference), (Krw(700_000), Some(0)));
    local.stack.shutdown().await;
    Ok(())
}

/// How a function answers.
#[derive(Clone)]
enum Says {
    Money(MoneyView),
    Text(&'static str),
    /// It fails, and the service tells so beside an answer that is none.
    Fails,
    /// The service refuses.
    Refused,
    Nothing,
}

/// The function `reconcile`, and what it was asked.
#[derive(Clone)]
struct Reconciler {
    says: Arc<Mutex<Says>>,
    asked: Arc<Mutex<Vec<String>>>,
}

async fn answer(State(reconciler): State<Reconciler>, question: String) -> Response {
    reconciler.asked.lock().unwrap_or_else(PoisonError::into_inner).push(question);
    let says = reconciler.says.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let header = |name: &'static str, value: &'static str| [(HeaderName::from_static(name), value)];
    match says {
        Says::Money(view) => axum::Json(view).into_response(),
        Says::Text(text) => text.into_response(),
        Says::Fails => (header("x-amz-function-error", "Unhandled"), r#"{"days":[]}"#).into_response(),
        Says::Refused => {
            let error = header("x-amzn-errortype", "AccessDeniedException");
            (StatusCode::FORBIDDEN, error, r#"{"message":"no"}"#).into_response()
        }
        Says::Nothing => std::future::pending().await,
    }
}

#[tokio::test]
async fn what_the_reconciler_says_is_told_and_nothing_is_made_up_where_it_says_nothing() -> Result<()> {
    let at = moment("2026-11-22T21:00:00.000Z");
    let view = money_view(&[snapshot("2026-11-23", at)], Some(Krw(30_000)));
    let reconciler = Reconciler { says: Arc::new(Mutex::new(Says::Nothing)), asked: Arc::default() };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let endpoint = format!("http://{}", listener.local_addr()?);
    let router = Router::new().route("/2015-03-31/functions/reconcile/invocations", post(answer));
    let router = router.with_state(reconciler.clone());
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let function = ReconcileFunction::new(&aws(&endpoint).await, "reconcile".to_owned());

    let cases = [
        (Says::Money(view.clone()), Ok(view)),
        (Says::Text("null"), Err("its answer cannot be read")),
        (Says::Text(r#"{"days":"#), Err("its answer cannot be read")),
        (Says::Fails, Err("it failed; its log says why")),
        (Says::Refused, Err("AccessDeniedException")),
        (Says::Nothing, Err("no answer")),
    ];
    for (says, expected) in cases {
        *reconciler.says.lock().unwrap_or_else(PoisonError::into_inner) = says;
        let started = Instant::now();
        let told = function.take(Duration::from_secs(2)).await.map_err(|error| error.to_string());
        let expected = expected.map_err(|why| format!("the function reconcile did not answer: {why}"));
        assert_eq!(told, expected);
        assert!(started.elapsed() < Duration::from_secs(8), "nobody waits for longer than they want");
        let asked = std::mem::take(&mut *reconciler.asked.lock().unwrap_or_else(PoisonError::into_inner));
        assert_eq!(asked, [r#"{"by_hand":true}"#], "asked once: {told:?}");
    }
    server.abort();
    Ok(())
}
