//! The plugin `notify`, from its configuration to a real receiver: what is granted is sent, what is not is refused.

use crate::harness::{Site, exit, on_each_database};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use windlass_api_types::DeploymentStatus;
use windlass_api_types::deployment::Deployment;
use windlass_api_types::effect::DeploymentEffect;

on_each_database![a_webhook_is_told, what_is_not_granted_is_not_sent];

/// Takes one request, answers it, and gives its head and body.
async fn receive(listener: TcpListener) -> (String, serde_json::Value) {
    let (stream, _) = listener.accept().await.expect("a connection comes");
    let mut stream = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let from = head.len();
        stream.read_line(&mut head).await.expect("a head comes");
        let line = head[from..].trim().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.parse().expect("a length is a number");
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.expect("a body comes");
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.expect("an answer goes");
    (head, serde_json::from_slice(&body).expect("the body is JSON"))
}

async fn prepare(site: &Site, port: u16) {
    site.write_config(&format!(
        r#"
        project = "told"
        [environments.production]
        [[stage]]
        id = "tell"
        uses = "notify@1"
        [stage.with]
        url = "http://127.0.0.1:{port}/hooks/shop"
        text = "${{project}} is live"
        "#
    ));
    site.windlass("config push").await.succeeds();
}

async fn a_webhook_is_told(site: &Site) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let port = listener.local_addr().expect("it listens").port();
    prepare(site, port).await;
    site.windlass(&format!("grant add told/production http 127.0.0.1:{port} --plugin notify")).await.succeeds();
    let (received, output) = tokio::join!(receive(listener), site.windlass("deploy --to production --json"));
    let deployment: Deployment = output.succeeds().json();
    assert_eq!(deployment.summary.status, DeploymentStatus::Succeeded);
    let (head, body) = received;
    assert!(head.starts_with("POST /hooks/shop HTTP/1.1\r\n"), "{head}");
    assert_eq!((&body["text"], &body["label"]), (&"told is live".into(), &"told#1".into()));
    let effects: Vec<DeploymentEffect> = site.windlass("effects --json").await.succeeds().json();
    let functions: Vec<&str> = effects.iter().map(|effect| effect.function.as_str()).collect();
    assert_eq!(functions, ["http.send"]);
}

async fn what_is_not_granted_is_not_sent(site: &Site) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let port = listener.local_addr().expect("it listens").port();
    prepare(site, port).await;
    let refused = site.windlass("deploy --to production").await.exits(exit::USAGE);
    let said = format!(
        "error: told/production does not grant what the pipeline asks for: http 127.0.0.1:{port} to the plugin `notify`\n  \
         next: if it should, an operator grants it: windlass grant add told/production http 127.0.0.1:{port} --plugin notify\n"
    );
    assert_eq!(refused.stderr, said);
    // Where the host shows only when the stage runs, the call itself is refused.
    let config = site.project_dir().join("windlass.toml");
    let text = std::fs::read_to_string(&config).expect("it was written");
    site.write_config(&text.replace("127.0.0.1", "127.0.0.${deployment.number}"));
    let deployment: Deployment = site.windlass("deploy --to production --json").await.json();
    let failure = deployment.summary.failure.expect("it fails");
    assert_eq!(failure.message, format!("the plugin `notify` may not send requests to 127.0.0.1:{port}"));
    let hint = format!("if it should: windlass grant add told/production http 127.0.0.1:{port} --plugin notify");
    assert_eq!(failure.hint, Some(hint));
    assert!(tokio::time::timeout(std::time::Duration::from_millis(50), listener.accept()).await.is_err());
}
