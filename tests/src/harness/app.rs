//! The project that is deployed: the example app, in the versions that `cargo xtask build` leaves.

use super::api::ask;
use super::files::names;
use std::fmt::Write;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The app's directory, relative to the home directory on its targets.
const DIRECTORY: &str = "apps/hello";
/// Where `cargo xtask build` leaves the app.
const BUILT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../dist/hello");

/// A version of the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    V1,
    V2,
    /// Never healthy.
    Broken,
}

impl Version {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
            Self::Broken => "broken",
        }
    }
}

/// What a test says about how the app is deployed.
#[derive(Clone, Debug)]
pub(crate) struct HelloOptions {
    pub(crate) strategy: &'static str,
    /// A shell line, run before the new instance starts.
    pub(crate) pre_start: &'static str,
    /// The option `env`, an inline table.
    pub(crate) env: &'static str,
    /// Tries of the health check.
    pub(crate) attempts: u32,
    pub(crate) drain_seconds: u32,
    /// More of `windlass.toml`, at its end.
    pub(crate) more: String,
}

impl Default for HelloOptions {
    fn default() -> Self {
        Self { strategy: "blue-green", pre_start: "", env: "{}", attempts: 20, drain_seconds: 0, more: String::new() }
    }
}

impl HelloOptions {
    /// The text of `windlass.toml`.
    pub(super) fn config(&self, targets: &[&str], ports: (u16, u16)) -> String {
        let mut config =
            String::from("project = \"hello\"\ntemplate = \"process@1\"\n\n[options]\ncommand = \"./hello\"\n");
        let Self { strategy, pre_start, env, attempts, drain_seconds, more } = self;
        let quoted = toml::Value::from(*pre_start);
        let (min, max) = ports;
        write!(
            config,
            "directory = \"{DIRECTORY}\"\nsupervisor = \"detached\"\nstrategy = \"{strategy}\"\npre_start = {quoted}\nenv = {env}\n\
             stop_seconds = 10\ndrain_seconds = {drain_seconds}\nports = {{ min = {min}, max = {max} }}\n\
             health = {{ attempts = {attempts} }}\n\n[environments.production]\ntargets = {{ app = {targets:?} }}\n{more}\n",
        )
        .expect("a text takes more text");
        config
    }
}

/// Copies a version of the app to where it is deployed from.
pub(super) fn place(version: Version, project: &Path) -> PathBuf {
    let directory = project.join(version.as_str());
    if !directory.exists() {
        fs::create_dir_all(&directory).expect("the site's directory can be written");
        let program = Path::new(BUILT).join("v1/hello");
        fs::copy(&program, directory.join("hello"))
            .unwrap_or_else(|error| panic!("{}: {error}: run `cargo xtask build` first", program.display()));
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(directory.join("hello"), executable).expect("own files can be changed");
        fs::write(directory.join("version.txt"), version.as_str()).expect("the site's directory can be written");
    }
    directory
}

/// The app on one of its targets.
pub(crate) struct App {
    directory: PathBuf,
}

impl App {
    pub(crate) fn of_home(home: &Path) -> Self {
        Self { directory: home.join(DIRECTORY) }
    }

    /// What the app answers to whoever goes where the upstream file says; none where nobody does.
    pub(crate) async fn serves(&self) -> Option<String> {
        let upstream = fs::read_to_string(self.upstream_file()).ok()?;
        let answer = ask(&format!("http://{upstream}/version")).await?;
        answer.status.is_success().then(|| answer.body.trim().to_owned())
    }

    /// The file that a proxy in front of the app reads.
    pub(crate) fn upstream_file(&self) -> PathBuf {
        self.directory.join("upstream")
    }

    /// Where all of it is.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Labels of the releases that are there.
    pub(crate) fn releases(&self) -> Vec<String> {
        names(&self.directory.join("releases"))
    }

    /// Where `current` points.
    pub(crate) fn current(&self) -> String {
        fs::read_link(self.directory.join("current")).expect("`current` is a link").display().to_string()
    }

    /// Process groups of the instances that the app's directory knows.
    pub(crate) fn groups(&self) -> Vec<i32> {
        let Ok(entries) = fs::read_dir(self.directory.join("run")) else { return Vec::new() };
        let files = entries.flatten().map(|entry| entry.path());
        let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "pid"));
        files.filter_map(|path| fs::read_to_string(path).ok()?.split(' ').next()?.trim().parse().ok()).collect()
    }
}
