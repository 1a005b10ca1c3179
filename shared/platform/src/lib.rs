//! What the functions share towards the outside: configuration, telemetry, the tables, the secret, waking `send`.
//!
//! Every capability is one small trait with one implementation over the AWS SDK. A function asks for the traits it needs,
//! and the template grants its role exactly their actions.
//!
//! | trait | action | table or resource |
//! | --- | --- | --- |
//! | [`WritePayouts`] | `dynamodb:UpdateItem`, `dynamodb:PutItem` where rows are made, `dynamodb:ConditionCheckItem` where they must not meet | `payouts` |
//! | [`WritePayouts`] | `dynamodb:PutItem` as far as its writes need it | `control`, `coupons` |
//! | [`ReadPayout`] | `dynamodb:GetItem` | `payouts` |
//! | [`FindPayouts`] | `dynamodb:BatchGetItem` | `payouts`, `control` |
//! | [`ScanPayouts`] | `dynamodb:Scan` | `payouts`, or a restored copy of it |
//! | [`CountAttention`], [`ListAttention`] | `dynamodb:Query` | index `attention` of `payouts` |
//! | [`ListPayouts`] | `dynamodb:Query` | indexes `by_day` and `by_user` of `payouts` |
//! | [`ListPayouts`] | `dynamodb:BatchGetItem` | `payouts` |
//! | [`FindDue`] | `dynamodb:Query` | index `due` of `payouts` |
//! | [`ReadRewards`] | `dynamodb:BatchGetItem` | `rewards` |
//! | [`ListRewards`] | `dynamodb:Scan` | `rewards` |
//! | [`ReadRewardRows`] | `dynamodb:GetItem`, `dynamodb:Scan` | `rewards` |
//! | [`WriteRewards`] | `dynamodb:PutItem` | `rewards` |
//! | [`ReadRecipient`] | `dynamodb:GetItem` | `recipients` |
//! | [`ReadRegistrations`] | `dynamodb:BatchGetItem` | `recipients` |
//! | [`WriteRegistrations`] | `dynamodb:BatchWriteItem`, `dynamodb:DeleteItem` | `recipients` |
//! | [`FindRegistered`] | `dynamodb:Query` | indexes `by_phone` and `by_last_four` of `recipients` |
//! | [`WriteAudit`], and [`WritePayouts`] with a record | `dynamodb:PutItem` | `audit` |
//! | [`ReadAudit`] | `dynamodb:Query` | `audit`, and its indexes `by_day` and `about` |
//! | [`ControlLine`], [`PinScheme`], [`MarkLost`], [`LimitResends`] | `dynamodb:GetItem`, `dynamodb:PutItem` | `control` |
//! | [`ReadMoney`] | `dynamodb:BatchGetItem` | `control` |
//! | [`KeepMoney`] | `dynamodb:PutItem` | `control` |
//! | [`ConfirmTopUp`] | `dynamodb:UpdateItem` | `control` |
//! | [`DrawCounters`] | `dynamodb:UpdateItem` | `control` |
//! | [`ReadSituation`] | `dynamodb:BatchGetItem` | `payouts`, `control` |
//! | [`KeepTime`] | `dynamodb:BatchGetItem`, `dynamodb:UpdateItem` | `payouts`, `control` |
//! | [`ReadCoupon`] | `dynamodb:GetItem` | `coupons` |
//! | [`ReadSecret`] | `secretsmanager:GetSecretValue` | Giftishow's secret, the keys of coupons and of recipients |
//! | [`ReadCatalog`] | `dynamodb:BatchGetItem`, `dynamodb:Scan` | `catalog` |
//! | [`ReadGoodsState`] | `dynamodb:BatchGetItem` | `catalog` |
//! | [`ReadRuns`] | `dynamodb:Query` | index `runs` of `catalog` |
//! | [`WriteCatalog`] | `dynamodb:PutItem`, `dynamodb:UpdateItem` | `catalog` |
//! | `KeepPicture` (feature `pictures`) | `s3:PutObject` | the bucket of pictures |
//! | `Publish` (feature `topic`) | `sns:Publish` | the topic of alarms |
//! | [`WakeSend`] | `lambda:InvokeFunction` | `send` |
//! | [`TakeMoney`] | `lambda:InvokeFunction` | `reconcile` |
//!
//! [`Host`] is the machine itself and needs no permission.

mod audit;
mod aws;
mod batch_get;
mod catalog;
mod control;
mod coupons;
mod env;
mod error;
mod host;
mod money_now;
mod payouts;
#[cfg(feature = "pictures")]
mod pictures;
mod recipient_key;
mod recipients;
mod registrations;
mod restore;
mod rewards;
mod rewards_list;
mod rewards_write;
mod rules;
mod secret;
mod telemetry;
#[cfg(feature = "topic")]
mod topic;
mod wake;

pub use audit::{AuditLine, AuditTable, ReadAudit, WriteAudit};
pub use aws::Aws;
pub use catalog::{
    CatalogTable, Draft, GoodsState, Position, ReadCatalog, ReadGoodsState, ReadRuns, Staging, Unfinished, View,
    WriteCatalog,
};
pub use control::{
    Beat, Beats, ConfirmTopUp, ControlLine, ControlTable, DrawCounters, FindBuried, Heartbeat, KeepMoney, KeepTime,
    LimitResends, Lost, MarkLost, OpenDay, PinScheme, ReadMoney, ReadSituation, Situation, SituationTables, Snapshot,
    ToppedUp, lasts_days, money_view, tell_line,
};
pub use coupons::{Coupon, CouponKey, CouponSealer, CouponsTable, ReadCoupon, SealedCoupon, coupon_sealer};
pub use env::{ConfigError, Env};
pub use error::{StoreError, without_values};
pub use host::{Host, Machine};
pub use money_now::{ReconcileFunction, TakeError, TakeMoney};
pub use payouts::{
    Attention, CountAttention, Due, FindDue, FindPayouts, Found, ListAttention, ListPayouts, Listed, NoPlace,
    PayoutsTable, Place, ReadPayout, Refusal, ScanPayouts, Waiting, Write, WritePayouts, Written, call_a_person,
    settle, write_again, write_settled,
};
#[cfg(feature = "pictures")]
pub use pictures::{KeepPicture, PictureBucket, PictureError};
pub use recipient_key::{Digests, RecipientKey, RecipientKeys};
pub use recipients::{ReadRecipient, RecipientsTable};
pub use registrations::{FindRegistered, ReadRegistrations, Registration, Searched, WriteRegistrations};
pub use restore::{
    Copied, Repaired, begin_repair, copy_missing, copy_page, end_repair, mark_missing, repair, repair_page,
};
pub use rewards::{ReadRewards, RewardCache, RewardsTable};
pub use rewards_list::ListRewards;
pub use rewards_write::{ReadRewardRows, RewardRow, WriteRewards};
pub use rules::{fuse, lease_margin, recipient_wait, redrive_after, rules, send_concurrency, send_hours, tr_id_scheme};
pub use secret::{ReadSecret, Secret, SecretError};
pub use telemetry::{Metric, StartError, log_transition, main_of};
#[cfg(feature = "topic")]
pub use topic::{AlarmTopic, Publish, TopicError};
pub use wake::{SendFunction, WakeError, WakeSend};
