//! Whole commands, from their arguments to their exit code, against a server on a unix socket.

use super::connection::Destination;
use super::render::sample::{Record, plain};
use super::settings::Places;
use super::*;
use crate::client::tests::on_socket;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Json, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use clap::CommandFactory;
use expect_test::expect;
use futures::future::BoxFuture;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use windlass_api_types::{DeploymentStatus, ErrorKind, Failure, RunMode, StageStatus};

/// What was asked of the engine in process, and the router that answers for it.
struct FakeHost {
    router: Router,
    starts: AtomicU32,
    shutdowns: Arc<AtomicU32>,
    served: Mutex<Option<ServeOptions>>,
}

struct FakeServer {
    socket: PathBuf,
    shutdowns: Arc<AtomicU32>,
}

impl LocalServer for FakeServer {
    fn socket(&self) -> &Path {
        &self.socket
    }

    fn shutdown(self: Box<Self>, _: Waits) -> BoxFuture<'static, Result<(), Failure>> {
        self.shutdowns.fetch_add(1, Ordering::Relaxed);
        Box::pin(std::future::ready(Ok(())))
    }
}

impl Host for FakeHost {
    fn start_local(&self, options: LocalOptions, _: bool) -> BoxFuture<'_, Result<Box<dyn LocalServer>, Failure>> {
        self.starts.fetch_add(1, Ordering::Relaxed);
        let socket = options.data_dir.join("in-process.sock");
        on_socket(self.router.clone(), &socket);
        let server: Box<dyn LocalServer> = Box::new(FakeServer { socket, shutdowns: self.shutdowns.clone() });
        Box::pin(std::future::ready(Ok(server)))
    }

    fn serve(&self, options: ServeOptions) -> BoxFuture<'_, Result<(), Failure>> {
        *self.served.lock().unwrap() = Some(options);
        Box::pin(std::future::ready(Ok(())))
    }

    fn demo(&self, _: DemoOptions) -> BoxFuture<'_, Result<(), Failure>> {
        Box::pin(std::future::ready(Err(Failure::new(ErrorKind::Failed, "demo", "the app does not answer"))))
    }

    fn questions(&self, _: &str) -> Result<Vec<Question>, Failure> {
        let question = |key: &str, default: Option<&str>| Question {
            key: key.into(),
            text: format!("What is the {key}?"),
            default: default.map(str::to_owned),
        };
        Ok(vec![question("environment", Some("production")), question("options.command", None)])
    }

    fn init(&self, template: &str, answers: &Answers) -> Result<String, Failure> {
        Ok(format!("# {template} {answers:?}\n"))
    }

    fn eject(&self, config: &str) -> Result<String, Failure> {
        Ok(config.to_owned())
    }
}

fn host(router: Router) -> Arc<FakeHost> {
    Arc::new(FakeHost { router, starts: 0.into(), shutdowns: Arc::default(), served: Mutex::default() })
}

async fn run(host: &Arc<FakeHost>, data_dir: &Path, arguments: &[&str]) -> Exit {
    let all = ["windlass", "--data-dir", data_dir.to_str().unwrap()];
    Cli::try_parse_from(all.iter().chain(arguments)).unwrap().run(host.clone()).await
}

/// Answers as a server that has deployed `record`, and keeps what it was sent.
#[derive(Clone)]
struct Deployed {
    record: Arc<Record>,
    sent: Arc<Mutex<Vec<Value>>>,
    uploaded: Arc<Mutex<Vec<u8>>>,
}

