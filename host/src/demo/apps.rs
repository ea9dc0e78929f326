//! What runs on the demo's target: the deployed app, and commands that outlive their connections. The
//! demo plays the machine: when it ends all of it ends, when it starts the live app starts again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use futures::future::join_all;
use tokio::process::Command;

use super::process_group::ProcessGroup;

/// How long the app has to end after SIGTERM.
const GRACE: Duration = Duration::from_secs(5);
/// Where commands that outlive their connection are kept, in the home directory.
const EFFECTS: &str = ".local/state/windlass/effects";

/// The app's directory on the target, as the `process` template lays it out.
pub(super) struct AppDirectory {
    home: PathBuf,
    path: PathBuf,
}

impl AppDirectory {
    /// `directory` is relative to the home directory.
    pub(super) fn new(home: PathBuf, directory: &str) -> Self {
        Self { path: home.join(directory), home }
    }

    /// Where requests go: what the `route` stage writes.
    pub(super) fn upstream_file(&self) -> PathBuf {
        self.path.join("upstream")
    }

    /// Where the logs of its instances are.
    pub(super) fn logs(&self) -> PathBuf {
        self.path.join("run")
    }

    /// Ends every instance and every command. Answers how many ran.
    pub(super) async fn end_all(&self) -> usize {
        // A command may be about to start an instance: it ends first.
        let commands = self.commands();
        join_all(commands.iter().map(|group| group.end(GRACE))).await;
        let instances = self.instances();
        join_all(instances.iter().map(|group| group.end(GRACE))).await;
        commands.len() + instances.len()
    }

    /// The same, at once.
    pub(super) fn kill_all(&self) {
        self.commands().iter().for_each(ProcessGroup::kill);
        self.instances().iter().for_each(ProcessGroup::kill);
    }

    fn commands(&self) -> Vec<ProcessGroup> {
        let effects = self.home.join(EFFECTS);
        living(names(&effects, "").into_iter().map(|key| effects.join(key).join("pid")))
    }

    fn instances(&self) -> Vec<ProcessGroup> {
        living(names(&self.path.join("run"), ".pid").into_iter().map(|name| self.run_file(&name, "pid")))
    }

    /// Starts the instance again that requests go to, as a machine would that was switched on. Answers
    /// whether there was one to start.
    pub(super) fn start_again(&self) -> bool {
        let Some(port) = self.upstream_port() else { return false };
        let instances = names(&self.path.join("run"), ".sh");
        let live = instances
            .into_iter()
            .find(|name| fs::read_to_string(self.run_file(name, "port")).is_ok_and(|found| found.trim() == port));
        let Some(live) = live else { return false };
        if group(&self.run_file(&live, "pid")).is_some_and(|group| group.lives()) {
            return true;
        }
        let started = Command::new("setsid")
            .args(["sh", &format!("run/{live}.sh")])
            .current_dir(&self.path)
            // All that the app is to know is in the script.
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        started.is_ok()
    }

    fn upstream_port(&self) -> Option<String> {
        let upstream = fs::read_to_string(self.upstream_file()).ok()?;
        upstream.trim().rsplit_once(':').map(|(_, port)| port.to_owned())
    }

    fn run_file(&self, instance: &str, extension: &str) -> PathBuf {
        self.path.join("run").join(format!("{instance}.{extension}"))
    }
}

fn living(pid_files: impl Iterator<Item = PathBuf>) -> Vec<ProcessGroup> {
    pid_files.filter_map(|file| group(&file)).filter(ProcessGroup::lives).collect()
}

fn group(pid_file: &Path) -> Option<ProcessGroup> {
    ProcessGroup::parse(&fs::read_to_string(pid_file).ok()?)
}

/// The names in a directory that end so, without that end.
fn names(directory: &Path, end: &str) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.filter_map(|entry| Some(entry.file_name().to_str()?.strip_suffix(end)?.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An instance as the `process-start` stage leaves it, which notes its start in a file.
    fn instance(app: &Path, name: &str, port: &str) {
        fs::create_dir_all(app.join("run")).unwrap();
        let script = format!(
            "read -r stat <\"/proc/$$/stat\"\nset -- ${{stat##*) }}\n\
             echo \"$$ ${{20}}\" >run/{name}.new\nmv run/{name}.new run/{name}.pid\nexec sleep 600\n"
        );
        fs::write(app.join(format!("run/{name}.sh")), script).unwrap();
        fs::write(app.join(format!("run/{name}.port")), format!("{port}\n")).unwrap();
    }

    async fn started(pid_file: &Path) -> ProcessGroup {
        let found = async {
            loop {
                match group(pid_file) {
                    Some(group) => return group,
                    None => tokio::task::yield_now().await,
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), found).await.unwrap()
    }

    #[tokio::test]
    async fn the_live_instance_starts_again_and_all_end_together() {
        let home = tempfile::tempdir().unwrap();
        let app = AppDirectory::new(home.path().to_owned(), "apps/hello");
        assert!(!app.start_again(), "nothing was ever deployed");

        instance(&app.path, "old", "20001");
        instance(&app.path, "live", "20002");
        fs::write(app.upstream_file(), "127.0.0.1:20002").unwrap();
        assert!(app.start_again());
        let live = started(&app.run_file("live", "pid")).await;
        assert!(live.lives() && !app.run_file("old", "pid").exists());

        // A command that outlived its connection has its own record.
        let effect = home.path().join(EFFECTS).join("0190");
        fs::create_dir_all(&effect).unwrap();
        fs::rename(app.run_file("live", "pid"), effect.join("pid")).unwrap();
        assert!(app.start_again());
        let again = started(&app.run_file("live", "pid")).await;
        assert_ne!(again, live);

        assert_eq!(app.end_all().await, 2);
        assert!(!live.lives() && !again.lives());
        assert_eq!(app.end_all().await, 0);
    }
}
