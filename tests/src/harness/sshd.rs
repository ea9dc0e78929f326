//! A target: a real OpenSSH server, run as the current user on a free loopback port, with a home
//! directory of its own.

use super::skip::Missing;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

const SSHD: &str = "/usr/sbin/sshd";
/// Another process may take the free port first.
const TRIES: usize = 5;

/// Commands start in the home directory that `SetEnv` says, not in the one of the system's user list.
const IN_HOME: &str = r#"cd "$HOME" && exec sh -c "$SSH_ORIGINAL_COMMAND""#;

/// A running server; it stops when dropped.
pub(crate) struct Sshd {
    process: Mutex<Child>,
    directory: PathBuf,
    pub(crate) port: u16,
}

impl Sshd {
    /// Starts one whose files are all in `directory`; `key.pub` may sign in.
    pub(crate) fn start(directory: &Path, key: &Path) -> Result<Self, Missing> {
        if !Path::new(SSHD).exists() {
            return Err(Missing(format!("needs {SSHD}: install `openssh-server`")));
        }
        // Root's sshd wants a directory to lock its unprivileged part into.
        if super::process::user() == "root" {
            fs::create_dir_all("/run/sshd").expect("root can make /run/sshd");
        }
        for name in ["home", "tmp", "ssh"] {
            fs::create_dir_all(directory.join(name)).expect("the site's directory can be written");
        }
        make_key(&directory.join("ssh/host_key"));
        fs::copy(key.with_extension("pub"), directory.join("ssh/authorized_keys")).expect("the key is there");
        let started = (0..TRIES).find_map(|_| {
            let port = TcpListener::bind("127.0.0.1:0").ok()?.local_addr().ok()?.port();
            let process = Mutex::new(spawn(directory, port)?);
            Some(Self { process, directory: directory.to_owned(), port })
        });
        Ok(started.expect("sshd starts on one of several free ports"))
    }

    /// Ends the commands that outlive their connections, as a reboot does: without a status.
    pub(crate) fn kill_commands(&self) {
        let effects = self.home().join(".local/state/windlass/effects");
        for effect in std::fs::read_dir(effects).expect("commands were started").flatten() {
            let Ok(process) = std::fs::read_to_string(effect.path().join("pid")) else { continue };
            let group: i32 = process.split(' ').next().and_then(|pid| pid.trim().parse().ok()).expect("it names one");
            super::process::signal(-group, libc::SIGKILL);
        }
    }

    /// Where commands start.
    pub(crate) fn home(&self) -> PathBuf {
        self.directory.join("home")
    }

    /// The directory for temporary files of commands.
    pub(crate) fn tmp(&self) -> PathBuf {
        self.directory.join("tmp")
    }

    pub(crate) fn authorized_keys(&self) -> PathBuf {
        self.directory.join("ssh/authorized_keys")
    }

    /// `SHA256:…` of the host key, as `ssh-keygen -l` shows it to whoever sits at the machine.
    pub(crate) fn fingerprint(&self) -> String {
        fingerprint(&self.directory.join("ssh/host_key.pub"))
    }

    /// Ends it: the target cannot be reached. Connections that are open stay.
    pub(crate) fn stop(&self) {
        let mut process = self.process.lock().expect("nothing panics with the lock");
        // An error means that it has ended already.
        let _ = process.kill();
        let _ = process.wait();
    }

    /// Starts it again on its port.
    pub(crate) fn start_again(&self) {
        let process = spawn(&self.directory, self.port).expect("sshd starts again on its port");
        *self.process.lock().expect("nothing panics with the lock") = process;
    }

    /// The same address with another host key: a machine that was replaced.
    pub(crate) fn replace(&self) {
        self.stop();
        make_key(&self.directory.join("ssh/host_key"));
        self.start_again();
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        self.stop();
    }
}

/// `SHA256:…` of a public key.
pub(crate) fn fingerprint(public_key: &Path) -> String {
    let shown = Command::new("ssh-keygen").arg("-lf").arg(public_key).output();
    let shown = String::from_utf8(shown.expect("ssh-keygen runs").stdout).expect("fingerprints are text");
    shown.split(' ').nth(1).expect("the fingerprint is the second word").to_owned()
}

/// Makes a key pair, in place of an earlier one.
pub(crate) fn make_key(path: &Path) {
    for old in [path.to_owned(), path.with_extension("pub")] {
        let _ = fs::remove_file(old);
    }
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f"]).arg(path).status();
    assert!(made.expect("ssh-keygen runs").success());
}

fn spawn(directory: &Path, port: u16) -> Option<Child> {
    let at = |name: &str| directory.join(name).display().to_string();
    let configuration = format!(
        "ListenAddress 127.0.0.1\nPort {port}\nHostKey {}\nPidFile none\nAuthorizedKeysFile {}\n\
         StrictModes no\nUsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n\
         PermitRootLogin prohibit-password\nMaxStartups 100\nSetEnv HOME={} TMPDIR={}\nForceCommand {IN_HOME}\n",
        at("ssh/host_key"),
        at("ssh/authorized_keys"),
        at("home"),
        at("tmp"),
    );
    let path = directory.join("ssh/sshd_config");
    fs::write(&path, configuration).expect("the site's directory can be written");
    let mut process = Command::new(SSHD)
        .args(["-D", "-e", "-f"])
        .arg(&path)
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("sshd can be started");
    let mut log = BufReader::new(process.stderr.take().expect("its error output is piped")).lines();
    let listens = log.by_ref().map_while(Result::ok).any(|line| line.contains("Server listening on"));
    if !listens {
        let _ = process.kill();
        let _ = process.wait();
        return None;
    }
    // Its log is read on, so that it never waits for a full pipe.
    std::thread::spawn(move || log.map_while(Result::ok).for_each(|line| eprintln!("sshd: {line}")));
    Some(process)
}
