//! `windlass target add`: registers a machine. Its host key is trusted only where a person has said so.

use super::address::{TargetAddress, through, written};
use super::{exit, render_check};
use crate::cli::context::Context;
use crate::cli::render::style::{BOLD, paint};
use crate::cli::{CliError, Exit, prompt};
use clap::Args;
use std::path::Path;
use std::str::FromStr;
use windlass_api_types::target::{Identity, PutTarget, ScanTarget, ScannedTarget, Target};

/// Register a machine, after comparing its host key
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  windlass target add web-2 deploy@10.0.0.12
  windlass target add web-2 deploy@10.0.0.12:2222 --identity ~/.ssh/id_ed25519
  windlass target add web-2 deploy@10.0.0.12 --jump bastion              through another target
  windlass target add web-2 deploy@10.0.0.12 --fingerprint SHA256:…      in a script

The host key's fingerprint is shown and has to be confirmed. See it on the machine itself with
  ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub")]
pub(super) struct Add {
    /// What pipelines and people will call it
    pub name: String,
    /// [user@]host[:port] [default user: yours]
    pub address: TargetAddress,
    /// The key that opens it: `stored` (the server's own), `agent`, or a private key file on the server's machine
    #[arg(long, value_name = "KEY", default_value = "stored")]
    pub identity: IdentityArgument,
    /// The registered target through which it is reached; the address is as seen from there
    #[arg(long, value_name = "TARGET")]
    pub jump: Option<String>,
    /// Trust the host key without asking if it has this fingerprint
    #[arg(long, value_name = "SHA256:…")]
    pub fingerprint: Option<String>,
    /// Accept another host key than the one trusted before
    #[arg(long)]
    pub replace_host_key: bool,
}

/// `--identity`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct IdentityArgument(pub Identity);

impl From<Identity> for IdentityArgument {
    fn from(identity: Identity) -> Self {
        Self(identity)
    }
}

impl FromStr for IdentityArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "" => Err("it is `stored`, `agent`, or the path of a private key".into()),
            "stored" => Ok(Self(Identity::Stored)),
            "agent" => Ok(Self(Identity::Agent)),
            path => Ok(Self(Identity::File(path.to_owned()))),
        }
    }
}

impl Add {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let connection = context.connection().await?;
        let client = connection.client();
        let identity = placed(self.identity.0.clone(), connection.is_local())?;
        let user = self.user()?;
        let (host, port) = (self.address.host.clone(), self.address.port);
        let scanned = client.scan_target(&ScanTarget { host: host.clone(), port, jump: self.jump.clone() }).await?;
        self.compare(client.targets().await?.iter().find(|target| target.name == self.name), &scanned)?;
        let output = context.output;
        let address = through(written(&user, &host, port), self.jump.as_deref());
        output.note(&format!("{} is {address}", paint(BOLD, &self.name)));
        output.note(&format!("  host key  {}  ({})", scanned.fingerprint, algorithm(&scanned.host_key)));
        if !self.is_trusted(&scanned)? && !context.ask(|| prompt::confirm("Trust this key?")).await? {
            let hint = "compare it and try again";
            return Err(CliError::usage("the host key was not trusted; nothing was registered", hint));
        }
        if identity == Identity::Stored {
            output.note(&format!("To let Windlass in, this line belongs into ~{user}/.ssh/authorized_keys there:"));
            output.note(&format!("  {}", scanned.authorized_key));
        }
        let request = PutTarget {
            host,
            port,
            user,
            host_key: scanned.host_key,
            identity: identity.clone(),
            jump: self.jump.clone(),
            replace_host_key: self.replace_host_key,
        };
        let target = context.client().await?.put_target(&self.name, &request).await?;
        if identity == Identity::Stored && prompt::is_interactive() && !output.is_json() {
            let question = "Press Enter when the line is there, to see whether it works.";
            context.ask(|| prompt::ask(question, Some(""))).await?;
        }
        let check = context.client().await?.check_target(&self.name).await?;
        output.value(&target, |target| render_check(&target.name, &check))?;
        if let (Some(failure), true) = (&check.failure, output.is_json()) {
            output.error(&CliError::Failure(failure.clone()));
        }
        if check.failure.is_some() {
            output.note(&format!("  it is registered; try again with: windlass target check {}", self.name));
        }
        Ok(exit(&check))
    }

    /// The user to log in as: as with ssh, one's own name where none is given.
    fn user(&self) -> Result<String, CliError> {
        let own = || std::env::var("USER").ok().filter(|user| !user.is_empty());
        self.address.user.clone().or_else(own).ok_or_else(|| {
            CliError::usage("it is not known as whom to log in", format!("write it: user@{}", self.address.host))
        })
    }

    /// A machine that is known must be the one that it was: nobody is asked to trust another one in passing.
    fn compare(&self, known: Option<&Target>, scanned: &ScannedTarget) -> Result<(), CliError> {
        let Some(known) = known.filter(|known| known.fingerprint != scanned.fingerprint && !self.replace_host_key)
        else {
            return Ok(());
        };
        let name = &self.name;
        Err(CliError::usage(
            format!(
                "the target `{name}` is pinned to another host key: trusted is {}, presented was {}",
                known.fingerprint, scanned.fingerprint
            ),
            format!("if the machine was reinstalled: windlass target add {name} USER@HOST --replace-host-key"),
        ))
    }

    /// Nothing is trusted blindly: a fingerprint that was given, or else a person's word, who is to be asked.
    fn is_trusted(&self, scanned: &ScannedTarget) -> Result<bool, CliError> {
        match &self.fingerprint {
            Some(expected) if *expected == scanned.fingerprint => Ok(true),
            Some(expected) => Err(CliError::usage(
                format!(
                    "{} presents the host key {}, not {expected}: it may be another machine",
                    self.address.host, scanned.fingerprint
                ),
                "compare them on the machine itself: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
            )),
            None if !prompt::is_interactive() => Err(CliError::usage(
                format!("nobody is there to confirm the host key of {}", self.address.host),
                format!("compare it on the machine, then pass --fingerprint {}", scanned.fingerprint),
            )),
            None => Ok(false),
        }
    }
}

