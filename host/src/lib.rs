//! skeleton
pub mod cli;
pub mod client;
