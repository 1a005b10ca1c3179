//! `docs/OPERATIONS.md`, typed from its first command to its last against an empty system.

mod desk;

use anyhow::{Context, Result, ensure};
use giftishow_sim::{Api, Fault, ScriptedFault};
use jiff::Timestamp;
use local::dynamodb::items;
use payout::RepeatPolicy;
use serde_json::{Value, json};
use tests::{LIMIT, World, away_from_the_hours_end, payout_key};
use tokio::sync::watch;

use crate::restored::table_like_payouts;
use crate::rotation::post_on;
pub(crate) use desk::Desk;
use desk::Said;

/// Numbers that no output can hold by chance, and belong to nobody.
const WRONG_PHONE: &str = "01000004242";
const RIGHT_PHONE: &str = "01000004343";
const OTHER_PHONE: &str = "01000004444";
/// As many wins of a code that stands for nothing yet.
const LATER: usize = 120;
const USER: &str = "anna";

/// Somebody at work, and the URL that Bleepy has at present.
struct Session {
    world: World,
    desk: Desk,
    url: String,
}

#[tokio::test]
async fn whoever_types_the_document_gets_from_an_empty_system_to_a_restored_table() -> Result<()> {
    away_from_the_hours_end().await;
    let world = World::empty(tests::options()).await?;
    let desk = Desk::of("choi", &world).await?;
    let url = world.callback_url();
    let mut session = Session { world, desk, url };
    session.the_first_day().await?;
    session.every_day().await?;
    session.a_winner_calls().await?;
    session.what_waits_for_a_person().await?;
    session.the_line().await?;
    session.money().await?;
    session.a_table_was_restored().await?;
    assert_eq!(session.desk.left().collect::<Vec<_>>(), [""; 0], "the document says more than was typed");
    session.who_did_what_and_why().await?;
    session.world.end().await;
    Ok(())
}

impl Session {
    async fn the_first_day(&mut self) -> Result<()> {
        let Self { world, desk, .. } = self;
        world.sync().await?;
        let taken = world.invoke("reconcile", &json!({ "task": "reconcile" })).await?.answer();
        assert_eq!(taken, Some(json!({ "done": "taken" })), "the balance that everything begins with");
        let file = desk.put_file("credentials.json", &local::credentials_json(&world.sim().credentials()))?;
        desk.means("CREDENTIALS", file);
        let goods = world.sim().listed_goods();
        let cheap = goods.iter().find(|goods| goods.price_won < 5_000).context("goods for less than 5,000 won")?;
        desk.means("GOODS_CODE", cheap.code.clone());
        desk.means("USER_KEY", USER);
        desk.means("PHONE", WRONG_PHONE);
        let recipients =
            format!("user_key,phone,expires_at\nother,{OTHER_PHONE},2099-12-31\nthird,{OTHER_PHONE},2099-12-31\n");
        let file = desk.put_file("recipients.csv", &recipients)?;
        desk.means("RECIPIENTS_CSV", file);

        let stack = desk.types("giftctl stack").await?.stdout;
        assert!(stack.contains("local") && stack.contains("choi"), "{stack}");
        desk.types("giftctl doctor").await?;
        desk.types("giftctl secret put").await?;
        desk.types("giftctl balance").await?;
        desk.types("giftctl reward put").await?;
        desk.types("giftctl recipient put").await?;
        let rewards = desk.types("giftctl reward list").await?.stdout;
        assert!(rewards.contains("WIN-1"), "{rewards}");
        desk.types("giftctl recipient import").await?;
        assert_eq!(world.recipient_count(), 1, "a dry run changes nothing");
        desk.types("giftctl recipient import").await?;
        assert_eq!(world.recipient_count(), 3);
        self.win(&[("WIN-1", USER)]).await?;
        self.world.wait_for(USER, "sent").await?;
        self.rotate().await
    }

    async fn rotate(&mut self) -> Result<()> {
        let new = self.types_while_bleepy_posts("giftctl token rotate --yes").await?.stdout.trim().to_owned();
        let old = std::mem::replace(&mut self.url, new);
        self.types_while_bleepy_posts("giftctl token rotate --finish").await?;
        assert_eq!(self.world.post(&old, "{}").await?.0, 404, "the old token has ended");
        Ok(())
    }

