//! A fake AWS with a fake `operate` behind it, which records what it is asked.

#![expect(dead_code, reason = "no test uses all of it")]

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use operation::{Giftishow, Imported, Operation, Outcome, Refusal, Reply, Request, Role, StackView};
use payout::{Krw, Moment};
use serde_json::json;

/// How `operate` answers.
pub(crate) type Answers = Box<dyn Fn(&Request) -> (u16, String) + Send>;

/// What the fake has seen and holds.
#[derive(Default)]
pub(crate) struct World {
    /// Requests to `operate`, in their order.
    pub(crate) requests: Vec<serde_json::Value>,
    /// Orders that were carried out.
    pub(crate) orders: HashMap<String, Operation>,
    /// Numbers by user key.
    pub(crate) recipients: BTreeMap<String, (String, Moment)>,
    /// The secret, and how often it was written.
    pub(crate) secret: Option<String>,
    pub(crate) secret_writes: usize,
    /// The parameter of the token.
    pub(crate) token: String,
    /// Forms of UpdateStack.
    pub(crate) updates: Vec<String>,
    answers: Option<Answers>,
    delay: Duration,
}

pub(crate) struct Fake {
    pub(crate) world: Arc<Mutex<World>>,
    pub(crate) url: String,
    pub(crate) directory: PathBuf,
}

impl Fake {
    /// Starts one; in a directory of its own, where `cargo local` would have written its settings.
    pub(crate) fn start(name: &str) -> Self {
        let world = Arc::new(Mutex::new(World { token: "a".repeat(64), ..World::default() }));
        let (sender, receiver) = std::sync::mpsc::channel();
        let shared = Arc::clone(&world);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                let url = format!("http://{}", listener.local_addr().unwrap());
                sender.send(url.clone()).unwrap();
                let app = Router::new()
                    .route("/", post(aws))
                    .route("/operate", post(operate))
                    .route("/2015-03-31/functions/{name}/configuration", get(function))
                    .with_state((shared, url));
                axum::serve(listener, app).await.unwrap();
            });
        });
        let url: String = receiver.recv().unwrap();
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("giftctl-{name}"));
        let _ = std::fs::remove_dir_all(&directory);
        std::fs::create_dir_all(directory.join(".local")).unwrap();
        let settings = format!(
            "stack = \"local\"\nregion = \"ap-northeast-2\"\nendpoint_url = \"{url}\"\naccess_key_id = \"local\"\nsecret_access_key = \"local\"\n"
        );
        std::fs::write(directory.join(".local/giftctl.toml"), settings).unwrap();
        Self { world, url, directory }
    }

    /// Answers of its own.
    pub(crate) fn answer(&self, answers: impl Fn(&Request) -> (u16, String) + Send + 'static) {
        self.world.lock().unwrap().answers = Some(Box::new(answers));
    }

    pub(crate) fn refuse(&self, refusal: Refusal) {
        self.answer(move |request| match request.operation {
            Operation::Stack => stack(),
            _ => (200, serde_json::to_string(&Reply::new(Err(refusal.clone()))).unwrap()),
        });
    }

    pub(crate) fn delay(&self, delay: Duration) {
        self.world.lock().unwrap().delay = delay;
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_giftctl"));
        command.args(arguments).current_dir(&self.directory).env_clear().env("HOME", &self.directory);
        command.stdin(std::process::Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Requests about anything but which stack it is.
    pub(crate) fn requests(&self) -> Vec<serde_json::Value> {
        let world = self.world.lock().unwrap();
        world.requests.iter().filter(|request| request["operation"] != "stack").cloned().collect()
    }
}

pub(crate) fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or(-1)
}

pub(crate) fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

pub(crate) fn done(outcome: Outcome) -> (u16, String) {
    (200, serde_json::to_string(&Reply::new(Ok(outcome))).unwrap())
}

pub(crate) fn stack() -> (u16, String) {
    done(Outcome::Stack(StackView {
        name: "local".to_owned(),
        giftishow: Giftishow::Simulated,
        account: Some("te***".to_owned()),
        namespace: "local".to_owned(),
        caller: "arn:aws:iam::000000000000:user/local".to_owned(),
        roles: vec![Role::Admin],
        four_eyes_above: None,
    }))
}

type Shared = (Arc<Mutex<World>>, String);

async fn operate(State((world, _)): State<Shared>, headers: HeaderMap, body: Bytes) -> (StatusCode, String) {
    let signed = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    assert!(signed.contains("/lambda/aws4_request"), "{signed}");
    let request: Request = serde_json::from_slice(&body).unwrap();
    let delay = world.lock().unwrap().delay;
    tokio::time::sleep(delay).await;
    let mut world = world.lock().unwrap();
    world.requests.push(serde_json::from_slice(&body).unwrap());
    let (status, text) = match &world.answers {
        Some(answers) => answers(&request),
        None => usual(&mut world, &request),
    };
    (StatusCode::from_u16(status).unwrap(), text)
}

