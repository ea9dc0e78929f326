//! `windlass token`: access for programs.

use super::context::Context;
use super::render::style::{BOLD, DIM};
use super::render::table::{Cell, Table};
use super::render::time;
use super::{CliError, Exit};
use clap::{Args, Subcommand};
use jiff::tz::TimeZone;
use windlass_api_types::TokenId;
use windlass_api_types::user::{CreateToken, Token as ApiToken};

/// Make, list and revoke API tokens
#[derive(Debug, Args)]
pub(super) struct Token {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make a token; its secret is printed once
    #[command(after_help = "Example:\n  WINDLASS_TOKEN=$(windlass token create ci --days 90)")]
    Create {
        /// What it is for
        name: String,
        /// Days until it expires [default: never]
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..))]
        days: Option<u32>,
    },
    /// Show all tokens, without their secrets
    List,
    /// End a token at once
    Revoke {
        /// Its name or id
        token: String,
    },
}

impl Token {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let client = context.client().await?;
        match self.verb {
            Verb::Create { name, days } => {
                let created = client.create_token(&CreateToken { name, days }).await?;
                context.output.value(&created, |created| format!("{}\n", created.secret))?;
                context.output.note("it is not shown again");
            }
            Verb::List => {
                let tokens = client.tokens().await?;
                context.output.value(&tokens, |tokens| render(tokens, &TimeZone::system()))?;
            }
            Verb::Revoke { token } => {
                let id = find(&client.tokens().await?, &token)?;
                client.revoke_token(id).await?;
                context.output.note(&format!("{token} is revoked"));
            }
        }
        Ok(Exit::Done)
    }
}

/// A token by its id, or by its name where only one has it.
fn find(tokens: &[ApiToken], wanted: &str) -> Result<TokenId, CliError> {
    let matching: Vec<TokenId> = tokens
        .iter()
        .filter(|token| token.name == wanted || token.id.to_string() == wanted)
        .map(|token| token.id)
        .collect();
    match matching[..] {
        [id] => Ok(id),
        [] => Err(CliError::usage(format!("there is no token `{wanted}`"), "see them with: windlass token list")),
        _ => Err(CliError::usage(
            format!("{} tokens are called `{wanted}`", matching.len()),
            "name it by its id: windlass token list",
        )),
    }
}

fn render(tokens: &[ApiToken], zone: &TimeZone) -> String {
    if tokens.is_empty() {
        return "no tokens\n".into();
    }
    let mut table = Table::new(&["NAME", "ID", "CREATED", "EXPIRES", "LAST USED"]);
    let or = |at: Option<i64>, absent: &str| at.map_or(absent.to_owned(), |at| time::date(at, zone));
    for token in tokens {
        table.row([
            Cell::new(&token.name, BOLD),
            Cell::new(token.id.to_string(), DIM),
            time::date(token.created_at, zone).into(),
            or(token.expires_at, "never").into(),
            or(token.last_used_at, "never").into(),
        ]);
    }
    table.render()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_named_by_name_or_id_but_not_by_chance() {
        let token = |id: u128, name: &str| ApiToken {
            id: TokenId(uuid::Uuid::from_u128(id)),
            name: name.into(),
            created_at: 0,
            expires_at: None,
            last_used_at: None,
        };
        let tokens = [token(1, "ci"), token(2, "ci"), token(3, "laptop")];
        assert_eq!(find(&tokens, "laptop").unwrap(), tokens[2].id);
        assert_eq!(find(&tokens, &tokens[0].id.to_string()).unwrap(), tokens[0].id);
        assert_eq!(find(&tokens, "ci").unwrap_err().to_string(), "2 tokens are called `ci`");
        assert_eq!(find(&tokens, "x").unwrap_err().to_string(), "there is no token `x`");
    }
}
