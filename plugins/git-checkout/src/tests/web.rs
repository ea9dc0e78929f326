//! A repository on the web that wants a token: git's own server program behind a few lines of HTTP.

use super::{GitCheckout, Repository, harness, holds};
use serde_json::json;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use windlass_sdk::testing::Call;

const SERVER: &str = "/usr/lib/git-core/git-http-backend";
/// `x-access-token:<secret GIT_TOKEN>`: the harness's secrets are their names.
const CREDENTIALS: &str = "Basic eC1hY2Nlc3MtdG9rZW46PHNlY3JldCBHSVRfVE9LRU4+";

/// Serves a repository until the test's process ends; answers its URL.
fn serve(repository: &Repository) -> String {
    assert!(PathBuf::from(SERVER).exists(), "git has its server program");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/.git", listener.local_addr().unwrap());
    let root = repository.directory.path().to_owned();
    std::thread::spawn(move || {
        for connection in listener.incoming().map_while(Result::ok) {
            // A client that goes away is no failure.
            let _ = answer(connection, &root);
        }
    });
    url
}

fn answer(mut connection: TcpStream, root: &std::path::Path) -> std::io::Result<()> {
    let mut reader = BufReader::new(connection.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_lowercase(), value.to_owned()));
    }
    let header = |name: &str| headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    if header("authorization").as_deref() != Some(CREDENTIALS) {
        let refusal = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"git\"\r\nContent-Length: 0\r\n\
                       Connection: close\r\n\r\n";
        return connection.write_all(refusal.as_bytes());
    }
    let mut body = vec![0; header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0)];
    reader.read_exact(&mut body)?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let mut server = Command::new(SERVER);
    server.env("GIT_PROJECT_ROOT", root).env("GIT_HTTP_EXPORT_ALL", "1").env("REMOTE_USER", "ada");
    server.env("REQUEST_METHOD", method).env("PATH_INFO", path).env("QUERY_STRING", query);
    server.env("CONTENT_TYPE", header("content-type").unwrap_or_default());
    server.env("CONTENT_LENGTH", body.len().to_string());
    for (variable, name) in [("GIT_PROTOCOL", "git-protocol"), ("HTTP_CONTENT_ENCODING", "content-encoding")] {
        if let Some(value) = header(name) {
            server.env(variable, value);
        }
    }
    let mut child = server.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    child.stdin.take().expect("it is piped").write_all(&body)?;
    let said = child.wait_with_output()?.stdout;
    let status = if said.starts_with(b"Status: ") { "HTTP/1.1 404 Not Found" } else { "HTTP/1.1 200 OK" };
    connection.write_all(format!("{status}\r\nConnection: close\r\n").as_bytes())?;
    connection.write_all(&said)
}

#[test]
fn a_token_opens_a_repository_and_is_written_nowhere() {
    let repository = Repository::new();
    let url = serve(&repository);
    let mut harness = harness(&repository.target, &url, json!({ "token": { "secret": "GIT_TOKEN" } }));
    let outputs = harness.run::<GitCheckout>().unwrap();
    assert_eq!(outputs["commit"]["message"], "Sell hats");
    assert_eq!(repository.files(), ["one", "two"]);
    assert!(!holds(repository.target.home(), "<secret GIT_TOKEN>"));
    // In the environment, and in no argument: the text of the commands has its name at most.
    for call in harness.effects() {
        let Call::Exec(request) = call else { continue };
        assert!(!request.summary().contains("GIT_TOKEN"));
        let mut with_token = request.env.iter().filter(|(_, value)| value.to_string().contains("secret:GIT_TOKEN"));
        assert!(with_token.all(|(name, _)| name == "WINDLASS_TOKEN"));
    }
}

#[test]
fn without_the_token_it_is_refused_with_what_to_give() {
    let repository = Repository::new();
    let url = serve(&repository);
    let error = harness(&repository.target, &url, json!({})).run::<GitCheckout>().unwrap_err();
    assert_eq!(error.code, "git-denied");
    assert!(
        error.message.starts_with(&format!("{url} refuses to let web-1 read it: could not read Username")),
        "{error}"
    );
    assert!(error.hint.as_deref().unwrap().contains("token = { secret"));

    let wrong = json!({ "token": { "secret": "OTHER" } });
    let error = harness(&repository.target, &url, wrong).run::<GitCheckout>().unwrap_err();
    assert_eq!(error.code, "git-denied");
    assert!(error.message.contains("Authentication failed"), "{error}");
    let absent = url.replace(".git", "absent");
    let with = json!({ "token": { "secret": "GIT_TOKEN" } });
    assert_eq!(harness(&repository.target, &absent, with).run::<GitCheckout>().unwrap_err().code, "no-such-repository");
}
