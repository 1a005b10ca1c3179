//! The one door: a signed request to the URL of the function `operate`.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use operation::{Kind, Language, Operation, OrderId, Outcome, PROTOCOL, Reply, Request};
use reqwest::Method;
use serde_json::Value;
use url::Url;

use crate::aws::{Answered, Ask, Aws, Unanswered};
use crate::exit::Exit;
use crate::failure::Failure;

/// A function may work for minutes on many rows.
const TIMEOUT: Duration = Duration::from_mins(15);

/// What is asked, once: the same whether it is tried dry or done.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) id: OrderId,
    pub(crate) reason: Option<String>,
    pub(crate) operation: Operation,
}

impl Order {
    /// A question, which changes nothing.
    pub(crate) fn question(operation: Operation) -> Self {
        Self { id: new_id(), reason: None, operation }
    }

    fn request(&self, dry_run: bool) -> Request {
        Request {
            protocol: PROTOCOL,
            id: self.id.clone(),
            dry_run,
            reason: self.reason.clone(),
            operation: self.operation.clone(),
        }
    }
}

/// A new order's id.
pub(crate) fn new_id() -> OrderId {
    let text = uuid::Uuid::new_v4().to_string();
    // A UUID has 36 of the characters that an id may have.
    OrderId::try_from(text).unwrap_or_else(|_| unreachable!("a UUID is an order's id"))
}

/// Whether it changes something: then a lost answer is not nothing.
pub(crate) fn changes(kind: Kind) -> bool {
    kind.is_audited() && !matches!(kind, Kind::Audit | Kind::RecipientReveal | Kind::CouponShow)
}

/// `operate`, behind its URL.
pub(crate) struct Operate {
    aws: Rc<Aws>,
    url: Url,
    language: Language,
    /// Orders whose answer is awaited.
    under_way: RefCell<Vec<OrderId>>,
}

impl Operate {
    pub(crate) fn new(aws: Rc<Aws>, url: Url, language: Language) -> Self {
        Self { aws, url, language, under_way: RefCell::default() }
    }

    /// Orders that nobody has heard of yet.
    pub(crate) fn under_way(&self) -> Vec<OrderId> {
        self.under_way.borrow().clone()
    }

    /// Asks for what changes nothing.
    pub(crate) async fn ask(&self, operation: Operation) -> Result<Outcome, Failure> {
        self.send(&Order::question(operation), false).await
    }

    /// What an order would come to.
    pub(crate) async fn try_dry(&self, order: &Order) -> Result<Outcome, Failure> {
        self.send(order, true).await
    }

    /// Gives an order.
    pub(crate) async fn order(&self, order: &Order) -> Result<Outcome, Failure> {
        self.send(order, false).await
    }

    async fn send(&self, order: &Order, dry_run: bool) -> Result<Outcome, Failure> {
        let matters = !dry_run && changes(order.operation.kind());
        let body = serde_json::to_vec(&order.request(dry_run))
            .map_err(|error| Failure::failed(format!("the request cannot be written: {error}")))?;
        let ask = Ask {
            service: "lambda",
            method: Method::POST,
            url: self.url.clone(),
            headers: vec![("content-type", "application/json".to_owned())],
            body,
            timeout: TIMEOUT,
        };
        if matters {
            self.under_way.borrow_mut().push(order.id.clone());
        }
        let answered = self.aws.send(ask).await;
        self.under_way.borrow_mut().retain(|id| *id != order.id);
        let lost = |why: &str| if matters { lost(&order.id, why) } else { unanswered(why) };
        match answered {
            Ok(answered) => self.read(&answered, &lost).map_err(|failure| failure.about_if(matters, &order.id)),
            Err(Unanswered::NotSent(failure)) => Err(failure),
            Err(Unanswered::Lost(why)) => Err(lost(&why)),
        }
    }

    fn read(&self, answered: &Answered, lost: &dyn Fn(&str) -> Failure) -> Result<Outcome, Failure> {
        let value: Option<Value> = serde_json::from_slice(&answered.body).ok();
        let protocol = value.as_ref().and_then(|value| value.get("protocol")).and_then(Value::as_u64);
        match protocol {
            Some(protocol) if protocol != u64::from(PROTOCOL) => return Err(other_version(protocol)),
            Some(_) => {}
            None => return Err(not_operate(answered.status, lost)),
        }
        let Ok(reply) = serde_json::from_value::<Reply>(value.unwrap_or_default()) else {
            return Err(lost("its answer cannot be read; giftctl and `operate` may be of different versions"));
        };
        match reply.into_result() {
            Ok(outcome) => Ok(outcome),
            Err(refusal) => Err(Failure::refused(refusal, self.language)),
        }
    }
}

impl Failure {
    fn about_if(self, matters: bool, id: &OrderId) -> Self {
        if matters { self.about(id) } else { self }
    }
}

fn other_version(theirs: u64) -> Failure {
    let (who, mend) = if theirs < u64::from(PROTOCOL) {
        ("`operate` of this stack is older than giftctl", "Deploy the stack from the version that giftctl is of.")
    } else {
        ("giftctl is older than `operate` of this stack", "Build giftctl from the version that is deployed.")
    };
    let said = format!("{who} (protocol {theirs}, not {PROTOCOL}); whether an order was taken, `payout look` tells");
    Failure::configuration(said).mend(mend)
}

/// An answer that is not one of `operate`: Lambda's own.
fn not_operate(status: u16, lost: &dyn Fn(&str) -> Failure) -> Failure {
    match status {
        401 | 403 => Failure::configuration("you may not ask `operate` of this stack (lambda:InvokeFunctionUrl)")
            .mend("Use the credentials of somebody who may: AWS_PROFILE, --profile."),
        404 => Failure::configuration("`operate` is not deployed behind the stack's OperateUrl")
            .mend("Deploy the stack again."),
        429 => Failure::failed("`operate` takes no more requests just now; nothing was done"),
        413 => Failure::failed("the request is too large for `operate`; nothing was done"),
        400..=499 => Failure::configuration(format!("what answers behind OperateUrl is not `operate` (HTTP {status})")),
        _ => lost(&format!("HTTP {status}")),
    }
}

fn unanswered(why: &str) -> Failure {
    Failure::failed(format!("`operate` did not answer: {why}; nothing was changed"))
}

/// The answer to an order was lost: it may have been carried out.
fn lost(id: &OrderId, why: &str) -> Failure {
    let said = format!("the answer to order {} was lost ({why}): it may have been carried out", id.as_str());
    let mend = format!(
        "Type the same command with `--order-id {}`: the same order twice is one. Or look: `giftctl payout look TR_ID`.",
        id.as_str()
    );
    Failure::new(Exit::Unknown, "answer_lost", said).mend(mend).about(id)
}
