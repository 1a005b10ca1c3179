//! Everything behind the one lock, which is never held across an await.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use crate::api::Api;
use crate::books::Books;
use crate::config::SimConfig;
use crate::ledger::{Event, Ledger};
use crate::params::Params;
use crate::script::Script;
use crate::vendor::{Answer, Vendor};

/// Longer `tr_id`s are not kept in events: they are somebody's garbage.
const EVENT_TR_ID_BYTES_MAX: usize = 64;

/// The state of the world.
pub(crate) struct State {
    pub(crate) vendor: Vendor,
    pub(crate) script: Script,
    clock_offset: SignedDuration,
    requests: BTreeMap<Api, u64>,
    in_flight: BTreeMap<Api, u64>,
    in_flight_max: BTreeMap<Api, u64>,
    events: VecDeque<Event>,
    books: Option<Books>,
    /// Something happened that the books do not tell: from here on nothing is answered.
    unsaved: bool,
}

impl State {
    /// Real time, moved by `POST /_clock`.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::now().saturating_add(self.clock_offset).unwrap_or(Timestamp::MAX)
    }

    pub(crate) fn advance_clock(&mut self, by: SignedDuration) {
        self.clock_offset = self.clock_offset.saturating_add(by);
    }

    /// Whether the books could not be written.
    pub(crate) fn is_unsaved(&self) -> bool {
        self.unsaved
    }

    /// Writes down what has changed.
    fn save(&mut self) {
        let Some(books) = &mut self.books else { return self.vendor.forget_changes() };
        let changes = self.vendor.take_changes();
        if changes.is_empty() {
            return;
        }
        if let Err(error) = books.append(&changes) {
            tracing::error!(error = format!("{error:#}"), "the books cannot be written: nothing is answered any more");
            self.unsaved = true;
        }
    }

    /// Lets the service do its work and notes it down.
    pub(crate) fn serve(&mut self, api: Api, params: &Params, fault: Option<String>) -> Answer {
        let now = self.now();
        let answer = self.vendor.serve(api, params, now);
        self.note(api, params, did(&answer), Some(&answer), fault);
        answer
    }

    /// Lets the service take the money of a send and issue nothing.
    pub(crate) fn charge(&mut self, params: &Params, fault: String) -> Answer {
        let answer = self.vendor.charge_without_coupon(params, self.now());
        self.note(Api::Send, params, did(&answer), Some(&answer), Some(fault));
        answer
    }

    /// Notes down a request that a fault kept from the service.
    pub(crate) fn skip(&mut self, api: Api, params: &Params, fault: String) {
        self.note(api, params, "nothing", None, Some(fault));
    }

    fn note(&mut self, api: Api, params: &Params, did: &str, answer: Option<&Answer>, fault: Option<String>) {
        if self.events.len() >= Ledger::EVENTS_MAX {
            self.events.pop_front();
        }
        let tr_id = params.get("tr_id").filter(|tr_id| tr_id.len() <= EVENT_TR_ID_BYTES_MAX);
        let code = answer.and_then(Answer::code);
        tracing::debug!(api = %api, tr_id, did, code = code.as_ref().map(tracing::field::display), fault, "served");
        self.events.push_back(Event {
            at: self.now(),
            api,
            tr_id: tr_id.map(str::to_owned),
            did: did.to_owned(),
            code,
            fault,
        });
    }

    pub(crate) fn ledger(&self) -> Ledger {
        Ledger {
            requests: self.requests.clone(),
            in_flight: self.in_flight.clone(),
            in_flight_max: self.in_flight_max.clone(),
            events: self.events.iter().cloned().collect(),
            ..self.vendor.ledger(self.now())
        }
    }
}

fn did(answer: &Answer) -> &'static str {
    match answer {
        Answer::Issued(_) => "issued",
        Answer::Reserved(_) => "reserved",
        Answer::Charged => "charged",
        Answer::Cancelled => "cancelled",
        Answer::Refunded => "refunded",
        Answer::Resent => "resent",
        Answer::Refused(_) => "refused",
        Answer::GoodsPage(_)
        | Answer::Goods(_)
        | Answer::Brands(_)
        | Answer::Brand(_)
        | Answer::Coupon(_)
        | Answer::NoCoupon
        | Answer::Balance(_)
        | Answer::NoContent => "answered",
    }
}

/// Opens the books: what stands in them is the vendor's past; new ones begin with the account.
fn keep(vendor: &mut Vendor, path: &Path) -> anyhow::Result<Books> {
    let (mut books, lines) = Books::open(path)?;
    if lines.is_empty() {
        books.append(&[vendor.opening()])?;
    }
    for line in lines {
        vendor.replay(line);
    }
    Ok(books)
}

/// The state, shared by connections, late work and the handle.
pub(crate) struct Shared {
    state: Mutex<State>,
    /// How long the answer to every 0204 takes.
    pub(crate) send_latency: Duration,
    version: watch::Sender<u64>,
}

impl Shared {
    /// Takes over the books, if there are any.
    pub(crate) fn open(mut config: SimConfig) -> anyhow::Result<Arc<Self>> {
        let (send_latency, books) = (config.send_latency, config.books.take());
        let mut vendor = Vendor::new(config);
        let books = books.map(|path| keep(&mut vendor, &path)).transpose()?;
        let zeros: BTreeMap<Api, u64> = Api::ALL.into_iter().map(|api| (api, 0)).collect();
        Ok(Arc::new(Self {
            send_latency,
            state: Mutex::new(State {
                vendor,
                script: Script::default(),
                clock_offset: SignedDuration::ZERO,
                requests: zeros.clone(),
                in_flight: zeros.clone(),
                in_flight_max: zeros,
                events: VecDeque::new(),
                books,
                unsaved: false,
            }),
            version: watch::Sender::new(0),
        }))
    }

    pub(crate) fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the state, writes that down and wakes whoever waits for a change.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let result = change(&mut state);
        state.save();
        drop(state);
        self.version.send_modify(|version| *version = version.wrapping_add(1));
        result
    }

    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }
}

/// Counts a request in, and out again when it is answered or its client has gone.
pub(crate) struct InFlight {
    shared: Arc<Shared>,
    api: Api,
}

impl InFlight {
    pub(crate) fn enter(shared: &Arc<Shared>, api: Api) -> Self {
        shared.change(|state| {
            *state.requests.entry(api).or_default() += 1;
            let now = state.in_flight.entry(api).or_default();
            *now += 1;
            let most = state.in_flight_max.entry(api).or_default();
            *most = (*most).max(*now);
        });
        Self { shared: Arc::clone(shared), api }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.shared.change(|state| {
            let now = state.in_flight.entry(self.api).or_default();
            *now = now.saturating_sub(1);
        });
    }
}
