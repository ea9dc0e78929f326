//! Where the command line keeps what it knows: the login of a server, and the data directory.

use super::CliError;
use crate::client::ServerAddress;
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::path::PathBuf;

/// The directories of the user who runs the command.
#[derive(Clone, Debug)]
pub(super) struct Places {
    /// `~/.config/windlass`
    pub config_dir: Option<PathBuf>,
    /// `~/.local/share/windlass`
    pub data_dir: Option<PathBuf>,
}

/// The server that `windlass login` pointed at. The file is readable by its owner only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedLogin {
    /// The server's address.
    pub server: String,
    /// An API token, `wl_…`.
    pub token: String,
}

impl Places {
    pub(super) fn of_user() -> Self {
        Self {
            config_dir: dirs::config_dir().map(|dir| dir.join("windlass")),
            data_dir: dirs::data_dir().map(|dir| dir.join("windlass")),
        }
    }

    fn login_file(&self) -> Result<PathBuf, CliError> {
        let dir = self.config_dir.as_ref().ok_or_else(|| {
            CliError::usage("there is no home directory to keep the login in", "set HOME, or XDG_CONFIG_HOME")
        })?;
        Ok(dir.join("config.toml"))
    }

    /// The saved login, if there is one.
    pub(super) fn login(&self) -> Result<Option<SavedLogin>, CliError> {
        let Ok(path) = self.login_file() else { return Ok(None) };
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(CliError::file("read", &path, &error)),
        };
        toml::from_str(&text).map(Some).map_err(|error| {
            CliError::usage(
                format!("cannot read {}: {}", path.display(), error.message()),
                "sign in again, which writes it anew: windlass login URL",
            )
        })
    }

    /// Keeps a login, in place of an earlier one. Answers where.
    pub(super) fn save_login(&self, address: &ServerAddress, token: &str) -> Result<PathBuf, CliError> {
        let path = self.login_file()?;
        let dir = path.parent().expect("the file is in the configuration directory");
        let login = SavedLogin { server: address.to_string(), token: token.to_owned() };
        let text = toml::to_string(&login).expect("two strings are TOML");
        // A temporary file is made with mode 0600, and a rename never leaves half a login.
        std::fs::create_dir_all(dir)
            .and_then(|()| tempfile::NamedTempFile::new_in(dir))
            .and_then(|mut file| {
                file.write_all(text.as_bytes())?;
                file.persist(&path).map_err(|error| error.error)
            })
            .map_err(|error| CliError::file("write", &path, &error))?;
        Ok(path)
    }

    /// Forgets the login. Answers whether there was one.
    pub(super) fn forget_login(&self) -> Result<bool, CliError> {
        let path = self.login_file()?;
        match std::fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(CliError::file("remove", &path, &error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_login_is_kept_for_its_owner_only() {
        let dir = tempfile::tempdir().unwrap();
        let places = Places { config_dir: Some(dir.path().join("windlass")), data_dir: None };
        assert_eq!(places.login().unwrap(), None);

        let path = places.save_login(&"https://example.com/".parse().unwrap(), "wl_1").unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let saved = SavedLogin { server: "https://example.com".into(), token: "wl_1".into() };
        assert_eq!(places.login().unwrap(), Some(saved));

        assert!(places.forget_login().unwrap());
        assert!(!places.forget_login().unwrap());
    }

    #[test]
    fn a_broken_file_says_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("config.toml"), "server = 1").unwrap();
        let places = Places { config_dir: Some(dir.path().into()), data_dir: None };
        let error = places.login().unwrap_err();
        assert!(error.to_string().contains("invalid type"), "{error}");
        assert_eq!(error.hint().unwrap(), "sign in again, which writes it anew: windlass login URL");
    }
}
