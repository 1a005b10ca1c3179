use operation::{Check, CheckState, Operation, Outcome};
use serde_json::json;

use crate::aws::StackDescription;
use crate::context::{Cloud, Context, unexpected};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::language::pick;
use crate::output::checks;

/// What no program can see. Korean, English.
const REMINDERS: [(&str, &str); 6] = [
    (
        "개인정보 처리방침에 기프티쇼(수탁자) 위탁과 보유 기간이 적혀 있는지",
        "The privacy policy names Giftishow as processor, and how long numbers are kept",
    ),
    ("당첨자에게 전화번호 제공 동의를 받았는지", "Winners have agreed to their number being handed over"),
    ("담당자 권한을 분기마다 점검하는지", "Who may do what is looked through every quarter"),
    ("감사 기록을 매월 확인하는지 (giftctl audit export)", "The audit is read every month (giftctl audit export)"),
    ("CSV 원본을 반입 후 삭제했는지", "CSV files of recipients are deleted after their import"),
    ("5만원 초과 경품의 제세공과금을 안내했는지", "Withholding tax is told for prizes above 50,000 won"),
];

/// Both halves: what AWS says, and what `operate` says.
pub(super) async fn run(context: &Context) -> Result<Exit, Failure> {
    let cloud = match context.cloud().await {
        Ok(cloud) => cloud,
        Err(failure) => {
            let found = vec![bad("stack", &failure)];
            show(context, &found)?;
            return Ok(failure.exit);
        }
    };
    let mut found = vec![
        good("credentials", format!("AWS, region {}", cloud.aws.region())),
        stack_status(cloud),
        outputs(&cloud.stack),
        token(&cloud.stack),
    ];
    let (functions, subscribers, server) = tokio::join!(functions(cloud), subscribers(cloud), server(context));
    found.extend([functions, subscribers]);
    found.extend(server);
    show(context, &found)?;
    let is_bad = found.iter().any(|check| check.state == CheckState::Bad);
    Ok(if is_bad { Exit::Failed } else { Exit::Done })
}

fn show(context: &Context, found: &[Check]) -> Result<(), Failure> {
    let reminders: Vec<&str> =
        REMINDERS.iter().map(|(korean, english)| pick(context.language, korean, english)).collect();
    let json = json!({ "checks": found, "reminders": reminders });
    context.printer.document(&json, |style| {
        let head = pick(context.language, "사람이 확인할 것", "What only a person can see to");
        let list = format!("  □ {}\n", reminders.join("\n  □ "));
        format!("{}\n{head}\n{list}", checks(found, style))
    })
}

fn check(name: &str, state: CheckState, found: String, mend: Option<String>) -> Check {
    Check { name: name.to_owned(), state, found, mend }
}

fn good(name: &str, found: String) -> Check {
    check(name, CheckState::Good, found, None)
}

fn bad(name: &str, failure: &Failure) -> Check {
    check(name, CheckState::Bad, failure.message.clone(), failure.mend.clone())
}

fn stack_status(cloud: &Cloud) -> Check {
    let (name, status) = (&cloud.name, &cloud.stack.status);
    let why = cloud.stack.reason.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
    let found = format!("{name} is {status}{why}");
    let (state, mend) = match status.as_str() {
        "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "IMPORT_COMPLETE" => (CheckState::Good, None),
        "UPDATE_ROLLBACK_COMPLETE" => {
            (CheckState::Doubtful, Some("The last deployment failed and was undone: see its events, deploy again."))
        }
        status if status.ends_with("IN_PROGRESS") => (CheckState::Doubtful, Some("Wait until it is complete.")),
        _ => (CheckState::Bad, Some("docs/DEPLOY.md: what to do when a deployment rolls back")),
    };
    check("stack", state, found, mend.map(str::to_owned))
}

fn outputs(stack: &StackDescription) -> Check {
    let needed = ["OperateUrl", "GiftishowSecretArn", "AlarmTopicArn", "CallbackUrl"];
    let missing: Vec<&str> = needed.into_iter().filter(|output| !stack.outputs.contains_key(*output)).collect();
    if missing.is_empty() {
        return good("outputs", "all that giftctl needs".to_owned());
    }
    let found = format!("missing: {}", missing.join(", "));
    check("outputs", CheckState::Bad, found, Some("Deploy the stack from the version that giftctl is of.".to_owned()))
}

