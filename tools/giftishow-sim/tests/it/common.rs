//! A client of bare sockets: it shows exactly what came back, and shares nothing with the real client.

use std::io;
use std::time::Duration;

use giftishow_sim::{Api, Ledger, Sim, SimConfig};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Nothing here takes longer unless something is broken.
pub(crate) const LIMIT: Duration = Duration::from_secs(10);
pub(crate) const TR_ID: &str = "gft_0000000000000001";
pub(crate) const PHONE: &str = "01000000000";

/// What came back over one connection.
#[derive(Debug)]
pub(crate) struct Raw {
    pub(crate) bytes: Vec<u8>,
    pub(crate) end: io::Result<()>,
}

impl Raw {
    pub(crate) fn head(&self) -> String {
        String::from_utf8_lossy(&self.bytes).split("\r\n\r\n").next().unwrap_or_default().to_owned()
    }

    pub(crate) fn status(&self) -> u16 {
        self.head().split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status line")
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let head = self.head();
        let line = head.lines().find(|line| line.to_lowercase().starts_with(&format!("{name}:")))?;
        Some(line[name.len() + 1..].trim().to_owned())
    }

    pub(crate) fn body(&self) -> &[u8] {
        let at = self.bytes.windows(4).position(|window| window == b"\r\n\r\n").map_or(self.bytes.len(), |at| at + 4);
        &self.bytes[at..]
    }

    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.status(), 200, "{self:?}");
        serde_json::from_slice(self.body()).expect("a JSON body")
    }
}

pub(crate) async fn start() -> Sim {
    Sim::start(SimConfig::default()).await.expect("the simulator starts")
}

/// A form that the service accepts, with some parameters replaced or added.
pub(crate) fn form(sim: &Sim, api: Api, changes: &[(&str, &str)]) -> String {
    let credentials = sim.credentials();
    let good = [
        ("api_code", api.code()),
        ("custom_auth_code", &credentials.custom_auth_code),
        ("custom_auth_token", &credentials.custom_auth_token),
        ("dev_yn", "N"),
        ("user_id", &credentials.user_id),
        ("tr_id", TR_ID),
        ("goods_code", "G00000000001"),
        ("mms_title", "축하합니다"),
        ("mms_msg", "선물이 도착했습니다"),
        ("callback_no", &credentials.callback_no),
        ("phone_no", PHONE),
        ("gubun", "N"),
    ];
    let value = |name: &str, old: &str| {
        changes
            .iter()
            .find(|(changed, _)| *changed == name)
            .map_or_else(|| old.to_owned(), |(_, new)| (*new).to_owned())
    };
    let added = changes.iter().filter(|(name, _)| !good.iter().any(|(known, _)| known == name));
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(good.iter().map(|(name, old)| (*name, value(name, old))))
        .extend_pairs(added)
        .finish()
}

/// Sends a request and leaves the connection open.
pub(crate) async fn open(sim: &Sim, method: &str, path: &str, media_type: &str, body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(sim.addr()).await.expect("the simulator listens");
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: sim\r\nConnection: close\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\n\r\n"
    );
    stream.write_all(format!("{head}{body}").as_bytes()).await.expect("the request leaves");
    stream
}

/// Reads until the other side ends the connection, one way or another.
pub(crate) async fn read(mut stream: TcpStream) -> Raw {
    let mut bytes = Vec::new();
    let end = tokio::time::timeout(LIMIT, stream.read_to_end(&mut bytes)).await.expect("an end of the connection");
    Raw { bytes, end: end.map(|_| ()) }
}

pub(crate) async fn exchange(sim: &Sim, method: &str, path: &str, media_type: &str, body: &str) -> Raw {
    read(open(sim, method, path, media_type, body).await).await
}

pub(crate) const FORM: &str = "application/x-www-form-urlencoded;charset=UTF-8";

pub(crate) async fn call(sim: &Sim, api: Api, changes: &[(&str, &str)]) -> Raw {
    exchange(sim, "POST", api.path(), FORM, &form(sim, api, changes)).await
}

/// 0111 and 0112 take a code at the end of the path.
pub(crate) async fn call_at(sim: &Sim, api: Api, code: &str) -> Raw {
    exchange(sim, "POST", &format!("{}{code}", api.path()), FORM, &form(sim, api, &[])).await
}

/// Posts to a control endpoint.
pub(crate) async fn control(sim: &Sim, method: &str, path: &str, body: &str) -> Raw {
    exchange(sim, method, path, "application/json", body).await
}

/// Sends a request that will not be answered, and hangs up once the ledger shows what was waited for.
pub(crate) async fn hang_up_when(sim: &Sim, api: Api, wanted: impl Fn(&Ledger) -> bool) -> Ledger {
    let mut stream = open(sim, "POST", api.path(), FORM, &form(sim, api, &[])).await;
    let ledger = sim.wait_until(LIMIT, wanted).await.expect("the state is reached");
    let answered = stream.try_read(&mut [0; 1]);
    assert!(matches!(&answered, Err(error) if error.kind() == io::ErrorKind::WouldBlock), "{answered:?}");
    stream.shutdown().await.expect("the client hangs up");
    drop(stream);
    sim.wait_until(LIMIT, |ledger| ledger.in_flight[&api] == 0).await.expect("the server notices");
    ledger
}
