//! The front door before real servers, while the upstream file is switched.

mod app;
mod load;

use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, DropGuard};

use app::App;
use load::{Connections, Load};

/// Every wait in these tests ends long before, unless something hangs.
const PATIENCE: Duration = Duration::from_secs(30);

/// A front door on a free port, with its upstream file.
struct FrontDoor {
    address: std::net::SocketAddr,
    directory: TempDir,
    shutdown: CancellationToken,
    _stop: DropGuard,
    serving: tokio::task::JoinHandle<()>,
}

impl FrontDoor {
    async fn open() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (shutdown, file) = (CancellationToken::new(), directory.path().join("upstream"));
        let stop = shutdown.clone();
        let serving = tokio::spawn(async move { super::serve(listener, &file, stop).await });
        Self { address, directory, _stop: shutdown.clone().drop_guard(), shutdown, serving }
    }

    /// Replaces the upstream file in one step, as the `route` stage does.
    fn switch_to(&self, upstream: &str) {
        let (new, file) = (self.directory.path().join("new"), self.directory.path().join("upstream"));
        std::fs::write(&new, upstream).unwrap();
        std::fs::rename(new, file).unwrap();
    }

    /// Sends bytes and reads until the other side closes.
    async fn raw(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        tokio::time::timeout(PATIENCE, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
        answer
    }

    async fn get(&self, path: &str) -> String {
        self.raw(&format!("GET {path} HTTP/1.1\r\nhost: demo\r\nconnection: close\r\n\r\n")).await
    }
}

/// Twenty-four times a new instance takes over and the old one ends, while clients ask without pause.
async fn no_request_fails(connections: Connections) {
    const SWITCHES: usize = 24;
    let door = FrontDoor::open().await;
    let mut live = App::start("0").await;
    door.switch_to(&live.address());
    let load = Load::start(door.address, connections);
    for version in 1..=SWITCHES {
        let next = App::start(&version.to_string()).await;
        door.switch_to(&next.address());
        next.served(20).await;
        std::mem::replace(&mut live, next).end().await;
    }
    let total = load.stop().await;
    assert_eq!(total.failures, Vec::<String>::new());
    assert!(total.answered >= SWITCHES * 20, "only {} requests were answered", total.answered);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_of_a_kept_connection_fails_while_instances_change() {
    no_request_fails(Connections::Kept).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_of_a_new_connection_fails_while_instances_change() {
    no_request_fails(Connections::New).await;
}

#[tokio::test]
async fn an_answer_under_way_finishes_where_it_began() {
    let door = FrontDoor::open().await;
    let (old, new) = (App::start("old").await, App::start("new").await);
    door.switch_to(&old.address());
    let mut stream = TcpStream::connect(door.address).await.unwrap();
    stream.write_all(b"GET /halves HTTP/1.1\r\nhost: demo\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    while !String::from_utf8_lossy(&answer).contains("first half of old") {
        assert_ne!(stream.read_buf(&mut answer).await.unwrap(), 0, "the answer was not streamed");
    }
    door.switch_to(&new.address());
    assert!(door.get("/").await.contains("version new"));
    old.finish_halves();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(String::from_utf8_lossy(&answer).contains("second half of old"));
}

#[tokio::test]
async fn a_body_is_passed_on_as_it_comes() {
    let door = FrontDoor::open().await;
    let app = App::start("1").await;
    door.switch_to(&app.address());
    let body = "x".repeat(300_000);
    let answer = door
        .raw(&format!(
            "POST /echo HTTP/1.1\r\nhost: demo\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ))
        .await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{}", &answer[..answer.len().min(200)]);
    assert!(answer.ends_with(&body));
}

#[tokio::test]
async fn a_request_that_is_refused_goes_where_the_file_points_by_then() {
    let door = FrontDoor::open().await;
    let app = App::start("next").await;
    let (full, port, _waiting) = full_listener().await;
    door.switch_to(&format!("127.0.0.1:{port}"));
    let answer = async {
        tokio::join!(door.get("/"), async {
            while !connects_to(port) {
                tokio::task::yield_now().await;
            }
            door.switch_to(&app.address());
            drop(full);
        })
    };
    let (answer, ()) = tokio::time::timeout(PATIENCE, answer).await.unwrap();
    assert!(answer.contains("version next"), "{answer}");
}

/// A listener whose queue is full: who connects waits, and is refused once it is closed.
async fn full_listener() -> (TcpListener, u16, Vec<TcpStream>) {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(stream) = tokio::time::timeout(Duration::from_millis(300), TcpStream::connect(address)).await {
        waiting.push(stream.unwrap());
    }
    (listener, address.port(), waiting)
}

/// Whether somebody on this machine waits for a connection to the port.
fn connects_to(port: u16) -> bool {
    const SYN_SENT: &str = "02";
    let remote = format!("0100007F:{port:04X}");
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    table.lines().any(|line| {
        let fields: Vec<_> = line.split_whitespace().collect();
        fields.get(2) == Some(&remote.as_str()) && fields.get(3) == Some(&SYN_SENT)
    })
}

#[tokio::test]
async fn a_visitor_is_told_why_there_is_nothing() {
    let door = FrontDoor::open().await;
    let answer = door.get("/").await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains("Nothing is deployed yet"), "{answer}");

    let app = App::start("1").await;
    door.switch_to(&app.address());
    app.end().await;
    let answer = door.get("/").await;
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("The app does not run"), "{answer}");

    door.switch_to("somewhere");
    let answer = door.get("/").await;
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("lost its way"), "{answer}");
}

#[tokio::test]
async fn an_app_that_breaks_off_is_a_bad_gateway() {
    let door = FrontDoor::open().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    door.switch_to(&listener.local_addr().unwrap().to_string());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 1024]).await;
        }
    });
    let answer = door.get("/").await;
    assert!(answer.starts_with("HTTP/1.1 502"), "{answer}");
}

#[tokio::test]
async fn it_closes_once_what_is_under_way_has_ended() {
    let door = FrontDoor::open().await;
    let app = App::start("1").await;
    door.switch_to(&app.address());
    let mut idle = TcpStream::connect(door.address).await.unwrap();
    idle.write_all(b"GET / HTTP/1.1\r\nhost: demo\r\n\r\n").await.unwrap();
    assert_ne!(idle.read(&mut [0; 1024]).await.unwrap(), 0);
    door.shutdown.cancel();
    tokio::time::timeout(PATIENCE, door.serving).await.unwrap().unwrap();
    assert!(TcpStream::connect(door.address).await.is_err());
}
