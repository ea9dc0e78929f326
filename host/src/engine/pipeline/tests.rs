//! From text to pipeline, with a template and plugins made for it.

mod bad_config;
mod bad_meaning;
mod bad_template;
mod bad_values;
pub(crate) mod fixture;
mod resolved;
