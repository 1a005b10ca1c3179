//! A running simulator.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use jiff::SignedDuration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::catalogue::{CatalogueChange, Goods, GoodsState, Retired};
use crate::config::{CatalogueConfig, SimConfig, SimCredentials};
use crate::ledger::Ledger;
use crate::script::ScriptedFault;
use crate::server;
use crate::state::{Shared, State};
use crate::vendor::ControlError;

/// A simulator that listens on loopback. Dropping it closes its socket and every connection.
pub struct Sim {
    addr: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

impl Sim {
    /// Binds and serves. Fails when the address is not loopback or is taken, the catalogue is larger than any, or the books cannot
    /// be read.
    pub async fn start(config: SimConfig) -> anyhow::Result<Self> {
        ensure!(config.listen.ip().is_loopback(), "{} is not loopback: the fake stays on this machine", config.listen);
        let CatalogueConfig { goods, brands, .. } = config.catalogue;
        ensure!(goods <= CatalogueConfig::GOODS_MAX, "{goods} goods are more than {}", CatalogueConfig::GOODS_MAX);
        ensure!(brands <= CatalogueConfig::BRANDS_MAX, "{brands} brands are more than {}", CatalogueConfig::BRANDS_MAX);
        let listener =
            TcpListener::bind(config.listen).await.with_context(|| format!("cannot listen on {}", config.listen))?;
        let addr = listener.local_addr().context("the listening address cannot be read")?;
        let shared = Shared::open(config)?;
        let server = tokio::spawn(server::serve(listener, Arc::clone(&shared)));
        Ok(Self { addr, shared, server })
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end; the operations lie below `/bizApi`.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// What a request must present now.
    pub fn credentials(&self) -> SimCredentials {
        self.shared.read(|state| state.vendor.credentials().clone())
    }

    /// Replaces what a request must present.
    pub fn set_credentials(&self, credentials: SimCredentials) {
        self.shared.change(|state| state.vendor.set_credentials(credentials));
    }

    /// The books at this moment.
    pub fn ledger(&self) -> Ledger {
        self.shared.read(State::ledger)
    }

    /// Waits until the ledger is as wanted and returns it. Looks again at every change; fails with the last ledger at the limit.
    pub async fn wait_until(&self, limit: Duration, wanted: impl Fn(&Ledger) -> bool) -> anyhow::Result<Ledger> {
        let mut changes = self.shared.watch();
        let reached = tokio::time::timeout(limit, async {
            loop {
                changes.mark_unchanged();
                let ledger = self.ledger();
                if wanted(&ledger) {
                    return ledger;
                }
                // The sender lives in `self`, so waiting ends only with a change.
                let _ = changes.changed().await;
            }
        });
        reached.await.with_context(|| format!("not reached within {limit:?}; the ledger is {:?}", self.ledger()))
    }

    /// Adds a fault to the queue.
    pub fn script(&self, fault: ScriptedFault) {
        self.shared.change(|state| state.script.push(fault));
    }

    /// Forgets all faults that have not hit yet.
    pub fn clear_faults(&self) {
        self.shared.change(|state| state.script.clear());
    }

    /// A shop takes the coupon.
    pub fn use_coupon(&self, tr_id: &str) -> Result<(), ControlError> {
        self.shared.change(|state| {
            let now = state.now();
            state.vendor.use_coupon(tr_id, now)
        })
    }

    /// The PIN that the answer to 0204 told (`gubun` Y and I), to compare with what was kept of it: no operation tells it again.
    pub fn pin_no(&self, tr_id: &str) -> Option<String> {
        self.shared.read(|state| state.vendor.pin_no(tr_id).map(|pin_no| pin_no.expose().to_owned()))
    }

    /// Whether the coupon of this `tr_id` went to this number: the ledger tells none, and so one is only compared.
    pub fn went_to(&self, tr_id: &str, phone: &str) -> bool {
        self.shared.read(|state| state.vendor.went_to(tr_id, phone))
    }

    /// Sets the balance, in won. The difference shows as `adjusted_won`.
    pub fn set_balance(&self, won: u64) {
        self.shared.change(|state| state.vendor.set_balance(won));
    }

    /// Puts goods on sale or takes them off.
    pub fn set_goods_state(&self, code: &str, goods: GoodsState) -> Result<(), ControlError> {
        let code = code.to_owned();
        self.change_catalogue(match goods {
            GoodsState::OnSale => CatalogueChange::Resume { code },
            GoodsState::Suspended => CatalogueChange::Suspend { code },
        })
    }

    /// Takes goods off sale; they stay listed, as `SUS`.
    pub fn suspend(&self, code: &str) -> Result<(), ControlError> {
        self.set_goods_state(code, GoodsState::Suspended)
    }

    /// Takes goods off the catalogue.
    pub fn withdraw(&self, code: &str) -> Result<(), ControlError> {
        self.change_catalogue(CatalogueChange::Withdraw { code: code.to_owned() })
    }

    /// Sets a price, in won.
    pub fn change_price(&self, code: &str, won: u64) -> Result<(), ControlError> {
        self.change_catalogue(CatalogueChange::ChangePrice { code: code.to_owned(), won })
    }

    /// Adds goods at the end of the catalogue, or replaces those of the same code.
    pub fn add_goods(&self, goods: impl IntoIterator<Item = Goods>) -> Result<(), ControlError> {
        goods.into_iter().try_for_each(|goods| self.change_catalogue(CatalogueChange::Add { goods }))
    }

    /// Changes the catalogue now.
    pub fn change_catalogue(&self, change: CatalogueChange) -> Result<(), ControlError> {
        self.shared.change(|state| state.vendor.change_catalogue(change))
    }

    /// Changes the catalogue right after 0101 has served this page (1-based), once: what happens to somebody who is reading it.
    pub fn change_catalogue_after_page(&self, page: u64, change: CatalogueChange) {
        self.shared.change(|state| state.vendor.plan_change(page, change));
    }

    /// Everything that 0101 lists, in order.
    pub fn listed_goods(&self) -> Vec<Goods> {
        self.shared.change(|state| state.vendor.catalogue().listed().map(|item| item.goods.clone()).collect())
    }

    /// Codes that are gone, with those that took their place.
    pub fn retired_goods(&self) -> Vec<Retired> {
        self.shared.change(|state| state.vendor.catalogue().retired().to_vec())
    }

    /// Moves the simulator's clock forward (or back). Late coupons wait in real time.
    pub fn advance_clock(&self, by: SignedDuration) {
        self.shared.change(|state| state.advance_clock(by));
    }

    /// Stops serving and waits until the socket is closed.
    pub async fn shutdown(mut self) {
        self.server.abort();
        let _ = (&mut self.server).await;
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        self.server.abort();
    }
}
