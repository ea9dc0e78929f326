//! `windlass target`: the machines that are deployed to.

mod add;
mod address;
mod import;
mod prepare;
mod ssh_config;

use super::context::Context;
use super::render::style::{BOLD, DIM, FAILURE, SUCCESS, paint};
use super::render::table::{Cell, Table};
use super::render::text::clean_block;
use super::render::time;
use super::{CliError, Exit};
use clap::{Args, Subcommand};
use windlass_api_types::target::{Identity, Target as ApiTarget, TargetCheck};

/// Add, import, prepare, list, check and remove targets
#[derive(Debug, Args)]
pub(super) struct Target {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Add(add::Add),
    Import(import::Import),
    Prepare(prepare::Prepare),
    /// Show all targets
    List,
    /// See whether Windlass gets in
    Check {
        /// The target's name
        name: String,
    },
    /// Forget a target; nothing on the machine is touched
    Remove {
        /// The target's name
        name: String,
    },
}

impl Target {
    /// Whether it deploys.
    pub(super) fn drives(&self) -> bool {
        matches!(self.verb, Verb::Prepare(_))
    }

    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        match self.verb {
            Verb::Add(add) => return add.run(context).await,
            Verb::Import(import) => return import.run(context).await,
            Verb::Prepare(prepare) => return prepare.run(context).await,
            Verb::List => {
                let targets = context.client().await?.targets().await?;
                context.output.value(&targets, |targets| render(targets))?;
            }
            Verb::Check { name } => {
                let check = context.client().await?.check_target(&name).await?;
                context.output.value(&check, |check| render_check(&name, check))?;
                return Ok(exit(&check));
            }
            Verb::Remove { name } => {
                context.client().await?.delete_target(&name).await?;
                context.output.note(&format!("{name} is forgotten"));
            }
        }
        Ok(Exit::Done)
    }
}

fn exit(check: &TargetCheck) -> Exit {
    if check.failure.is_none() { Exit::Done } else { Exit::Unreachable }
}

fn render(targets: &[ApiTarget]) -> String {
    if targets.is_empty() {
        return "no targets\n  next: windlass target add web-1 deploy@10.0.0.11\n".into();
    }
    let mut table = Table::new(&["TARGET", "ADDRESS", "KEY", "HOST KEY"]);
    for target in targets {
        let identity = match &target.identity {
            Identity::Stored => "stored".to_owned(),
            Identity::Agent => "agent".to_owned(),
            Identity::File(path) => path.clone(),
        };
        let address = address::written(&target.user, &target.host, target.port);
        let address = address::through(address, target.jump.as_deref());
        let fingerprint = Cell::new(&target.fingerprint, DIM);
        table.row([Cell::new(&target.name, BOLD), address.into(), identity.into(), fingerprint]);
    }
    table.render()
}

/// Whether Windlass gets in, and if not, why and what to do.
fn render_check(name: &str, check: &TargetCheck) -> String {
    let Some(failure) = &check.failure else {
        let took = time::took(check.took.try_into().unwrap_or(i64::MAX));
        return format!("{} {name} answers ({took})\n", paint(SUCCESS, "✓"));
    };
    let mut text = format!("{} {name}  {}\n", paint(FAILURE, "✗"), clean_block(failure.message_on(Some(name)), "  "));
    if let Some(hint) = &failure.hint {
        text.push_str(&format!("  {} {}\n", paint(DIM, "next:"), clean_block(hint, "  ")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::render::sample::plain;
    use super::*;
    use expect_test::expect;
    use windlass_api_types::{ErrorKind, Failure, TargetId};

    #[test]
    fn targets_are_listed_with_how_they_are_reached() {
        let target = ApiTarget {
            id: TargetId(uuid::Uuid::from_u128(1)),
            name: "web-1".into(),
            host: "10.0.0.11".into(),
            port: 22,
            user: "deploy".into(),
            host_key: "ssh-ed25519 AAAA".into(),
            fingerprint: "SHA256:abc".into(),
            identity: Identity::Stored,
            jump: None,
            created_at: 0,
        };
        let other = ApiTarget {
            name: "db".into(),
            host: "::1".into(),
            port: 2222,
            identity: Identity::File("/keys/db".into()),
            jump: Some("web-1".into()),
            ..target.clone()
        };
        expect![[r#"
            TARGET  ADDRESS                          KEY       HOST KEY
            web-1   deploy@10.0.0.11                 stored    SHA256:abc
            db      deploy@[::1]:2222 through web-1  /keys/db  SHA256:abc
        "#]]
        .assert_eq(&plain(&render(&[target, other])));
    }

    #[test]
    fn a_check_says_what_is_wrong() {
        let failure = Failure::new(ErrorKind::Denied, "key-refused", "web-1 refused the key of deploy")
            .hint("add the line to ~deploy/.ssh/authorized_keys");
        let check = TargetCheck { failure: Some(failure), took: 12 };
        expect![[r#"
            ✗ web-1  web-1 refused the key of deploy
              next: add the line to ~deploy/.ssh/authorized_keys
        "#]]
        .assert_eq(&plain(&render_check("web-1", &check)));
        assert_eq!(
            plain(&render_check("web-1", &TargetCheck { failure: None, took: 95 })),
            "✓ web-1 answers (95 ms)\n"
        );
    }
}
