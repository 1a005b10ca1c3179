use crate::clock::{MINUTE_MS, What};
use crate::faults::Fault;
use crate::random::Random;
use crate::vendor::{self, Asked, Order, Said, Vendor};
use crate::weakness::Weakness;
use crate::world::World;

/// A request that has left for Giftishow. Whoever sent it may end or stand still: it arrives all the same.
#[derive(Debug)]
pub(crate) struct Request {
    /// Until it has arrived.
    asked: Option<Asked>,
    fault: Option<Fault>,
    random: Random,
    pub(crate) said: Option<Said>,
}

impl World {
    /// A request leaves, and arrives a while later.
    pub(crate) fn leave(&mut self, asked: Asked, fault: Option<Fault>, after_ms: i64, random: &mut Random) -> usize {
        if let Asked::Send(order) = &asked {
            self.judge_caps(order);
        }
        self.requests.push(Request { asked: Some(asked), fault, random: random.fork(), said: None });
        let request = self.requests.len() - 1;
        self.clock.after(after_ms, What::Arrive(request));
        request
    }

    /// Giftishow gets to a request.
    pub(crate) fn arrive(&mut self, request: usize) {
        let Request { asked, fault, random, .. } = &mut self.requests[request];
        let (Some(asked), fault, mut random) = (asked.take(), *fault, *random) else { return };
        self.trace.mix(fault.map_or(0, |fault| fault as u64) | 0xa_0000);
        let said = match self.out(&asked, &mut random) {
            Some(said) => said,
            None => self.answer(&asked, fault, &mut random),
        };
        self.requests[request].said = Some(said);
    }

    /// What keeps every request from being answered as usual, for a while.
    fn out(&mut self, asked: &Asked, random: &mut Random) -> Option<Said> {
        if self.giftishow_is_out() {
            return Some(vendor::garbled(random));
        }
        if self.credentials_are_refused() {
            return Some(vendor::line_refused(random));
        }
        (self.balance_is_empty() && matches!(asked, Asked::Send(_))).then(|| vendor::low_balance(random))
    }

    fn answer(&mut self, asked: &Asked, fault: Option<Fault>, random: &mut Random) -> Said {
        if fault == Some(Fault::LineRefused) {
            return vendor::line_refused(random);
        }
        match asked {
            Asked::Send(order) => match fault {
                Some(Fault::InputRefused) => vendor::input_refused(random),
                Some(Fault::SendUnclear) => vendor::unclear(None, random),
                _ => {
                    let said = self.issue(order, random);
                    if fault == Some(Fault::SendGarbled) { vendor::unclear(Some(&said), random) } else { said }
                }
            },
            Asked::Cancel(_) if fault == Some(Fault::CancelBlind) => Vendor::overlook_cancel(random),
            Asked::Cancel(tr_id) => {
                let now_ms = self.clock.now_ms;
                let said = self.vendor.cancel(tr_id, now_ms, random);
                self.trace.line(now_ms, || format!("giftishow  gets to the cancel of {tr_id}: {said:?}"));
                // Whether it worked does not show.
                if fault == Some(Fault::CancelGarbled) { vendor::garbled(random) } else { said }
            }
            Asked::LookUp(_) if self.settings.weakness == Some(Weakness::SecondOpinion) => {
                vendor::nothing_found(random)
            }
            Asked::LookUp(tr_id) => self.look_up(tr_id, fault, random),
            Asked::Balance if fault == Some(Fault::LookupFailed) => vendor::garbled(random),
            Asked::Balance => vendor::balance(if self.balance_is_empty() { 0 } else { 1_000_000 }),
        }
    }

    fn look_up(&self, tr_id: &str, fault: Option<Fault>, random: &mut Random) -> Said {
        let overlooked = || self.vendor.overlook(tr_id, self.clock.now_ms, &mut random.clone());
        match fault {
            Some(Fault::LookupFailed) => vendor::garbled(random),
            Some(Fault::PinAmbiguous) => self.vendor.look_up_oddly(tr_id, random),
            Some(Fault::LookupBlind) if let Some(said) = overlooked() => said,
            _ => self.vendor.look_up(tr_id, random),
        }
    }

    fn issue(&mut self, order: &Order, random: &mut Random) -> Said {
        let now_ms = self.clock.now_ms;
        let tr_id = &order.tr_id;
        let (said, issued) = self.vendor.send(order, now_ms, random);
        self.trace.mix(u64::from(issued) | 0x150);
        self.trace
            .line(now_ms, || format!("giftishow  {} {tr_id}", if issued { "ISSUES" } else { "has issued before" }));
        if issued {
            let place = self.vendor.coupons.len() - 1;
            if self.faults.hit(Fault::CouponUsed, random) {
                self.clock.after(random.between(1, 40 * MINUTE_MS), What::Use(place));
            }
            self.vendor.coupons[place].stubborn = self.faults.hit(Fault::NotCancellable, random);
            self.judge_issue();
        }
        said
    }
}
