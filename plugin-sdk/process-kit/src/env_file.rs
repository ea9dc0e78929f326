//! A `.env` file on a target, as Docker Compose reads it.
//!
//! Its first line says whose it is: nobody else's is overwritten. The one from before is kept beside it, so that it
//! can be put back without anybody reading the secrets in it.

use crate::Environment;
use windlass_sdk::ssh::{Command, Output};
use windlass_sdk::{Context, Error, Quoting, Result, Text, files, ssh};

/// What the first line of every file begins with.
const MARK: &str = "# Written by Windlass for ";
const OTHERS: u32 = 81;
const FOREIGN: u32 = 82;
const UNREADABLE: u32 = 83;

/// Says whether the file is there, unless it is somebody else's.
const LOOK: &str = "[ -e \"$FILE\" ] || exit 0\n\
    [ -r \"$FILE\" ] || exit 83\n\
    IFS= read -r first <\"$FILE\" || :\n\
    [ \"$first\" != \"$HEADER\" ] || { echo there; exit 0; }\n\
    case $first in \"$MARK\"*) printf '%s\\n' \"${first#\"$MARK\"}\" >&2; exit 81 ;; esac\n\
    exit 82\n";
/// Keeps the file from before, once a deployment; nothing of deployments before this one.
const KEEP: &str = "for old in \"$FILE\".before-*; do [ \"$old\" = \"$KEPT\" ] || rm -f \"$old\"; done\n\
    [ \"$THERE\" = yes ] && [ ! -e \"$KEPT\" ] || exit 0\n\
    cp -p \"$FILE\" \"$KEPT.new\" && mv -f \"$KEPT.new\" \"$KEPT\"\n";
const RESTORE: &str = "if [ \"$THERE\" = yes ]; then [ ! -e \"$KEPT\" ] || mv -f \"$KEPT\" \"$FILE\"\n\
    else rm -f \"$FILE\" \"$KEPT\"; fi\n";

/// A file of an environment, or of one of its services.
#[derive(Debug)]
pub struct EnvFile {
    target: String,
    path: String,
    /// What is kept of before.
    kept: String,
    /// `shop/production`, which has the variables.
    environment: String,
    /// `shop/production, service api`.
    owner: String,
}

impl EnvFile {
    /// The file at this path, absolute or relative to the home directory; of one service, or of the environment.
    ///
    /// # Errors
    /// `invalid-input` where the stage has no target.
    pub fn new(ctx: &Context, path: &str, service: Option<&str>) -> Result<Self> {
        let environment = format!("{}/{}", ctx.project, ctx.environment);
        let owner = service.map_or_else(|| environment.clone(), |service| format!("{environment}, service {service}"));
        let kept = format!("{path}.before-{}", ctx.deployment.number);
        Ok(Self { target: ctx.target()?.to_owned(), path: path.to_owned(), kept, environment, owner })
    }

    /// Looks whether there is one, without changing anything.
    ///
    /// # Errors
    /// `conflict` with the codes `env-file-owned` (it belongs to another environment or service) and
    /// `env-file-foreign` (Windlass did not write it); `failed` where it cannot be read.
    pub fn look(&self) -> Result<bool> {
        let look = self.script("the look at the .env file", LOOK).env("MARK", MARK).env("HEADER", self.header());
        let found = look.reads().assume(Output::ok("")).run()?;
        let Self { target, path, environment, .. } = self;
        match found.status() {
            Some(OTHERS) => {
                let whose = found.stderr();
                let whose = whose.split_once(". ").map_or(&*whose, |(whose, _)| whose);
                Err(Error::conflict(format!("{target}: {path} belongs to {whose}, and this is {}", self.owner))
                    .code("env-file-owned")
                    .hint("give each service a file of its own: name another `env_file`"))
            }
            Some(FOREIGN) => Err(Error::conflict(format!("{target}: {path} was not written by Windlass"))
                .code("env-file-foreign")
                .hint(format!(
                    "take its variables over (windlass var set {environment} NAME=VALUE …), then move it away: \
                     mv {path} {path}.old"
                ))),
            Some(UNREADABLE) => {
                Err(Error::failed(format!("{target}: {path} cannot be read by the user that Windlass connects as"))
                    .code("permission-denied")
                    .hint(format!("give it to that user, or remove it: rm {path}")))
            }
            _ => Ok(found.success()?.stdout() == "there"),
        }
    }

    /// Writes it, with the mode 0600, and keeps the one from before. `there`: what [`look`](Self::look) found before
    /// the first attempt.
    ///
    /// # Errors
    /// `failed`, `unreachable`, `not-found` and `denied` (a secret).
    pub fn write(&self, variables: &Environment, there: bool) -> Result<()> {
        self.change("the script that keeps the .env file from before", KEEP, there)?;
        let header = Text::from(format!("{}\n", self.header()));
        let text = variables.iter().fold(header, |text, (name, value)| {
            text.and(format!("{name}=\"")).and(value.clone().quoted(Quoting::Dotenv)).and("\"\n")
        });
        files::write(&self.target, &self.path, text).mode(0o600).parents().send()
    }

    /// Puts back what was there before. Safe to call twice.
    ///
    /// # Errors
    /// `failed`, `unreachable`.
    pub fn restore(&self, there: bool) -> Result<()> {
        self.change("the script that restores the .env file", RESTORE, there)
    }

    fn header(&self) -> String {
        format!("{MARK}{}. Change it with: windlass var set {} NAME=VALUE", self.owner, self.environment)
    }

    fn change(&self, name: &str, script: &str, there: bool) -> Result<()> {
        let script = self.script(name, script).env("THERE", if there { "yes" } else { "no" });
        script.idempotent().run()?.success().map(drop)
    }

    fn script(&self, name: &str, script: &str) -> Command {
        ssh::script(&self.target, script).named(name).env("FILE", &self.path).env("KEPT", &self.kept)
    }
}
