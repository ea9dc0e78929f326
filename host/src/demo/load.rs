//! Visitors of the app who never pause: they count what the front door answers, and what it does not.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Visitors who keep their connection, and as many who open a new one for each request.
const VISITORS_OF_A_KIND: usize = 3;
/// Between two requests of a visitor: hundreds a second in all, and room for the deployment on a small machine.
const PAUSE: Duration = Duration::from_millis(5);
/// A request that takes longer has failed: nobody waits for a page so long.
const PATIENCE: Duration = Duration::from_secs(10);
/// A version is a word.
const LONGEST_ANSWER: usize = 4096;
/// The page that answers with the version and nothing else.
const PATH: &str = "/version";

/// What came of all requests so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    pub(super) requests: u64,
    pub(super) failed: u64,
    pub(super) slowest: Duration,
    /// Answers by version.
    pub(super) versions: BTreeMap<String, u64>,
    pub(super) first_failure: Option<String>,
}

/// The visitors, until they are stopped or dropped.
pub(super) struct Load {
    counts: Arc<Mutex<Counts>>,
    visitors: JoinSet<()>,
    stop: CancellationToken,
}

type Connection = SendRequest<Empty<Bytes>>;

impl Load {
    pub(super) fn start(front_door: SocketAddr) -> Self {
        let (counts, stop) = (Arc::<Mutex<Counts>>::default(), CancellationToken::new());
        let mut visitors = JoinSet::new();
        for keeps in [true, false] {
            for _ in 0..VISITORS_OF_A_KIND {
                visitors.spawn(visit(front_door, keeps, Arc::clone(&counts), stop.clone()));
            }
        }
        Self { counts, visitors, stop }
    }

    pub(super) fn counts(&self) -> Counts {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lets the last requests finish.
    pub(super) async fn stop(mut self) -> Counts {
        self.stop.cancel();
        while self.visitors.join_next().await.is_some() {}
        self.counts()
    }
}

impl Counts {
    fn add(&mut self, took: Duration, answer: Result<String, String>) {
        self.requests += 1;
        self.slowest = self.slowest.max(took);
        match answer {
            Ok(version) => *self.versions.entry(version).or_default() += 1,
            Err(failure) => {
                self.failed += 1;
                self.first_failure.get_or_insert(failure);
            }
        }
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} requests, {} failed, slowest {} ms", self.requests, self.failed, self.slowest.as_millis())?;
        let versions: Vec<_> = self.versions.iter().map(|(version, count)| format!("{version} {count}")).collect();
        if versions.is_empty() { Ok(()) } else { write!(f, " ({})", versions.join(", ")) }
    }
}

/// The version that answers at the front door, or why none does.
pub(super) async fn version(front_door: SocketAddr) -> Result<String, String> {
    Ok(ask(front_door, &mut None).await?.0)
}

async fn visit(front_door: SocketAddr, keeps: bool, counts: Arc<Mutex<Counts>>, stop: CancellationToken) {
    let mut kept = None;
    while !stop.is_cancelled() {
        let asked = Instant::now();
        let answer = ask(front_door, &mut kept).await.map(|(version, connection)| {
            kept = keeps.then_some(connection);
            version
        });
        counts.lock().unwrap_or_else(PoisonError::into_inner).add(asked.elapsed(), answer);
        tokio::time::sleep(PAUSE).await;
    }
}

/// One request, over `kept` where that is still open. Answers the version, and the connection.
async fn ask(front_door: SocketAddr, kept: &mut Option<Connection>) -> Result<(String, Connection), String> {
    let answer = tokio::time::timeout(PATIENCE, async {
        let mut connection = match kept.take() {
            // One that was closed while nothing was asked is no failure: browsers open a new one too.
            Some(kept) if !kept.is_closed() => kept,
            _ => connect(front_door).await?,
        };
        if connection.ready().await.is_err() {
            connection = connect(front_door).await?;
        }
        let request = Request::get(PATH).header("host", front_door.to_string()).body(Empty::new());
        let request = request.map_err(|error| error.to_string())?;
        let response = connection.send_request(request).await.map_err(|error| error.to_string())?;
        let status = response.status();
        let body = Limited::new(response.into_body(), LONGEST_ANSWER).collect().await;
        let body = body.map_err(|error| error.to_string())?.to_bytes();
        match status {
            StatusCode::OK => Ok((String::from_utf8_lossy(&body).trim().to_owned(), connection)),
            status => Err(format!("it answered {status}")),
        }
    });
    answer.await.unwrap_or_else(|_| Err(format!("no answer within {} s", PATIENCE.as_secs())))
}

async fn connect(front_door: SocketAddr) -> Result<Connection, String> {
    let stream = TcpStream::connect(front_door).await.map_err(|error| error.to_string())?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
    tokio::spawn(connection);
    Ok(sender)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// Answers each connection once, by turns well and badly.
    async fn moody_app(listener: TcpListener) {
        let answers = ["200 OK", "503 Service Unavailable"];
        for status in answers.iter().cycle() {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 1024]).await;
            let answer = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 3\r\n\r\nv1\n");
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    }

    #[tokio::test]
    async fn every_request_is_counted_and_a_failed_one_as_failed() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(moody_app(listener));
        let load = Load::start(address);
        while load.counts().requests < 40 {
            tokio::task::yield_now().await;
        }
        let counts = load.stop().await;
        assert!(counts.failed > 0 && counts.versions["v1"] > 0, "{counts}");
        assert_eq!(counts.requests, counts.failed + counts.versions["v1"]);
        assert_eq!(counts.first_failure.as_deref(), Some("it answered 503 Service Unavailable"));
    }

    #[tokio::test]
    async fn nobody_at_the_door_is_a_failure() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        assert!(version(address).await.is_err());
    }
}
