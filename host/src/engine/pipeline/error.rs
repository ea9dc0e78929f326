//! Errors of configuration: where each is, what is wrong, what to do; all of them at once.

use std::fmt;
use std::sync::Arc;
use windlass_api_types::{ErrorKind, Failure};

/// A place in a configuration text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The file as people know it, such as `windlass.toml`.
    pub file: Arc<str>,
    /// Counts from 1.
    pub line: u32,
    /// In characters, counts from 1.
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// One thing that is wrong with a configuration. Displays as `file:line:column: message`, the hint on
/// a line of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConfigError {
    pub at: Position,
    /// The key in question, dotted, such as `stage.drain.timeout`; empty where it is the whole file.
    pub key: String,
    /// What is wrong, one sentence without a period.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl ConfigError {
    /// Says what to do about it.
    pub(crate) fn hint(&mut self, hint: impl Into<String>) {
        self.hint = Some(hint.into());
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "\n    hint: {hint}"),
            None => Ok(()),
        }
    }
}

/// Everything that is wrong with a configuration, in the order of the text. Never empty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            error.fmt(f)?;
        }
        Ok(())
    }
}

impl ConfigErrors {
    /// The same as a failure of the API.
    pub fn failure(&self) -> Failure {
        let hint = "correct it and run the command again; nothing was started";
        Failure::new(ErrorKind::InvalidInput, "config-invalid", self.to_string()).hint(hint)
    }
}

/// Collects errors, so that one run shows them all.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<ConfigError>);

impl Problems {
    pub(crate) fn add(
        &mut self,
        at: &Position,
        key: impl Into<String>,
        message: impl Into<String>,
    ) -> &mut ConfigError {
        self.0.push(ConfigError { at: at.clone(), key: key.into(), message: message.into(), hint: None });
        self.0.last_mut().expect("one was pushed the line before")
    }

    /// Whether something is wrong with what stands there.
    pub(crate) fn any_at(&self, at: &Position) -> bool {
        self.0.iter().any(|error| error.at == *at)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// `value` where nothing was wrong.
    pub(crate) fn finish<T>(mut self, value: T) -> Result<T, ConfigErrors> {
        if self.0.is_empty() {
            return Ok(value);
        }
        self.0.sort();
        self.0.dedup();
        Err(ConfigErrors(self.0))
    }

    /// Stops with what was found so far, if anything was.
    pub(crate) fn stop_if_any(&mut self) -> Result<(), ConfigErrors> {
        std::mem::take(self).finish(())
    }

    /// One error alone.
    pub(crate) fn single(at: &Position, key: &str, message: impl Into<String>, hint: Option<String>) -> ConfigErrors {
        ConfigErrors(vec![ConfigError { at: at.clone(), key: key.into(), message: message.into(), hint }])
    }
}
