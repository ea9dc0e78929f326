//! The stage's log.
//!
//! ```no_run
//! use windlass_sdk::log;
//!
//! log::step("Uploading");
//! log::info!("{} of {}", 3, 4);
//! log::progress(3, Some(4), "files");
//! ```

use crate::host;

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For whoever looks for a fault.
    Debug,
    /// What happens.
    Info,
    /// Something to look at later.
    Warning,
    /// Why it failed.
    Error,
}

/// Writes one message; several lines become as many log lines.
pub fn write(level: Level, message: &str) {
    host::log(level, message);
}

/// Starts a step: a heading under which the following lines stand.
pub fn step(name: &str) {
    host::step(name);
}

/// Reports how far the current step is. `unit` is a word such as `bytes`, `layers`, `tries`.
pub fn progress(done: u64, total: Option<u64>, unit: &str) {
    host::progress(done, total, unit);
}

/// Writes a message at the level debug, as `format!` makes it.
#[doc(hidden)]
#[macro_export]
macro_rules! __log_debug {
    ($($message:tt)*) => { $crate::log::write($crate::log::Level::Debug, &::std::format!($($message)*)) };
}

/// Writes a message at the level info, as `format!` makes it.
#[doc(hidden)]
#[macro_export]
macro_rules! __log_info {
    ($($message:tt)*) => { $crate::log::write($crate::log::Level::Info, &::std::format!($($message)*)) };
}

/// Writes a message at the level warning, as `format!` makes it.
#[doc(hidden)]
#[macro_export]
macro_rules! __log_warning {
    ($($message:tt)*) => { $crate::log::write($crate::log::Level::Warning, &::std::format!($($message)*)) };
}

/// Writes a message at the level error, as `format!` makes it.
#[doc(hidden)]
#[macro_export]
macro_rules! __log_error {
    ($($message:tt)*) => { $crate::log::write($crate::log::Level::Error, &::std::format!($($message)*)) };
}

pub use __log_debug as debug;
pub use __log_error as error;
pub use __log_info as info;
pub use __log_warning as warning;