    /// Bleepy tries again all the while, and is never refused.
    async fn types_while_bleepy_posts(&mut self, begins: &str) -> Result<Said> {
        let Self { world, desk, url } = self;
        let (stop, stopped) = watch::channel(false);
        let typed = async {
            let typed = desk.types(begins).await;
            stop.send_replace(true);
            typed
        };
        let (posted, typed) = tokio::join!(post_on(world, url, ("WIN-1", USER), stopped), typed);
        ensure!(posted? > 1, "Bleepy was at it all the while");
        typed
    }

    async fn every_day(&mut self) -> Result<()> {
        let tr_id = self.last(USER);
        let day = World::korean_day();
        let desk = &mut self.desk;
        desk.means("TR_ID", tr_id.clone());
        desk.means("MONTH", &day[..7]);
        desk.means("DAY", day);
        desk.types("giftctl payout list").await?;
        for command in ["giftctl payout list --day", "giftctl payout find --user-key", "giftctl payout look"] {
            let found = desk.types(command).await?.stdout;
            assert!(found.contains(&tr_id), "{command}: {found}");
        }
        desk.types("giftctl chart").await?;
        desk.types("giftctl money").await?;
        let report = desk.types("giftctl report").await?.stdout;
        assert!(report.contains("WIN-1"), "{report}");
        let audit = desk.types("giftctl audit list").await?.stdout;
        assert!(audit.contains("choi"), "{audit}");
        let exported = desk.types("giftctl audit export").await?.stdout;
        assert!(exported.lines().count() > 5, "{exported}");
        Ok(())
    }

    async fn a_winner_calls(&mut self) -> Result<()> {
        let first = self.last(USER);
        self.desk.means("LAST_FOUR", &WRONG_PHONE[7..]);
        for command in ["giftctl payout find --phone", "giftctl payout find --last-four"] {
            let found = self.desk.types(command).await?.stdout;
            assert!(found.contains(&first), "{command}: {found}");
        }
        self.desk.types("giftctl payout resend").await?;
        let again = self.desk.says("giftctl payout resend \"$TR_ID\" --yes").await?;
        assert_eq!(again.code, 3, "one in five minutes: {}", again.stderr);
        let resends = |world: &World, tr_id: &str| world.sim().ledger().find(tr_id).map(|coupon| coupon.resends.len());
        assert_eq!(resends(&self.world, &first), Some(1));

        self.desk.means("NEW_PHONE", RIGHT_PHONE);
        self.desk.types("giftctl recipient put").await?;
        self.desk.types("giftctl payout cancel").await?;
        let reissued = |world: &local::Stack| {
            let rows = world.attempts(USER);
            rows.len() == 2 && rows[0]["state"] == "dead" && rows[1]["state"] == "sent"
        };
        self.world.wait_until("the next attempt is sent", LIMIT, reissued).await?;
        let second = self.last(USER);
        let looked = self.desk.reads(&format!("giftctl payout look {second}")).await?;
        assert_eq!(looked["payout"]["seen"]["same_phone"], true, "Giftishow has the new number: {looked}");
        assert_eq!(self.live(&[&first, &second]), [0, 1]);
        self.desk.means("TR_ID", second);

        self.put_reward("SHOWN", "--gubun Y").await?;
        self.win(&[("SHOWN", "third")]).await?;
        self.world.wait_for("third", "sent").await?;
        let tr_id = self.last("third");
        let pin = self.world.sim().pin_no(&tr_id).context("a PIN")?;
        self.desk.means("PIN_TR_ID", tr_id);
        let coupon = self.desk.types("giftctl coupon show").await?.stdout;
        assert!(coupon.contains(&pin), "{coupon}");
        assert_eq!(self.desk.all().matches(&pin).count(), 1, "nobody else saw the PIN");

        self.desk.means("OTHER_USER_KEY", "other");
        self.win(&[("WIN-1", "other")]).await?;
        self.world.wait_for("other", "sent").await?;
        let tr_id = self.last("other");
        let revealed = self.desk.types("giftctl recipient show").await?.stdout;
        assert!(revealed.contains(OTHER_PHONE), "{revealed}");
        self.desk.types("giftctl recipient erase").await?;
        let row = self.world.payout(&tr_id).context("the row stays")?;
        assert_eq!((row.get("user_key"), row["state"].as_str()), (None, Some("sent")), "{row}");
        let duplicate = self.win(&[("WIN-1", "other")]).await?;
        assert_eq!(duplicate, ["duplicate"], "what was paid is not paid again");
        Ok(())
    }

