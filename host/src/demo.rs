//! The demo: Windlass on this machine with all that it usually meets outside, a machine to deploy to, an
//! app, visitors, and things going wrong.
//!
//! It drives the server as a user would, over the API. Target, front door and server are processes of
//! their own; the deployed app belongs to none of them.

mod apps;
mod deploying;
mod error;
mod flow;
pub mod front_door;
mod hello;
mod key;
mod keyboard;
mod load;
mod parts;
mod place;
mod process_group;
mod processes;
mod screen;
pub mod target;
mod trials;
mod world;

pub use parts::Part;

use windlass_api_types::Failure;

use crate::cli::DemoOptions;

/// Runs the demo until it is ended by a key or a signal, or with `check` until it has shown that it works.
/// In any case everything that it started has ended then; the data stays.
pub async fn run(options: DemoOptions) -> Result<(), Failure> {
    Ok(flow::run(options).await?)
}
