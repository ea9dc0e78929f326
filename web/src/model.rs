//! What the pages show, as plain values. Nothing here knows a browser.

pub mod ansi;
pub mod chart;
pub mod deployments;
pub mod effects;
pub mod failure;
pub mod log;
pub mod pieces;
pub mod questions;
pub mod range;
pub mod record;
pub mod retry;
pub mod search;
pub mod shortcut;
pub mod time;
pub mod waterfall;
pub mod window;
