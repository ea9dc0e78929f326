//! `windlass login`: points the command line at a server.

use super::context::Context;
use super::settings::SavedLogin;
use super::{CliError, Exit, prompt};
use crate::client::{Client, ServerAddress};
use clap::Args;
use windlass_api_types::user::CreateToken;

/// The page of the web UI that takes one-time links: `/sign-in#<secret>`.
const SIGN_IN_PAGE: &str = "/sign-in";

/// Point the command line at a server
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  windlass login 'https://windlass.example.com/sign-in#one-time-secret'   exchange a sign-in link for a token
  windlass login https://windlass.example.com                            asks for a token (windlass token create)
  windlass login --link                                                  sign a browser in
  windlass login --forget                                                work without a server again")]
pub(super) struct Login {
    /// The server's address, or a one-time sign-in link
    #[arg(required_unless_present_any = ["forget", "link"], value_name = "URL")]
    url: Option<String>,
    /// Forget the server, and revoke the token there
    #[arg(long, conflicts_with = "url")]
    forget: bool,
    /// Print a new one-time link that signs a browser in
    #[arg(long, conflicts_with_all = ["url", "forget"])]
    link: bool,
}

/// What was given to sign in with.
#[derive(Debug, PartialEq, Eq)]
enum Given {
    /// The secret of a one-time link.
    Link {
        server: String,
        secret: String,
    },
    Server(String),
}

impl Given {
    fn read(url: &str) -> Self {
        match url.split_once('#') {
            Some((page, secret)) if !secret.is_empty() => {
                let server = page.trim_end_matches('/');
                let server = server.strip_suffix(SIGN_IN_PAGE).unwrap_or(server);
                Self::Link { server: server.into(), secret: secret.into() }
            }
            _ => Self::Server(url.trim_end_matches('#').into()),
        }
    }
}

impl Login {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        if self.link {
            let link = context.client().await?.create_sign_in_link().await?;
            context.output.value(&link, |link| format!("{}\n", link.url))?;
            return Ok(Exit::Done);
        }
        let Some(url) = self.url else {
            return forget(context).await;
        };
        let given = Given::read(&url);
        let (Given::Link { server, .. } | Given::Server(server)) = &given;
        let address: ServerAddress = server.parse().map_err(|error: crate::client::address::AddressError| {
            CliError::usage(error.to_string(), "write it like: windlass login https://windlass.example.com")
        })?;
        if address.is_exposed() {
            context.output.warn("the connection is not encrypted: the token can be read on the way");
        }
        let token = match given {
            Given::Link { secret, .. } => exchange(&address, &secret).await?,
            Given::Server(_) => ask(context, &address).await?,
        };
        let me = Client::remote(&address, Some(token.clone()))?.me().await?;
        let path = context.places.save_login(&address, &token)?;
        context.output.value(&me, |me| format!("signed in to {address} as {}\n", me.name))?;
        context.output.note(&format!("the token is kept in {}", path.display()));
        Ok(Exit::Done)
    }
}

/// Forgets the login, and ends its token where the server can be reached: a copy of the file opens nothing then.
async fn forget(context: &Context) -> Result<Exit, CliError> {
    // A file that cannot be read is removed all the same.
    let login = context.places.login().ok().flatten();
    if !context.places.forget_login()? {
        context.output.note("there was no login");
        return Ok(Exit::Done);
    }
    let Some(login) = login else {
        context.output.note("forgotten");
        return Ok(Exit::Done);
    };
    match revoke(&login).await {
        Ok(()) => context.output.note(&format!("forgotten, and its token on {} is revoked", login.server)),
        Err(error) if error.exit() == Exit::Unreachable => {
            context.output.note("forgotten");
            context
                .output
                .warn(&format!("its token is not revoked: {error}\n  next: windlass token revoke, on the server"));
        }
        Err(error) => return Err(error),
    }
    Ok(Exit::Done)
}

async fn revoke(login: &SavedLogin) -> Result<(), CliError> {
    let address: ServerAddress = login.server.parse().map_err(|error: crate::client::address::AddressError| {
        CliError::usage(format!("the saved login was wrong: {error}"), "it is forgotten; nothing is left to do")
    })?;
    match Client::remote(&address, Some(login.token.clone()))?.sign_out().await {
        // It was revoked before, or has expired.
        Err(error) if error.status() == Some(401) => Ok(()),
        ended => Ok(ended?),
    }
}

/// A link works once: it becomes a token for this machine.
async fn exchange(address: &ServerAddress, secret: &str) -> Result<String, CliError> {
    let session = Client::remote(address, None)?.sign_in(secret).await?;
    let created = session.exchange(&CreateToken { name: token_name(), days: None }).await?;
    Ok(created.secret)
}

async fn ask(context: &Context, address: &ServerAddress) -> Result<String, CliError> {
    let token = match &context.options().token {
        Some(token) => token.clone(),
        None => {
            context.output.note("make a token where you are signed in already: windlass token create NAME");
            prompt::ask_hidden(&format!("Token for {address}:"))?
        }
    };
    if token.is_empty() {
        return Err(CliError::usage("no token was given", "paste the one that `windlass token create` printed"));
    }
    Ok(token)
}

/// Tells where the token is kept, for whoever looks at the list of tokens.
fn token_name() -> String {
    let machine = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let machine = match machine.trim() {
        "" => "a machine without a name",
        name => name,
    };
    let user = std::env::var("USER").unwrap_or_default();
    if user.is_empty() { format!("windlass on {machine}") } else { format!("windlass of {user} on {machine}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_one_time_link_is_taken_apart() {
        let link = |server: &str| Given::Link { server: server.into(), secret: "s3cret".into() };
        assert_eq!(Given::read("http://127.0.0.1:4680/sign-in#s3cret"), link("http://127.0.0.1:4680"));
        assert_eq!(Given::read("https://example.com/windlass/sign-in/#s3cret"), link("https://example.com/windlass"));
        assert_eq!(Given::read("https://example.com"), Given::Server("https://example.com".into()));
        assert_eq!(Given::read("https://example.com/#"), Given::Server("https://example.com/".into()));
    }
}
