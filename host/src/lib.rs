//! The host of Windlass: everything the `windlass` binary is made of.
//!
//! Modules stand in the order in which data flows: a module may use what stands after it, never what
//! stands before it.

pub mod api;
pub mod app;
pub mod auth;
pub mod capability;
pub mod cli;
pub mod client;
pub mod demo;
pub mod engine;
pub mod event;
pub mod journal;
pub mod plugin;
pub mod ssh;
pub mod store;
