//! What the app itself had to say when it was found unhealthy.

use super::WaitHealthy;
use super::observer::Observer;
use crate::journal::Performance;
use crate::ssh::{Capture, Command, Connection, ExecRequest, Exit, Repeat};
use windlass_api_types::{Failure, Level};

/// How many lines of a log a failure quotes.
const QUOTED_LINES: &str = "20";
/// More than so many lines have: the answer stands in the journal.
const QUOTED_BYTES: usize = 16 * 1024;

impl WaitHealthy {
    /// The failure with the end of the log, if the probe names one.
    pub(super) async fn with_log(
        &self,
        mut failure: Failure,
        observer: &Observer<'_>,
        performance: &Performance,
    ) -> Failure {
        let (Some(path), Some(connection)) = (&self.log, observer.connection()) else { return failure };
        match tail(connection, path, performance).await {
            Ok(text) if text.trim().is_empty() => failure.message.push_str("\nthe app has written nothing to its log"),
            Ok(text) => {
                for line in text.lines() {
                    failure.message.push_str("\napp: ");
                    failure.message.push_str(line);
                }
            }
            // The probe's failure is what matters.
            Err(reason) => {
                let line = format!("the app's log {path} cannot be read: {reason}");
                performance.tee.line(Level::Warning, &line).await;
            }
        }
        failure
    }
}

async fn tail(connection: &Connection, path: &str, performance: &Performance) -> Result<String, String> {
    let argv = ["tail", "-n", QUOTED_LINES, "--", path].map(str::to_owned).to_vec();
    let mut capture = Capture::new(QUOTED_BYTES);
    let request = ExecRequest::new(Command::Argv(argv), Repeat::Reads);
    let ended = connection.exec(&request, &mut capture, &performance.cancel).await;
    match ended.map_err(|error| error.to_string())?.exit {
        Exit::Status(0) => Ok(String::from_utf8_lossy(&capture.stdout).into_owned()),
        _ => Err(String::from_utf8_lossy(&capture.stderr).trim().to_owned()),
    }
}
