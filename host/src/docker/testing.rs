//! A target with a Docker engine for tests: a real dockerd, real registries and a real sshd, in namespaces of
//! their own, so that any number of them run side by side and nothing of them survives.

use crate::ssh::{Connection, Identity, Ssh, SshConfig, TargetAddress};
use crate::store::testing::skipped;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a server may take to come up.
const PATIENCE: Duration = Duration::from_secs(60);
/// Waits for the end of its input, then ends what it started and removes the directory.
const WATCHDOG: &str = include_str!("testing/watchdog.sh");
/// What tests of this kind need, by Debian package.
const NEEDED: [(&str, &str); 5] = [
    ("/usr/sbin/dockerd", "docker.io"),
    ("/usr/bin/docker-registry", "docker-registry"),
    ("/usr/sbin/sshd", "openssh-server"),
    ("/bin/busybox", "busybox-static"),
    ("/usr/sbin/iptables", "iptables"),
];

/// The registry that everybody may use, as the engine sees it.
pub const REGISTRY: &str = "127.0.0.1:5000";
/// The registry that wants [`USERNAME`] and [`PASSWORD`].
pub const CLOSED_REGISTRY: &str = "127.0.0.1:5001";
pub const USERNAME: &str = "ada";
pub const PASSWORD: &str = "open sesame";

/// How a machine differs from one where all is well.
pub struct Setup {
    /// Whether the engine runs.
    pub engine: bool,
    /// Whether there is a `docker` command.
    pub command: bool,
    /// Lines of sshd's configuration.
    pub sshd: &'static str,
    /// `root`, or `deploy`, who is in no group.
    pub user: &'static str,
}

impl Default for Setup {
    fn default() -> Self {
        Self { engine: true, command: true, sshd: "", user: "root" }
    }
}

/// A running target.
pub struct Machine {
    directory: PathBuf,
    watchdog: Child,
    pub ssh: Ssh,
    pub address: TargetAddress,
}

impl Machine {
    /// A machine where all is well. None, and a line that says so: it cannot be had here.
    pub async fn start() -> Option<Self> {
        Self::with(Setup::default()).await
    }

