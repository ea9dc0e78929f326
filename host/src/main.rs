//! The `windlass` binary: parse, dispatch, exit code.

use clap::Parser;
use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::Arc;
use tracing_subscriber::EnvFilter;
use windlass::{app::Commands, cli::Cli};

fn main() -> ExitCode {
    let cli = Cli::parse();
    log(cli.serves());
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            anstream::eprintln!("error: the program cannot start its threads: {error}");
            return ExitCode::FAILURE;
        }
    };
    let exit = runtime.block_on(cli.run(Arc::new(Commands)));
    // Nobody waits for what was given up, such as a plugin that still compiles.
    runtime.shutdown_background();
    exit.into()
}

/// To standard error: all that a server has to say, of other commands only what goes wrong inside.
/// `WINDLASS_LOG` says more or less, such as `windlass=debug`.
fn log(serves: bool) {
    let usual = if serves { "warn,windlass=info" } else { "error" };
    let filter = EnvFilter::try_from_env("WINDLASS_LOG").unwrap_or_else(|_| EnvFilter::new(usual));
    let format = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    format.with_ansi(std::io::stderr().is_terminal()).with_target(false).init();
}
