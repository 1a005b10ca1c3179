//! Processes, their ends, and the Invoke API.

use std::time::Duration;

use local::{Runner, StackOptions};
use reqwest::Client;
use serde_json::{Value, json};

use crate::{LIMIT, eventually, options, pids, runs, start};

#[tokio::test]
async fn a_function_sees_the_template_s_environment_and_nothing_of_the_developer_s() {
    let stack = start(options().variable("sweeper", "EXTRA", "1")).await;
    let env = stack.invoke("sweeper", &json!({ "do": "env" })).await.unwrap().answer().unwrap();
    assert_eq!(env["PAYOUTS_TABLE"], "payouts");
    assert_eq!(env["SEND_FUNCTION"], "send");
    assert_eq!(env["GIFTISHOW_BASE_URL"], stack.sim().base_url());
    assert_eq!(env["AWS_LAMBDA_FUNCTION_NAME"], "sweeper");
    assert_eq!(env["AWS_ENDPOINT_URL_DYNAMODB"], stack.dynamodb().endpoint_for("sweeper"));
    assert_eq!(env["EXTRA"], "1");
    assert!(env["CARGO_MANIFEST_DIR"].is_null() && env["HOME"].is_null() && env["PATH"].is_null(), "{env}");
    stack.shutdown().await;
}

#[tokio::test]
async fn the_deadline_is_the_template_s_time_limit_from_now() {
    let stack = start(options()).await;
    let before = jiff::Timestamp::now().as_millisecond();
    let context = stack.invoke("send", &json!({ "do": "context" })).await.unwrap().answer().unwrap();
    let deadline: i64 = context["deadline_ms"].as_str().unwrap().parse().unwrap();
    let left = deadline - before;
    assert!((60_000..90_000).contains(&left), "{left} ms");
    assert!(context["arn"].as_str().unwrap().ends_with(":function:send"));
    stack.shutdown().await;
}

#[tokio::test]
async fn a_killed_process_fails_its_invocation_and_the_next_one_starts_anew() {
    let stack = start(options()).await;
    let hang = json!({ "do": "hang" });
    let hanging = stack.invoke("send", &hang);
    let killing = async {
        stack.wait_until("send hangs", LIMIT, |stack| stack.logs().of("send").contains(&"hanging".to_owned())).await?;
        assert_eq!(stack.in_flight("send"), 1);
        stack.kill_function("send").await
    };
    let (outcome, killed) = tokio::join!(hanging, killing);
    killed.unwrap();
    let error = outcome.unwrap().error();
    assert!(error.starts_with("Runtime.ExitError") && error.contains("signal: 9"), "{error}");
    assert_eq!(stack.in_flight("send"), 0);
    assert!(stack.invoke("send", &json!({})).await.unwrap().answer().is_some());
    let pids = pids(&stack);
    assert_eq!(pids.len(), 2);
    assert!(!runs(pids[0]) && runs(pids[1]));
    stack.shutdown().await;
}

#[tokio::test]
async fn a_function_over_its_time_limit_is_killed() {
    let stack = start(options().timeout("send", Duration::from_secs(1))).await;
    let outcome = stack.invoke("send", &json!({ "do": "hang" })).await.unwrap();
    let error = outcome.error();
    assert!(error.starts_with("Sandbox.Timedout") && error.contains("timed out after 1.00 seconds"), "{error}");
    assert!(!runs(pids(&stack)[0]));
    stack.shutdown().await;
}

#[tokio::test]
async fn a_process_is_used_again_and_its_own_errors_do_not_end_it() {
    let stack = start(options()).await;
    for _ in 0..3 {
        assert!(stack.invoke("send", &json!({})).await.unwrap().answer().is_some());
        assert_eq!(stack.invoke("send", &json!({ "do": "fail" })).await.unwrap().error(), "Acted: as asked");
    }
    stack.wait_until("the pid is logged", LIMIT, |stack| !pids(stack).is_empty()).await.unwrap();
    assert_eq!(pids(&stack).len(), 1);
    stack.shutdown().await;
}

