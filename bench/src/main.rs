//! Benchmarks. Each figure stands beside what it is compared with, measured in turn in the same run, so that
//! the ratio holds on any machine. Nothing here asserts a time.
//!
//!     cargo xtask bench            everything
//!     cargo xtask bench stage      a stage that does nothing
//!     cargo xtask bench deploy     five operations on a machine
//!     cargo xtask bench compose    a service of Docker Compose
//!     cargo xtask bench docker     a call of a Docker engine

use anyhow::Result;

mod compose;
mod deploy;
mod docker;
mod figure;
mod script;
mod sshd;
mod stage;
mod subprocess;
mod target;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == subprocess::FLAG) {
        return subprocess::plugin();
    }
    let wanted = |name: &str| arguments.is_empty() || arguments.iter().any(|argument| argument == name);
    let runtime = tokio::runtime::Runtime::new()?;
    if wanted("stage") {
        runtime.block_on(stage::run())?;
    }
    if wanted("deploy") {
        runtime.block_on(deploy::run())?;
    }
    if wanted("compose") {
        runtime.block_on(compose::run())?;
    }
    if wanted("docker") {
        runtime.block_on(docker::run())?;
    }
    Ok(())
}