fn token(stack: &StackDescription) -> Check {
    let name = "callback_token";
    match stack.parameters.get("CallbackTokenSha256").map(String::as_str) {
        None | Some("") => {
            check(name, CheckState::Bad, "none is set".to_owned(), Some("giftctl token rotate".to_owned()))
        }
        Some(value) if value.contains(',') => check(
            name,
            CheckState::Doubtful,
            "a rotation is unfinished: two tokens are valid".to_owned(),
            Some("Once Bleepy calls the new URL: giftctl token rotate --finish".to_owned()),
        ),
        Some(_) => good(name, "one token is valid".to_owned()),
    }
}

async fn functions(cloud: &Cloud) -> Check {
    let name = "functions";
    let resources = match cloud.aws.stack_resources(&cloud.name).await {
        Ok(resources) => resources,
        Err(failure) => return bad(name, &failure),
    };
    let (mut number, mut wrong, mut pending) = (0, Vec::new(), Vec::new());
    for resource in resources.iter().filter(|resource| resource.kind == "AWS::Lambda::Function") {
        number += 1;
        let configuration = match cloud.aws.function(&resource.physical_id).await {
            Ok(configuration) => configuration,
            Err(failure) => {
                wrong.push(format!("{}: {}", resource.logical_id, failure.message));
                continue;
            }
        };
        let state = configuration.state.as_deref().unwrap_or("Active");
        let update = configuration.last_update_status.as_deref().unwrap_or("Successful");
        let why = configuration.state_reason.or(configuration.last_update_status_reason).unwrap_or_default();
        match (state, update) {
            ("Active" | "Inactive", "Successful") => {}
            ("Pending", _) | (_, "InProgress") => pending.push(resource.logical_id.clone()),
            _ => wrong.push(format!("{}: {state}, last update {update} {why}", resource.logical_id)),
        }
    }
    match (number, wrong.is_empty(), pending.is_empty()) {
        (0, ..) => check(name, CheckState::Bad, "the stack has none".to_owned(), Some("Deploy the stack.".to_owned())),
        (_, false, _) => check(name, CheckState::Bad, wrong.join("; "), Some("Deploy the stack again.".to_owned())),
        (_, true, false) => check(
            name,
            CheckState::Doubtful,
            format!("being updated: {}", pending.join(", ")),
            Some("Wait a minute, and look again.".to_owned()),
        ),
        (number, true, true) => good(name, format!("{number} are active, their last update successful")),
    }
}

async fn subscribers(cloud: &Cloud) -> Check {
    let name = "alarm_subscribers";
    let Some(topic) = cloud.stack.outputs.get("AlarmTopicArn") else {
        return check(name, CheckState::Bad, "the topic is unknown".to_owned(), Some("See `outputs`.".to_owned()));
    };
    let subscribers = match cloud.aws.subscribers(topic).await {
        Ok(subscribers) => subscribers,
        Err(failure) => return bad(name, &failure),
    };
    let confirmed = subscribers.iter().filter(|confirmed| **confirmed).count();
    let unconfirmed = subscribers.len() - confirmed;
    match (confirmed, unconfirmed) {
        (0, 0) => check(
            name,
            CheckState::Bad,
            "nobody is told of an alarm".to_owned(),
            Some(format!("aws sns subscribe --topic-arn {topic} --protocol email --notification-endpoint ADDRESS")),
        ),
        (0, _) => check(
            name,
            CheckState::Bad,
            format!("nobody is told of an alarm: {unconfirmed} have not confirmed"),
            Some("Open the link in the mail from AWS Notifications; it expires after two days.".to_owned()),
        ),
        (confirmed, 0) => good(name, format!("{confirmed} confirmed")),
        (confirmed, _) => check(
            name,
            CheckState::Doubtful,
            format!("{confirmed} confirmed, {unconfirmed} not"),
            Some("Open the link in the mail from AWS Notifications; it expires after two days.".to_owned()),
        ),
    }
}

/// What `operate` has looked at.
async fn server(context: &Context) -> Vec<Check> {
    match context.ask(Operation::Doctor).await {
        Ok(Outcome::Checks(found)) => found,
        Ok(_) => vec![bad("operate", &unexpected())],
        Err(failure) => vec![bad("operate", &failure)],
    }
}