    pub async fn with(setup: Setup) -> Option<Self> {
        if let Some(reason) = missing() {
            skipped("the tests on Docker", &reason);
            return None;
        }
        // Removed by the watchdog, which outlives us.
        let directory = TempDir::new().expect("a temporary directory").keep();
        let port = free_port();
        let ssh = prepare(&directory, port, &setup);
        let mut watchdog = Command::new("sh");
        watchdog.args(["-c", WATCHDOG, "watchdog"]).arg(&directory).arg(if setup.engine { "engine" } else { "none" });
        let log = fs::File::create(directory.join("log")).expect("the directory is ours");
        let (out, err) = (log.try_clone().expect("a file can be cloned"), log);
        // A group of its own, so that what ends the test's group leaves it to its work.
        let watchdog = watchdog.stdin(Stdio::piped()).stdout(out).stderr(err).process_group(0).spawn();
        let address = TargetAddress {
            name: "web-1".to_owned(),
            host: "127.0.0.1".to_owned(),
            port,
            user: setup.user.to_owned(),
            host_key: fs::read_to_string(directory.join("host_key.pub")).expect("ssh-keygen made it").trim().to_owned(),
            identity: Identity::Stored,
            jump: None,
        };
        let machine = Self { directory, watchdog: watchdog.expect("there is `sh`"), ssh, address };
        machine.wait_for("sshd", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
        if setup.engine {
            machine.wait_for("dockerd", || machine.directory.join("ready").exists());
        }
        Some(machine)
    }

    pub async fn connect(&self) -> Connection {
        self.ssh.connect(&self.address).await.expect("sshd lets the key in")
    }

    /// A path in the machine's directory, which is the same inside.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Runs `docker` against the engine, beside the code that is tested; answers its output.
    pub fn docker(&self, arguments: &[&str]) -> String {
        let output = Command::new("/usr/bin/docker")
            .arg("--host")
            .arg(format!("unix://{}", self.path("run/docker.sock").display()))
            .args(arguments)
            .output()
            .expect("there is a docker command");
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        assert!(output.status.success(), "docker {arguments:?}: {said}\n{}", String::from_utf8_lossy(&output.stderr));
        said
    }

    /// Puts an image of busybox into the engine, under this name.
    pub fn image(&self, name: &str, command: &str) {
        let archive = self.path("busybox.tar").display().to_string();
        self.docker(&["import", "--change", &format!("CMD [\"/bin/sh\",\"-c\",\"{command}\"]"), &archive, name]);
    }

    /// The same, and into a registry, and out of the engine again.
    pub fn published(&self, name: &str) {
        self.image(name, "echo hello; exec sleep 1000");
        self.docker(&["push", "--quiet", name]);
        self.docker(&["rmi", name]);
    }

    fn wait_for(&self, what: &str, mut up: impl FnMut() -> bool) {
        let start = Instant::now();
        while !up() {
            let log = || fs::read_to_string(self.directory.join("log")).unwrap_or_default();
            assert!(start.elapsed() < PATIENCE, "{what} does not come up:\n{}", log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        // An error means that it has ended already.
        let _ = self.watchdog.wait();
    }
}

/// Another process may take it in between, which is rare.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("it is bound").port()
}

/// What is not here.
fn missing() -> Option<String> {
    if !rustix::process::geteuid().is_root() {
        return Some("dockerd starts only as root".to_owned());
    }
    let absent = NEEDED.iter().find(|(path, _)| !Path::new(path).exists())?;
    Some(format!("there is no {}: install `{}`", absent.0, absent.1))
}

/// Makes what the servers read. All of it may be read by the user `deploy` too.
fn prepare(directory: &Path, port: u16, setup: &Setup) -> Ssh {
    let file = |name: &str, text: &str| fs::write(directory.join(name), text).expect("the directory is ours");
    fs::set_permissions(directory, fs::Permissions::from_mode(0o755)).expect("the directory is ours");
    for name in ["run/sshd", "home", "bin", "root/bin"] {
        fs::create_dir_all(directory.join(name)).expect("the directory is ours");
    }
    let path = if setup.command { "/usr/bin:/bin".to_owned() } else { without_docker(directory) };
    let mut keygen = Command::new("ssh-keygen");
    let keygen = keygen.args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f"]).arg(directory.join("host_key"));
    assert!(keygen.status().expect("there is ssh-keygen").success());
    let (own, extra) = (directory.display(), setup.sshd);
    file(
        "sshd_config",
        &format!(
            "ListenAddress 127.0.0.1\nPort {port}\nHostKey {own}/host_key\nPidFile none\n\
             AuthorizedKeysFile {own}/authorized_keys\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n\
             KbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\n\
             SetEnv HOME={own}/home PATH={path}\n{extra}\n"
        ),
    );
    let users = fs::read_to_string("/etc/passwd").expect("every system has users");
    file("passwd", &format!("{users}\ndeploy:*:64242:64242::/:/bin/sh\n"));
    for (name, address, extra) in [
        ("registry", REGISTRY, String::new()),
        ("closed", CLOSED_REGISTRY, format!("auth:\n  htpasswd:\n    realm: tests\n    path: {own}/htpasswd\n")),
    ] {
        let storage = format!("storage:\n  filesystem:\n    rootdirectory: {own}/{name}\n");
        file(&format!("{name}.yml"), &format!("version: 0.1\n{storage}http:\n  addr: {address}\n{extra}"));
    }
    // PASSWORD, with bcrypt.
    file("htpasswd", "ada:$2y$05$abcdefghijklmnopqrstuupx2xBUC4954936wVIjyyPHmUBFu0wCW\n");
    let ssh = Ssh::new(SshConfig::new(directory.join("keys"))).expect("a key can be made");
    file("authorized_keys", &ssh.public_key());
    ssh
}

/// A directory with all commands but `docker`.
fn without_docker(directory: &Path) -> String {
    let bin = directory.join("bin");
    for command in fs::read_dir("/usr/bin").expect("every system has commands").flatten() {
        if !command.file_name().to_string_lossy().starts_with("docker") {
            std::os::unix::fs::symlink(command.path(), bin.join(command.file_name())).expect("the directory is ours");
        }
    }
    bin.display().to_string()
}