#[tokio::test]
async fn the_invoke_api_answers_as_lambda_does() {
    let stack = start(options()).await;
    let client = Client::new();
    let call = |name: &str, kind: &str, body: &str| {
        let url = format!("{}/2015-03-31/functions/{name}/invocations", stack.invoke_endpoint());
        client.post(url).header("x-amz-invocation-type", kind).body(body.to_owned()).send()
    };
    let good = call("send", "RequestResponse", r#"{"x":1}"#).await.unwrap();
    assert!(good.headers().get("x-amz-function-error").is_none());
    assert_eq!(good.json::<Value>().await.unwrap()["x"], 1);
    let bad = call("send", "RequestResponse", r#"{"do":"fail"}"#).await.unwrap();
    assert_eq!((bad.status().as_u16(), &bad.headers()["x-amz-function-error"]), (200, &"Unhandled".parse().unwrap()));
    assert_eq!(bad.json::<Value>().await.unwrap()["errorType"], "Acted");
    assert_eq!(call("send", "DryRun", "{}").await.unwrap().status(), 204);
    assert_eq!(call("send", "Event", "{}").await.unwrap().status(), 202);
    let arn = "arn%3Aaws%3Alambda%3Aap-northeast-2%3A000000000000%3Afunction%3Asweeper";
    assert_eq!(call(arn, "RequestResponse", "{}").await.unwrap().status(), 200);
    let unknown = call("gone", "RequestResponse", "{}").await.unwrap();
    assert_eq!(unknown.status(), 404);
    assert_eq!(unknown.headers()["x-amzn-errortype"], "ResourceNotFoundException");
    stack.shutdown().await;
}

#[tokio::test]
async fn reserved_concurrency_throttles_a_second_call_and_queues_an_event() {
    let stack = start(options()).await;
    let client = Client::new();
    let url = format!("{}/2015-03-31/functions/send/invocations", stack.invoke_endpoint());
    let hanging = client.post(&url).body(r#"{"do":"hang"}"#).send();
    let meanwhile = async {
        stack.wait_until("send hangs", LIMIT, |stack| stack.logs().of("send").contains(&"hanging".to_owned())).await?;
        let second = client.post(&url).body("{}").send().await?;
        assert_eq!(second.status(), 429);
        assert_eq!(second.headers()["x-amzn-errortype"], "TooManyRequestsException");
        let event = client.post(&url).header("x-amz-invocation-type", "Event").body("{}").send().await?;
        assert_eq!(event.status(), 202);
        stack.kill_function("send").await
    };
    let (_, done) = tokio::join!(hanging, meanwhile);
    done.unwrap();
    let echoed = |stack: &local::Stack| stack.logs().of("send").contains(&"echoing".to_owned());
    stack.wait_until("the event is handled", LIMIT, echoed).await.unwrap();
    stack.shutdown().await;
}

#[tokio::test]
async fn a_redeployed_function_starts_anew_with_the_variable_and_more_may_run_at_once_if_wanted() {
    let stack = start(options().concurrency("send", 2)).await;
    let env = json!({ "do": "env" });
    let before = stack.invoke("send", &env).await.unwrap().answer().unwrap();
    stack.function("send").unwrap().redeploy_with("MAX_SENDS_PER_HOUR", "7").await;
    let after = stack.invoke("send", &env).await.unwrap().answer().unwrap();
    assert!(before["MAX_SENDS_PER_HOUR"] != "7" && after["MAX_SENDS_PER_HOUR"] == "7");
    let hang = json!({ "do": "hang" });
    let both = async {
        let two = |stack: &local::Stack| stack.logs().of("send").iter().filter(|line| *line == "hanging").count() == 2;
        stack.wait_until("two hang", LIMIT, two).await?;
        assert_eq!((stack.in_flight("send"), stack.function("send")?.processes()), (2, 2));
        stack.kill_function("send").await
    };
    let (_, _, done) = tokio::join!(stack.invoke("send", &hang), stack.invoke("send", &hang), both);
    done.unwrap();
    stack.shutdown().await;
}

#[tokio::test]
async fn a_program_that_is_none_fails_the_invocation_and_not_the_stack() {
    let names = ["callback", "catalog-sync", "operate", "reconcile", "send", "sweeper"];
    let programs = names.map(|name| (name.to_owned(), "/nonexistent".into()));
    let runner = Runner::Programs(
        programs.into_iter().map(|(name, path): (_, std::path::PathBuf)| (name, path.into())).collect(),
    );
    let stack = start(StackOptions { runner, scheduled: false, ..StackOptions::default() }).await;
    let error = stack.invoke("send", &json!({})).await.unwrap().error();
    assert!(error.contains("Runtime.InvalidEntrypoint") && error.contains("/nonexistent"), "{error}");
    stack.shutdown().await;
}

#[tokio::test]
async fn no_process_outlives_the_stack_whether_it_is_shut_down_or_dropped() {
    for dropped in [true, false] {
        let stack = start(options()).await;
        for name in ["callback", "send", "sweeper"] {
            stack.invoke(name, &json!({})).await.unwrap();
        }
        stack.wait_until("all have logged", LIMIT, |stack| pids(stack).len() == 3).await.unwrap();
        let pids = pids(&stack);
        assert!(pids.iter().all(|pid| runs(*pid)));
        if dropped {
            drop(stack);
            eventually("all processes are gone", || pids.iter().all(|pid| !runs(*pid))).await;
        } else {
            stack.shutdown().await;
            assert!(pids.iter().all(|pid| !std::fs::exists(format!("/proc/{pid}")).unwrap()), "all were waited for");
        }
    }
}

#[tokio::test]
async fn the_schedule_runs_by_itself_and_sweeps_never_overlap() {
    let sweep_period = Some(Duration::from_millis(50));
    let stack = start(StackOptions { scheduled: true, sweep_period, ..options() }).await;
    let often = |stack: &local::Stack| stack.function("sweeper").unwrap().invocations() >= 3;
    stack.wait_until("three sweeps", LIMIT, often).await.unwrap();
    assert!(!stack.sweep().await.unwrap().is_failed());
    assert_eq!(stack.function("sweeper").unwrap().processes(), 1);
    stack.shutdown().await;
}

#[tokio::test]
async fn functions_can_run_behind_another_invoke_api() {
    let runner = start(options()).await;
    let endpoint = runner.invoke_endpoint().to_owned();
    let stack = start(StackOptions { runner: Runner::Remote { endpoint }, scheduled: false, ..options() }).await;
    assert_eq!(stack.post_callback(&[("C", "u")]).await.unwrap().0, 200);
    assert!(stack.invoke("send", &json!({ "do": "fail" })).await.unwrap().error().contains("as asked"));
    stack.put_payout(&json!({ "tr_id": "far-away", "state": "accepted" })).unwrap();
    let arrived = |runner: &local::Stack| runner.logs().of("send").contains(&"batch far-away".to_owned());
    runner.wait_until("the record is there", LIMIT, arrived).await.unwrap();
    runner.shutdown().await;
    let error = stack.invoke("send", &json!({})).await.unwrap().error();
    assert!(error.contains("Unreachable") || error.contains("ResourceNotFound"), "{error}");
    stack.shutdown().await;
}
