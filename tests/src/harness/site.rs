//! A site: everything one test needs, in a directory of its own: a data directory and its database,
//! targets, a project. Closing it fails on whatever the test left behind.

use super::Api;
use super::app::{App, HelloOptions, Version, place};
use super::browser::Browser;
use super::cli::Output;
use super::database::{Kind, TestDatabase};
use super::files::names;
use super::fleet::Fleet;
use super::front_door::FrontDoor;
use super::hold::Hold;
use super::ports::Ports;
use super::process::{of_home, signal, user, windlass};
use super::running::Running;
use super::server::Server;
use super::skip::{Missing, skipped};
use super::sshd::{Sshd, make_key};
use super::wait::until;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::process::Command;

/// The target that every site has from the start.
pub(crate) const TARGET: &str = "web-1";

pub(crate) struct Site {
    /// The test's.
    name: String,
    /// Before the directory, so that its processes end first.
    targets: Mutex<Vec<Arc<Sshd>>>,
    database: TestDatabase,
    ports: Ports,
    directory: TempDir,
}

impl Site {
    /// Starts the servers of a site with one target, which is not registered yet.
    pub(super) fn open(name: &str, kind: Kind) -> Result<Self, Missing> {
        let database = TestDatabase::open(kind)?;
        let directory = tempfile::Builder::new().prefix("windlass-").tempdir().expect("a temporary directory");
        let (name, targets, ports) = (name.to_owned(), Mutex::default(), Ports::take());
        let site = Self { name, targets, database, ports, directory };
        for name in ["project", "home", "tmp", "data", "plugins"] {
            fs::create_dir(site.path(name)).expect("the site's directory can be written");
        }
        share_compiled_plugins(&site.data_dir());
        make_key(&site.key());
        site.start_target(TARGET)?;
        Ok(site)
    }

    fn start_target(&self, name: &str) -> Result<Arc<Sshd>, Missing> {
        let target = Arc::new(Sshd::start(&self.path(name), &self.key())?);
        self.targets.lock().expect("nothing panics with the lock").push(target.clone());
        Ok(target)
    }

    /// Says that the rest of the test cannot run on this machine.
    pub(crate) fn skip(&self, missing: &Missing) {
        skipped(&self.name, missing);
    }

