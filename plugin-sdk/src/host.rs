//! Where every capability call leaves the plugin: to the host, or in a native test to the harness.

#[cfg(target_family = "wasm")]
pub(crate) use crate::bindings::calls::*;
#[cfg(not(target_family = "wasm"))]
pub(crate) use crate::testing::calls::*;
