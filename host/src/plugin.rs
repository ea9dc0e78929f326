//! Plugins: loading, limiting and running the WebAssembly components that are a deployment's stages.

mod cache;
mod clocks;
mod component;
mod embedded;
mod imports;
mod instance;
mod limits;
mod load;
mod manifest;
mod output;
mod registry;
mod runtime;
mod watcher;

pub use component::Component;
pub use instance::{Outcome, RunError};
pub use limits::Limits;
pub use manifest::Manifest;
pub use registry::{Registry, RegistryError};
pub use runtime::Runtime;
pub use watcher::Watcher;
