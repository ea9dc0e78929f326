//! Networks that fail at every phase of a long command: it ran once, and what it said is whole and in order.

use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::future::{BoxFuture, join_all};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::fixture::Fixture;
use super::proxy::{Flow, Proxy};
use crate::ssh::{
    Capture, Command, ExecRequest, Exit, OutputSink, OutputStream, Repeat, Ssh, SshConfig, Sudo, TargetAddress,
};

/// `WINDLASS_TORTURE=1`: commands of 20 s and a network that stands still for 30 s.
fn torture() -> bool {
    std::env::var_os("WINDLASS_TORTURE").is_some_and(|value| value == "1")
}

/// When the network fails.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    /// The connection is open, and nothing was asked for.
    BeforeTheRequest,
    /// The target has the request, and has not begun.
    BeforeTheStart,
    WhileItWrites,
    WhileItIsQuiet,
    /// Its status is written, and was not read.
    AfterItsEnd,
    /// The connection was cut before, and the new one gives so many bytes.
    Reattaching(u64),
    /// Its answer is known, and its record is to be removed.
    Forgetting,
}

const PHASES: [Phase; 9] = [
    Phase::BeforeTheRequest,
    Phase::BeforeTheStart,
    Phase::WhileItWrites,
    Phase::WhileItIsQuiet,
    Phase::AfterItsEnd,
    // In the key exchange, in the sign-in, with the output.
    Phase::Reattaching(800),
    Phase::Reattaching(2_400),
    Phase::Reattaching(3_400),
    Phase::Forgetting,
];

/// How it fails: a connection is reset, is a black hole for good, takes nothing any more for good, stands still
/// for a while.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    Reset,
    BlackHole,
    Stuck,
    Pause,
}

const FAULTS: [Fault; 4] = [Fault::Reset, Fault::BlackHole, Fault::Stuck, Fault::Pause];

impl Fault {
    fn flow(self) -> Flow {
        match self {
            Fault::Reset => Flow::Resets,
            Fault::BlackHole => Flow::Vanishes,
            Fault::Stuck | Fault::Pause => Flow::Stands,
        }
    }

    async fn happen(self, proxy: &Proxy) {
        proxy.all(self.flow());
        if self == Fault::Pause {
            tokio::time::sleep(if torture() { Duration::from_secs(30) } else { Duration::from_millis(500) }).await;
            proxy.all(Flow::Passes);
        }
    }
}

/// Leaves a line where it ran; writes on both streams, is quiet, writes its last.
fn script() -> String {
    let (steps, quiet) = if torture() { (190, 2) } else { (10, 1) };
    format!(
        "echo ran >>\"$LOG\"; i=0; while [ $i -lt {steps} ]; do j=0; while [ $j -lt 10 ]; do echo out-$i$j; echo err-$i$j >&2; \
         j=$((j+1)); done; sleep 0.05; i=$((i+1)); done; echo quiet; sleep {quiet}; echo last; sleep 0.2; exit 6"
    )
}

/// What it writes to a stream.
fn written(prefix: &str, last: &str) -> String {
    let lines =
        (0..if torture() { 1900 } else { 100 }).map(|number| format!("{prefix}-{}{}\n", number / 10, number % 10));
    lines.collect::<String>() + last
}

/// A target and who uses it.
struct Place {
    fixture: Fixture,
    ssh: Ssh,
    address: TargetAddress,
    sudo: Sudo,
    /// Where records are.
    home: String,
}