    /// A path in the site's directory.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Everything of the site is in it.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.path("data")
    }

    /// The plugin directory of the site's server.
    pub(crate) fn plugin_dir(&self) -> PathBuf {
        self.path("plugins")
    }

    pub(crate) fn project_dir(&self) -> PathBuf {
        self.path("project")
    }

    /// The private key that opens the targets.
    pub(crate) fn key(&self) -> PathBuf {
        self.path("key")
    }

    pub(crate) fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// The first and the last port that this test may use.
    pub(crate) fn ports(&self) -> (u16, u16) {
        self.ports.range()
    }

    /// The first target.
    pub(crate) fn target(&self) -> Arc<Sshd> {
        self.targets()[0].clone()
    }

    /// Starts another target, which is not registered yet.
    pub(crate) fn another_target(&self, name: &str) -> Arc<Sshd> {
        self.start_target(name).expect("the first target could be started too")
    }

    fn targets(&self) -> Vec<Arc<Sshd>> {
        self.targets.lock().expect("nothing panics with the lock").clone()
    }

    /// The app on the first target.
    pub(crate) fn app(&self) -> App {
        App::of_home(&self.target().home())
    }

    /// Deployments whose `pre_start` is [`WAIT`] wait there from now on.
    pub(crate) fn hold(&self) -> Hold {
        Hold::new(&self.target().home())
    }

    /// A `windlass` command, of a user whose home and data directory are the site's.
    pub(crate) fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(windlass());
        command.args(arguments).current_dir(self.project_dir()).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("USER", user()).env("NO_COLOR", "1");
        command.env("HOME", self.path("home")).env("TMPDIR", self.path("tmp"));
        command.env("WINDLASS_DATA_DIR", self.data_dir()).env("WINDLASS_PLUGIN_DIR", self.plugin_dir());
        if let Some(url) = self.database.url() {
            command.env("WINDLASS_DATABASE_URL", url);
        }
        command
    }

    /// Runs `windlass` with these words to its end.
    pub(crate) async fn windlass(&self, line: &str) -> Output {
        self.windlass_with(line.split(' ')).await
    }

    /// The same where an argument has spaces.
    pub(crate) async fn windlass_with<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Output {
        let mut command = self.command(arguments);
        let words = command.as_std().get_args().map(|word| word.to_string_lossy().into_owned());
        let words = words.collect::<Vec<_>>().join(" ");
        let output = command.stdin(std::process::Stdio::null()).kill_on_drop(true).output().await;
        Output::new(format!("windlass {words}"), output.expect("windlass can be started"))
    }

    /// Runs `windlass` with this on its standard input.
    pub(crate) async fn windlass_reading(&self, line: &str, input: &str) -> Output {
        let file = self.path("input");
        fs::write(&file, input).expect("the site's directory can be written");
        let mut command = self.command(line.split(' '));
        command.stdin(fs::File::open(&file).expect("it was just written")).kill_on_drop(true);
        Output::new(format!("windlass {line}"), command.output().await.expect("windlass can be started"))
    }

    /// Registers the first target, comparing the fingerprint that its owner sees.
    pub(crate) async fn add_target(&self) -> Output {
        self.windlass(&self.target_line(TARGET, &self.target())).await
    }

    /// The command that registers a target.
    pub(crate) fn target_line(&self, name: &str, target: &Sshd) -> String {
        let (user, port, fingerprint) = (user(), target.port, target.fingerprint());
        let key = self.key();
        format!("target add {name} {user}@127.0.0.1:{port} --identity {} --fingerprint {fingerprint}", key.display())
    }

    /// Starts emulated machines and registers them as targets, `root` at each. Answers `None`, and has said why,
    /// where machines cannot be emulated.
    pub(crate) async fn fleet(&self, names: &[&str]) -> Option<Fleet> {
        let fleet = match Fleet::start(names, &self.key()) {
            Ok(fleet) => fleet,
            Err(missing) => {
                self.skip(&missing);
                return None;
            }
        };
        for machine in fleet.machines() {
            let (name, port, fingerprint) = (&machine.name, machine.port, machine.fingerprint());
            let key = self.key();
            let line = format!(
                "target add {name} root@127.0.0.1:{port} --identity {} --fingerprint {fingerprint}",
                key.display()
            );
            self.windlass(&line).await.succeeds();
        }
        Some(fleet)
    }

    /// Writes the `windlass.toml` of the example app.
    pub(crate) fn configure(&self, options: &HelloOptions) {
        self.configure_for(options, &[TARGET]);
    }

    pub(crate) fn configure_for(&self, options: &HelloOptions, targets: &[&str]) {
        self.write_config(&options.config(targets, self.ports.range()));
    }

    /// Writes any `windlass.toml`.
    pub(crate) fn write_config(&self, config: &str) {
        fs::write(self.project_dir().join("windlass.toml"), config).expect("the site's directory can be written");
    }

    /// Registers the target and configures the app: what stands before a first deployment.
    pub(crate) async fn prepare(&self, options: &HelloOptions) {
        self.add_target().await.succeeds();
        self.configure(options);
    }

    /// `windlass deploy VERSION --to production`, to its end.
    pub(crate) async fn deploy(&self, version: Version) -> Output {
        self.deploy_with(version, "").await
    }

    /// The same with more arguments.
    pub(crate) async fn deploy_with(&self, version: Version, more: &str) -> Output {
        let path = place(version, &self.project_dir());
        self.windlass(format!("deploy {} --to production {more}", path.display()).trim()).await
    }

    /// Starts `windlass` with these words, as in another terminal.
    pub(crate) fn start_windlass(&self, line: &str) -> Running {
        Running::start(self.command(line.split(' ')))
    }

    /// Starts `windlass deploy VERSION --to production` with more arguments.
    pub(crate) fn start_deploy(&self, version: Version, more: &str) -> Running {
        let path = place(version, &self.project_dir());
        self.start_windlass(format!("deploy {} --to production {more}", path.display()).trim())
    }

    /// Starts `windlass` with these words on a terminal, where a person is asked.
    pub(crate) fn start_on_terminal(&self, line: &str) -> Running {
        let words = self.command(line.split(' '));
        let mut command = Command::new("script");
        let line = format!("{} {line}", windlass().display());
        command.args(["--quiet", "--return", "--command", &line, "/dev/null"]).env_clear();
        command.current_dir(self.project_dir());
        for (name, value) in words.as_std().get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        Running::start(command)
    }

    /// `windlass plan VERSION --to production`.
    pub(crate) async fn plan(&self, version: Version, more: &str) -> Output {
        let path = place(version, &self.project_dir());
        self.windlass(format!("plan {} --to production {more}", path.display()).trim()).await
    }

    /// Starts a server on the site's data.
    pub(crate) async fn serve(&self) -> Server {
        self.serve_at("127.0.0.1:0").await
    }

    /// Starts a server that dies at a place (see `windlass::crash`). None: it came there before it served.
    pub(crate) async fn serve_until(&self, place: &str) -> Option<Server> {
        let mut command = self.command(["serve", "--listen", "127.0.0.1:0"]);
        command.env(windlass::crash::VARIABLE, place);
        Server::try_start(command).await.ok()
    }

    /// The same at a certain address.
    pub(crate) async fn serve_at(&self, address: &str) -> Server {
        Server::start(self.command(["serve", "--listen", address])).await
    }

    /// Starts another server on the site's database, with a data directory and a name of its own. What servers must
    /// share is copied from the first one, which runs.
    pub(crate) async fn serve_beside(&self, name: &str) -> Server {
        Server::start(self.command_beside(name, true)).await
    }

    /// The command that starts it; without `keys` it has nothing of the first one's.
    pub(crate) fn command_beside(&self, name: &str, keys: bool) -> Command {
        let data_dir = self.path(name);
        if !data_dir.exists() {
            fs::create_dir(&data_dir).expect("the site's directory can be written");
            share_compiled_plugins(&data_dir);
            fs::write(data_dir.join("server.toml"), format!("[server]\nname = \"{name}\"\n")).expect("it is writable");
        }
        if keys {
            fs::create_dir_all(data_dir.join("keys")).expect("it is writable");
            for file in ["secrets.keys", "id_ed25519"] {
                let copied = fs::copy(self.data_dir().join("keys").join(file), data_dir.join("keys").join(file));
                copied.expect("the first server has made its keys");
            }
        }
        let mut command = self.command(["serve", "--listen", "127.0.0.1:0"]);
        command.env("WINDLASS_DATA_DIR", &data_dir);
        command
    }

    /// Opens a browser.
    pub(crate) async fn browser(&self) -> Result<Browser, Missing> {
        let directory = self.path("browser");
        fs::create_dir_all(&directory).expect("the site's directory can be written");
        Browser::start(&directory).await
    }

    /// Starts the proxy in front of the app on the first target.
    pub(crate) async fn front_door(&self) -> FrontDoor {
        FrontDoor::start(self.command([""; 0]), &self.app().upstream_file()).await
    }

    /// A caller of the server's API with a token of its own.
    pub(crate) async fn api(&self, server: &Server) -> Api {
        let token = self.windlass("token create test").await.succeeds().stdout;
        Api::new(&server.url, Some(token.trim().to_owned()))
    }

    /// Ends the live apps, then fails on everything that is left: deployments that hold an environment,
    /// processes on the targets, temporary files.
    pub(super) async fn close(self) {
        for target in self.targets() {
            end_app(&target.home()).await;
            let left = of_home(&target.home());
            assert!(left.is_empty(), "processes are left on a target: {left:#?}");
            assert_eq!(names(&target.tmp()), [""; 0], "temporary files are left on a target");
        }
        assert_eq!(names(&self.path("tmp")), [""; 0], "temporary files are left");
        let store = self.database.store(&self.data_dir()).await;
        let open = store.unfinished().await.expect("deployments can be listed");
        let open: Vec<_> = open.iter().map(|open| (&open.summary.label, open.summary.status)).collect();
        assert!(open.is_empty(), "deployments have not ended: {open:?}");
        store.close().await;
    }
}

impl Drop for Site {
    /// A test that failed ends what it started; one that passed has ended it in `close`.
    fn drop(&mut self) {
        for target in self.targets() {
            for (pid, _) in of_home(&target.home()) {
                signal(pid, libc::SIGKILL);
            }
        }
    }
}

/// Ends the instances of the app that its directory knows, as their supervisor would.
async fn end_app(home: &Path) {
    for group in App::of_home(home).groups() {
        signal(-group, libc::SIGTERM);
    }
    // What undoes, drains or cleans up may still be at it; what is left after that is the test's failure.
    let waited = until_quiet(home);
    let _ = tokio::time::timeout(std::time::Duration::from_secs(15), waited).await;
}

async fn until_quiet(home: &Path) {
    until("the target to be quiet", async || of_home(home).is_empty().then_some(())).await;
}

/// Every test's server finds the shipped plugins compiled: the cache's files are named by contents.
fn share_compiled_plugins(data_dir: &Path) {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plugin-cache");
    fs::create_dir_all(&cache).expect("the build directory can be written");
    std::os::unix::fs::symlink(cache, data_dir.join("cache")).expect("the site's directory can be written");
}
