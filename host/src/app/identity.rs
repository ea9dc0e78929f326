//! Who this server is: an id that is kept in the data directory, and a name for people.

use super::StartError;
use crate::store::ServerIdentity;
use std::io::ErrorKind;
use std::path::Path;
use windlass_api_types::ServerId;

/// The file in the data directory. Its lock is held, so that an earlier process of this id has ended.
const FILE: &str = "server-id";

/// Where the kernel says what this machine is called.
const HOST_NAME: &str = "/proc/sys/kernel/hostname";

/// Reads the id, or makes one. `name` is what the settings say; else the machine's name.
pub(super) fn identity(data_dir: &Path, name: Option<&str>, url: Option<String>) -> Result<ServerIdentity, StartError> {
    let path = data_dir.join(FILE);
    let unusable = |source| StartError::DataDir { path: path.clone(), source };
    let id = match std::fs::read_to_string(&path) {
        Ok(text) => {
            let bad = |_| StartError::ServerId { path: path.clone(), found: text.trim().chars().take(80).collect() };
            text.trim().parse().map_err(bad)?
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let id = ServerId::new();
            std::fs::write(&path, format!("{id}\n")).map_err(unusable)?;
            id
        }
        Err(error) => return Err(unusable(error)),
    };
    let name = name.map_or_else(host_name, String::from);
    Ok(ServerIdentity { id, name, url })
}

fn host_name() -> String {
    let name = std::fs::read_to_string(HOST_NAME).unwrap_or_default();
    match name.trim() {
        "" => "localhost".into(),
        name => name.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_kept() {
        let directory = tempfile::TempDir::new().unwrap();
        let first = identity(directory.path(), None, None).unwrap();
        let again = identity(directory.path(), Some("web-ops"), None).unwrap();
        assert_eq!((first.id, again.name.as_str()), (again.id, "web-ops"));
        assert!(!first.name.is_empty());
    }

    #[test]
    fn what_is_no_id_is_said() {
        let directory = tempfile::TempDir::new().unwrap();
        std::fs::write(directory.path().join(FILE), "web-ops\n").unwrap();
        let failure = identity(directory.path(), None, None).unwrap_err().failure();
        let expected = format!("{}/server-id holds `web-ops`, which is no id of a server", directory.path().display());
        assert_eq!(failure.message, expected);
        assert_eq!(failure.hint.as_deref(), Some("remove the file: the next start makes a new one"));
    }
}
