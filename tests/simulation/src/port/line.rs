use std::time::Duration;

use giftishow::{
    Answer, BalanceOutcome, CancelOutcome, CouponOutcome, Evidence, Gubun, Reading, SendOutcome, SendRequest,
    TransactionId, TransportFault,
};
use send::{Lease, SendCoupon};
use sweeper::CancelCoupon;

use super::Port;
use crate::clock::SECOND_MS;
use crate::faults::Fault;
use crate::vendor::{self, Asked, Order, Said};
use crate::weakness::Weakness;
use crate::workers::Open;

/// Deadlines of the client.
const SEND_MS: i64 = 15 * SECOND_MS;
const CANCEL_MS: i64 = 15 * SECOND_MS;
const LOOK_UP_MS: i64 = 10 * SECOND_MS;
const CONNECT_MS: i64 = 5 * SECOND_MS;
/// Longest usual time of one way.
const WAY_MS: i64 = 200;

impl SendCoupon for Port {
    async fn send(&self, _lease: &Lease, request: &SendRequest) -> Answer<SendOutcome> {
        let tr_id = request.tr_id.as_str();
        self.open(Open::Send);
        let said = self.ask_to_send(request).await;
        self.close(Open::Send);
        self.trace(|| format!("0204 {tr_id}: {said:?}"));
        answer(SendOutcome::read(request.gubun, self.believed(&said).heard()), &said)
    }

    async fn look_up(&self, tr_id: &TransactionId) -> Answer<CouponOutcome> {
        self.look_up_coupon(tr_id.as_str()).await
    }

    async fn read_credentials_again(&self) -> bool {
        self.rotated()
    }
}

impl CancelCoupon for Port {
    async fn cancel(&self, tr_id: &TransactionId) -> Answer<CancelOutcome> {
        self.open(Open::Cancel);
        self.with(|world, _| world.pace.cancel(tr_id.as_str(), world.clock.now_ms));
        let said = self.ask_to_cancel(tr_id.as_str()).await;
        self.close(Open::Cancel);
        self.trace(|| format!("0202 {tr_id}: {said:?}"));
        answer(CancelOutcome::read(said.heard()), &said)
    }

    async fn look_up(&self, tr_id: &TransactionId) -> Answer<CouponOutcome> {
        self.look_up_coupon(tr_id.as_str()).await
    }

    async fn balance(&self) -> Answer<BalanceOutcome> {
        let said = self.ask_for_balance().await;
        self.trace(|| format!("0301: {said:?}"));
        answer(BalanceOutcome::read(said.heard()), &said)
    }

    async fn read_credentials_again(&self) -> bool {
        self.rotated()
    }
}

fn answer<T>(reading: Reading<T>, said: &Said) -> Answer<T> {
    let evidence = Evidence {
        http_status: said.status(),
        code: reading.code,
        transport: reading.transport,
        elapsed: Duration::ZERO,
    };
    Answer { outcome: reading.outcome, evidence }
}

impl Port {
    /// From when on, and until when, a request is in flight.
    fn open(&self, kind: Open) {
        let mut world = self.world.borrow_mut();
        let now_ms = world.clock.now_ms;
        let process = &mut world.workers[self.worker];
        process.open[kind as usize] += 1;
        process.asked_ms = now_ms;
        world.judge_open(kind);
    }

    fn close(&self, kind: Open) {
        self.world.borrow_mut().workers[self.worker].open[kind as usize] -= 1;
    }

    /// Somebody may have put others into the secret just then.
    fn rotated(&self) -> bool {
        self.with(|_, random| random.once_in(8))
    }

    async fn ask_to_send(&self, request: &SendRequest) -> Said {
        let order = Order {
            tr_id: request.tr_id.as_str().to_owned(),
            goods: request.goods_code.as_str().to_owned(),
            phone: request.phone_no.expose().to_owned(),
            gubun: request.gubun,
        };
        self.world.borrow_mut().judge_hours(&order);
        let faults = [
            Fault::NotConnected,
            Fault::SendLost,
            Fault::SendLate,
            Fault::SendUnheard,
            Fault::SendGarbled,
            Fault::SendUnclear,
            Fault::InputRefused,
            Fault::LineRefused,
        ];
        self.ask(Asked::Send(order), &faults, SEND_MS).await
    }