    async fn what_waits_for_a_person(&mut self) -> Result<()> {
        self.win(&[("WIN-1", "unregistered")]).await?;
        self.world.wait_for("unregistered", "failed").await?;
        self.register("unregistered").await?;
        self.desk.means("FAILED_TR_ID", self.last("unregistered"));
        self.desk.types("giftctl payout reopen").await?;
        self.world.wait_for("unregistered", "sent").await?;

        self.hold_what_is_registered_later().await?;
        let many = self.desk.types("giftctl payout reopen --code LATER").await?;
        self.world
            .wait_until("all of them are sent", LIMIT * 2, |world| count(world, "LATER", "sent") == LATER)
            .await?;
        assert!(many.stdout.contains("120") || many.stderr.contains("120"), "{}{}", many.stdout, many.stderr);

        self.put_reward("DAILY", "--repeat daily").await?;
        self.register("repeated").await?;
        self.win(&[("DAILY", "repeated")]).await?;
        self.world.wait_for("repeated", "sent").await?;
        let held = self.win(&[("DAILY", "repeated"), ("DAILY", "third")]).await?;
        assert_eq!(held, ["held", "accepted"]);
        let question = self.find("repeated", "review")?;
        self.desk.means("REPEATED_TR_ID", question.clone());
        self.desk.types("giftctl payout grant \"$REPEATED_TR_ID\"").await?;
        self.wait_for_row(&question, "sent").await?;

        self.desk.types("giftctl payout grant --code").await?;
        let granted = |world: &local::Stack| {
            let granted = world.attempts(USER).into_iter().find(|row| row["slot"].as_str() == Some("grant-1"));
            granted.is_some_and(|row| row["state"] == "sent")
        };
        self.world.wait_until("the new one is sent", LIMIT, granted).await?;

        // Giftishow says first that this cannot be cancelled, and knows nothing of it.
        let live = self.puts_a_person_on("lives", "reset-after-issue").await?;
        self.desk.means("LIVE_TR_ID", live.clone());
        self.desk.types("giftctl payout confirm").await?;
        self.wait_for_row(&live, "sent").await?;
        assert_eq!(self.live(&[&live]), [1]);

        let gone = self.puts_a_person_on("gone", "reset-before-issue").await?;
        self.desk.means("GONE_TR_ID", gone.clone());
        self.desk.types("giftctl payout reissue").await?;
        self.world.wait_for("gone", "sent").await?;
        assert_eq!(self.live(&[&gone, &self.last("gone")]), [0, 1]);

        self.win(&[("WIN-1", "nobody")]).await?;
        self.world.wait_for("nobody", "failed").await?;
        self.desk.means("CLOSED_TR_ID", self.last("nobody"));
        self.desk.types("giftctl payout close").await?;
        self.world.wait_for("nobody", "closed").await
    }

    async fn the_line(&mut self) -> Result<()> {
        self.desk.types("giftctl line pause").await?;
        let shown = self.desk.types("giftctl line show").await?.stdout;
        assert!(shown.contains("choi") && shown.contains("wrong goods in reward WIN-1"), "{shown}");
        self.register("patient").await?;
        self.win(&[("WIN-1", "patient")]).await?;
        for _ in 0..2 {
            self.world.sweep().await?;
        }
        assert_eq!(self.world.last_attempt("patient")["state"], "accepted", "nothing is sent meanwhile");
        self.desk.types("giftctl line resume").await?;
        self.world.wait_for("patient", "sent").await?;
        self.desk.types("giftctl reward disable").await?;
        self.register("late").await?;
        // Those that run have read it a moment ago, and believe it for a minute.
        for function in ["callback", "send"] {
            self.world.kill_function(function).await?;
        }
        assert_eq!(self.win(&[("WIN-1", "late")]).await?, ["held"]);
        assert_eq!(self.world.last_attempt("late")["last_code"], "reward_inactive");
        Ok(())
    }

    async fn money(&mut self) -> Result<()> {
        let paid_in = 100_000;
        self.world.wait_for_send_to_rest().await?;
        self.desk.types("giftctl money reconcile").await?;
        let money = self.desk.reads("giftctl money reconcile --yes").await?;
        assert_eq!(money["money"]["days"][0]["difference"], 0, "{money}");
        let ledger = self.world.sim().ledger();
        self.world.sim().set_balance(ledger.balance + paid_in);
        let money = self.desk.reads("giftctl money reconcile --yes").await?;
        assert_eq!(money["money"]["days"][0]["difference"], paid_in, "more than the rows explain: {money}");
        self.desk.types("giftctl money top-up").await?;
        Ok(())
    }