fn deployed(record: Record) -> (Deployed, Router) {
    let deployed = Deployed { record: Arc::new(record), sent: Arc::default(), uploaded: Arc::default() };
    async fn create(State(state): State<Deployed>, Json(body): Json<Value>) -> Response {
        state.sent.lock().unwrap().push(body);
        (StatusCode::CREATED, Json(state.record.deployment())).into_response()
    }
    async fn upload(State(state): State<Deployed>, body: Bytes) -> Json<Value> {
        *state.uploaded.lock().unwrap() = body.to_vec();
        Json(json!({ "digest": "sha256:1", "size": body.len() }))
    }
    async fn read(State(state): State<Deployed>) -> Response {
        Json(state.record.deployment()).into_response()
    }
    async fn events(State(state): State<Deployed>) -> String {
        let end = if state.record.state().ended_at.is_some() { "event: end\ndata: {}\n\n" } else { "" };
        format!("event: events\ndata: {}\n\n{end}", serde_json::to_string(&state.record.events).unwrap())
    }
    let router = Router::new()
        .route("/api/v1/health", get(|| async { Json(json!({ "status": "ok" })) }))
        .route("/api/v1/artifacts", put(upload))
        .route("/api/v1/deployments", post(create))
        .route("/api/v1/rollbacks", post(create))
        .route("/api/v1/deployments/{id}", get(read))
        .route("/api/v1/deployments/{id}/events", get(events))
        .with_state(deployed.clone());
    (deployed, router)
}

fn ended(status: DeploymentStatus) -> Record {
    let mut record = Record::of(&["upload"]);
    record.start(1, "upload", "web-1", RunMode::Run);
    record.end(1, StageStatus::Succeeded, None);
    record.finish(status, None, None, &[]);
    record
}

/// A directory with a project and something to deploy.
fn project() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("windlass.toml"), "project = \"shop\"\n").unwrap();
    std::fs::create_dir(dir.path().join("build")).unwrap();
    std::fs::write(dir.path().join("build/app"), "#!/bin/sh\n").unwrap();
    dir
}

fn deploy(dir: &Path) -> Vec<String> {
    let config = dir.join("windlass.toml").display().to_string();
    ["deploy", &dir.join("build").display().to_string(), "--to", "production", "--config", &config]
        .map(str::to_owned)
        .to_vec()
}

#[test]
fn the_arguments_are_well_formed() {
    Cli::command().debug_assert();
}

#[test]
fn arguments_that_exclude_each_other_are_refused() {
    let refused = |arguments: &[&str]| Cli::try_parse_from(["windlass"].iter().chain(arguments)).is_err();
    assert!(refused(&["deploy", "./build", "--to", "qa", "--release", "20260305-143022"]));
    assert!(refused(&["deploy", "./build"]));
    assert!(refused(&["login"]));
    assert!(refused(&["login", "https://example.com", "--forget"]));
    assert!(refused(&["var", "set", "shop/production"]));
    assert!(refused(&["--server", "ftp://example.com", "status"]));
    assert!(!refused(&["status", "--server", "example.com"]));
}

