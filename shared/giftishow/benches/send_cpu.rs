//! The CPU that a send costs its own thread, against a bare POST of the same form by `reqwest` to the same server: at most 3 times.
//!
//! Sends never share a connection, so a bare POST on a new one is the measure. What a pooled one would cost is said beside it: the
//! difference is the price of that rule, and it is the kernel's.
//!
//! `cargo bench -p giftishow --bench send_cpu` measures, says the ratio, and fails if it is over 3.
#![expect(clippy::expect_used, reason = "a benchmark")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use giftishow::{
    BaseUrl, Client, ClientLimits, Credentials, GoodsCode, Gubun, MmsMessage, MmsTitle, PhoneNumber, SendOptions,
    SendOutcome, SendRequest, TransactionId,
};
use rustix::time::{ClockId, clock_gettime};

const BODY: &str = r#"{"code":"0000","message":null,"result":{"code":"0000","message":null,"result":{"orderNo":"1"}}}"#;
const SECRET: &str = r#"{"custom_auth_code":"REAL00000000000000000000000000000000","custom_auth_token":"AAAAAAAAAAAAAAAAAAAAAA==",
    "user_id":"owner@example.com","callback_no":"00000000"}"#;
const ROUNDS: usize = 40;
const SENDS: u32 = 50;

/// Answers every request on a connection until the other side closes it.
fn serve(mut stream: TcpStream) -> std::io::Result<()> {
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{BODY}", BODY.len());
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer)?;
        if read == 0 {
            return Ok(());
        }
        bytes.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        if body.len() >= length.unwrap_or(0) {
            stream.write_all(answer.as_bytes())?;
            bytes.clear();
        }
    }
}

fn server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || serve(stream));
        }
    });
    address
}

fn request() -> SendRequest {
    SendRequest {
        goods_code: GoodsCode::parse("G00000000001").expect("valid"),
        mms_title: MmsTitle::parse("축하합니다").expect("valid"),
        mms_msg: MmsMessage::parse("선물이 도착했습니다").expect("valid"),
        phone_no: PhoneNumber::parse("01000000000").expect("valid"),
        tr_id: TransactionId::parse("b_0123456789ABCDEFGH").expect("valid"),
        gubun: Gubun::Mms,
        order_no: None,
        options: SendOptions::default(),
    }
}

/// What a bare POST sends: the same form.
fn form() -> [(&'static str, &'static str); 12] {
    [
        ("api_code", "0204"),
        ("custom_auth_code", "REAL00000000000000000000000000000000"),
        ("custom_auth_token", "AAAAAAAAAAAAAAAAAAAAAA=="),
        ("dev_yn", "N"),
        ("goods_code", "G00000000001"),
        ("mms_title", "축하합니다"),
        ("mms_msg", "선물이 도착했습니다"),
        ("callback_no", "00000000"),
        ("phone_no", "01000000000"),
        ("tr_id", "b_0123456789ABCDEFGH"),
        ("user_id", "owner@example.com"),
        ("gubun", "N"),
    ]
}

/// The CPU time of this thread; the server's threads do not count.
fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let second = Duration::from_secs(time.tv_sec.try_into().expect("time is positive"));
    second + Duration::from_nanos(time.tv_nsec.try_into().expect("time is positive"))
}

/// CPU per call in the cheapest round.
fn cheapest(rounds: &[Duration]) -> Duration {
    *rounds.iter().min().expect("there was a round") / SENDS
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let base_url = format!("http://{}", server());
    let url = format!("{base_url}/bizApi/send");
    let client = Client::new(BaseUrl::parse(&base_url).expect("loopback"), ClientLimits::default()).expect("a client");
    let credentials = Credentials::from_secret_json(SECRET).expect("valid");
    let request = request();
    let pooled = reqwest::Client::new();
    let unpooled = reqwest::Client::builder().pool_max_idle_per_host(0).build().expect("a client");

    let mut rounds = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        let start = cpu();
        for _ in 0..SENDS {
            let answer = client.send(&credentials, &request).await;
            assert!(matches!(answer.outcome, SendOutcome::Issued(_)), "{answer:?}");
        }
        rounds[0].push(cpu().saturating_sub(start));
        for (round, bare) in [(1, &unpooled), (2, &pooled)] {
            let start = cpu();
            for _ in 0..SENDS {
                let answer = bare.post(&url).form(&form()).send().await.expect("an answer");
                assert_eq!(answer.bytes().await.expect("a body").len(), BODY.len());
            }
            rounds[round].push(cpu().saturating_sub(start));
        }
    }
    let [send, bare, bare_pooled] = rounds.map(|rounds| cheapest(&rounds));
    let ratio = |other: Duration| send.as_secs_f64() / other.as_secs_f64();
    println!("CPU of a send {send:?}; bare POST on a new connection {bare:?}, on a pooled one {bare_pooled:?}");
    println!("ratio: {:.2} (must not exceed 3); to the pooled one {:.2}", ratio(bare), ratio(bare_pooled));
    assert!(ratio(bare) <= 3.0, "a send costs too much");
}
