//! A receiver of webhooks that counts who has told it what.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// Serves until it is dropped.
pub(super) struct Receiver {
    pub(super) port: u16,
    counts: Arc<Mutex<BTreeMap<String, usize>>>,
    serving: tokio::task::JoinHandle<()>,
}

impl Receiver {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let port = listener.local_addr().expect("it listens").port();
        let counts: Arc<Mutex<BTreeMap<String, usize>>> = Arc::default();
        let counting = counts.clone();
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, counting.clone()));
            }
        });
        Self { port, counts, serving }
    }

    /// How many requests a deployment of the sweep has made.
    pub(super) fn count(&self, deployment: u64) -> usize {
        let counts = self.counts.lock().expect("nothing panics with the lock");
        counts.get(&format!("sweep#{deployment}")).copied().unwrap_or_default()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Counts a request once its whole body is there, then answers. A sender that is gone has sent it all the same.
async fn answer(stream: TcpStream, counts: Arc<Mutex<BTreeMap<String, usize>>>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0);
    while line.trim() != "" || line.is_empty() {
        line.clear();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    let body: serde_json::Value = serde_json::from_slice(&body).ok()?;
    let label = body["label"].as_str()?.to_owned();
    *counts.lock().expect("nothing panics with the lock").entry(label).or_default() += 1;
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.ok()
}