#[test]
fn every_command_has_a_page_of_help() {
    let lines: Vec<String> = Cli::command()
        .get_subcommands()
        .filter(|command| !command.is_hide_set())
        .map(|command| format!("{}: {}", command.get_name(), command.get_about().expect("it says what it does")))
        .collect();
    expect![[r#"
        demo: Show Windlass on this machine: a server, a target, and an app that is deployed to it
        serve: Serve the web UI and the API
        login: Point the command line at a server
        init: Write a windlass.toml for this directory
        config: Store the project's windlass.toml on the server without deploying
        plan: Show what a deployment would do, and change nothing
        deploy: Deploy a file or directory, and follow it to its end
        logs: Show the log of a deployment
        status: Show what is live where, or how a deployment stands
        history: List deployments, newest first
        effects: List everything a deployment did, call by call
        replay: Run a deployment's stages again against their recorded effects, and perform nothing
        rollback: Deploy an older release again
        retry: Deploy again what a deployment delivered, with the same variables, secrets and plugins
        cancel: Cancel a deployment; what it did before its pivot is undone
        resolve: Say what became of an effect whose outcome is not known; the deployment goes on
        approve: Approve what a deployment waits for; it goes on
        reject: Reject what a deployment waits for: the stage fails, or the deployment is canceled
        app: Look at what runs in an environment
        pipeline: Show the stages of a project, or make a template's stages its own
        var: List, set and remove the variables of an environment
        secret: Set, list, copy and remove the secrets of an environment
        grant: List, add and remove what the plugins of an environment may do
        protect: Let only `windlass grant` add to an environment's grants
        target: Add, import, prepare, list, check and remove targets
        zone: List, add and remove the DNS zones that deployments may change
        plugin: List the plugins that stages can use, and show what one takes and does
        token: Make, list and revoke API tokens
        completions: Print completions for a shell"#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn an_error_says_what_to_do_next() {
    let error = CliError::usage("there is no windlass.toml", "write one with: windlass init");
    expect![[r#"
        error: there is no windlass.toml
          next: write one with: windlass init
    "#]]
    .assert_eq(&plain(&render::error(&error)));
}

#[tokio::test]
async fn a_deployment_without_a_server_runs_in_process_and_ends_with_it() {
    let (dir, data) = (project(), tempfile::tempdir().unwrap());
    for (status, exit) in [
        (DeploymentStatus::Succeeded, Exit::Done),
        (DeploymentStatus::Failed, Exit::Failed),
        (DeploymentStatus::Canceled, Exit::Canceled),
    ] {
        let (server, router) = deployed(ended(status));
        let host = host(router);
        let arguments = deploy(dir.path());
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        assert_eq!(run(&host, data.path(), &arguments).await, exit);
        assert_eq!((host.starts.load(Ordering::Relaxed), host.shutdowns.load(Ordering::Relaxed)), (1, 1));
        let sent = server.sent.lock().unwrap();
        assert_eq!(sent[0]["config"], "project = \"shop\"\n");
        assert_eq!(
            (&sent[0]["environment"], &sent[0]["artifacts"]),
            (&json!("production"), &json!({ "app": "sha256:1" }))
        );
        let mut packed = Vec::new();
        let listing = archive::Listing::of(&dir.path().join("build")).unwrap();
        listing.write(&mut packed, |_| {}).unwrap();
        assert_eq!(*server.uploaded.lock().unwrap(), packed);
        std::fs::remove_file(data.path().join("in-process.sock")).unwrap();
    }
}

#[tokio::test]
async fn an_interrupted_deployment_is_not_waited_for() {
    let (dir, data) = (project(), tempfile::tempdir().unwrap());
    let mut record = Record::of(&["upload"]);
    record.say(windlass_api_types::EventBody::DeploymentInterrupted { reason: "the server stopped".into() });
    let host = host(deployed(record).1);
    let arguments = deploy(dir.path());
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    assert_eq!(run(&host, data.path(), &arguments).await, Exit::Unknown);
}

#[tokio::test]
async fn where_a_server_runs_on_the_data_no_engine_is_started() {
    let data = tempfile::tempdir().unwrap();
    let (server, router) = deployed(ended(DeploymentStatus::Succeeded));
    on_socket(router.clone(), &data.path().join("windlass.sock"));
    let host = host(router);
    let arguments = ["rollback", "shop", "--to", "production", "--detach"];
    assert_eq!(run(&host, data.path(), &arguments).await, Exit::Done);
    assert_eq!(host.starts.load(Ordering::Relaxed), 0);
    assert_eq!(server.sent.lock().unwrap()[0], json!({ "project": "shop", "environment": "production" }));
}

#[tokio::test]
async fn a_socket_left_behind_by_a_killed_server_is_no_server() {
    let data = tempfile::tempdir().unwrap();
    drop(std::os::unix::net::UnixListener::bind(data.path().join("windlass.sock")).unwrap());
    let host = host(deployed(ended(DeploymentStatus::Succeeded)).1);
    assert_eq!(run(&host, data.path(), &["status", "shop#41"]).await, Exit::Done);
    assert_eq!(host.starts.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn nothing_is_detached_from_an_engine_that_ends_with_the_command() {
    let data = tempfile::tempdir().unwrap();
    let (server, router) = deployed(ended(DeploymentStatus::Succeeded));
    let arguments = ["rollback", "shop", "--to", "production", "--detach"];
    assert_eq!(run(&host(router), data.path(), &arguments).await, Exit::Usage);
    assert!(server.sent.lock().unwrap().is_empty());
}

#[tokio::test]
async fn exit_codes_tell_errors_apart() {
    let data = tempfile::tempdir().unwrap();
    let host = host(Router::new());
    assert_eq!(run(&host, data.path(), &["demo", "--check"]).await, Exit::Failed);
    assert_eq!(run(&host, data.path(), &["deploy", "--to", "qa", "--config", "/absent.toml"]).await, Exit::Usage);
    assert_eq!(host.starts.load(Ordering::Relaxed), 0, "a wrong argument is told before an engine starts");
    let closed = ["--server", "http://127.0.0.1:1", "--token", "wl_1", "status", "shop"];
    assert_eq!(run(&host, data.path(), &closed).await, Exit::Unreachable);
}

#[tokio::test]
async fn serving_uses_the_data_directory() {
    let (data, host) = (tempfile::tempdir().unwrap(), host(Router::new()));
    assert_eq!(run(&host, data.path(), &["serve", "--listen", "127.0.0.1:0"]).await, Exit::Done);
    let served = ServeOptions {
        data_dir: data.path().into(),
        database_url: None,
        listen: "127.0.0.1:0".parse().unwrap(),
        plugin_dir: data.path().join("plugins"),
    };
    assert_eq!(*host.served.lock().unwrap(), Some(served));
}

#[tokio::test]
async fn init_writes_a_file_once() {
    let (data, host) = (tempfile::tempdir().unwrap(), host(Router::new()));
    let file = data.path().join("windlass.toml");
    let arguments = ["init", "--output", file.to_str().unwrap(), "--set"];
    let with = |set: &'static str| [&arguments[..], &[set]].concat();
    assert_eq!(run(&host, data.path(), &with("options.comand=./server")).await, Exit::Usage);
    assert!(!file.exists());
    assert_eq!(run(&host, data.path(), &with("options.command=./server")).await, Exit::Done);
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(text, "# process {\"environment\": \"production\", \"options.command\": \"./server\"}\n");
    assert_eq!(run(&host, data.path(), &with("options.command=./other")).await, Exit::Usage);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn what_is_given_wins_over_what_was_saved() {
    let dir = tempfile::tempdir().unwrap();
    let places = Places { config_dir: Some(dir.path().into()), data_dir: Some("/data".into()) };
    let chosen = |options: &ConnectOptions| Destination::choose(options, &places).unwrap();
    let remote = |address: &str, token: Option<&str>| Destination::Remote {
        address: address.parse().unwrap(),
        token: token.map(str::to_owned),
    };
    let local = |data_dir: &str| Destination::Local(LocalOptions { data_dir: data_dir.into(), database_url: None });
    let none = ConnectOptions::default();
    assert_eq!(chosen(&none), local("/data"));

    places.save_login(&"https://a.example.com".parse().unwrap(), "wl_a").unwrap();
    assert_eq!(chosen(&none), remote("https://a.example.com", Some("wl_a")));
    assert_eq!(chosen(&ConnectOptions { data_dir: Some("/other".into()), ..none.clone() }), local("/other"));
    let server = |url: &str| ConnectOptions { server: Some(url.parse().unwrap()), ..none.clone() };
    assert_eq!(chosen(&server("https://a.example.com/")), remote("https://a.example.com", Some("wl_a")));
    assert_eq!(chosen(&server("https://b.example.com")), remote("https://b.example.com", None));
}
