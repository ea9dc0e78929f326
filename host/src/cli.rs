//! The command line: one file per command, and one client for all of them, whether a server is on the
//! network, on this machine, or started in this process for the length of the command.
//!
//! Nothing here decides how something is deployed: commands read arguments, call the HTTP API and
//! print. What only the composition root can do (serve, start an engine in process, read templates)
//! comes in through [`Host`].

mod app;
mod approve;
mod archive;
mod artifact;
mod cancel;
mod completions;
mod config;
mod connection;
mod context;
mod demo;
mod deploy;
mod dockerfile;
mod effects;
mod error;
mod follow;
mod git;
mod grant;
mod history;
mod holder;
mod host;
mod init;
mod login;
mod logs;
mod output;
mod pipeline;
mod plan;
mod plugin;
mod project_file;
mod prompt;
mod reference;
pub mod render;
mod replay;
mod resolve;
mod retry;
mod rollback;
mod secret;
mod serve;
mod settings;
mod signals;
mod status;
mod target;
#[cfg(test)]
mod tests;
mod token;
mod var;
mod zone;

pub use demo::DemoOptions;
pub use error::{CliError, Exit};
pub use host::{Answers, Host, LocalOptions, LocalServer, Question, Waits};
pub use serve::ServeOptions;
pub use signals::Signals;

use clap::{Parser, Subcommand};
use connection::ConnectOptions;
use context::Context;
use output::Output;
use std::sync::Arc;

const LONG_ABOUT: &str = "\
Windlass deploys over SSH, with every stage of a deployment in a sandbox of its own.

No server is needed to begin: without one, a command starts the engine in this process, on the data
directory, and ends it when it is done. `windlass serve` serves the same data to others, and
`windlass login URL` points the command line at a server.

A deployment is named `shop#41`; where one is wanted, `shop` or nothing means the latest.";

const AFTER_HELP: &str = "\
Exit codes:
  0  done; a deployment succeeded
  1  a deployment failed; a replay differs
  2  wrong usage or configuration
  3  a deployment was canceled
  4  the server, or with `windlass target` the machine, cannot be reached or refuses the credentials;
     a deployment that cannot reach its targets has failed (1)
  5  the outcome is not known: a deployment was interrupted, or following it was stopped

Examples:
  windlass init                              write a windlass.toml
  windlass target add web-1 deploy@10.0.0.11 register a machine
  windlass plan ./build --to production      what a deployment would do
  windlass deploy ./build --to production
  windlass logs --follow";

/// Deploy over SSH, every stage in a sandbox.
#[derive(Debug, Parser)]
#[command(name = "windlass", version, long_about = LONG_ABOUT, after_help = AFTER_HELP, max_term_width = 110)]
pub struct Cli {
    #[command(flatten)]
    connect: ConnectOptions,
    /// Print JSON as the API has it, and errors as JSON on stderr
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Demo),
    Serve(serve::Serve),
    Login(login::Login),
    Init(init::Init),
    Config(config::Config),
    Plan(plan::Plan),
    Deploy(deploy::Deploy),
    Logs(logs::Logs),
    Status(status::Status),
    History(history::History),
    Effects(effects::Effects),
    Replay(replay::Replay),
    Rollback(rollback::Rollback),
    Retry(retry::Retry),
    Cancel(cancel::Cancel),
    Resolve(resolve::Resolve),
    Approve(approve::Approve),
    Reject(approve::Reject),
    App(app::App),
    Pipeline(pipeline::Pipeline),
    Var(var::Var),
    Secret(secret::Secret),
    Grant(grant::Grant),
    Protect(grant::Protect),
    Target(target::Target),
    Zone(zone::Zone),
    Plugin(plugin::Plugin),
    Token(token::Token),
    Completions(completions::Completions),
    #[command(flatten)]
    DemoPart(crate::demo::Part),
}

impl Cli {
    /// Runs the command to its end and prints what it has to say, errors included.
    pub async fn run(self, host: Arc<dyn Host>) -> Exit {
        let output = Output::new(self.json);
        let context = Context::new(host, self.connect, output, self.command.drives());
        let result = self.command.run(&context).await;
        let closed = context.close().await;
        match result.and_then(|exit| closed.map(|()| exit)) {
            Ok(exit) => exit,
            Err(error) => {
                output.error(&error);
                error.exit()
            }
        }
    }

    /// Whether the command runs servers of its own, which log; the others keep the terminal to themselves.
    pub fn serves(&self) -> bool {
        matches!(self.command, Command::Serve(_) | Command::DemoPart(_))
    }
}

impl Command {
    /// Whether deployments run in this process while the command does, those that were left included.
    fn drives(&self) -> bool {
        match self {
            Self::Deploy(_) | Self::Rollback(_) | Self::Retry(_) | Self::Cancel(_) | Self::Resolve(_) => true,
            Self::Target(target) => target.drives(),
            _ => false,
        }
    }

    async fn run(self, context: &Context) -> Result<Exit, CliError> {
        match self {
            Self::Demo(command) => command.run(context).await,
            Self::Serve(command) => command.run(context).await,
            Self::Login(command) => command.run(context).await,
            Self::Init(command) => command.run(context).await,
            Self::Config(command) => command.run(context).await,
            Self::Plan(command) => command.run(context).await,
            Self::Deploy(command) => command.run(context).await,
            Self::Logs(command) => command.run(context).await,
            Self::Status(command) => command.run(context).await,
            Self::History(command) => command.run(context).await,
            Self::Effects(command) => command.run(context).await,
            Self::Replay(command) => command.run(context).await,
            Self::Rollback(command) => command.run(context).await,
            Self::Retry(command) => command.run(context).await,
            Self::Cancel(command) => command.run(context).await,
            Self::Resolve(command) => command.run(context).await,
            Self::Approve(command) => command.run(context).await,
            Self::Reject(command) => command.run(context).await,
            Self::App(command) => command.run(context).await,
            Self::Pipeline(command) => command.run(context).await,
            Self::Var(command) => command.run(context).await,
            Self::Secret(command) => command.run(context).await,
            Self::Grant(command) => command.run(context).await,
            Self::Protect(command) => command.run(context).await,
            Self::Target(command) => command.run(context).await,
            Self::Zone(command) => command.run(context).await,
            Self::Plugin(command) => command.run(context).await,
            Self::Token(command) => command.run(context).await,
            Self::Completions(command) => command.run(),
            Self::DemoPart(part) => Ok(part.run().await.map(|()| Exit::Done)?),
        }
    }
}
