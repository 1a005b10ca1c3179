use payout::Line;
use platform::{ControlLine, StoreError};

use super::{Port, unavailable};
use crate::faults::Fault;

impl ControlLine for Port {
    async fn line(&self) -> Result<Line, StoreError> {
        self.reading("GetItem", |world| world.tables.line().clone()).await
    }

    async fn change_line(&self, after: &Line) -> Result<bool, StoreError> {
        let (there, back, fault) = self.request(&[Fault::Throttled, Fault::RequestLost, Fault::AnswerLost]);
        self.wait(there).await;
        let changed = match fault {
            None => Ok(self.put_down_line(after)),
            Some(fault) => {
                if fault == Fault::AnswerLost {
                    self.put_down_line(after);
                }
                Err(unavailable("PutItem", fault))
            }
        };
        self.wait(back).await;
        changed
    }
}

impl Port {
    fn put_down_line(&self, after: &Line) -> bool {
        let changed = self.with(|world, _| {
            let changed = world.tables.change_line(after);
            world.trace.mix(u64::from(changed) | 0x11e0);
            world.judge_pause();
            world.due_again();
            changed
        });
        let pause = || after.pause.as_ref().map_or("open", |pause| pause.reason.as_str());
        self.trace(|| {
            format!(
                "{} the line: {}, {} unanswered",
                if changed { "writes" } else { "may not write" },
                pause(),
                after.unanswered
            )
        });
        changed
    }
}
