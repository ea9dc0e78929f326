//! How git signs in.
//!
//! A token is in the environment of git, from which a helper, named in the same environment, takes it; only the
//! repository's own host is told. A key comes by standard input into an agent that lives as long as git does.

use crate::url::{RepositoryUrl, Transport};
use crate::{Config, refused};
use windlass_sdk::ssh::{self, Command};
use windlass_sdk::{Result, Text};

/// Answers git's question for a user name and password.
const HELPER: &str = "!f() { [ \"$1\" != get ] || printf 'username=%s\\npassword=%s\\n' \"$WINDLASS_USER\" \
                      \"$WINDLASS_TOKEN\"; }; f";
/// Runs `$BODY`, with an agent around it where a key comes by standard input.
const WRAPPER: &str = include_str!("access.sh");

/// How git signs in.
pub(crate) struct Access {
    env: Vec<(&'static str, Text)>,
    key: Option<Text>,
}

impl Access {
    /// # Errors
    /// The configuration gives a secret to a transport that has no use for it, or that would show it to everybody.
    pub(crate) fn new(config: &Config) -> Result<Self> {
        let url = &config.repository;
        let given = |text: &Option<Text>| text.clone().filter(|text| !text.is_empty());
        let (token, key) = (given(&config.token), given(&config.ssh_key));
        let transport = url.transport();
        if token.is_some() && !matches!(transport, Some(Transport::Https | Transport::Http)) {
            return Err(refused(format!("a `token` has no meaning for {url}"), "give `ssh_key`, or an https:// URL"));
        }
        if token.is_some() && !url.is_private() {
            return Err(refused(
                format!("the token would cross the network unencrypted to {}", url.origin()),
                "give the repository's https:// URL",
            ));
        }
        if key.is_some() && transport != Some(Transport::Ssh) {
            return Err(refused(format!("an `ssh_key` has no meaning for {url}"), "give `token`, or an ssh:// URL"));
        }
        let mut access = Self { env: Vec::new(), key };
        access.env.push(("KNOWN_HOSTS", Text::from(&config.known_hosts)));
        if let Some(token) = token {
            access.sign_in(url, &config.username, token);
        }
        Ok(access)
    }

    fn sign_in(&mut self, url: &RepositoryUrl, username: &str, token: Text) {
        self.env.extend([
            ("WINDLASS_USER", Text::from(username)),
            ("WINDLASS_TOKEN", token),
            ("GIT_CONFIG_COUNT", Text::from("2")),
            // Helpers that the machine has would store what they see.
            ("GIT_CONFIG_KEY_0", Text::from("credential.helper")),
            ("GIT_CONFIG_VALUE_0", Text::from("")),
            ("GIT_CONFIG_KEY_1", Text::from(format!("credential.{}.helper", url.origin()))),
            ("GIT_CONFIG_VALUE_1", Text::from(HELPER)),
        ]);
    }

    /// A command that runs a script in which git can sign in.
    pub(crate) fn command(&self, target: &str, name: &str, body: &str) -> Command {
        let command = ssh::script(target, WRAPPER).named(name).env("BODY", body).envs(self.env.clone());
        match &self.key {
            // A key that lost its last line break is none.
            Some(key) => command.env("WITH_KEY", "yes").stdin(key.clone().and("\n")),
            None => command,
        }
    }
}
