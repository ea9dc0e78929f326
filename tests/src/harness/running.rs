//! A command that runs beside the test, as in another terminal.

use super::process::signal;
use super::wait::until;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, Command};

/// Killed when dropped.
pub(crate) struct Running {
    process: Child,
    input: ChildStdin,
    said: Arc<Mutex<String>>,
}

impl Running {
    pub(super) fn start(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut process = command.spawn().expect("the command can be started");
        let said = Arc::default();
        keep(process.stdout.take().expect("it is piped"), &said);
        keep(process.stderr.take().expect("it is piped"), &said);
        let input = process.stdin.take().expect("it is piped");
        Self { process, input, said }
    }

    /// Waits until it has printed something, on stdout or stderr.
    pub(crate) async fn says(&self, text: &str) {
        let said = || self.said.lock().expect("the text is only appended to").clone();
        let what = format!("`{text}`");
        let waited = until(&what, async || said().contains(text).then_some(()));
        if tokio::time::timeout(std::time::Duration::from_secs(50), waited).await.is_err() {
            panic!("it does not say `{text}`, but:\n{}", said());
        }
    }

    /// Ends it as a crash does, and waits until it is gone.
    pub(crate) async fn kill(mut self) {
        self.process.kill().await.expect("a child can be killed");
    }

    /// Types a line.
    pub(crate) async fn types(&mut self, line: &str) {
        self.input.write_all(format!("{line}\n").as_bytes()).await.expect("it reads its input");
    }

    /// The terminal that it runs in is closed.
    pub(crate) fn hang_up(&self) {
        let pid = self.process.id().expect("it was not waited for");
        signal(pid.try_into().expect("process ids are positive"), libc::SIGHUP);
    }

    /// Waits for its end.
    pub(crate) async fn ended(mut self) -> ExitStatus {
        self.process.wait().await.expect("a child can be waited for")
    }
}

/// Keeps what a process prints.
fn keep(mut output: impl AsyncRead + Unpin + Send + 'static, said: &Arc<Mutex<String>>) {
    let said = said.clone();
    tokio::spawn(async move {
        let mut buffer = [0; 4096];
        while let Ok(read @ 1..) = output.read(&mut buffer).await {
            let text = String::from_utf8_lossy(&buffer[..read]);
            eprint!("{text}");
            said.lock().expect("the text is only appended to").push_str(&text);
        }
    });
}
