//! `windlass grant` and `windlass protect`: what the server lets the plugins of an environment do.

use super::context::Context;
use super::reference::EnvironmentRef;
use super::render::style::{BOLD, DIM};
use super::render::table::{Cell, Table};
use super::render::time;
use super::{CliError, Exit, prompt};
use crate::client::ClientError;
use clap::{Args, Subcommand};
use jiff::tz::TimeZone;
use windlass_api_types::deployment::CreateDeployment;
use windlass_api_types::grant::{EVERY_PLUGIN, Grant as ApiGrant, GrantKind, Grants};

/// List, add and remove what the plugins of an environment may do
#[derive(Debug, Args)]
#[command(after_help = "\
What can be granted:
  secret NAME    put the secret's value where the plugin says
  reveal NAME    give the secret's value to the plugin itself
  zone ZONE      change the names of a DNS zone
  http HOST      send requests to a host; *.example.com for those below it
  docker WHAT    privileged, host-network, docker-socket, or mount:/path
  target NAME    act on a target of another group")]
pub(super) struct Grant {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show what is granted
    List {
        /// Such as shop/production, or production within the project's directory
        environment: EnvironmentRef,
    },
    /// Grant something
    #[command(after_help = "Example:\n  windlass grant add shop/production http hooks.example.com --plugin notify")]
    Add(What),
    /// Take a grant away; what runs now is refused its next call
    Remove(What),
}

#[derive(Debug, Args)]
struct What {
    /// Such as shop/production, or production within the project's directory
    environment: EnvironmentRef,
    /// secret, reveal, zone, http, docker or target
    kind: GrantKind,
    /// What of it: a name, a zone, a host, a privilege
    value: String,
    /// The plugin it is for
    #[arg(long, value_name = "NAME", default_value = EVERY_PLUGIN, hide_default_value = true)]
    plugin: String,
}

/// Let only `windlass grant` add to an environment's grants
#[derive(Debug, Args)]
#[command(after_help = "Without it, who deploys at a terminal is asked for what the pipeline wants.")]
pub(super) struct Protect {
    /// Such as shop/production, or production within the project's directory
    environment: EnvironmentRef,
    /// Protect it no longer
    #[arg(long)]
    off: bool,
}

impl Grant {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let client = context.client().await?;
        let grants = match self.verb {
            Verb::List { environment } => {
                let (project, environment) = environment.resolve("grant list shop/production")?;
                client.grants(&project, &environment).await?
            }
            Verb::Add(what) => {
                let (project, environment, grant) = what.resolve()?;
                client.add_grants(&project, &environment, &[grant]).await?
            }
            Verb::Remove(what) => {
                let (project, environment, grant) = what.resolve()?;
                client.remove_grant(&project, &environment, &grant).await?
            }
        };
        context.output.value(&grants, |grants| render(grants, &TimeZone::system()))?;
        Ok(Exit::Done)
    }
}

impl What {
    fn resolve(self) -> Result<(String, String, ApiGrant), CliError> {
        let (project, environment) = self.environment.resolve("grant add shop/production secret NAME")?;
        Ok((project, environment, ApiGrant { plugin: self.plugin, kind: self.kind, value: self.value }))
    }
}

impl Protect {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let (project, environment) = self.environment.resolve("protect shop/production")?;
        let grants = context.client().await?.protect(&project, &environment, !self.off).await?;
        context.output.value(&grants, |grants| render(grants, &TimeZone::system()))?;
        Ok(Exit::Done)
    }
}

/// Where a deployment was refused for want of grants, shows what it asks for and grants it if the person at
/// the terminal says so. Answers whether it did.
pub(super) async fn offer(
    context: &Context,
    request: &CreateDeployment,
    refused: &ClientError,
) -> Result<bool, CliError> {
    let wants = matches!(refused, ClientError::Problem(problem) if problem.code == "not-granted");
    if !wants || !prompt::is_interactive() {
        return Ok(false);
    }
    let asked = context.client().await?.requests(request).await?;
    if asked.missing.is_empty() || asked.protected {
        return Ok(false);
    }
    eprintln!("{}/{} is asked for what it does not grant yet:", asked.project, asked.environment);
    for grant in &asked.missing {
        eprintln!("  {} {}, to the plugin `{}`", grant.kind, grant.value, grant.plugin);
    }
    let granted = context.ask(|| prompt::confirm("Grant it?")).await?;
    if granted {
        context.client().await?.add_grants(&asked.project, &asked.environment, &asked.missing).await?;
    }
    Ok(granted)
}

fn render(grants: &Grants, zone: &TimeZone) -> String {
    let mut text = String::new();
    if grants.grants.is_empty() {
        text.push_str("nothing is granted\n");
    } else {
        let mut table = Table::new(&["GRANT", "FOR", "PLUGIN", "SINCE", "BY"]);
        for stored in &grants.grants {
            let plugin = if stored.grant.plugin == EVERY_PLUGIN { "every" } else { &stored.grant.plugin };
            table.row([
                Cell::new(stored.grant.kind.to_string(), BOLD),
                (&stored.grant.value).into(),
                plugin.into(),
                Cell::new(time::date(stored.created_at, zone), DIM),
                Cell::new(&stored.created_by, DIM),
            ]);
        }
        text.push_str(&table.render());
    }
    if grants.protected_at.is_some() {
        text.push_str("protected: only `windlass grant` adds to it\n");
    }
    text
}
