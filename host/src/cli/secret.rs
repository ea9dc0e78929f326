//! `windlass secret`: values that are used and never shown again.

use super::context::Context;
use super::reference::EnvironmentRef;
use super::render::style::{BOLD, DIM};
use super::render::table::{Cell, Table};
use super::render::time;
use super::{CliError, Exit, prompt};
use clap::{Args, Subcommand};
use jiff::tz::TimeZone;
use std::io::{IsTerminal, Read};
use windlass_api_types::project::SecretInfo;

/// Set, list, copy and remove the secrets of an environment
#[derive(Debug, Args)]
pub(super) struct Secret {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show names and versions; values are never shown
    List {
        /// Such as shop/production, or production within the project's directory
        environment: EnvironmentRef,
    },
    /// Set a secret, asked for at the terminal or read from stdin; it takes effect on the next deployment
    #[command(after_help = "Examples:\n  windlass secret set shop/production DB_PASSWORD\n  \
        windlass secret set shop/production TLS_KEY <key.pem")]
    Set {
        /// Such as shop/production, or production within the project's directory
        environment: EnvironmentRef,
        /// Letters, digits and underscores
        name: String,
    },
    /// Take secrets away; it takes effect on the next deployment
    Remove {
        /// Such as shop/production, or production within the project's directory
        environment: EnvironmentRef,
        #[arg(required = true)]
        names: Vec<String>,
    },
    /// Copy secrets from another environment of the project; those that are there stay as they are
    #[command(after_help = "Example:\n  windlass secret copy qa shop/stage")]
    Copy {
        /// The environment to copy from, such as qa
        from: String,
        /// The environment to copy to, such as shop/stage
        to: EnvironmentRef,
        /// Replace those that are there
        #[arg(long)]
        replace: bool,
    },
    /// Encrypt all secrets of the server with a new key, and forget the old one
    RotateKey,
}

impl Secret {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        match self.verb {
            Verb::List { environment } => {
                let (project, environment) = environment.resolve("secret list shop/production")?;
                let secrets = context.client().await?.secrets(&project, &environment).await?;
                context.output.value(&secrets, |secrets| render(secrets, &TimeZone::system()))?;
            }
            Verb::Set { environment, name } => {
                let (project, environment) = environment.resolve("secret set shop/production NAME")?;
                let value = read_value(&name)?;
                let set = context.client().await?.set_secret(&project, &environment, &name, &value).await?;
                context.output.value(&set, |set| format!("{} has version {}\n", set.name, set.version))?;
                context.output.note("it takes effect on the next deployment");
            }
            Verb::Remove { environment, names } => {
                let (project, environment) = environment.resolve("secret remove shop/production NAME")?;
                let client = context.client().await?;
                for name in &names {
                    client.remove_secret(&project, &environment, name).await?;
                    context.output.note(&format!("{name} is removed"));
                }
            }
            Verb::Copy { from, to, replace } => {
                let (project, to) = to.resolve("secret copy qa shop/stage")?;
                let copied = context.client().await?.copy_secrets(&project, &from, &to, replace).await?;
                context.output.value(&copied, |copied| render(copied, &TimeZone::system()))?;
            }
            Verb::RotateKey => {
                let count = context.client().await?.rotate_secrets_key().await?;
                context.output.note(&format!("{count} values are encrypted with a new key; back it up"));
            }
        }
        Ok(Exit::Done)
    }
}

/// Typed at the terminal it is one line; from stdin it is all of it, without the newline at its end.
pub(super) fn read_value(name: &str) -> Result<String, CliError> {
    if std::io::stdin().is_terminal() {
        return prompt::ask_hidden(&format!("{name}:"));
    }
    let mut value = String::new();
    std::io::stdin()
        .read_to_string(&mut value)
        .map_err(|error| CliError::usage(format!("cannot read the value: {error}"), "a secret is UTF-8 text"))?;
    Ok(value.strip_suffix('\n').map_or(value.clone(), str::to_owned))
}

fn render(secrets: &[SecretInfo], zone: &TimeZone) -> String {
    if secrets.is_empty() {
        return "no secrets\n".into();
    }
    let mut table = Table::new(&["SECRET", "VERSION", "SET", "BY"]);
    for secret in secrets {
        let set = time::date(secret.created_at, zone);
        table.row([
            Cell::new(&secret.name, BOLD),
            secret.version.to_string().into(),
            Cell::new(set, DIM),
            Cell::new(&secret.created_by, DIM),
        ]);
    }
    table.render()
}