impl Place {
    /// Commands run in this shell; `setsid` waits where a test wants it to.
    fn new(fixture: Fixture, shell: &str, address: Option<TargetAddress>, sudo: Sudo) -> Self {
        let bin = fixture.path("bin");
        symlink(shell, Path::new(&bin).join("sh")).unwrap();
        for open in ["gates", "logs"] {
            std::fs::create_dir(fixture.path(open)).unwrap();
            std::fs::set_permissions(fixture.path(open), Permissions::from_mode(0o777)).unwrap();
        }
        let gates = fixture.path("gates");
        let setsid = format!(
            "#!/bin/dash\ngate='{gates}'/${{PWD##*/}}\n[ ! -e \"$gate\" ] || echo >>\"$gate.reached\"\n\
             while [ -e \"$gate\" ]; do sleep 0.02; done\nexec /usr/bin/setsid \"$@\"\n"
        );
        super::fixture::executable(&Path::new(&bin).join("setsid"), &setsid);
        let config = SshConfig {
            keepalive_interval: if torture() { Duration::from_secs(15) } else { Duration::from_millis(300) },
            // Less than it takes to notice that a connection is dead.
            reconnect_patience: Duration::from_secs(if torture() { 60 } else { 1 }),
            ..SshConfig::new(fixture.path("keys"))
        };
        let address = address.unwrap_or_else(|| fixture.address.clone());
        let home = fixture.path("home");
        Self { ssh: Ssh::new(config).unwrap(), address, sudo, home, fixture }
    }

    fn record(&self, key: Uuid) -> std::path::PathBuf {
        Path::new(&self.home).join(".local/state/windlass/effects").join(key.to_string())
    }

    fn gate(&self, key: Uuid) -> String {
        self.fixture.path(&format!("gates/{key}"))
    }
}

/// A sink that lets the network fail at a line.
struct Watching<'a> {
    all: Capture,
    at: Option<&'a str>,
    proxy: &'a Proxy,
    reached: tokio::sync::mpsc::UnboundedSender<()>,
}

impl OutputSink for Watching<'_> {
    fn write<'a>(&'a mut self, stream: OutputStream, bytes: &'a [u8]) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            self.all.write(stream, bytes).await;
            let text = String::from_utf8_lossy(&self.all.stdout);
            if self.at.is_some_and(|at| text.contains(at)) {
                self.at = None;
                // Nothing more gets through before it fails.
                self.proxy.all(Flow::Stands);
                let _ = self.reached.send(());
            }
        })
    }
}

async fn until(what: &str, mut done: impl FnMut() -> bool) {
    let waiting = async {
        while !done() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(if torture() { 240 } else { 60 }), waiting)
        .await
        .unwrap_or_else(|_| panic!("{what} never came"));
}

fn filled(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|file| file.len() > 0)
}

/// One command and one failure of the network.
async fn fails(place: Arc<Place>, phase: Phase, fault: Fault) {
    let (key, proxy) = (Uuid::now_v7(), Proxy::start(place.address.port).await);
    let address = TargetAddress { port: proxy.port, ..place.address.clone() };
    let log = place.fixture.path(&format!("logs/{key}"));
    let request = ExecRequest {
        env: vec![("LOG".to_owned(), log.clone())],
        sudo: place.sudo.clone(),
        ..ExecRequest::new(Command::Script(script()), Repeat::Reattachable { key })
    };
    let connection = place.ssh.connect(&address).await.unwrap();
    let at = match phase {
        Phase::WhileItWrites | Phase::Reattaching(_) => Some("out-42\n"),
        Phase::WhileItIsQuiet => Some("quiet\n"),
        Phase::AfterItsEnd => Some("last\n"),
        Phase::BeforeTheRequest | Phase::BeforeTheStart | Phase::Forgetting => None,
    };
    let (reached, mut told) = tokio::sync::mpsc::unbounded_channel();
    let mut sink = Watching { all: Capture::new(1 << 20), at, proxy: &proxy, reached };
    let (cancel, gate) = (CancellationToken::new(), place.gate(key));
    if phase == Phase::BeforeTheRequest {
        proxy.all(fault.flow());
    }
    if phase == Phase::BeforeTheStart {
        std::fs::write(&gate, "").unwrap();
    }
    if let Phase::Reattaching(bytes) = phase {
        proxy.plan(2, bytes, fault.flow());
    }
    let failing = async {
        match phase {
            Phase::BeforeTheRequest => fault.happen(&proxy).await,
            Phase::BeforeTheStart => {
                let reached = format!("{gate}.reached");
                until("the start", || filled(Path::new(&reached))).await;
                fault.happen(&proxy).await;
                // The request that replaces it, where it is given up.
                if fault != Fault::Pause {
                    until("another start", || std::fs::metadata(&reached).unwrap().len() > 1).await;
                }
                std::fs::remove_file(&gate).unwrap();
            }
            Phase::WhileItWrites | Phase::WhileItIsQuiet => {
                told.recv().await;
                fault.happen(&proxy).await;
            }
            Phase::AfterItsEnd => {
                told.recv().await;
                until("the status", || filled(&place.record(key).join("status"))).await;
                fault.happen(&proxy).await;
            }
            Phase::Reattaching(_) => {
                told.recv().await;
                proxy.all(Flow::Resets);
                proxy.happened().await;
                if fault == Fault::Pause {
                    fault.happen(&proxy).await;
                }
            }
            Phase::Forgetting => {}
        }
    };
    let (end, ()) = tokio::join!(connection.exec(&request, &mut sink, &cancel), failing);
    let what = format!("{phase:?}, {fault:?}");
    let end = end.unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(end.exit, Exit::Status(6), "{what}");
    assert_eq!(String::from_utf8(sink.all.stdout).unwrap(), written("out", "quiet\nlast\n"), "{what}");
    assert_eq!(String::from_utf8(sink.all.stderr).unwrap(), written("err", ""), "{what}");
    if phase == Phase::Forgetting {
        let forgetting = place.ssh.connect(&address).await.unwrap();
        let keys = [key];
        let (end, ()) = tokio::join!(forgetting.forget(&keys, &place.sudo), fault.happen(&proxy));
        // It is removed, or left to the sweep.
        assert!(!place.record(key).exists() || end.is_err(), "{what}");
    }
    // A request that was given up may have arrived by now.
    assert_eq!(std::fs::read_to_string(&log).unwrap(), "ran\n", "{what}");
}

