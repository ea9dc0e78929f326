//! A real OpenSSH server, run as the current user on a free loopback port.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const SSHD: &str = "/usr/sbin/sshd";
/// Another process may take the free port first.
const TRIES: usize = 5;

/// A running server; stopped when dropped.
pub(super) struct Sshd {
    process: Child,
    pub(super) port: u16,
    pub(super) host_key: String,
    pub(super) authorized_keys: PathBuf,
}

impl Sshd {
    /// Says loudly why there is none. With a `script` it is started by that, which root runs in a mount namespace of
    /// its own; `$1` is the directory.
    pub(super) fn start(script: &str, directory: &Path, extra: &str) -> Option<Self> {
        if !Path::new(SSHD).exists() {
            eprintln!("SKIPPED: tests against OpenSSH, because {SSHD} is not installed");
            return None;
        }
        // Root's sshd wants a directory to lock its unprivileged part into.
        // SAFETY: geteuid only reads.
        if unsafe { libc::geteuid() } == 0 {
            std::fs::create_dir_all("/run/sshd").unwrap();
        }
        let host_key = directory.join("host_key");
        let made =
            Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f"]).arg(&host_key).status();
        assert!(made.unwrap().success());
        let started = (0..TRIES).find_map(|_| try_start(script, directory, &host_key, extra));
        Some(started.expect("sshd starts on one of several free ports"))
    }
}

fn try_start(script: &str, directory: &Path, host_key: &Path, extra: &str) -> Option<Sshd> {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let authorized_keys = directory.join("authorized_keys");
    let (home, bin) = (directory.join("home"), directory.join("bin"));
    std::fs::create_dir_all(&home).unwrap();
    std::fs::create_dir_all(&bin).unwrap();
    let configuration = format!(
        "ListenAddress 127.0.0.1\nPort {port}\nHostKey {}\nPidFile none\nAuthorizedKeysFile {}\n\
         StrictModes no\nUsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n\
         PermitRootLogin prohibit-password\nMaxStartups 100\nSetEnv HOME={} PATH={}:/usr/bin:/bin\n{extra}\n",
        host_key.display(),
        authorized_keys.display(),
        home.display(),
        bin.display(),
    );
    let path = directory.join("sshd_config");
    std::fs::write(&path, configuration).unwrap();
    let mut command = match script {
        "" => Command::new(SSHD),
        script => {
            let mut command = Command::new("unshare");
            let program = format!("set -e\n{script}\nshift\nexec \"$@\"");
            command.args(["--mount", "--propagation", "private", "sh", "-c", &program, "sh"]).arg(directory).arg(SSHD);
            command
        }
    };
    let mut process =
        command.args(["-D", "-e", "-f"]).arg(&path).stderr(Stdio::piped()).stdin(Stdio::null()).spawn().unwrap();
    let mut log = BufReader::new(process.stderr.take().unwrap());
    let listening = log.by_ref_lines_until("Server listening on");
    if !listening {
        let _ = process.kill();
        let _ = process.wait();
        return None;
    }
    // Its log is read on, so that it never waits for a full pipe.
    std::thread::spawn(move || log.lines().map_while(Result::ok).for_each(|line| eprintln!("sshd: {line}")));
    let host_key = std::fs::read_to_string(host_key.with_extension("pub")).unwrap().trim().to_owned();
    Some(Sshd { process, port, host_key, authorized_keys })
}

trait LinesUntil {
    fn by_ref_lines_until(&mut self, wanted: &str) -> bool;
}

impl<R: BufRead> LinesUntil for R {
    fn by_ref_lines_until(&mut self, wanted: &str) -> bool {
        self.lines().map_while(Result::ok).inspect(|line| eprintln!("sshd: {line}")).any(|line| line.contains(wanted))
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
