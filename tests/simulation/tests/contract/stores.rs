//! The two stores: the tables of the simulation, and those of the product over HTTP.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::config::Credentials;
use local::dynamodb::{DbFault, ScriptedDbFault};
use local::pump::Delivery;
use local::{Runner, Stack, StackOptions};
use payout::{Attempt, Counter, Line, Moment, Owner, TrId};
use platform::{
    Attention, AuditTable, Aws, Beat, Beats, ControlLine, ControlTable, CountAttention, CouponsTable, DrawCounters,
    Due, FindDue, FindPayouts, Found, Heartbeat, KeepTime, PayoutsTable, ReadCoupon, ReadPayout, SealedCoupon,
    StoreError, Write, WritePayouts, Written,
};
use simulation::store::{Tables, told};

/// Everything that is asked of a store.
pub(crate) trait Store:
    WritePayouts + ReadPayout + FindPayouts + FindDue + CountAttention + ControlLine + DrawCounters + ReadCoupon
{
}

impl<T> Store for T where
    T: WritePayouts + ReadPayout + FindPayouts + FindDue + CountAttention + ControlLine + DrawCounters + ReadCoupon
{
}

pub(crate) struct Both {
    pub(crate) memory: Memory,
    pub(crate) real: Real,
}

/// The tables of the simulation.
#[derive(Default)]
pub(crate) struct Memory(RefCell<Tables>);

impl WritePayouts for Memory {
    async fn write(&self, writes: &[Write]) -> Result<Written, StoreError> {
        Ok(told(writes, self.0.borrow_mut().write(writes)))
    }
}

impl ReadPayout for Memory {
    async fn attempt(&self, tr_id: &TrId) -> Result<Option<Attempt>, StoreError> {
        Ok(self.0.borrow().attempt(tr_id).cloned())
    }
}

impl FindPayouts for Memory {
    async fn find(&self, tr_ids: &[TrId]) -> Result<Found, StoreError> {
        let rows = tr_ids.iter().filter_map(|tr_id| self.0.borrow().attempt(tr_id).cloned()).collect();
        Ok(Found { rows, lost: self.0.borrow().lost() })
    }
}

impl CountAttention for Memory {
    async fn attention(&self, shard: u8) -> Result<Attention, StoreError> {
        Ok(self.0.borrow().attention(shard))
    }
}

impl DrawCounters for Memory {
    async fn draw(&self, counter: &Counter, wanted: u64) -> Result<u64, StoreError> {
        Ok(self.0.borrow_mut().draw(counter, wanted))
    }

    async fn give_back(&self, counter: &Counter, unused: u64) -> Result<(), StoreError> {
        self.0.borrow_mut().give_back(counter, unused);
        Ok(())
    }
}

impl FindDue for Memory {
    async fn due(&self, shard: u8, now: Moment, _most: usize) -> Result<Vec<Due>, StoreError> {
        Ok(self.0.borrow().due(shard, now))
    }
}

impl ControlLine for Memory {
    async fn line(&self) -> Result<Line, StoreError> {
        Ok(self.0.borrow().line().clone())
    }

    async fn change_line(&self, after: &Line) -> Result<bool, StoreError> {
        Ok(self.0.borrow_mut().change_line(after))
    }
}

impl ReadCoupon for Memory {
    async fn coupon(&self, tr_id: &TrId, now: Moment) -> Result<Option<SealedCoupon>, StoreError> {
        Ok(self.0.borrow().coupon(tr_id).filter(|coupon| coupon.expires_at > now).cloned())
    }
}

impl KeepTime for Memory {
    async fn beats(&self) -> Result<Beats, StoreError> {
        Ok(self.0.borrow().beats())
    }

    async fn beat(&self, beat: Beat, sweep: &Owner, until: Moment) -> Result<bool, StoreError> {
        Ok(self.0.borrow_mut().beat(beat, sweep, until))
    }

    async fn hold(&self, sweep: &Owner, until: Moment) -> Result<bool, StoreError> {
        Ok(self.0.borrow_mut().hold(sweep, until))
    }

    async fn heal(&self, beat: Beat) -> Result<(), StoreError> {
        self.0.borrow_mut().heal(beat);
        Ok(())
    }
}

/// The tables of the product, in the local DynamoDB.
pub(crate) struct Real {
    pub(crate) time: Heartbeat,
    payouts: PayoutsTable,
    control: ControlTable,
    coupons: CouponsTable,
}

impl WritePayouts for Real {
    async fn write(&self, writes: &[Write]) -> Result<Written, StoreError> {
        self.payouts.write(writes).await
    }
}

