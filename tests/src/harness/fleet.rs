//! Emulated machines: each with an address, an sshd, a Docker engine and a root directory of its own, in
//! namespaces that nothing survives. They share a network, which only they and the world around them are on, and
//! a registry, `registry.test:5000`.

use super::ports::free_port;
use super::skip::Missing;
use super::sshd::make_key;
use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long the machines may take to come up.
const PATIENCE: Duration = Duration::from_secs(60);
/// The scripts that make the world, which `sh` runs.
const SCRIPTS: [(&str, &str); 3] = [
    ("watchdog.sh", include_str!("fleet/watchdog.sh")),
    ("world.sh", include_str!("fleet/world.sh")),
    ("machine.sh", include_str!("fleet/machine.sh")),
];
/// What this needs, by Debian package.
const NEEDED: [(&str, &str); 6] = [
    ("/usr/sbin/dockerd", "docker.io"),
    ("/usr/bin/docker-registry", "docker-registry"),
    ("/usr/sbin/sshd", "openssh-server"),
    ("/bin/busybox", "busybox-static"),
    ("/usr/sbin/iptables", "iptables"),
    ("/usr/sbin/ip", "iproute2"),
];

/// The registry, as every machine knows it.
pub(crate) const REGISTRY: &str = "registry.test:5000";

/// Some machines and the network they are on.
pub(crate) struct Fleet {
    directory: PathBuf,
    watchdog: Child,
    machines: Vec<Machine>,
}

/// One machine.
#[derive(Clone)]
pub(crate) struct Machine {
    pub(crate) name: String,
    /// On the network of the fleet.
    pub(crate) address: String,
    /// On this machine's loopback: what is connected here, the machine's sshd answers.
    pub(crate) port: u16,
    directory: PathBuf,
}

impl Fleet {
    /// Starts machines of these names. `key.pub` may sign in on them, as `root` and as `deploy`, who is in no group.
    pub(crate) fn start(names: &[&str], key: &Path) -> Result<Self, Missing> {
        possible()?;
        // Removed by the watchdog, which outlives us.
        let directory = TempDir::new().expect("a temporary directory").keep();
        let scripts = directory.join("scripts");
        fs::create_dir(&scripts).expect("the directory is ours");
        for (name, text) in SCRIPTS {
            fs::write(scripts.join(name), text).expect("the directory is ours");
        }
        make_executable(&directory);
        let machines: Vec<_> =
            (11..).zip(names).map(|(last, name)| Machine::prepare(&directory, name, last, key)).collect();
        let log = fs::File::create(directory.join("log")).expect("the directory is ours");
        let mut watchdog = Command::new("sh");
        watchdog.arg(scripts.join("watchdog.sh")).arg(&directory).arg(&scripts).args(names);
        // A group of its own, so that what ends the test's group leaves it to its work.
        watchdog.stdin(Stdio::piped()).stdout(log.try_clone().expect("a file can be cloned")).stderr(log);
        let watchdog = watchdog.process_group(0).spawn().expect("there is `sh`");
        let fleet = Self { directory, watchdog, machines };
        for machine in &fleet.machines {
            fleet.wait_for(machine);
            machine.listen();
        }
        Ok(fleet)
    }

    pub(crate) fn machines(&self) -> &[Machine] {
        &self.machines
    }

    /// A command on the network of the fleet, at its address 10.77.0.1, with this system's files. It ends with the
    /// fleet.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.args(enter(&self.directory)).arg(program);
        command
    }

    /// What `curl` says of a URL on the network: the body, a line feed, and the status.
    pub(crate) fn curl(&self, arguments: &[&str]) -> String {
        let mut command = self.command("curl");
        command.args(["--silent", "--show-error", "--max-time", "10", "--write-out", "\n%{http_code}"]).args(arguments);
        let output = command.output().expect("there is nsenter");
        text(&output.stdout) + &text(&output.stderr)
    }

    fn wait_for(&self, machine: &Machine) {
        let start = Instant::now();
        while !machine.docker_answers() {
            let log = |name: &str| fs::read_to_string(self.directory.join(name)).unwrap_or_default();
            let name = &machine.name;
            let said = || [log("log"), log(&format!("{name}/log")), log(&format!("{name}/dockerd.log"))].join("\n");
            assert!(start.elapsed() < PATIENCE, "{name} does not come up:\n{}", said());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        // An error means that it has ended already.
        let _ = self.watchdog.wait();
    }
}

impl Machine {
    /// Makes what the machine's servers read.
    fn prepare(directory: &Path, name: &str, last: u8, key: &Path) -> Self {
        let own = directory.join(name);
        fs::create_dir(&own).expect("the directory is ours");
        make_executable(&own);
        make_key(&own.join("host_key"));
        fs::copy(key.with_extension("pub"), own.join("authorized_keys")).expect("the key is there");
        let at = own.display();
        let configuration = format!(
            "HostKey {at}/host_key\nPidFile none\nAuthorizedKeysFile {at}/authorized_keys\nStrictModes no\nUsePAM no\n\
             PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\n\
             SetEnv PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
        );
        fs::write(own.join("sshd_config"), configuration).expect("the directory is ours");
        let (name, address, directory) = (name.to_owned(), format!("10.77.0.{last}"), directory.to_owned());
        Self { name, address, port: free_port(), directory }
    }

