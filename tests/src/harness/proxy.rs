//! Real proxies in front of an app, each as a process of its own that ends with its test.

use super::api::ask;
use super::program::Program;
use super::skip::Missing;
use super::wait::until;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::process::{Child, Command};

/// A running proxy.
pub(crate) struct Proxy {
    process: Child,
    program: PathBuf,
    directory: PathBuf,
    arguments: Vec<String>,
    pub(crate) url: String,
}

impl Proxy {
    /// Caddy with this Caddyfile, which listens at `port`; its files are in `directory`.
    pub(crate) async fn caddy(directory: &Path, port: u16, caddyfile: &str) -> Result<Self, Missing> {
        let program = Program::Caddy.find()?;
        let global = "{\n\tadmin off\n\tauto_https off\n\tpersist_config off\n}\n";
        let file = place(directory, "Caddyfile", &format!("{global}{caddyfile}"));
        Ok(Self::start(program, directory, port, &["run", "--adapter", "caddyfile", "--config", &file]).await)
    }

    /// HAProxy with this configuration, which listens at `port`.
    pub(crate) async fn haproxy(directory: &Path, port: u16, configuration: &str) -> Result<Self, Missing> {
        let program = Program::Haproxy.find()?;
        let file = place(directory, "haproxy.cfg", configuration);
        Ok(Self::start(program, directory, port, &["-db", "-f", &file]).await)
    }

    async fn start(program: PathBuf, directory: &Path, port: u16, arguments: &[&str]) -> Self {
        let arguments: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
        let process = spawn(&program, directory, &arguments);
        let url = format!("http://127.0.0.1:{port}");
        let proxy = Self { process, program, directory: directory.to_owned(), arguments, url };
        proxy.answers().await;
        proxy
    }

    /// Stops it and starts it again with its configuration.
    pub(crate) async fn restart(&mut self) {
        self.process.kill().await.expect("an own process can be killed");
        self.process = spawn(&self.program, &self.directory, &self.arguments);
        self.answers().await;
    }

    /// Waits until it answers anything, be it that nothing is behind it.
    async fn answers(&self) {
        let name = self.program.display();
        until(&format!("{name} to answer"), async || ask(&self.url).await).await;
    }
}

fn place(directory: &Path, name: &str, text: &str) -> String {
    fs::create_dir_all(directory).expect("the site's directory can be written");
    let file = directory.join(name);
    fs::write(&file, text).expect("the site's directory can be written");
    file.display().to_string()
}

fn spawn(program: &Path, directory: &Path, arguments: &[String]) -> Child {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(directory).env_clear().env("HOME", directory).stdin(Stdio::null());
    let log = fs::File::create(directory.join("log")).expect("the site's directory can be written");
    command.stdout(log.try_clone().expect("a file can be cloned")).stderr(log).kill_on_drop(true);
    // SAFETY: prctl is one system call; it touches no memory of the parent.
    unsafe {
        command.pre_exec(|| match libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) {
            0 => Ok(()),
            _ => Err(std::io::Error::last_os_error()),
        });
    }
    command.spawn().expect("the proxy can be started")
}