impl ReadPayout for Real {
    async fn attempt(&self, tr_id: &TrId) -> Result<Option<Attempt>, StoreError> {
        self.payouts.attempt(tr_id).await
    }
}

impl FindPayouts for Real {
    async fn find(&self, tr_ids: &[TrId]) -> Result<Found, StoreError> {
        self.payouts.find(tr_ids).await
    }
}

impl CountAttention for Real {
    async fn attention(&self, shard: u8) -> Result<Attention, StoreError> {
        self.payouts.attention(shard).await
    }
}

impl DrawCounters for Real {
    async fn draw(&self, counter: &Counter, wanted: u64) -> Result<u64, StoreError> {
        self.control.draw(counter, wanted).await
    }

    async fn give_back(&self, counter: &Counter, unused: u64) -> Result<(), StoreError> {
        self.control.give_back(counter, unused).await
    }
}

impl FindDue for Real {
    async fn due(&self, shard: u8, now: Moment, most: usize) -> Result<Vec<Due>, StoreError> {
        self.payouts.due(shard, now, most).await
    }
}

impl ControlLine for Real {
    async fn line(&self) -> Result<Line, StoreError> {
        self.control.line().await
    }

    async fn change_line(&self, after: &Line) -> Result<bool, StoreError> {
        self.control.change_line(after).await
    }
}

impl ReadCoupon for Real {
    async fn coupon(&self, tr_id: &TrId, now: Moment) -> Result<Option<SealedCoupon>, StoreError> {
        self.coupons.coupon(tr_id, now).await
    }
}

/// The tables of the product, empty, in a local DynamoDB that nothing else runs against.
pub(crate) struct Local {
    pub(crate) stack: Stack,
    pub(crate) aws: Aws,
    env: BTreeMap<String, String>,
}

impl Local {
    pub(crate) async fn start() -> Result<Self> {
        // No function is called: nothing is delivered, nothing scheduled.
        let runner = Runner::Remote { endpoint: "http://127.0.0.1:9".to_owned() };
        let options = StackOptions { runner, scheduled: false, delivery: Delivery::Lost, ..StackOptions::default() };
        let stack = Stack::start(options).await?;
        let (env, aws) = (stack.functions_env()?, aws(&stack.dynamodb().endpoint_for("contract")).await);
        Ok(Self { stack, aws, env })
    }

    /// The name of a table, by the variable that the functions have it from.
    pub(crate) fn table(&self, variable: &str) -> String {
        self.env[variable].clone()
    }

    /// With all that is written in one transaction with it.
    pub(crate) fn payouts(&self) -> PayoutsTable {
        let payouts = PayoutsTable::new(&self.aws, self.table("PAYOUTS_TABLE"));
        let payouts = payouts.with_control(self.table("CONTROL_TABLE")).with_coupons(self.table("COUPONS_TABLE"));
        payouts.with_audit(self.table("AUDIT_TABLE"))
    }

    pub(crate) fn control(&self) -> ControlTable {
        ControlTable::new(&self.aws, self.table("CONTROL_TABLE"))
    }

    pub(crate) fn audit(&self) -> AuditTable {
        AuditTable::new(&self.aws, self.table("AUDIT_TABLE"))
    }

    /// The next requests of this operation meet the fault.
    pub(crate) fn script(&self, fault: DbFault, operation: &str, times: u32) {
        self.stack.dynamodb().script(ScriptedDbFault::new(fault).operation(operation).times(times));
    }
}

/// A service at this address, asked with the time-outs of the functions: a request that hangs is tried again by the SDK.
pub(crate) async fn aws(endpoint: &str) -> Aws {
    let timeouts = TimeoutConfig::builder()
        .operation_attempt_timeout(Duration::from_secs(1))
        .operation_timeout(Duration::from_secs(10))
        .build();
    let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(Region::new("ap-northeast-2"))
        .credentials_provider(Credentials::new("contract", "contract", None, None, "contract"))
        .endpoint_url(endpoint)
        .timeout_config(timeouts)
        .load()
        .await;
    Aws::from(config)
}

/// Both, empty.
pub(crate) async fn both() -> Result<(Stack, Both)> {
    let local = Local::start().await?;
    let real = Real {
        time: Heartbeat::new(&local.aws, local.table("PAYOUTS_TABLE"), local.table("CONTROL_TABLE")),
        payouts: local.payouts(),
        control: local.control(),
        coupons: CouponsTable::new(&local.aws, local.table("COUPONS_TABLE")),
    };
    Ok((local.stack, Both { memory: Memory::default(), real }))
}