    /// Gives each connection to the machine's port on loopback an sshd inside the machine.
    fn listen(&self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).expect("the port was free");
        let (machine, log) = (self.clone(), self.own().join("sshd.log"));
        std::thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                let answers = std::os::fd::OwnedFd::from(connection.try_clone().expect("a socket can be cloned"));
                let mut sshd = machine.command("/usr/sbin/sshd");
                sshd.args(["-i", "-E"]).arg(&log).arg("-f").arg(machine.own().join("sshd_config"));
                let sshd =
                    sshd.stdin(std::os::fd::OwnedFd::from(connection)).stdout(answers).stderr(Stdio::null()).spawn();
                // It ends with the connection, or with the machine.
                std::thread::spawn(move || sshd.map(|mut sshd| sshd.wait()));
            }
        });
    }

    /// A command inside the machine.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.args(enter(&self.directory)).args(["nsenter", "--target"]).arg(self.pid());
        command.args(["--mount", "--net", "--pid", "--uts", "--wd=/", "--"]).arg(program);
        command
    }

    /// What a line for `sh` says inside the machine, which must succeed.
    pub(crate) fn run(&self, line: &str) -> String {
        let output = self.command("sh").args(["-c", line]).output().expect("there is nsenter");
        said(line, &output)
    }

    /// Runs `docker` there.
    pub(crate) fn docker(&self, arguments: &[&str]) -> String {
        said(
            &format!("docker {arguments:?}"),
            &self.command("docker").args(arguments).output().expect("there is nsenter"),
        )
    }

    /// Puts a file there.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let line = "mkdir -p \"$(dirname \"$0\")\" && cat >\"$0\"";
        let mut child =
            self.command("sh").args(["-c", line, path]).stdin(Stdio::piped()).spawn().expect("there is nsenter");
        child.stdin.take().expect("it is piped").write_all(text.as_bytes()).expect("it is read");
        assert!(child.wait().expect("it was started").success(), "{path} cannot be written");
    }

    /// Makes an image of busybox there, which runs this line for `sh`.
    pub(crate) fn image(&self, name: &str, line: &str) {
        let make = r#"cd "$(mktemp -d)" && chmod 755 . && mkdir bin tmp && cp /bin/busybox bin/ && ./bin/busybox --install -s bin &&
            rm -rf bin/sh && ln -s busybox bin/sh &&
            for link in bin/*; do [ -L "$link" ] && ln -sf busybox "$link"; done
            tar -c . | docker import --change "$1" - "$0""#;
        let command = format!("CMD {}", serde_json::to_string(&["/bin/sh", "-c", line]).expect("text is JSON"));
        let output = self.command("sh").args(["-c", make, name, &command]).output().expect("there is nsenter");
        said(&format!("making the image {name}"), &output);
    }

    /// The same, and into the registry, and out of the engine again.
    pub(crate) fn publish(&self, name: &str, line: &str) {
        self.image(name, line);
        self.docker(&["push", "--quiet", name]);
        self.docker(&["rmi", name]);
    }

    /// `SHA256:…` of the host key.
    pub(crate) fn fingerprint(&self) -> String {
        super::sshd::fingerprint(&self.own().join("host_key.pub"))
    }

    fn docker_answers(&self) -> bool {
        let up = self.own().join("up").exists();
        up && self.command("docker").arg("version").output().is_ok_and(|output| output.status.success())
    }

    /// Its first process, as the world numbers it.
    fn pid(&self) -> String {
        // The file names `unshare`, whose only child is the machine.
        let parent = fs::read_to_string(self.own().join("pid")).unwrap_or_default();
        let output = Command::new("nsenter").args(enter(&self.directory)).args(["pgrep", "-P", parent.trim()]).output();
        text(&output.expect("there is nsenter").stdout).trim().to_owned()
    }

    fn own(&self) -> PathBuf {
        self.directory.join(&self.name)
    }
}

/// The arguments of `nsenter` that lead into the world.
fn enter(directory: &Path) -> Vec<String> {
    let pid = fs::read_to_string(directory.join("world.pid")).unwrap_or_default();
    ["--target", pid.trim(), "--mount", "--net", "--pid", "--uts", "--wd=/", "--"].map(str::to_owned).to_vec()
}

/// Everybody may pass through a temporary directory to what is below it.
fn make_executable(directory: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(directory, fs::Permissions::from_mode(0o755)).expect("the directory is ours");
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn said(what: &str, output: &Output) -> String {
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{what}: {out}\n{err}");
    out.trim().to_owned()
}

/// Whether machines can be emulated here.
fn possible() -> Result<(), Missing> {
    if super::user() != "root" {
        return Err(Missing("emulated machines need root: dockerd and namespaces".to_owned()));
    }
    if let Some((path, package)) = NEEDED.iter().find(|(path, _)| !Path::new(path).exists()) {
        return Err(Missing(format!("needs {path}: install `{package}`")));
    }
    let tried = Command::new("unshare").args(["--mount", "--net", "--pid", "--uts", "--fork", "true"]).output();
    match tried {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(Missing(format!("emulated machines need namespaces: {}", text(&output.stderr).trim()))),
        Err(error) => Err(Missing(format!("emulated machines need `unshare`: {error}"))),
    }
}