    async fn ask_to_cancel(&self, tr_id: &str) -> Said {
        let faults = [
            Fault::NotConnected,
            Fault::CancelLost,
            Fault::CancelLate,
            Fault::CancelUnheard,
            Fault::CancelGarbled,
            Fault::CancelBlind,
            Fault::LineRefused,
        ];
        self.ask(Asked::Cancel(tr_id.to_owned()), &faults, CANCEL_MS).await
    }

    pub(super) async fn look_up_coupon(&self, tr_id: &str) -> Answer<CouponOutcome> {
        let faults =
            [Fault::NotConnected, Fault::LookupFailed, Fault::LookupBlind, Fault::PinAmbiguous, Fault::LineRefused];
        let said = self.ask(Asked::LookUp(tr_id.to_owned()), &faults, LOOK_UP_MS).await;
        self.trace(|| format!("0201 {tr_id}: {said:?}"));
        answer(CouponOutcome::read(said.heard()), &said)
    }

    async fn ask_for_balance(&self) -> Said {
        let faults = [Fault::NotConnected, Fault::LookupFailed, Fault::LineRefused];
        self.ask(Asked::Balance, &faults, LOOK_UP_MS).await
    }

    /// One request, and what is heard of it within its deadline. It leaves at once or never: a process that stands still
    /// while it connects finds its deadline over.
    async fn ask(&self, asked: Asked, faults: &[Fault], deadline_ms: i64) -> Said {
        let fault = self.with(|world, random| world.faults.one_of(faults, random));
        if let Some(fault) = fault {
            self.trace(|| fault.name().to_owned());
        }
        match fault {
            Some(Fault::NotConnected) => {
                let after_ms = self.with(|_, random| random.between(1, CONNECT_MS));
                self.wait(after_ms).await;
                return Said::Fault(TransportFault::NotConnected);
            }
            Some(Fault::SendLost | Fault::CancelLost) => return self.unheard(deadline_ms).await,
            Some(Fault::SendLate | Fault::CancelLate) => {
                self.with(|world, random| {
                    let most_ms = world.settings.profile.lateness_ms();
                    let longest_ms = random.one(&[deadline_ms + SECOND_MS, 300 * SECOND_MS, most_ms, most_ms]);
                    let after_ms = random.between(deadline_ms, longest_ms);
                    world.leave(asked, None, after_ms, random);
                });
                return self.unheard(deadline_ms).await;
            }
            _ => {}
        }
        let (there, back) = self.with(|_, random| (random.between(1, WAY_MS), random.between(1, WAY_MS)));
        let request = self.with(|world, random| world.leave(asked, fault, there, random));
        if matches!(fault, Some(Fault::SendUnheard | Fault::CancelUnheard)) {
            return self.unheard(deadline_ms).await;
        }
        self.wait(there + back).await;
        let said = self.world.borrow_mut().requests[request].said.take();
        said.unwrap_or(Said::Fault(TransportFault::Deadline))
    }

    /// A request that is not answered within its deadline, or whose connection breaks before.
    async fn unheard(&self, deadline_ms: i64) -> Said {
        let (after_ms, fault) = self.with(|_, random| {
            if random.once_in(2) {
                (deadline_ms, TransportFault::Deadline)
            } else {
                (random.between(1, deadline_ms), TransportFault::Broken)
            }
        });
        self.wait(after_ms).await;
        Said::Fault(fault)
    }

    /// What is believed of an answer to a send: all of it, unless the check of the inner code is left out.
    fn believed(&self, said: &Said) -> Said {
        match (self.world.borrow().settings.weakness, said) {
            (Some(Weakness::InnerCode), Said::Body(body)) if body.starts_with(r#"{"code":"0000","#) => {
                vendor::issued(0, Gubun::Mms)
            }
            _ => said.clone(),
        }
    }
}
