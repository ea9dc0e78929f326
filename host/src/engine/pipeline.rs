//! The pipeline of a deployment: from `windlass.toml` and a template to stages in order, and from
//! there to what runs where. Pure: no I/O, no clock; the same texts give the same pipeline.
//!
//! [`read_config()`] checks the shape of the text, [`resolve()`] its meaning against templates, plugins and
//! targets; both find every error before anything starts. [`schedule()`] says what runs in which order,
//! [`interpolate()`] and [`holds()`] put values in while a deployment runs.

mod artifacts;
mod duration;
mod early;
mod eject;
mod error;
mod expression;
mod init;
mod interpolate;
mod merge;
mod model;
mod names;
mod node;
mod read;
mod reference;
mod requests;
mod resolve;
mod schedule;
mod schema;
mod scope;
mod suggest;
mod template;
mod text;
mod variables;

pub use artifacts::check_artifacts;
pub use eject::eject;
pub use error::{ConfigError, ConfigErrors, Position};
pub use init::{Answers, Question, Questions, init, questions};
pub use interpolate::{InterpolationError, holds, interpolate};
pub use model::{
    BatchSize, Condition, OnFailure, Pipeline, Place, PluginInfo, PluginPin, Plugins, Queue, Revert, Rollout, Stage,
    Templates, UndoPolicy,
};
pub use read::{NAME_HINT, ProjectConfig, is_name, read_config};
pub use reference::{BadReference, Reference, Version, Wanted};
pub use requests::{Asked, requests};
pub use resolve::resolve;
pub use schedule::{Step, check_only, planned_stages, schedule};
pub use schema::validate_config;
pub use scope::{Outputs, Scope};
pub use variables::check_variables;

#[cfg(test)]
mod tests;
