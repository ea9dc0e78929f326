//! The demo: everything it needs beside the server itself.

pub mod target;

/// Runs the demo.
pub async fn run(_: crate::cli::DemoOptions) -> Result<(), windlass_api_types::Failure> {
    Err(windlass_api_types::Failure::new(windlass_api_types::ErrorKind::Unsupported, "no-demo", "no demo"))
}