/// A stateful one, for imports.
fn usual(world: &mut World, request: &Request) -> (u16, String) {
    let Operation::RecipientImport { recipients } = &request.operation else {
        return match request.operation {
            Operation::Stack => stack(),
            Operation::Balance => done(Outcome::Balance { balance: Krw(1_000_000) }),
            Operation::Doctor => done(Outcome::Checks(Vec::new())),
            _ => done(Outcome::Would { rows: 1, cost: Krw(4_500), needs_second: false }),
        };
    };
    assert!(recipients.len() <= Operation::MOST_RECIPIENTS);
    if request.dry_run {
        return done(Outcome::Would { rows: recipients.len() as u64, cost: Krw(0), needs_second: false });
    }
    let id = request.id.as_str().to_owned();
    if let Some(before) = world.orders.insert(id, request.operation.clone()) {
        assert_eq!(before, request.operation, "the same id for another order");
        return done(Outcome::AlreadyDone { at: Moment::from_seconds(0), result: None });
    }
    let mut imported = Imported::default();
    for recipient in recipients {
        let value = (recipient.phone.expose().to_owned(), recipient.expires_at);
        match world.recipients.insert(recipient.user_key.as_str().to_owned(), value.clone()) {
            None => imported.new += 1,
            Some(before) if before == value => imported.unchanged += 1,
            Some(_) => imported.changed += 1,
        }
    }
    done(Outcome::Imported(imported))
}

async fn function() -> String {
    json!({ "State": "Active", "LastUpdateStatus": "Successful" }).to_string()
}

async fn aws(State((world, url)): State<Shared>, headers: HeaderMap, body: Bytes) -> (StatusCode, String) {
    let mut world = world.lock().unwrap();
    let text = String::from_utf8(body.to_vec()).unwrap();
    if let Some(target) = headers.get("x-amz-target") {
        return secrets(&mut world, target.to_str().unwrap(), &text);
    }
    if text.contains("DescribeStacks") && !text.contains("StackName=local") {
        let error = "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id x does not exist</Message></Error></ErrorResponse>";
        return (StatusCode::BAD_REQUEST, error.to_owned());
    }
    let xml = if text.contains("DescribeStackResources") {
        "<R xmlns=\"x\"><DescribeStackResourcesResult><StackResources><member><LogicalResourceId>Send</LogicalResourceId><PhysicalResourceId>local-send</PhysicalResourceId><ResourceType>AWS::Lambda::Function</ResourceType></member></StackResources></DescribeStackResourcesResult></R>".to_owned()
    } else if text.contains("DescribeStacks") {
        let pair = |kind: &str, key: &str, value: &str| {
            format!("<member><{kind}Key>{key}</{kind}Key><{kind}Value>{value}</{kind}Value></member>")
        };
        let outputs = [
            pair("Output", "OperateUrl", &format!("{url}/operate")),
            pair("Output", "GiftishowSecretArn", "arn:aws:secretsmanager:secret"),
            pair("Output", "AlarmTopicArn", "arn:aws:sns:topic"),
            pair("Output", "CallbackUrl", "https://api.example/bleepy/TOKEN"),
        ];
        let parameters =
            [pair("Parameter", "CallbackTokenSha256", &world.token), pair("Parameter", "AlarmEmail", "a@b.example")];
        format!(
            "<R xmlns=\"x\"><DescribeStacksResult><Stacks><member><StackName>local</StackName><StackStatus>UPDATE_COMPLETE</StackStatus><Outputs>{}</Outputs><Parameters>{}</Parameters></member></Stacks></DescribeStacksResult></R>",
            outputs.concat(),
            parameters.concat()
        )
    } else if text.contains("ListSubscriptionsByTopic") {
        "<R><ListSubscriptionsByTopicResult><Subscriptions><member><SubscriptionArn>arn:aws:sns:x</SubscriptionArn></member></Subscriptions></ListSubscriptionsByTopicResult></R>".to_owned()
    } else {
        let fields: HashMap<String, String> = url::form_urlencoded::parse(text.as_bytes()).into_owned().collect();
        let place = fields.iter().find(|field| field.1 == "CallbackTokenSha256").unwrap().0.clone();
        world.token.clone_from(&fields[&place.replace("ParameterKey", "ParameterValue")]);
        world.updates.push(text);
        "<R/>".to_owned()
    };
    (StatusCode::OK, xml)
}

fn secrets(world: &mut World, target: &str, body: &str) -> (StatusCode, String) {
    if target.ends_with("PutSecretValue") {
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        world.secret = Some(body["SecretString"].as_str().unwrap().to_owned());
        world.secret_writes += 1;
        return (StatusCode::OK, "{}".to_owned());
    }
    match &world.secret {
        Some(secret) => (StatusCode::OK, json!({ "SecretString": secret, "VersionId": "v" }).to_string()),
        None => (StatusCode::BAD_REQUEST, json!({ "__type": "ResourceNotFoundException" }).to_string()),
    }
}
