//! The wire types of Windlass: what the server, the CLI and the web UI say to each other.
//!
//! The same words as in SQL and in the WIT contract. Nothing here does I/O. Times are milliseconds
//! since the Unix epoch ([`Timestamp`]); durations are milliseconds.

pub mod app_log;
pub mod approval;
pub mod deployment;
pub mod effect;
pub mod error;
pub mod event;
pub mod grant;
pub mod id;
pub mod lifecycle;
pub mod pipeline;
pub mod plan;
pub mod plugin;
pub mod project;
pub mod replay;
pub mod schema;
pub mod server;
pub mod state;
pub mod status;
pub mod target;
pub mod user;
pub mod zone;

pub use error::{ErrorKind, Failure, Problem};
pub use event::{EffectAnswer, Event, EventBody};
pub use id::*;
pub use state::{DeploymentState, IllegalEvent, StageRunState};
pub use status::*;

/// Milliseconds since the Unix epoch.
pub type Timestamp = i64;
