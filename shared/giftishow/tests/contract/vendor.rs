//! A vendor of raw sockets: reads one request per connection, records it, and does what its script says.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use giftishow::{BaseUrl, Client, ClientLimits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the vendor does once it has read a request.
#[derive(Clone)]
pub(crate) enum Script {
    /// Writes and closes.
    Write(Vec<u8>),
    /// Writes and resets.
    Reset(Vec<u8>),
    /// Writes and then says nothing more.
    Hang(Vec<u8>),
    /// Writes, and then a blank at a time, for ever.
    Drip(Vec<u8>, Duration),
    /// Resets without reading anything.
    ResetUnread,
}

#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Request {
    /// The form's fields, decoded, in order.
    pub(crate) fn form(&self) -> Vec<(String, String)> {
        url::form_urlencoded::parse(self.body.as_bytes()).into_owned().collect()
    }
}

#[derive(Default)]
struct Seen {
    connections: usize,
    requests: Vec<Request>,
}

pub(crate) struct Vendor {
    address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    task: JoinHandle<()>,
}

impl Vendor {
    pub(crate) async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::<Mutex<Seen>>::default();
        let task = tokio::spawn(accept(listener, script, Arc::clone(&seen)));
        Self { address, seen, task }
    }

    pub(crate) fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{}", self.address)
    }

    pub(crate) fn client(&self, limits: ClientLimits) -> Client {
        Client::new(BaseUrl::parse(&self.url("http")).unwrap(), limits).unwrap()
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.seen.lock().unwrap().requests.clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.seen.lock().unwrap().connections
    }
}

impl Drop for Vendor {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A whole answer with a truthful length.
pub(crate) fn answer(status: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}")
        .into_bytes()
}

async fn accept(listener: TcpListener, script: Script, seen: Arc<Mutex<Seen>>) {
    while let Ok((stream, _)) = listener.accept().await {
        seen.lock().unwrap().connections += 1;
        tokio::spawn(serve(stream, script.clone(), Arc::clone(&seen)));
    }
}

async fn serve(mut stream: TcpStream, script: Script, seen: Arc<Mutex<Seen>>) {
    if !matches!(script, Script::ResetUnread)
        && let Some(request) = read(&mut stream).await
    {
        seen.lock().unwrap().requests.push(request);
    }
    // The client may be gone at any moment: failing to write is no failure of the test.
    match script {
        Script::Write(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Script::Reset(bytes) => {
            let _ = stream.write_all(&bytes).await;
            stream.set_zero_linger().unwrap();
        }
        Script::Hang(bytes) => {
            let _ = stream.write_all(&bytes).await;
            // Until the client hangs up.
            let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
        }
        Script::Drip(bytes, every) => {
            let _ = stream.write_all(&bytes).await;
            while stream.write_all(b" ").await.is_ok() {
                tokio::time::sleep(every).await;
            }
        }
        Script::ResetUnread => stream.set_zero_linger().unwrap(),
    }
}

/// One whole HTTP request; `None` if what comes is something else (a TLS greeting) or ends early.
async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    loop {
        if stream.read_buf(&mut bytes).await.ok()? == 0 || !bytes.starts_with(b"P") {
            return None;
        }
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() == length.unwrap_or(0) {
                return Some(Request { head: head.to_owned(), body: body.to_owned() });
            }
        }
    }
}
