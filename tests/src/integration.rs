//! The integration tests: the real program, driven as people and browsers drive it, against a real
//! OpenSSH server, SQLite, a real PostgreSQL and Chromium. One module per concern.

mod harness;
mod kill_sweep;

mod approval;
mod auth;
mod bad_input;
mod browser;
mod canary;
mod compose;
mod container;
mod deploy;
mod docs;
mod events;
mod fleet;
mod notify;
mod pipeline;
mod plan;
mod plugins;
mod prepare;
mod replay;
mod requests;
mod restart;
mod route_switches;
mod secrets;
mod servers;
mod undo;
mod viewers;
mod zero_downtime;
