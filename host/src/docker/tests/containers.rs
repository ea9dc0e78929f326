use super::super::Command;
use super::*;
use std::time::Duration;
use windlass_api_types::ErrorKind;

const SETTLE: Duration = Duration::from_millis(500);

async fn machine(command: &str) -> Option<(Machine, Engine)> {
    let machine = Machine::start().await?;
    machine.image("shop:1", command);
    let engine = engine(&machine).await;
    Some((machine, engine))
}

fn command(script: &str) -> Command {
    let argv = ["sh", "-c", script].map(str::to_owned).into();
    let env = vec!["WHO=ada".into()];
    Command { container: "shop".into(), argv, env, user: None, cwd: Some("/tmp".into()), timeout: None }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_container_lives() {
    let Some((_machine, engine)) = machine("echo $GREETING; exec sleep 1000").await else { return };
    let spec = spec(json!({
        "env": { "GREETING": "hello" }, "labels": { "team": "web" }, "restart": { "policy": "unless-stopped" },
        "limits": { "memory_bytes": 67108864, "cpus": 0.5, "pids": 50 }, "init": true, "hostname": "shop-1",
        "mounts": [{ "tmpfs": "1m", "target": "/scratch" }, { "volume": "shop-data", "target": "/data" }],
        "ports": [{ "container": 80, "host": 8080, "address": "127.0.0.1" }],
        "log": { "max_size": "1m", "max_files": 2 },
    }));
    let id = engine.create(spec.clone(), "hash").await.unwrap();
    assert_eq!(engine.container("shop").await.unwrap().unwrap().state, "created");
    engine.start("shop", SETTLE).await.unwrap();
    // A repeat finds it done.
    engine.start("shop", Duration::ZERO).await.unwrap();

    let container = engine.container("shop").await.unwrap().unwrap();
    assert_eq!((container.id.as_str(), container.state.as_str()), (id.as_str(), "running"));
    assert_eq!((container.image.as_str(), container.exit_code), ("shop:1", None));
    assert_eq!(container.labels["team"], "web");
    assert!(container.addresses["bridge"].starts_with("172."), "{container:?}");
    let listed = engine.containers(&[("team".into(), "web".into())]).await.unwrap();
    assert_eq!(listed.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["shop"]);
    assert!(engine.containers(&[("team".into(), "db".into())]).await.unwrap().is_empty());

    let lines = engine.logs("shop", Some(5), None, Duration::ZERO).await.unwrap();
    assert_eq!(lines.len(), 1);
    assert_eq!((lines[0].text.as_str(), lines[0].stderr), ("hello", false));
    let mut output = capture();
    let status = engine.run(command("echo $WHO in $PWD; echo no >&2; exit 4"), &mut output).await.unwrap();
    assert_eq!(status, 4);
    assert_eq!((output.stdout.as_slice(), output.stderr.as_slice()), (&b"ada in /tmp\n"[..], &b"no\n"[..]));

    engine.rename("shop", "shop-old").await.unwrap();
    engine.rename("shop", "shop-old").await.unwrap();
    engine.stop("shop-old", Duration::from_secs(1)).await.unwrap();
    engine.stop("shop-old", Duration::from_secs(1)).await.unwrap();
    let stopped = engine.container("shop-old").await.unwrap().unwrap();
    assert_eq!(stopped.state, "exited");
    assert_eq!(engine.wait("shop-old", None).await.unwrap(), i64::from(stopped.exit_code.unwrap()));
    assert!(engine.remove("shop-old", false).await.unwrap());
    assert!(!engine.remove("shop-old", false).await.unwrap());
    assert_eq!(engine.container("shop-old").await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_container_is_created_once() {
    let Some((machine, engine)) = machine("exec sleep 1000").await else { return };
    let id = engine.create(spec(json!({})), "one").await.unwrap();
    assert_eq!(engine.create(spec(json!({})), "one").await.unwrap(), id);
    let other = failure(engine.create(spec(json!({})), "other").await);
    assert_eq!((other.kind, other.code.as_str()), (ErrorKind::Conflict, "name-taken"));
    assert_eq!(other.message, "web-1: there is a container shop of another spec or image");
    // The same tag, but another image now.
    machine.image("shop:1", "exec sleep 2000");
    assert_eq!(failure(engine.create(spec(json!({})), "one").await).code, "name-taken");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_that_is_taken_is_named() {
    let Some((_machine, engine)) = machine("exec sleep 1000").await else { return };
    let ports = json!([{ "container": 80, "host": 8080 }]);
    for name in ["shop", "blog"] {
        engine.create(spec(json!({ "name": name, "ports": ports })), "hash").await.unwrap();
    }
    engine.start("shop", SETTLE).await.unwrap();
    let failure = failure(engine.start("blog", SETTLE).await);
    assert_eq!((failure.kind, failure.code.as_str()), (ErrorKind::Conflict, "port-taken"), "{failure:?}");
    assert!(failure.message.starts_with("web-1: Docker cannot start the container blog: "), "{failure:?}");
    assert!(failure.message.contains("8080"), "{failure:?}");
    let hint = "stop what listens there (docker ps and ss -ltnp on the target), or publish another port";
    assert_eq!(failure.hint.as_deref(), Some(hint));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_container_that_exits_at_once_is_told_with_its_log() {
    let Some((_machine, engine)) = machine("echo starting; echo KeyError: DATABASE_URL >&2; exit 3").await else {
        return;
    };
    for (name, restart) in [("shop", "no"), ("again", "always")] {
        engine.create(spec(json!({ "name": name, "restart": { "policy": restart } })), "hash").await.unwrap();
        let failure = failure(engine.start(name, SETTLE * 4).await);
        assert_eq!((failure.kind, failure.code.as_str()), (ErrorKind::Failed, "container-exited"), "{failure:?}");
        let first = format!("web-1: the container {name} ended right after its start with status 3");
        let mut lines: Vec<&str> = failure.message.lines().collect();
        assert_eq!(lines.remove(0), first);
        lines.sort_unstable();
        lines.dedup();
        assert_eq!(lines, ["  KeyError: DATABASE_URL", "  starting"]);
        engine.remove(name, true).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_done_with_a_container_is_named() {
    let Some((_machine, engine)) = machine("exec sleep 1000").await else { return };
    for answer in [
        engine.start("nobody", SETTLE).await,
        engine.stop("nobody", SETTLE).await,
        engine.rename("nobody", "somebody").await,
        engine.wait("nobody", None).await.map(drop),
        engine.logs("nobody", None, None, Duration::ZERO).await.map(drop),
    ] {
        let failure = failure(answer);
        assert_eq!((failure.kind, failure.code.as_str()), (ErrorKind::NotFound, "no-such-container"), "{failure:?}");
    }
    engine.create(spec(json!({})), "hash").await.unwrap();
    assert_eq!(failure(engine.run(command("true"), &mut capture()).await).code, "container-not-running");
    engine.start("shop", Duration::ZERO).await.unwrap();
    assert_eq!(failure(engine.remove("shop", false).await).code, "container-running");
    let slow = failure(engine.wait("shop", Some(Duration::from_millis(200))).await);
    assert_eq!((slow.kind, slow.code.as_str()), (ErrorKind::Timeout, "timeout"));
    let network = json!({ "name": "other", "networks": [{ "name": "nowhere" }] });
    engine.create(spec(network), "hash").await.unwrap();
    assert_eq!(failure(engine.start("other", SETTLE).await).code, "no-such-network");
    let policy = json!({ "name": "third", "restart": { "policy": "sometimes" } });
    let bad = failure(engine.create(spec(policy), "hash").await);
    assert_eq!((bad.kind, bad.code.as_str()), (ErrorKind::InvalidInput, "bad-spec"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_is_followed_for_a_while() {
    let Some((_machine, engine)) = machine("while true; do echo tick; sleep 0.2; done").await else { return };
    engine.create(spec(json!({})), "hash").await.unwrap();
    engine.start("shop", Duration::ZERO).await.unwrap();
    let lines = engine.logs("shop", Some(1), None, Duration::from_millis(1500)).await.unwrap();
    assert!(lines.len() >= 4, "{lines:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_home_directory_is_mounted_by_its_tilde() {
    let Some((machine, engine)) = machine("exec cat /data/motd").await else { return };
    std::fs::create_dir_all(machine.path("home/apps/shop")).unwrap();
    std::fs::write(machine.path("home/apps/shop/motd"), "from home\n").unwrap();
    let mounts = json!([{ "bind": "~/apps/shop", "target": "/data", "read_only": true }]);
    engine.create(spec(json!({ "mounts": mounts })), "hash").await.unwrap();
    engine.start("shop", Duration::ZERO).await.unwrap();
    assert_eq!(engine.wait("shop", None).await.unwrap(), 0);
    assert_eq!(engine.logs("shop", None, None, Duration::ZERO).await.unwrap()[0].text, "from home");
}
