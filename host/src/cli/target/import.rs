//! `windlass target import`: registers machines that the user's SSH configuration knows.

use super::add::{Add, IdentityArgument};
use super::address::{SSH_PORT, TargetAddress, place, through, written};
use super::ssh_config::{SshHost, hosts};
use crate::cli::context::Context;
use crate::cli::render::style::BOLD;
use crate::cli::render::table::{Cell, Table};
use crate::cli::{CliError, Exit};
use clap::Args;
use std::path::PathBuf;
use windlass_api_types::target::Identity;

/// Register machines of your SSH configuration; without names, list them
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  windlass target import\n  windlass target import web-1 web-2")]
pub(super) struct Import {
    /// Hosts of the configuration
    names: Vec<String>,
    /// The configuration [default: ~/.ssh/config]
    #[arg(long, value_name = "FILE")]
    ssh_config: Option<PathBuf>,
    /// The key that opens them [default: the IdentityFile of each, else the server's own]
    #[arg(long, value_name = "KEY")]
    identity: Option<IdentityArgument>,
}

impl Import {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let path = self.ssh_config.clone().or_else(|| dirs::home_dir().map(|home| home.join(".ssh/config")));
        let path = path.ok_or_else(|| CliError::usage("there is no home directory", "pass --ssh-config FILE"))?;
        let text = std::fs::read_to_string(&path).map_err(|error| CliError::file("read", &path, &error))?;
        let known = hosts(&text);
        if self.names.is_empty() {
            context.output.value(&known, |known| render(known))?;
            context.output.note("  next: windlass target import NAME…");
            return Ok(Exit::Done);
        }
        // All are looked up before the first is registered.
        let chosen: Vec<Add> = self.names.iter().map(|name| self.choose(name, &known)).collect::<Result<_, _>>()?;
        let mut worst = Exit::Done;
        for add in chosen {
            let exit = add.run(context).await?;
            if exit != Exit::Done {
                worst = exit;
            }
        }
        Ok(worst)
    }

    fn choose(&self, name: &str, known: &[SshHost]) -> Result<Add, CliError> {
        let host = known.iter().find(|host| host.name == name).ok_or_else(|| {
            CliError::usage(format!("the SSH configuration has no host `{name}`"), "see them: windlass target import")
        })?;
        if host.is_behind_proxy {
            return Err(CliError::usage(
                format!("{name} is reached by a command or through several machines at once"),
                "add each machine by itself, the next one with `--jump` and the one before: windlass target add",
            ));
        }
        let from_file = || host.identity_file.clone().map(|path| Identity::File(path).into());
        Ok(Add {
            name: name.to_owned(),
            address: TargetAddress {
                user: host.user.clone(),
                host: host.host.clone(),
                port: host.port.unwrap_or(SSH_PORT),
            },
            identity: self.identity.clone().or_else(from_file).unwrap_or_default(),
            jump: host.jump.clone(),
            fingerprint: None,
            replace_host_key: false,
        })
    }
}

fn render(hosts: &[SshHost]) -> String {
    if hosts.is_empty() {
        return "the SSH configuration names no hosts\n".into();
    }
    let mut table = Table::new(&["HOST", "ADDRESS", "KEY"]);
    for host in hosts {
        let port = host.port.unwrap_or(SSH_PORT);
        let address = match &host.user {
            Some(user) => written(user, &host.host, port),
            None => place(&host.host, port),
        };
        let address = through(address, host.jump.as_deref());
        let note = if host.is_behind_proxy { "(behind a proxy)" } else { "" };
        let key = host.identity_file.as_deref().unwrap_or(note);
        table.row([Cell::new(&host.name, BOLD), address.into(), key.into()]);
    }
    table.render()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::render::sample::plain;
    use expect_test::expect;

    #[test]
    fn the_port_is_listed_with_and_without_a_user() {
        let known = hosts("Host a\n  Port 2222\nHost b\n  User deploy\n  HostName ::1\n  Port 2222\nHost c\n");
        expect![[r#"
            HOST  ADDRESS            KEY
            a     a:2222
            b     deploy@[::1]:2222
            c     c
        "#]]
        .assert_eq(&plain(&render(&known)));
    }
}
