//! The host of Windlass: everything the `windlass` binary is made of.
//!
//! Modules stand in the order in which data flows: a module may use what stands after it, never what
//! stands before it.

pub mod app;
pub mod demo;
pub mod cli;
pub mod client;
pub mod api;
pub mod auth;
pub mod engine;
pub mod plugin;
pub mod capability;
pub mod dns;
pub mod docker;
pub mod outbound;
pub mod ssh;
pub mod exchange;
pub mod journal;
pub mod event;
pub mod lease;
pub mod vault;
pub mod store;
pub mod mask;
pub mod crash;