    async fn a_table_was_restored(&mut self) -> Result<()> {
        let name = format!("{}-restored", self.world.payouts_table());
        table_like_payouts(&self.world, &name).await?;
        let rows = self.world.payouts();
        for row in &rows {
            self.world.dynamodb().put_item(&name, &items::from_plain(row))?;
        }
        let lost: Vec<String> = ["patient", "gone"].iter().map(|user| self.last(user)).collect();
        for tr_id in &lost {
            self.world.delete_payout(tr_id)?;
        }
        let requests = self.world.requests(Api::Send);
        self.desk.means("RESTORED_TABLE", name);
        self.desk.types("giftctl restore copy").await?;
        assert_eq!(self.world.payouts().len(), rows.len());
        self.desk.types("giftctl restore repair").await?;
        for tr_id in &lost {
            self.wait_for_row(tr_id, "sent").await?;
        }
        self.world.sweep().await?;
        assert_eq!((self.world.requests(Api::Send), self.world.pause_reason()), (requests, String::new()));
        Ok(())
    }

    /// Every order stands there with who gave it, and every one that needs a reason with the reason that was typed.
    async fn who_did_what_and_why(&mut self) -> Result<()> {
        let audit = self.desk.reads("giftctl audit list --all").await?;
        let records = audit["audit"]["rows"].as_array().with_context(|| audit.to_string())?;
        let by_choi = |record: &&Value| record["caller"]["who"].as_str().is_some_and(|who| who.contains("choi"));
        assert_eq!(records.iter().filter(by_choi).count(), records.len(), "{records:#?}");
        let why = |operation: &str, ended: &str| {
            let mut found =
                records.iter().filter(|record| record["operation"] == operation && record["ended"] == ended);
            found.next_back().map(|record| record["reason"].as_str().unwrap_or_default())
        };
        for (operation, reason) in [
            ("reward_put", ""),
            ("reward_disable", ""),
            ("recipient_put", ""),
            ("recipient_import", ""),
            ("recipient_reveal", "asked to be forgotten"),
            ("recipient_erase", "asked to be forgotten"),
            ("coupon_show", "the winner lost the page"),
            ("resend", ""),
            ("cancel", "wrong number"),
            ("reopen", ""),
            ("grant", "won twice, says the list of Bleepy"),
            ("grant_new", "its callback was lost"),
            ("confirm", "0201 shows it live"),
            ("reissue", "0201 shows none"),
            ("close", "a test of ours"),
            ("pause", "wrong goods in reward WIN-1"),
            ("resume", "WIN-1 is mended"),
            ("reconcile", ""),
            ("top_up", "paid in by accounting"),
            ("restore_copy", ""),
            ("restore_repair", ""),
        ] {
            assert_eq!(why(operation, "done"), Some(reason), "{operation}: {records:#?}");
        }
        assert!(why("resend", "refused").is_some(), "a refused try stands there, too");
        let all = self.desk.all();
        assert!(!all.contains(WRONG_PHONE) && !all.contains(RIGHT_PHONE), "a number that nobody asked to see");
        assert_eq!(all.matches(OTHER_PHONE).count(), 1, "the one that was revealed");
        let token = self.url.rsplit('/').next().unwrap_or_default();
        assert_eq!(all.matches(token).count(), 1, "the URL is shown once");
        let ledger = self.world.sim().ledger();
        let sent = self.world.payouts().iter().filter(|row| row["state"] == "sent").count();
        assert_eq!((ledger.live, ledger.adds_up()), (sent, true));
        Ok(())
    }

    /// Posts wins to the URL that Bleepy has; what became of each.
    async fn win(&self, entries: &[(&str, &str)]) -> Result<Vec<String>> {
        let list: Vec<Value> = entries.iter().map(|(code, user)| json!({ "code": code, "userKey": user })).collect();
        let (status, body) = self.world.post(&self.url, json!({ "list": list }).to_string()).await?;
        ensure!(status == 200, "the wins were answered {status}: {body}");
        let body: Value = serde_json::from_str(&body)?;
        let entries = body["entries"].as_array().context("entries")?;
        Ok(entries.iter().map(|entry| entry["status"].as_str().unwrap_or_default().to_owned()).collect())
    }

