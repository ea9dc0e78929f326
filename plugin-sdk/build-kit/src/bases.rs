//! The images that generated Dockerfiles begin with.

use schemars::JsonSchema;
use serde::Deserialize;

/// The base images of generated Dockerfiles, each with a tag.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Bases {
    /// Builds and runs Node apps.
    pub node: String,
    /// Builds and runs Python apps.
    pub python: String,
    /// Builds Go programs.
    pub go: String,
    /// Runs Go programs, which need nothing of it.
    pub go_runtime: String,
    /// Builds Rust programs.
    pub rust: String,
    /// Runs Rust programs, which need the C library of what built them.
    pub rust_runtime: String,
    /// Serves static sites, by its `httpd`.
    pub busybox: String,
}

impl Default for Bases {
    fn default() -> Self {
        Self {
            node: "node:22-bookworm-slim".to_owned(),
            python: "python:3.13-slim-bookworm".to_owned(),
            go: "golang:1.25-bookworm".to_owned(),
            go_runtime: "gcr.io/distroless/static-debian12:nonroot".to_owned(),
            rust: "rust:1.91-slim-bookworm".to_owned(),
            rust_runtime: "gcr.io/distroless/cc-debian12:nonroot".to_owned(),
            busybox: "busybox:1.37".to_owned(),
        }
    }
}
