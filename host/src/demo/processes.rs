//! The demo's processes: each in a process group of its own, so that Ctrl-C reaches only the demo and a
//! killed server takes nothing with it. What runs is noted in the data directory, where the next demo
//! finds it even if this one is killed.

mod record;

use std::fs::{self, File};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::time::Instant;

use super::error::DemoError;
use super::place::Place;
use super::process_group::ProcessGroup;
use record::{Program, Record};

/// The server as a process.
pub(super) const SERVER: &str = "server";
/// The front door as a process.
pub(super) const FRONT_DOOR: &str = "front door";
/// The target as a process.
pub(super) const TARGET: &str = "target";

/// How long the server may take to end what it does, in its own graceful way, before it is killed.
const SERVER_GRACE: Duration = Duration::from_secs(15);
/// The others have nothing to lose.
const GRACE: Duration = Duration::from_secs(5);
/// How often a starting process is looked at.
const LOOK: Duration = Duration::from_millis(20);
/// A log that is larger begins anew with the next start, in bytes.
const LARGEST_LOG: u64 = 4 * 1024 * 1024;
/// The lines of a log that an error quotes.
const QUOTED_LINES: usize = 8;

/// What runs as a process of its own: this very program with other arguments.
pub(super) struct Process {
    pub(super) name: &'static str,
    /// Without the address, which is appended as `--listen ADDRESS`.
    pub(super) arguments: Vec<String>,
    pub(super) address: Address,
}

/// Where a process is to listen.
#[derive(Clone, Copy)]
pub(super) enum Address {
    /// There and nowhere else.
    Fixed(SocketAddr),
    /// At this port of loopback if it is free (0 is no port), else where it was in an earlier demo, else at
    /// any free one.
    Preferred(u16),
}

/// A process that was started, or found running.
#[derive(Clone, Debug)]
pub(super) struct Running {
    name: &'static str,
    pub(super) address: SocketAddr,
    /// Whether it ran before this demo.
    pub(super) was_found: bool,
    group: ProcessGroup,
}

impl Process {
    /// Finds the process running, or starts it. What runs but is of another build, or was told other
    /// things, is ended first.
    pub(super) async fn start(&self, place: &Place) -> Result<Running, DemoError> {
        let program = Program::this().map_err(DemoError::file("look at", Program::PATH))?;
        let record = Record::read(&place.record(self.name));
        if let Some(record) = &record {
            if record.group.lives() && record.program == program && self.is(record) {
                let (address, group) = (record.address, record.group.clone());
                return Ok(Running { name: self.name, address, was_found: true, group });
            }
            record.group.end(grace(self.name)).await;
        }
        let address = self.choose_address(record.map(|record| record.address))?;
        let group = self.spawn(place, address).await?;
        let record = Record { group: group.clone(), program, arguments: self.arguments.clone(), address };
        let path = place.record(self.name);
        record.write(&path).map_err(DemoError::file("write", &path))?;
        Ok(Running { name: self.name, address, was_found: false, group })
    }

    fn is(&self, record: &Record) -> bool {
        let same_address = match self.address {
            Address::Fixed(address) => address == record.address,
            Address::Preferred(_) => true,
        };
        same_address && self.arguments == record.arguments
    }

    fn choose_address(&self, earlier: Option<SocketAddr>) -> Result<SocketAddr, DemoError> {
        let failed = |address: SocketAddr| {
            move |source| DemoError::Listen { process: self.name, address: address.to_string(), source }
        };
        match self.address {
            Address::Fixed(address) => free(address).map_err(failed(address)),
            Address::Preferred(port) => {
                let loopback = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
                let (any, preferred) = (loopback(0), (port != 0).then(|| loopback(port)));
                let wanted = preferred.into_iter().chain(earlier);
                let found = wanted.filter_map(|address| free(address).ok()).next();
                found.map_or_else(|| free(any).map_err(failed(any)), Ok)
            }
        }
    }

    async fn spawn(&self, place: &Place, address: SocketAddr) -> Result<ProcessGroup, DemoError> {
        let log = place.log(self.name);
        let output = open_log(&log).map_err(DemoError::file("write", &log))?;
        let errors = output.try_clone().map_err(DemoError::file("write", &log))?;
        let mut command = Command::new(Program::PATH);
        command
            .arg0("windlass")
            .args(&self.arguments)
            .arg("--listen")
            .arg(address.to_string())
            .current_dir(place.data_dir())
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors);
        // What configures the user's own Windlass is not for the demo.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"WINDLASS_")) {
            command.env_remove(name);
        }
        let not_started = |reason: String| DemoError::NotStarted {
            process: self.name,
            reason,
            said: String::new(),
            log: log.clone(),
        };
        let child = command.spawn().map_err(|error| not_started(error.to_string()))?;
        let group = child.id().and_then(ProcessGroup::led_by);
        group.ok_or_else(|| not_started("it ended at once".into()))
    }
}

impl Running {
    /// Waits until `is_ready` says so.
    pub(super) async fn ready<Answer: Future<Output = bool> + Send>(
        &self,
        place: &Place,
        patience: Duration,
        is_ready: impl Fn() -> Answer + Send,
    ) -> Result<(), DemoError> {
        let log = place.log(self.name);
        let failed = |reason: &str| DemoError::NotStarted {
            process: self.name,
            reason: reason.to_owned(),
            said: last_lines(&log),
            log: log.clone(),
        };
        let deadline = Instant::now() + patience;
        loop {
            if is_ready().await {
                return Ok(());
            }
            if !self.group.lives() {
                return Err(failed("it ended"));
            }
            if Instant::now() >= deadline {
                return Err(failed(&format!("it did not answer within {} s", patience.as_secs())));
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Waits until it accepts connections.
    pub(super) async fn accepts(&self, place: &Place) -> Result<(), DemoError> {
        let address = self.address;
        self.ready(place, GRACE, move || async move { TcpStream::connect(address).await.is_ok() }).await
    }

    pub(super) fn lives(&self) -> bool {
        self.group.lives()
    }

    /// Kills it as a power failure would, and waits until it is gone.
    pub(super) async fn kill(&self) {
        self.group.kill();
        self.group.ends_within(GRACE).await;
    }
}

/// Ends a process, whoever started it.
pub(super) async fn end(name: &str, place: &Place) {
    if let Some(record) = Record::read(&place.record(name)) {
        record.group.end(grace(name)).await;
    }
}

/// Kills a process, whoever started it.
pub(super) fn kill(name: &str, place: &Place) {
    if let Some(record) = Record::read(&place.record(name)) {
        record.group.kill();
    }
}

fn grace(name: &str) -> Duration {
    if name == SERVER { SERVER_GRACE } else { GRACE }
}

/// The address, with a port that is free at this moment.
fn free(address: SocketAddr) -> io::Result<SocketAddr> {
    TcpListener::bind(address)?.local_addr()
}

/// What was said before a restart stays, unless it has become much.
fn open_log(log: &Path) -> io::Result<File> {
    let file = File::options().create(true).append(true).open(log)?;
    if file.metadata()?.len() > LARGEST_LOG {
        file.set_len(0)?;
    }
    Ok(file)
}

fn last_lines(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(QUOTED_LINES)..].join("\n")
}