    async fn put_reward(&mut self, code: &str, more: &str) -> Result<()> {
        let message = "--title 당첨 --message 축하합니다";
        let command =
            format!("giftctl reward put {code} --goods-code \"$GOODS_CODE\" {message} --max-price 5000 {more} --yes");
        self.desk.succeeds(&command).await.map(drop)
    }

    async fn register(&mut self, user: &str) -> Result<()> {
        let command = format!("giftctl recipient put {user} --phone {RIGHT_PHONE} --expires 2099-12-31 --yes");
        self.desk.succeeds(&command).await.map(drop)
    }

    /// 120 wins of a code that stands for nothing are held; then it is registered, and who won.
    async fn hold_what_is_registered_later(&mut self) -> Result<()> {
        let users: Vec<String> = (0..LATER).map(|number| format!("later-{number:03}")).collect();
        for users in users.chunks(40) {
            let list: Vec<_> = users.iter().map(|user| ("LATER", user.as_str())).collect();
            let held = self.win(&list).await?;
            assert!(held.iter().all(|status| status == "held"), "{held:?}");
        }
        assert_eq!(count(&self.world, "LATER", "failed"), LATER);
        let rows: Vec<String> = users.iter().map(|user| format!("{user},{RIGHT_PHONE}")).collect();
        let file = self.desk.put_file("later.csv", &format!("user_key,phone\n{}\n", rows.join("\n")))?;
        let import = format!("giftctl recipient import {file} --expires 2099-12-31 --yes --expect {LATER}");
        self.desk.succeeds(&import).await?;
        self.put_reward("LATER", "").await
    }

    /// A send of this user ends like this, and its cancel with an answer that only a person can do something with.
    async fn puts_a_person_on(&mut self, user: &str, send: &str) -> Result<String> {
        let tr_id = World::tr_id_of(&payout_key("WIN-1", user, RepeatPolicy::Once, Timestamp::UNIX_EPOCH), 1);
        for (api, fault) in [(Api::Send, send), (Api::Cancel, "code:COUPON.0006"), (Api::Lookup, "not-found")] {
            self.world.sim().script(ScriptedFault::once(api, Fault::named(fault, api)?).for_tr_id(&tr_id));
        }
        self.register(user).await?;
        self.win(&[("WIN-1", user)]).await?;
        self.wait_for_row(&tr_id, "review").await?;
        // `look` says for how long an answer of before may still come.
        let settled = |looked: &Value| {
            let ways = looked["payout"]["ways"].as_array().cloned().unwrap_or_default();
            ways.iter()
                .any(|way| ["confirm", "reissue"].iter().any(|open| way["way"] == *open) && way["why_not"].is_null())
        };
        let begun = std::time::Instant::now();
        while !settled(&self.desk.reads(&format!("giftctl payout look {tr_id}")).await?) {
            ensure!(begun.elapsed() < LIMIT, "{tr_id} has no way out");
        }
        Ok(tr_id)
    }

    async fn wait_for_row(&self, tr_id: &str, state: &str) -> Result<()> {
        let there = |world: &local::Stack| world.payout(tr_id).is_some_and(|row| row["state"] == state);
        self.world.wait_until(&format!("{tr_id} is {state}"), LIMIT, there).await
    }

    fn find(&self, user: &str, state: &str) -> Result<String> {
        let row = self.world.attempts(user).into_iter().find(|row| row["state"] == state);
        let row = row.with_context(|| format!("no row of {user} is {state}"))?;
        Ok(row["tr_id"].as_str().unwrap_or_default().to_owned())
    }

    fn last(&self, user: &str) -> String {
        self.world.last_attempt(user)["tr_id"].as_str().unwrap_or_default().to_owned()
    }

    /// How many coupons of each of these attempts live.
    fn live(&self, tr_ids: &[&str]) -> Vec<usize> {
        let ledger = self.world.sim().ledger();
        tr_ids.iter().map(|tr_id| ledger.live_for([*tr_id])).collect()
    }
}

fn count(world: &local::Stack, code: &str, state: &str) -> usize {
    world.payouts().iter().filter(|row| row["code"] == code && row["state"] == state).count()
}
