//! Probes through a target's tunnel, against real sockets.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::fixture::{Fixture, alive};
use super::on_both_servers;
use crate::exchange::HttpLook;
use crate::ssh::probe::{Attempt, Probe};

on_both_servers![http, statuses_and_headers, what_does_not_answer, tcp, commands, a_tunnel_carries_bytes];

/// Answers each connection with these bytes and closes it; without any it never answers.
async fn server(answer: Option<&'static str>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut silent = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let Some(answer) = answer else {
                silent.push(stream);
                continue;
            };
            let mut request = vec![0; 4096];
            let read = stream.read(&mut request).await.unwrap();
            let request = String::from_utf8_lossy(&request[..read]).into_owned();
            let answer =
                if request.contains("x-secret: opens\r\n") { "HTTP/1.1 204 No Content\r\n\r\n" } else { answer };
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    port
}

fn look(port: u16) -> HttpLook {
    HttpLook {
        host: "127.0.0.1".to_owned(),
        port,
        path: "/health".to_owned(),
        statuses: Vec::new(),
        headers: Vec::new(),
        contains: None,
        tls: None,
    }
}

fn get(port: u16) -> Probe {
    Probe::Http(look(port))
}

async fn attempt(fixture: &Fixture, probe: &Probe) -> Attempt {
    let timeout = Duration::from_millis(800);
    fixture.connect().await.probe(probe, timeout, &CancellationToken::new()).await.unwrap()
}

async fn http(fixture: Fixture) {
    let port = server(Some("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")).await;
    let healthy = attempt(&fixture, &get(port)).await;
    assert!(healthy.healthy);
    assert_eq!(healthy.reason, format!("GET :{port}/health → 200"));

    let port = server(Some("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n")).await;
    let unhealthy = attempt(&fixture, &get(port)).await;
    assert!(!unhealthy.healthy);
    assert_eq!(unhealthy.reason, format!("GET :{port}/health → 503"));
}

async fn statuses_and_headers(fixture: Fixture) {
    let port = server(Some("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")).await;
    let wants_404 = Probe::Http(HttpLook { statuses: vec![404], ..look(port) });
    assert!(attempt(&fixture, &wants_404).await.healthy);
    let headers = vec![("x-secret".to_owned(), "opens".to_owned())];
    assert!(attempt(&fixture, &Probe::Http(HttpLook { headers, ..look(port) })).await.healthy);
}

async fn what_does_not_answer(fixture: Fixture) {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    assert_eq!(attempt(&fixture, &get(free)).await.reason, format!("GET :{free}/health → connection refused"));
    let silent = server(None).await;
    assert_eq!(attempt(&fixture, &get(silent)).await.reason, format!("GET :{silent}/health → no answer within 0.8 s"));
    let closing = server(Some("")).await;
    assert_eq!(
        attempt(&fixture, &get(closing)).await.reason,
        format!("GET :{closing}/health → closed without an answer")
    );
    let other = server(Some("220 mail.example.com ESMTP\r\n")).await;
    assert_eq!(attempt(&fixture, &get(other)).await.reason, format!("GET :{other}/health → the answer is not HTTP"));
}

async fn tcp(fixture: Fixture) {
    let open = server(None).await;
    let probe = |port| Probe::Tcp { host: "127.0.0.1".to_owned(), port };
    let healthy = attempt(&fixture, &probe(open)).await;
    assert!(healthy.healthy);
    assert_eq!(healthy.reason, format!("connect :{open} → connected"));
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    assert_eq!(attempt(&fixture, &probe(free)).await.reason, format!("connect :{free} → connection refused"));
}

async fn commands(fixture: Fixture) {
    let probe = |script: &str| Probe::Exec { argv: ["sh", "-c", script].map(str::to_owned).to_vec() };
    assert!(attempt(&fixture, &probe("exit 0")).await.healthy);
    assert_eq!(attempt(&fixture, &probe("exit 2")).await.reason, "sh -c exit 2 → status 2");
    let note = fixture.path("pid");
    let slow = attempt(&fixture, &probe(&format!("echo $$ >{note}; exec sleep 300"))).await;
    assert!(slow.reason.ends_with("→ no answer within 0.8 s"), "{}", slow.reason);
    assert!(!alive(std::fs::read_to_string(note).unwrap().trim()), "a probe leaves nothing behind");
}

async fn a_tunnel_carries_bytes(fixture: Fixture) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let (mut read, mut write) = stream.split();
        tokio::io::copy(&mut read, &mut write).await.unwrap();
    });
    let tunnel = fixture.connect().await.open_tcp("127.0.0.1", port).await.unwrap();
    let sent: Vec<u8> = (0..=255).cycle().take(6_000_000).collect();
    let (mut read, mut write) = tokio::io::split(tunnel);
    let (expected, mut got) = (sent.clone(), vec![0; sent.len()]);
    let writing = async {
        write.write_all(&[]).await.unwrap();
        write.write_all(&sent).await.unwrap();
        write.flush().await.unwrap();
    };
    let (read, ()) = tokio::join!(read.read_exact(&mut got), writing);
    read.unwrap();
    assert!(got == expected);
}
