//! A PostgreSQL of a test's own: no port, only a socket in a temporary directory, so that any number
//! of them run side by side.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;

/// A running PostgreSQL. It is stopped and its directory removed when this is dropped, or when this
/// process ends in whatever way: a shell waits for the end of its input, of which we hold the other end.
pub struct Postgres {
    binaries: PathBuf,
    directory: PathBuf,
    user: Option<User>,
    watchdog: Child,
    databases: AtomicU32,
}

/// As whom it runs where we are root, which PostgreSQL refuses to run as.
#[derive(Clone, Copy)]
struct User {
    uid: u32,
    gid: u32,
}

/// Waits for the end of its input, then stops the server and removes its directory.
const WATCHDOG: &str = r#"read -r _; "$1/pg_ctl" -D "$2/data" -m immediate stop; rm -rf "$2""#;

/// A test's server keeps nothing, so it need not sync.
const OPTIONS: &str = "-c listen_addresses='' -c fsync=off -c full_page_writes=off -c max_connections=200";

impl Postgres {
    /// Starts one, or says why that is impossible here.
    pub fn start() -> Result<Self, String> {
        let binaries = binaries().ok_or("there is no /usr/lib/postgresql/*/bin/initdb: install `postgresql`")?;
        let user = match is_root() {
            true => Some(other_user().ok_or("PostgreSQL refuses to run as root, and there is no user to run it as")?),
            false => None,
        };
        // Removed by the watchdog, which outlives us.
        let directory = TempDir::new().map_err(|error| format!("no temporary directory: {error}"))?.keep();
        if let Some(user) = user {
            let owned = std::os::unix::fs::chown(&directory, Some(user.uid), Some(user.gid));
            owned.map_err(|error| format!("cannot give {} away: {error}", directory.display()))?;
        }
        let mut watchdog = command(Path::new("sh"), user, &directory);
        let watchdog = watchdog.arg("-c").arg(WATCHDOG).arg("watchdog").arg(&binaries).arg(&directory);
        // A group of its own, so that what ends the test's group leaves it to its work.
        let watchdog = watchdog.stdin(Stdio::piped()).process_group(0).spawn();
        let watchdog = watchdog.map_err(|error| format!("cannot start `sh`: {error}"))?;
        let server = Self { binaries, directory, user, watchdog, databases: AtomicU32::new(0) };
        server.initialize()?;
        server.run()?;
        Ok(server)
    }

    /// Makes an empty database and answers its URL.
    pub fn create_database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let mut create = self.command("createdb");
        create.arg("-h").arg(&self.directory).args(["-U", "windlass", &name]);
        succeed(&mut create).expect("a database can be made");
        format!("postgres://windlass@localhost/{name}?host={}", self.directory.display())
    }

    /// A database as the text of its statements.
    pub fn dump(&self, url: &str) -> String {
        let output = self.command("pg_dump").arg(url).stdout(Stdio::piped()).output().expect("pg_dump can be run");
        assert!(output.status.success(), "pg_dump ended with {}", output.status);
        String::from_utf8(output.stdout).expect("the database is in UTF-8")
    }

    /// Stops the server as a crash would; its databases stay.
    pub fn stop(&self) {
        let mut stop = self.command("pg_ctl");
        stop.arg("-D").arg(self.directory.join("data")).args(["-m", "immediate", "-w", "stop"]);
        succeed(&mut stop).expect("the server can be stopped");
    }

    /// Starts the stopped server again.
    pub fn start_again(&self) {
        self.run().expect("the server can be started again");
    }

    fn initialize(&self) -> Result<(), String> {
        let mut initdb = self.command("initdb");
        initdb.arg("-D").arg(self.directory.join("data"));
        initdb.args(["-A", "trust", "-U", "windlass", "-E", "UTF8", "--locale=C", "-N", "--no-instructions"]);
        succeed(&mut initdb)
    }

    fn run(&self) -> Result<(), String> {
        let mut start = self.command("pg_ctl");
        start.arg("-D").arg(self.directory.join("data")).arg("-l").arg(self.directory.join("log"));
        start.arg("-o").arg(format!("{OPTIONS} -k {}", self.directory.display())).args(["-w", "start"]);
        succeed(&mut start)
    }

    fn command(&self, binary: &str) -> Command {
        command(&self.binaries.join(binary), self.user, &self.directory)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        // An error means that it has ended already.
        let _ = self.watchdog.wait();
    }
}

fn command(binary: &Path, user: Option<User>, directory: &Path) -> Command {
    let mut command = Command::new(binary);
    command.current_dir(directory).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if let Some(user) = user {
        command.uid(user.uid).gid(user.gid);
    }
    command
}

/// Its output goes nowhere, since a server it starts would hold a pipe open.
fn succeed(command: &mut Command) -> Result<(), String> {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{}` ended with {status}", command.get_program().display())),
        Err(error) => Err(format!("`{}` cannot be run: {error}", command.get_program().display())),
    }
}

/// The newest installation.
fn binaries() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    let installed = versions.map(|version| version.path().join("bin")).filter(|bin| bin.join("initdb").exists());
    installed.max_by_key(|bin| {
        let version = bin.parent().and_then(Path::file_name).and_then(|name| name.to_str());
        version.and_then(|version| version.parse::<u32>().ok())
    })
}

/// Whoever owns our own process' entry is us.
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// The installation's own user, or nobody.
fn other_user() -> Option<User> {
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let find = |name: &str| {
        let mut fields = users.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?.split(':').skip(1);
        Some(User { uid: fields.next()?.parse().ok()?, gid: fields.next()?.parse().ok()? })
    };
    find("postgres").or_else(|| find("nobody"))
}