async fn all(place: Place, phases: &[Phase], faults: &[Fault]) {
    let place = Arc::new(place);
    let start = |fault: Fault| phases.iter().map(move |phase| (*phase, fault));
    let cases = faults.iter().flat_map(|fault| start(*fault));
    let ends = join_all(cases.map(|(phase, fault)| tokio::spawn(fails(place.clone(), phase, fault)))).await;
    let failed: Vec<String> = ends.into_iter().filter_map(Result::err).map(|error| error.to_string()).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_dash() {
    let Some(fixture) = Fixture::openssh().await else { return };
    all(Place::new(fixture, "/bin/dash", None, Sudo::No), &PHASES, &FAULTS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_bash() {
    let Some(fixture) = Fixture::openssh().await else { return };
    all(Place::new(fixture, "/bin/bash", None, Sudo::No), &PHASES, &[Fault::Reset, Fault::BlackHole]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_busybox() {
    if !Path::new("/bin/busybox").exists() {
        eprintln!("SKIPPED: failing networks with BusyBox, because /bin/busybox is not installed: install `busybox`");
        return;
    }
    let Some(fixture) = Fixture::openssh().await else { return };
    // Its own `setsid` waits for nobody.
    let phases: Vec<Phase> = PHASES.into_iter().filter(|phase| *phase != Phase::BeforeTheStart).collect();
    all(Place::new(fixture, "/bin/busybox", None, Sudo::No), &phases, &[Fault::Reset, Fault::BlackHole]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn as_an_ordinary_user() {
    let Some((fixture, address)) = super::sudo::system("").await else { return };
    all(Place::new(fixture, "/bin/dash", Some(address), Sudo::No), &PHASES, &[Fault::Reset, Fault::BlackHole]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn as_root_by_sudo() {
    // Root's own home and programs are those of the test's directory.
    let rule =
        "ALL=(ALL) NOPASSWD: ALL\nDefaults:windlass-test env_keep += \"HOME PATH\", !secure_path, !always_set_home";
    let Some((fixture, address)) = super::sudo::system(rule).await else { return };
    let place = Place::new(fixture, "/bin/dash", Some(address), Sudo::WithoutPassword);
    all(place, &PHASES, &[Fault::Reset, Fault::BlackHole]).await;
}
