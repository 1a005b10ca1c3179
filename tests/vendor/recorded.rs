//! The same questions, answered by the recorded bodies instead of the fake.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Context, Result};
use giftishow_sim::Api;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::desk::Desk;

/// Every recorded body: (operation, file).
fn recorded() -> Result<Vec<(Api, PathBuf)>> {
    let folder = local::workspace_root().join("shared/giftishow/tests/fixtures");
    let mut files = Vec::new();
    for kind in ["spec", "live"] {
        for file in std::fs::read_dir(folder.join(kind))? {
            let path = file?.path();
            let name = path.file_name().and_then(|name| name.to_str()).context("a name")?;
            let api = serde_json::from_value(name[..4].into())?;
            files.push((api, path));
        }
    }
    Ok(files)
}

/// Answers one request, whatever it is, with this body.
async fn answer(mut stream: TcpStream, body: &str) -> Result<()> {
    let mut request = Vec::new();
    let mut chunk = [0; 4_096];
    loop {
        let text = String::from_utf8_lossy(&request).to_lowercase();
        let length = text.split_once("content-length: ").and_then(|(_, rest)| rest.split_once("\r\n")?.0.parse().ok());
        if let (Some((_, form)), Some(length)) = (text.split_once("\r\n\r\n"), length)
            && form.len() >= length
        {
            break;
        }
        let read = stream.read(&mut chunk).await?;
        request.extend_from_slice(&chunk[..read]);
    }
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(format!("{head}{body}").as_bytes()).await?;
    Ok(())
}

#[tokio::test]
async fn every_request_type_understands_every_recorded_answer() -> Result<()> {
    let mut asked = BTreeSet::new();
    for (api, path) in recorded()? {
        let body = std::fs::read_to_string(&path)?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let desk = Desk::speaking_to(&format!("http://{}", listener.local_addr()?)).await?;
        let (outcome, answered) = tokio::join!(desk.ask(api), async {
            let (stream, _) = listener.accept().await?;
            answer(stream, &body).await
        });
        answered?;
        let outcome = outcome?;
        assert!(!["Unknown", "Unanswered"].contains(&outcome), "{}: {outcome}", path.display());
        asked.insert(api);
    }
    assert_eq!(asked.len(), Api::ALL.len(), "an operation without a recorded answer: {asked:?}");
    Ok(())
}
