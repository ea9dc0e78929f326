//! A plugin as a program of its own: what the sandbox is compared with. It reads its context from standard
//! input and writes its outputs, once.

use anyhow::{Context, Result, ensure};
use std::io::{Read, Write};
use std::process::{Command, Stdio};

pub(crate) const FLAG: &str = "--subprocess-plugin";

/// The plugin's side.
pub(crate) fn plugin() -> Result<()> {
    let mut context = String::new();
    std::io::stdin().read_to_string(&mut context)?;
    let _: serde_json::Value = serde_json::from_str(&context)?;
    println!("{{}}");
    Ok(())
}

/// The host's side: starts it, gives it its context, takes its outputs.
pub(crate) fn run(context: &str) -> Result<()> {
    let program = std::env::current_exe()?;
    let mut child = Command::new(program).arg(FLAG).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    child.stdin.take().context("its input is a pipe")?.write_all(context.as_bytes())?;
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "the subprocess plugin failed");
    let _: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    Ok(())
}
