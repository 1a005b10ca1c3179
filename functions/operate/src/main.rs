//! Lambda `operate`: wiring only.

use std::process::ExitCode;

use lambda_runtime::{run, service_fn};
use operate::{InTheCloud, LazyGiftishow, Operate, RestoredTables, handle, settings};
use platform::{AuditTable, PinScheme as _, RecipientsTable, RewardsTable, Secret, StartError};
use platform::{
    Aws, CatalogTable, ControlTable, CouponsTable, Env, Heartbeat, Machine, PayoutsTable, RecipientKeys,
    ReconcileFunction,
};
use platform::{coupon_sealer, rules, tr_id_scheme};

fn main() -> ExitCode {
    platform::main_of(start())
}

async fn start() -> Result<(), StartError> {
    let env = Env::process();
    let base_url = line::base_url(&env)?;
    let real = base_url.is_https();
    let (settings, scheme, rules) = (settings(&env, real)?, tr_id_scheme(&env)?, rules(&env, real)?);
    let (payouts, control) = (env.required("PAYOUTS_TABLE")?, env.required("CONTROL_TABLE")?);
    let aws = Aws::from_env().await;
    ControlTable::new(&aws, control.clone()).start_with(&scheme).await?;
    let audit = env.required("AUDIT_TABLE")?;
    let table = PayoutsTable::new(&aws, payouts.clone()).with_control(control.clone());
    let giftishow = Secret::new(&aws, env.required("GIFTISHOW_SECRET_ID")?);
    let operate = Operate::<InTheCloud> {
        giftishow: LazyGiftishow::new(base_url, rules.clone(), giftishow),
        payouts: table.with_audit(audit.clone()),
        time: Heartbeat::new(&aws, payouts.clone(), control.clone()),
        reconciler: ReconcileFunction::new(&aws, env.required("RECONCILE_FUNCTION")?),
        control: ControlTable::new(&aws, control.clone()),
        rewards: RewardsTable::new(&aws, env.required("REWARDS_TABLE")?),
        catalog: CatalogTable::new(&aws, env.required("CATALOG_TABLE")?),
        recipients: RecipientsTable::new(&aws, env.required("RECIPIENTS_TABLE")?),
        recipient_keys: RecipientKeys::new(Secret::new(&aws, env.required("RECIPIENT_KEY_SECRET_ID")?)),
        coupons: CouponsTable::new(&aws, env.required("COUPONS_TABLE")?),
        sealer: coupon_sealer(&env, &aws)?,
        audit: AuditTable::new(&aws, audit),
        restored: RestoredTables { aws, payouts, control },
        scheme,
        rules,
        settings,
        host: Machine,
    };
    run(service_fn(|event| handle(&operate, event))).await.map_err(StartError::runtime)
}
