//! The SDK for Windlass stage plugins in Rust.
//!
//! A stage is a type that says what it is called, what it wants to be told (`Config`), what it
//! answers (`Outputs`) and what it does (`run`). It has no files, sockets, clock or randomness of
//! its own: all it does to the world goes through the capabilities of this crate, and the host
//! records each call. The smallest useful plugin:
//!
//! ```
//! use schemars::JsonSchema;
//! use serde::{Deserialize, Serialize};
//! use windlass_sdk::{Context, Result, Stage, ssh};
//!
//! #[derive(Deserialize, JsonSchema)]
//! struct Config {
//!     /// The systemd unit to restart.
//!     unit: String,
//! }
//!
//! #[derive(Serialize, JsonSchema)]
//! struct Outputs {}
//!
//! struct Restart;
//!
//! impl Stage for Restart {
//!     const NAME: &'static str = "restart";
//!     const VERSION: &'static str = env!("CARGO_PKG_VERSION");
//!     const SUMMARY: &'static str = "Restarts a systemd unit";
//!     type Config = Config;
//!     type Outputs = Outputs;
//!
//!     fn run(ctx: &Context, config: Config) -> Result<Outputs> {
//!         ssh::command(ctx.target()?).argv(["systemctl", "restart", &config.unit]).sudo().run()?.success()?;
//!         Ok(Outputs {})
//!     }
//! }
//! windlass_sdk::export!(Restart);
//!
//! // And its test: no wasm, no network.
//! use windlass_sdk::{ssh::Output, testing::Harness};
//! let mut harness = Harness::new().target("web-1").config(serde_json::json!({ "unit": "shop" }));
//! harness.on_exec(|_| Ok(Output::ok("")));
//! harness.run::<Restart>().unwrap();
//! assert_eq!(harness.calls(), ["ssh-exec.exec web-1: systemctl restart shop"]);
//! ```
//!
//! In its `Cargo.toml` a plugin has `crate-type = ["cdylib", "rlib"]`; it is built with
//! `cargo build --target wasm32-wasip2`, and the result is the component to install.
//!
//! # Writing stages that survive a crash
//!
//! After a crash of the server the stage runs again from the top, and what was finished is answered
//! from the journal. So a stage makes the same calls when it is given the same answers; checkpoint
//! what `undo` will need *before* changing the world; and say of a command that it
//! [`reads`](ssh::Command::reads) or is [`idempotent`](ssh::Command::idempotent) where that is so.
//!
//! In a dry run, calls that would change something answer what [`assume`](ssh::Command::assume) says.
//! A stage that decides inside its scripts, and not by a varying number of calls, is planned exactly.

mod context;
mod error;
mod export;
mod host;
mod quoting;
mod stage;
mod text;

#[cfg(target_family = "wasm")]
#[doc(hidden)]
pub mod bindings;

pub mod approval;
pub mod artifacts;
pub mod control;
pub mod dns;
pub mod docker;
pub mod files;
pub mod health;
pub mod http;
pub mod log;
pub mod ssh;
pub mod state;
#[cfg(not(target_family = "wasm"))]
pub mod testing;

pub use context::{
    Artifact, Commit, Context, Deployment, DeploymentKind, Mode, PreviousRelease, Release, StageRun, Target,
};
pub use error::{Error, ErrorKind, Result};
pub use quoting::Quoting;
pub use stage::{Stage, UndoFn};
pub use text::{Segment, Text};

/// What the expansion of [`export!`] calls.
#[doc(hidden)]
pub mod glue {
    pub use crate::stage::{describe, run, undo};
}
