use super::*;
use std::os::unix::net::UnixListener;
use windlass_api_types::ErrorKind;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engine_is_reached_through_its_socket() {
    let Some(machine) = Machine::with(Setup { command: false, ..Setup::default() }).await else { return };
    machine.image("shop:1", "exit 0");
    let image = engine(&machine).await.image("shop:1").await.unwrap().unwrap();
    assert_eq!(image.tags, ["shop:1"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engine_is_reached_through_the_docker_command_where_forwarding_is_forbidden() {
    let sshd = "AllowStreamLocalForwarding no";
    let Some(machine) = Machine::with(Setup { sshd, ..Setup::default() }).await else { return };
    machine.image("shop:1", "echo hello; exec sleep 1000");
    let engine = engine(&machine).await;
    engine.create(spec(json!({})), "hash").await.unwrap();
    engine.start("shop", std::time::Duration::from_millis(300)).await.unwrap();
    let command = super::super::Command {
        container: "shop".into(),
        argv: ["sh", "-c", "echo to stdout; echo to stderr >&2; exit 3"].map(str::to_owned).into(),
        env: Vec::new(),
        user: None,
        cwd: None,
        timeout: None,
    };
    let mut output = capture();
    assert_eq!(engine.run(command, &mut output).await.unwrap(), 3);
    assert_eq!((output.stdout.as_slice(), output.stderr.as_slice()), (&b"to stdout\n"[..], &b"to stderr\n"[..]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forwarding_that_is_forbidden_without_a_docker_command_is_named() {
    let setup = Setup { engine: false, command: false, sshd: "AllowStreamLocalForwarding no", user: "root" };
    let Some(machine) = Machine::with(setup).await else { return };
    let _listener = UnixListener::bind(machine.path("run/docker.sock")).unwrap();
    let failure = unreachable(&machine).await;
    assert_eq!((failure.kind, failure.code.as_str()), (ErrorKind::Denied, "docker-forwarding-denied"));
    let message = "web-1: the SSH server does not forward /var/run/docker.sock, and there is no docker command";
    assert_eq!(failure.message, message);
    assert!(failure.hint.unwrap().contains("AllowStreamLocalForwarding local"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_daemon_that_does_not_run_is_named() {
    let Some(machine) = Machine::with(Setup { engine: false, ..Setup::default() }).await else { return };
    let message = "web-1: the Docker daemon is not running: nothing listens on /var/run/docker.sock";
    let failure = unreachable(&machine).await;
    assert_eq!(
        (failure.kind, failure.code.as_str(), failure.retryable),
        (ErrorKind::Unreachable, "docker-not-running", true)
    );
    assert_eq!(failure.message, message);
    assert!(failure.hint.unwrap().contains("systemctl start docker"));
    // Killed, it leaves its socket behind.
    drop(UnixListener::bind(machine.path("run/docker.sock")).unwrap());
    assert_eq!(unreachable(&machine).await.message, message);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn docker_that_is_not_installed_is_named() {
    let setup = Setup { engine: false, command: false, ..Setup::default() };
    let Some(machine) = Machine::with(setup).await else { return };
    let failure = unreachable(&machine).await;
    assert_eq!((failure.kind, failure.code.as_str()), (ErrorKind::NotFound, "docker-not-installed"));
    let message = "web-1: Docker is not installed: there is no /var/run/docker.sock and no docker command";
    assert_eq!(failure.message, message);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_who_may_not_use_the_socket_is_named() {
    let Some(machine) = Machine::with(Setup { user: "deploy", ..Setup::default() }).await else { return };
    let failure = unreachable(&machine).await;
    assert_eq!((failure.kind, failure.code.as_str()), (ErrorKind::Denied, "docker-socket-denied"));
    assert_eq!(failure.message, "web-1: the user deploy may not use /var/run/docker.sock");
    assert!(failure.hint.unwrap().contains("usermod -aG docker deploy"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_is_lost_is_no_answer() {
    let Some(machine) = Machine::start().await else { return };
    machine.image("shop:1", "exec sleep 1000");
    let engine = engine(&machine).await;
    engine.create(spec(json!({})), "hash").await.unwrap();
    engine.start("shop", std::time::Duration::ZERO).await.unwrap();
    let connection = machine.connect().await;
    let cut = async {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        let script = crate::ssh::Command::Script("kill -9 $(pgrep -f '^sshd: root')".into());
        let request = crate::ssh::ExecRequest::new(script, crate::ssh::Repeat::Idempotent);
        drop(connection.exec(&request, &mut capture(), &CancellationToken::new()).await);
    };
    let (waited, ()) = tokio::join!(engine.wait("shop", None), cut);
    let error = waited.unwrap_err();
    let EngineError::Ssh(error) = error else { panic!("{error:?}") };
    assert_eq!(error.code(), "connection-lost");
}
