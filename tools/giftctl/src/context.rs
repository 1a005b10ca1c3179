use std::cell::RefCell;
use std::rc::Rc;

use operation::{Language, Operation, Outcome};
use tokio::sync::OnceCell;
use url::Url;

use crate::aws::{Aws, StackDescription};
use crate::failure::Failure;
use crate::operate::Operate;
use crate::output::Printer;
use crate::settings::{Flags, Settings, Surroundings};

/// What a command works with. Nothing is read or asked before it is needed.
pub(crate) struct Context {
    pub(crate) printer: Printer,
    pub(crate) language: Language,
    flags: Flags,
    cloud: OnceCell<Cloud>,
    operate: OnceCell<Rc<Operate>>,
    last_words: RefCell<Option<String>>,
}

/// The stack, as AWS describes it.
pub(crate) struct Cloud {
    pub(crate) aws: Rc<Aws>,
    pub(crate) name: String,
    pub(crate) stack: StackDescription,
}

impl Context {
    pub(crate) fn new(printer: Printer, language: Language, flags: Flags) -> Self {
        Self {
            printer,
            language,
            flags,
            cloud: OnceCell::new(),
            operate: OnceCell::new(),
            last_words: RefCell::default(),
        }
    }

    /// Which stack is meant, and how it is reached.
    pub(crate) fn settings(&self) -> Result<Settings, Failure> {
        let directory = std::env::current_dir()
            .map_err(|error| Failure::configuration(format!("the working directory: {error}")))?;
        let variable = |name: &str| std::env::var(name).ok();
        Settings::find(&self.flags, &Surroundings { variable: &variable, directory: &directory })
    }

    /// The stack, as AWS describes it; asked once.
    pub(crate) async fn cloud(&self) -> Result<&Cloud, Failure> {
        self.cloud
            .get_or_try_init(|| async {
                let settings = self.settings()?;
                let aws = Rc::new(Aws::new(&settings).await?);
                let stack = aws.describe_stack(&settings.stack).await?;
                Ok(Cloud { aws, name: settings.stack, stack })
            })
            .await
    }

    /// The door.
    pub(crate) async fn operate(&self) -> Result<&Rc<Operate>, Failure> {
        self.operate
            .get_or_try_init(|| async {
                let cloud = self.cloud().await?;
                let url = operate_url(cloud)?;
                Ok(Rc::new(Operate::new(Rc::clone(&cloud.aws), url, self.language)))
            })
            .await
    }

    /// Asks for what changes nothing.
    pub(crate) async fn ask(&self, operation: Operation) -> Result<Outcome, Failure> {
        self.operate().await?.ask(operation).await
    }

    /// What to tell whoever ends it with Ctrl-C: orders that nobody has heard of yet.
    pub(crate) fn under_way(&self) -> Vec<operation::OrderId> {
        self.operate.get().map(|operate| operate.under_way()).unwrap_or_default()
    }

    /// What whoever ends it with Ctrl-C from now on must know; `None` once it is over.
    pub(crate) fn if_ended(&self, words: Option<String>) {
        *self.last_words.borrow_mut() = words;
    }

    /// That.
    pub(crate) fn last_words(&self) -> Option<String> {
        self.last_words.borrow().clone()
    }
}

fn operate_url(cloud: &Cloud) -> Result<Url, Failure> {
    let mend = "Deploy the stack from the version that giftctl is of.";
    let Some(url) = cloud.stack.outputs.get("OperateUrl") else {
        let said = format!("the stack `{}` has no function `operate` (output OperateUrl)", cloud.name);
        return Err(Failure::configuration(said).mend(mend));
    };
    let url: Option<Url> = url.parse().ok();
    // A request is signed, but not hidden: only HTTPS hides it.
    let is_safe = |url: &Url| url.scheme() == "https" || (cloud.aws.is_local() && crate::settings::is_loopback(url));
    match url.filter(is_safe) {
        Some(url) => Ok(url),
        None => Err(Failure::configuration("the stack's OperateUrl is no HTTPS address").mend(mend)),
    }
}

/// An answer of another kind than the question has.
pub(crate) fn unexpected() -> Failure {
    Failure::configuration("`operate` has answered something else than was asked")
        .mend("The stack and giftctl must be of the same version.")
}
