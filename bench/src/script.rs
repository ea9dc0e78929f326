//! The same five operations as a shell script over OpenSSH with a shared connection (ControlMaster).

use crate::sshd::Sshd;
use anyhow::{Result, ensure};
use std::path::Path;
use std::process::Command;

/// Each `ssh` is a process of its own, as in a script; the connection is opened once and kept.
const SCRIPT: &str = r#"set -e
ssh() { command ssh -F none -o ControlMaster=auto -o "ControlPath=$DIR/mux" -o ControlPersist=60 -i "$DIR/id" \
    -o "UserKnownHostsFile=$DIR/known_hosts" -o StrictHostKeyChecking=yes -p "$PORT" "$USER_NAME@127.0.0.1" "$@"; }
ssh "mkdir -p $ROOT/releases/$LABEL $ROOT/data"
ssh "tar -xzf - -C $ROOT/releases/$LABEL" < "$ARTIFACT"
ssh "ln -s releases/$LABEL $ROOT/current.new && mv -Tf $ROOT/current.new $ROOT/current"
ssh "$ROOT/current/compose up -d"
until [ "$(ssh "curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:$APP/")" = 200 ]; do sleep 0.1; done
"#;

pub(crate) struct Script<'a> {
    pub(crate) sshd: &'a Sshd,
    pub(crate) user: &'a str,
    /// The directory on the target.
    pub(crate) root: &'a Path,
    /// The port that answers 200.
    pub(crate) app: u16,
}

impl Script<'_> {
    pub(crate) fn run(&self, label: &str, artifact: &Path) -> Result<()> {
        let done = Command::new("sh")
            .args(["-c", SCRIPT])
            .env("DIR", &self.sshd.directory)
            .env("PORT", self.sshd.port.to_string())
            .env("USER_NAME", self.user)
            .env("ROOT", self.root)
            .env("LABEL", label)
            .env("ARTIFACT", artifact)
            .env("APP", self.app.to_string())
            .status()?;
        ensure!(done.success(), "the script failed");
        Ok(())
    }
}
