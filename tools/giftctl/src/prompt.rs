use std::io::{self, BufRead, IsTerminal, Write};

use secrecy::SecretString;

use crate::failure::Failure;

/// Whether somebody sits there who can be asked.
pub(crate) fn is_possible() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// A line. Read beside the runtime, so that Ctrl-C is heard meanwhile.
pub(crate) async fn line(question: &str) -> Result<String, Failure> {
    let _ = write!(io::stderr(), "{question} ");
    let _ = io::stderr().flush();
    beside(|| {
        let mut answer = String::new();
        io::stdin().lock().read_line(&mut answer).map(|_| answer.trim().to_owned())
    })
    .await
}

/// A line that is not shown.
pub(crate) async fn secret(question: &str) -> Result<SecretString, Failure> {
    let _ = write!(io::stderr(), "{question} ");
    let _ = io::stderr().flush();
    beside(rpassword::read_password).await.map(|text| SecretString::from(text.trim().to_owned()))
}

async fn beside(read: impl FnOnce() -> io::Result<String> + Send + 'static) -> Result<String, Failure> {
    let read = tokio::task::spawn_blocking(read).await;
    match read {
        Ok(Ok(text)) => Ok(text),
        Ok(Err(error)) => Err(Failure::failed(format!("the terminal cannot be read: {error}"))),
        Err(error) => Err(Failure::failed(format!("the terminal cannot be read: {error}"))),
    }
}
