//! Root's rights on a target: how they are asked for, and what it means when they are refused.

use tokio::io::AsyncReadExt;

use super::command::Token;
use super::session::Input;

/// How a command becomes root's.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub enum Sudo {
    /// It does not: it runs as the connection's user.
    #[default]
    No,
    /// `sudo -n`, which never asks.
    WithoutPassword,
    /// `sudo -S`, with this password on its standard input, where no process list shows it.
    WithPassword(String),
}

impl Sudo {
    /// `sudo -n`, or none.
    pub fn without_password(wanted: bool) -> Self {
        if wanted { Self::WithoutPassword } else { Self::No }
    }

    pub(super) fn is_wanted(&self) -> bool {
        *self != Self::No
    }

    /// What stands before `sh -c` in a command line.
    pub(super) fn prefix(&self) -> &'static str {
        match self {
            Self::No => "",
            Self::WithoutPassword => "sudo -n ",
            // `-k`: the password is asked for each time, whatever was asked before. `LANGUAGE`: what sudo says is read.
            Self::WithPassword(_) => "env LANGUAGE=C sudo -k -S -p '' ",
        }
    }

    /// What a program does before all else. A `sudo` that asks nothing leaves the password to be read: it is passed
    /// over, up to the line with the token, `$1`.
    pub(super) fn preface(&self) -> &'static str {
        match self {
            Self::No | Self::WithoutPassword => "",
            Self::WithPassword(_) => include_str!("command/password.sh"),
        }
    }

    /// The input of a command line with this prefix and preface.
    pub(super) fn input(&self, token: &Token, input: Input) -> Input {
        match self {
            Self::No | Self::WithoutPassword => input,
            Self::WithPassword(password) => {
                let begin = format!("{password}\n{}\n", token.as_str());
                Box::new(std::io::Cursor::new(begin.into_bytes()).chain(input))
            }
        }
    }
}

/// Not the password.
impl std::fmt::Debug for Sudo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::No => "No",
            Self::WithoutPassword => "WithoutPassword",
            Self::WithPassword(_) => "WithPassword",
        })
    }
}

/// A refusal of `sudo`, recognized in what was said instead of a command's opening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// Why, in a few words.
    pub(super) reason: String,
    /// What to do next.
    pub(super) hint: &'static str,
}

const WRONG: &str = "correct the secret that holds the password of the connection's user";
const NO_RIGHTS: &str = "let the user run commands as root: a line in sudoers, or its group, such as `sudo`";
const ASKS: &str = "let the user run commands without a password (NOPASSWD in sudoers), give the password as a secret \
                    (`sudo_password` of the plugin `run`), or connect as root";

impl Refusal {
    /// None where it was not `sudo` that spoke.
    pub(super) fn recognize(said: &str) -> Option<Self> {
        let line = |has: &str| said.lines().map(str::trim).find(|line| line.contains(has));
        let found = |reason: &str, hint| Some(Self { reason: reason.to_owned(), hint });
        if line("incorrect password attempt").is_some() || line("Sorry, try again").is_some() {
            return found("the password is wrong", WRONG);
        }
        // The command follows, which is a whole program.
        if let Some((who, _)) = line(" is not allowed to execute ").and_then(|line| line.split_once(" is not ")) {
            let who = who.trim_start_matches("Sorry, ");
            return found(&format!("{who} is not allowed to execute a shell as root"), NO_RIGHTS);
        }
        if let Some(line) = line("not in the sudoers file").or_else(|| line("may not run sudo")) {
            let sentence = line.trim_start_matches("Sorry, ").split(".  ").next().unwrap_or(line);
            return found(sentence.trim_end_matches('.'), NO_RIGHTS);
        }
        let reason = said.lines().rev().find_map(|line| line.trim().strip_prefix("sudo: "))?;
        found(reason, ASKS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sudo_says_is_recognized() {
        let said = [
            ("Sorry, try again.\nSorry, try again.\nsudo: 3 incorrect password attempts", "the password is wrong"),
            ("sudo: 1 incorrect password attempt", "the password is wrong"),
            ("ada is not in the sudoers file.", "ada is not in the sudoers file"),
            ("ada is not in the sudoers file.  This incident will be reported.", "ada is not in the sudoers file"),
            ("Sorry, user ada may not run sudo on web-1.", "user ada may not run sudo on web-1"),
            (
                "Welcome\nSorry, user ada is not allowed to execute '/bin/sh -c x\ny\nz\n a b' as root on web-1.",
                "user ada is not allowed to execute a shell as root",
            ),
            ("sudo: a password is required", "a password is required"),
        ];
        for (complaint, reason) in said {
            assert_eq!(Refusal::recognize(complaint).map(|refusal| refusal.reason).as_deref(), Some(reason));
        }
        assert_eq!(Refusal::recognize("sh: 1: exec: sudo: not found"), None);
    }

    #[test]
    fn a_password_is_not_shown() {
        assert_eq!(format!("{:?}", Sudo::WithPassword("hunter2".into())), "WithPassword");
    }
}
