//! A server's process and directory.

use std::io;
use std::net::{TcpListener, UdpSocket};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// Starts the server, waits for the end of its input, then ends the server and removes its directory. We hold the
/// other end of the input: however this process ends, the server ends with it.
const WATCHDOG: &str = r#"
directory=$1; shift
"$@" >"$directory/log" 2>&1 </dev/null &
server=$!
read -r _
kill -9 "$server"
wait "$server" 2>/dev/null
rm -rf "$directory"
"#;

pub(super) struct Process {
    directory: PathBuf,
    watchdog: Child,
}

impl Process {
    /// Starts a program; `DIR` in its arguments is its directory, which `configure` fills.
    pub(super) fn start(
        program: &str,
        arguments: &[&str],
        configure: impl Fn(&Path, [u16; 2]) -> io::Result<()>,
    ) -> Result<(Self, [u16; 2]), String> {
        let binary = Path::new("/usr/sbin").join(program);
        if !binary.exists() {
            return Err(format!("there is no {}: install `{}`", binary.display(), package(program)));
        }
        let failed = |error: io::Error| format!("{program} cannot be started: {error}");
        // Removed by the watchdog, which outlives us.
        let directory = TempDir::new().map_err(failed)?.keep();
        let ports = [free_port().map_err(failed)?, free_port().map_err(failed)?];
        configure(&directory, ports).map_err(failed)?;
        let text = directory.display().to_string();
        let mut watchdog = Command::new("sh");
        watchdog.args(["-c", WATCHDOG, "watchdog", &text]).arg(&binary);
        watchdog.args(arguments.iter().map(|argument| argument.replace("DIR", &text)));
        // A group of its own, so that what ends the test's group leaves it to its work.
        let watchdog = watchdog.stdin(Stdio::piped()).stderr(Stdio::null()).process_group(0).spawn().map_err(failed)?;
        Ok((Self { directory, watchdog }, ports))
    }

    /// What the server said so far.
    pub(super) fn log(&self) -> String {
        std::fs::read_to_string(self.directory.join("log")).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        // An error means that it has ended already.
        let _ = self.watchdog.wait();
    }
}

/// An empty database of PowerDNS' schema, with a zone in it.
pub(super) fn powerdns_database(directory: &Path, zone: &str) -> io::Result<()> {
    let schema = "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql";
    let schema = std::fs::read_to_string(schema)
        .map_err(|_| io::Error::other("its schema is not there: install `pdns-backend-sqlite3`"))?;
    let insert = |name: &str, kind: &str, content: &str| {
        format!(
            "insert into records (domain_id, name, type, content, ttl) values (1, '{name}', '{kind}', '{content}', 300);"
        )
    };
    let script = [
        schema,
        format!("insert into domains (id, name, type) values (1, '{zone}', 'NATIVE');"),
        insert(zone, "SOA", &format!("ns1.{zone} hostmaster.{zone} 1 3600 600 86400 60")),
        insert(zone, "NS", &format!("ns1.{zone}")),
        insert(&format!("ns1.{zone}"), "A", "127.0.0.1"),
        insert(&format!("www.{zone}"), "A", "192.0.2.1"),
        insert(&format!("alias.{zone}"), "CNAME", &format!("www.{zone}")),
    ];
    let made = Command::new("sqlite3").arg(directory.join("pdns.db")).arg(script.join("\n")).output();
    let made = made.map_err(|_| io::Error::other("there is no sqlite3: install `sqlite3`"))?;
    match made.status.success() {
        true => Ok(()),
        false => Err(io::Error::other(String::from_utf8_lossy(&made.stderr).into_owned())),
    }
}

/// Free for both: a server listens on TCP and UDP.
fn free_port() -> io::Result<u16> {
    for _ in 0..50 {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        if UdpSocket::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    Err(io::Error::other("no port is free for TCP and UDP"))
}

fn package(program: &str) -> &'static str {
    match program {
        "knotd" => "knot",
        "named" => "bind9",
        _ => "pdns-server",
    }
}