/// A key file as the server will find it: on this machine made absolute, elsewhere it has to be.
fn placed(identity: Identity, is_local: bool) -> Result<Identity, CliError> {
    let Identity::File(path) = identity else { return Ok(identity) };
    if Path::new(&path).is_absolute() {
        return Ok(Identity::File(path));
    }
    if !is_local {
        return Err(CliError::usage(
            format!("`{path}` is not absolute, and the server is on another machine"),
            "name the key file as the server's machine has it, or use --identity stored",
        ));
    }
    let expanded = match (path.strip_prefix("~/"), dirs::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => path.into(),
    };
    let absolute = std::path::absolute(&expanded).map_err(|error| CliError::file("find", &expanded, &error))?;
    std::fs::metadata(&absolute).map_err(|error| CliError::file("read", &absolute, &error))?;
    Ok(Identity::File(absolute.to_string_lossy().into_owned()))
}

/// `ssh-ed25519` of an OpenSSH public key.
fn algorithm(host_key: &str) -> &str {
    host_key.split_whitespace().next().unwrap_or("unknown")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(fingerprint: Option<&str>) -> Add {
        Add {
            name: "web-2".into(),
            address: "deploy@10.0.0.12".parse().unwrap(),
            identity: IdentityArgument(Identity::Stored),
            jump: None,
            fingerprint: fingerprint.map(str::to_owned),
            replace_host_key: false,
        }
    }

    fn scanned() -> ScannedTarget {
        ScannedTarget {
            host_key: "ssh-ed25519 AAAA".into(),
            fingerprint: "SHA256:abc".into(),
            authorized_key: "ssh-ed25519 BBBB windlass".into(),
        }
    }

    #[test]
    fn only_the_same_fingerprint_is_trusted_without_asking() {
        assert!(add(Some("SHA256:abc")).is_trusted(&scanned()).unwrap());
        let error = add(Some("SHA256:other")).is_trusted(&scanned()).unwrap_err();
        let said = "10.0.0.12 presents the host key SHA256:abc, not SHA256:other: it may be another machine";
        assert_eq!(error.to_string(), said);
    }

    #[test]
    fn a_key_file_is_named_as_the_server_finds_it() {
        let file = |path: &str| Identity::File(path.into());
        assert_eq!(placed(file("/keys/a"), false).unwrap(), file("/keys/a"));
        assert!(placed(file("keys/a"), false).unwrap_err().to_string().contains("another machine"));
        assert_eq!(placed(Identity::Agent, false).unwrap(), Identity::Agent);
        let dir = tempfile::tempdir().unwrap();
        let key = dir.path().join("key");
        assert!(placed(file("no/such/key"), true).unwrap_err().to_string().starts_with("cannot read"));
        std::fs::write(&key, "").unwrap();
        assert_eq!(placed(file(key.to_str().unwrap()), true).unwrap(), file(key.to_str().unwrap()));
    }
}
