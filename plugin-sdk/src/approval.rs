//! Questions to people, and their answers.

use crate::{Error, ErrorKind, Result, host};
use std::time::Duration;

/// How a question was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Somebody said yes.
    Approved,
    /// Somebody said no.
    Rejected,
    /// Nobody answered in time.
    Expired,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What it says.
    pub outcome: Outcome,
    /// Who decided; absent where nobody did.
    pub by: Option<String>,
}

/// Asks people a question and answers a link to where it is decided, to be sent to them. It does not wait. `key` names
/// the question within the stage and its target: the same key is the same question, also in another attempt.
///
/// # Errors
/// `invalid-input`: a key is 1 to 63 bytes, a prompt 1 to 2,000, and a question stays open for 1 second to 30 days.
pub fn open(key: &str, prompt: &str, expires: Duration) -> Result<String> {
    host::open_approval(key, prompt, expires)
}

/// Waits for the decision on a question that was opened. The stage's timeout does not go on meanwhile. In a dry run
/// the answer is yes.
///
/// # Errors
/// `not-found` where no question with this key was opened; `canceled`.
pub fn wait(key: &str) -> Result<Decision> {
    host::wait_for_approval(key)
}

/// Asks a question, waits, and fails unless somebody says yes.
///
/// # Errors
/// Those of [`open`] and [`wait`]; `denied` (`approval-rejected`) and `timeout` (`approval-expired`) where it is not approved.
pub fn ask(key: &str, prompt: &str, expires: Duration) -> Result<()> {
    open(key, prompt, expires)?;
    let Decision { outcome, by } = wait(key)?;
    let by = by.unwrap_or_default();
    match outcome {
        Outcome::Approved => Ok(()),
        Outcome::Rejected => {
            Err(Error::new(ErrorKind::Denied, format!("{by} rejected it: {prompt}")).code("approval-rejected"))
        }
        Outcome::Expired => {
            Err(Error::timeout(format!("nobody answered within {expires:?}: {prompt}")).code("approval-expired"))
        }
    }
}
