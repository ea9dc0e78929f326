//! `windlass serve`, as a process of its own.

use super::api::Api;
use super::process::signal;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};

/// A running server; killed when dropped.
pub(crate) struct Server {
    process: Child,
    pub(crate) url: String,
    /// The one-time link that it printed.
    pub(crate) link: String,
    log: Arc<Mutex<String>>,
}

impl Server {
    /// Starts it and waits until it serves.
    pub(crate) async fn start(command: Command) -> Self {
        Self::try_start(command).await.unwrap_or_else(|said| panic!("the server did not start:\n{said}"))
    }

    /// The same for one that may end before; then what it logged.
    pub(super) async fn try_start(mut command: Command) -> Result<Self, String> {
        use std::process::Stdio;
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut process = command.spawn().expect("windlass can be started");
        let log = Arc::new(Mutex::new(String::new()));
        keep(process.stderr.take().expect("it is piped"), log.clone());
        let mut lines = BufReader::new(process.stdout.take().expect("it is piped")).lines();
        let (mut url, mut link) = (None, None);
        while let Ok(Some(line)) = lines.next_line().await {
            url = url.or(line.strip_prefix("windlass serves ").map(str::to_owned));
            link = line.trim().strip_prefix("sign in: ").map(str::to_owned);
            if link.is_some() {
                break;
            }
        }
        let said = || log.lock().expect("the log is only appended to").clone();
        let (Some(url), Some(link)) = (url, link) else { return Err(said()) };
        // Kept open: a server whose output is closed could not print.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self { process, url, link, log })
    }

    /// What it logged so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().expect("the log is only appended to").clone()
    }

    /// Waits until it has logged something.
    pub(crate) async fn logs(&self, text: &str) {
        super::wait::until(&format!("`{text}` in the server's log"), async || self.log().contains(text).then_some(()))
            .await;
    }

    /// Nobody is signed in.
    pub(crate) fn anonymous(&self) -> Api {
        Api::new(&self.url, None)
    }

    pub(crate) fn pid(&self) -> i32 {
        self.process.id().expect("it was not waited for").try_into().expect("process ids are positive")
    }

    /// Asks it to end, as a service manager does, without waiting.
    pub(crate) fn terminate(&self) {
        signal(self.pid(), libc::SIGTERM);
    }

    /// Waits for its end, which must be a good one.
    pub(crate) async fn ended(mut self) {
        let status = self.process.wait().await.expect("a child can be waited for");
        assert!(status.success(), "the server ended with {status}:\n{}", self.log());
    }

    /// Ends it gracefully.
    pub(crate) async fn stop(self) {
        self.terminate();
        self.ended().await;
    }

    /// Stops all its threads, as a machine that hangs does.
    pub(crate) fn freeze(&self) {
        signal(self.pid(), libc::SIGSTOP);
    }

    /// Lets it go on.
    pub(crate) fn thaw(&self) {
        signal(self.pid(), libc::SIGCONT);
    }

    /// Ends it as a crash does, where it has not ended by itself.
    pub(crate) async fn kill(mut self) {
        if self.process.try_wait().expect("a child can be waited for").is_none() {
            self.process.kill().await.expect("a child can be killed");
        }
    }

    /// Whether it ends by itself within this time.
    pub(crate) async fn dies_within(&mut self, patience: Duration) -> bool {
        tokio::time::timeout(patience, self.process.wait()).await.is_ok()
    }
}

/// Keeps what a process prints, and shows it with the test's own output.
fn keep(output: impl AsyncRead + Unpin + Send + 'static, log: Arc<Mutex<String>>) {
    tokio::spawn(async move {
        let mut lines = BufReader::new(output).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            eprintln!("server: {line}");
            let mut log = log.lock().expect("the log is only appended to");
            log.push_str(&line);
            log.push('\n');
        }
    });
}
