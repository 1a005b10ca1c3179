use payout::Attempt;
use platform::{WakeError, WakeSend};

use super::Port;
use crate::faults::Fault;

impl WakeSend for Port {
    async fn wake(&self, attempts: &[Attempt]) -> Result<(), WakeError> {
        let (there, back, fault) =
            self.request(&[Fault::WakeRefused, Fault::WakeLost, Fault::WakeAnswerLost, Fault::WakeTwice]);
        self.wait(there).await;
        self.trace(|| format!("wakes send for {} rows{}", attempts.len(), fault.map_or("", Fault::name)));
        let times = match fault {
            Some(Fault::WakeRefused | Fault::WakeLost) => 0,
            Some(Fault::WakeTwice) => 2,
            _ => 1,
        };
        for _ in 0..times {
            self.world.borrow_mut().invoke_send(attempts.to_vec());
        }
        self.wait(back).await;
        match fault {
            Some(Fault::WakeRefused | Fault::WakeAnswerLost) => Err(WakeError::new("simulated")),
            _ => Ok(()),
        }
    }
}
