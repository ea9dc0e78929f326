//! The host of Windlass: everything the `windlass` binary is made of.

pub mod cli;
pub mod client;
pub mod demo;
pub mod engine;
pub mod event;
pub mod ssh;
pub mod store;
