//! The generated bindings of the contract and their translation into the SDK's types.

#![allow(unreachable_pub, reason = "generated code")]

pub(crate) mod calls;
mod convert;
mod docker;
mod convert_http;

wit_bindgen::generate!({
    path: "../wit",
    world: "plugin",
    pub_export_macro: true,
    generate_all,
});

/// The contract's error, as the export macro names it.
pub use windlass::types::types::Error as WireError;
