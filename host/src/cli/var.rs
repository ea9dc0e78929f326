//! `windlass var`: an environment's variables.

use super::context::Context;
use super::reference::EnvironmentRef;
use super::render::style::BOLD;
use super::render::table::{Cell, Table};
use super::render::text::first_line;
use super::{CliError, Exit};
use clap::{Args, Subcommand};
use std::collections::BTreeMap;
use windlass_api_types::project::Variables;

/// List, set and remove the variables of an environment
#[derive(Debug, Args)]
pub(super) struct Var {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show all variables
    List {
        /// Such as shop/production, or production within the project's directory
        environment: EnvironmentRef,
    },
    /// Set variables; they take effect on the next deployment
    #[command(after_help = "Example:\n  windlass var set shop/production LOG_LEVEL=info DATABASE_POOL=20")]
    Set {
        /// Such as shop/production, or production within the project's directory
        environment: EnvironmentRef,
        #[arg(required = true, value_name = "KEY=VALUE", value_parser = assignment)]
        assignments: Vec<(String, String)>,
    },
    /// Copy variables from another environment of the project; those that are there stay as they are
    #[command(after_help = "Example:\n  windlass var copy qa shop/stage")]
    Copy {
        /// The environment to copy from, such as qa
        from: String,
        /// The environment to copy to, such as shop/stage
        to: EnvironmentRef,
        /// Replace those that are there
        #[arg(long)]
        replace: bool,
    },
    /// Remove variables; it takes effect on the next deployment
    Unset {
        /// Such as shop/production, or production within the project's directory
        environment: EnvironmentRef,
        #[arg(required = true, value_name = "KEY")]
        keys: Vec<String>,
    },
}

/// `KEY=VALUE`; the value may be empty and may hold more equals signs.
pub(super) fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("it is written KEY=VALUE".into()),
    }
}

impl Var {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let (environment, set, unset) = match self.verb {
            Verb::List { environment } => {
                let (project, environment) = environment.resolve("var list shop/production")?;
                let variables = context.client().await?.variables(&project, &environment).await?;
                context.output.value(&variables, render)?;
                return Ok(Exit::Done);
            }
            Verb::Copy { from, to, replace } => {
                let (project, to) = to.resolve("var copy qa shop/stage")?;
                let variables = context.client().await?.copy_variables(&project, &from, &to, replace).await?;
                context.output.value(&variables, render)?;
                return Ok(Exit::Done);
            }
            Verb::Set { environment, assignments } => (environment, assignments.into_iter().collect(), Vec::new()),
            Verb::Unset { environment, keys } => (environment, BTreeMap::new(), keys),
        };
        let (project, environment) = environment.resolve("var set shop/production KEY=VALUE")?;
        let client = context.client().await?;
        let variables = client.change_variables(&project, &environment, &set, &unset).await?;
        context.output.value(&variables, render)?;
        context.output.note("it takes effect on the next deployment");
        Ok(Exit::Done)
    }
}

fn render(variables: &Variables) -> String {
    if variables.is_empty() {
        return "no variables\n".into();
    }
    let mut table = Table::bare("");
    for (key, value) in variables {
        table.row([Cell::new(key, BOLD), first_line(value).into()]);
    }
    table.render()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_may_hold_equals_signs() {
        assert_eq!(assignment("A=b=c"), Ok(("A".into(), "b=c".into())));
        assert_eq!(assignment("A="), Ok(("A".into(), "".into())));
        assert!(assignment("A").is_err() && assignment("=b").is_err());
    }
}
