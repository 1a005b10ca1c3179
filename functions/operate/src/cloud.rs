use platform::{
    AuditTable, Aws, CatalogTable, ControlTable, CouponsTable, Env, Heartbeat, Machine, PayoutsTable, PinScheme as _,
    RecipientKeys, RecipientsTable, ReconcileFunction, RewardsTable, Secret, StartError, coupon_sealer, rules,
    tr_id_scheme,
};

use crate::{InTheCloud, LazyGiftishow, Operate, RestoredTables, settings};

/// All that the function is given in the cloud, by its environment.
pub async fn in_the_cloud(env: &Env) -> Result<Operate<InTheCloud>, StartError> {
    let base_url = line::base_url(env)?;
    let real = base_url.is_https();
    let (settings, scheme, rules) = (settings(env, real)?, tr_id_scheme(env)?, rules(env, real)?);
    let (payouts, control) = (env.required("PAYOUTS_TABLE")?, env.required("CONTROL_TABLE")?);
    let aws = Aws::from_env().await;
    ControlTable::new(&aws, control.clone()).start_with(&scheme).await?;
    let audit = env.required("AUDIT_TABLE")?;
    let table = PayoutsTable::new(&aws, payouts.clone()).with_control(control.clone());
    let giftishow = Secret::new(&aws, env.required("GIFTISHOW_SECRET_ID")?);
    Ok(Operate {
        giftishow: LazyGiftishow::new(base_url, rules, giftishow),
        payouts: table.with_audit(audit.clone()),
        time: Heartbeat::new(&aws, payouts.clone(), control.clone()),
        reconciler: ReconcileFunction::new(&aws, env.required("RECONCILE_FUNCTION")?),
        control: ControlTable::new(&aws, control.clone()),
        rewards: RewardsTable::new(&aws, env.required("REWARDS_TABLE")?),
        catalog: CatalogTable::new(&aws, env.required("CATALOG_TABLE")?),
        recipients: RecipientsTable::new(&aws, env.required("RECIPIENTS_TABLE")?),
        recipient_keys: RecipientKeys::new(Secret::new(&aws, env.required("RECIPIENT_KEY_SECRET_ID")?)),
        coupons: CouponsTable::new(&aws, env.required("COUPONS_TABLE")?),
        sealer: coupon_sealer(env, &aws)?,
        audit: AuditTable::new(&aws, audit),
        restored: RestoredTables { aws, payouts, control },
        scheme,
        rules,
        settings,
        host: Machine,
    })
}
