use super::*;
use flate2::read::GzDecoder;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;

fn pack(path: &Path) -> Result<Vec<u8>, ArchiveError> {
    let mut bytes = Vec::new();
    Listing::of(path)?.write(&mut bytes, |_| {})?;
    Ok(bytes)
}

/// Fills a directory, in the order given.
fn fill(directory: &Path, files: &[(&str, &str, u32)]) {
    for (name, contents, mode) in files {
        let path = directory.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, contents).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(*mode)).unwrap();
    }
}

/// `mode kind name -> link | contents`, a line an entry.
fn describe(bytes: &[u8]) -> Vec<String> {
    let mut archive = tar::Archive::new(GzDecoder::new(bytes));
    let described = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let header = entry.header();
        assert_eq!((header.uid().unwrap(), header.gid().unwrap(), header.mtime().unwrap()), (0, 0, 0));
        let (mode, kind) = (header.mode().unwrap(), header.entry_type());
        let name = entry.path().unwrap().display().to_string();
        let link = entry.link_name().unwrap().map(|link| format!(" -> {}", link.display())).unwrap_or_default();
        let mut contents = String::new();
        entry.read_to_string(&mut contents).unwrap();
        format!("{mode:o} {kind:?} {name}{link} {contents}").trim_end().to_owned()
    });
    described.collect()
}

#[test]
fn the_same_contents_give_the_same_bytes() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut files = [("b/run", "#!/bin/sh", 0o755), ("a", "1", 0o644), ("b.txt", "2", 0o600)];
    fill(one.path(), &files);
    files.reverse();
    fill(other.path(), &files);
    File::open(other.path().join("a")).unwrap().set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    assert_eq!(pack(one.path()).unwrap(), pack(other.path()).unwrap());
}

#[test]
fn entries_are_sorted_with_their_modes_and_links() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), &[("b/run", "x", 0o755), ("a", "1", 0o640)]);
    fs::set_permissions(dir.path().join("b"), fs::Permissions::from_mode(0o700)).unwrap();
    symlink("b/run", dir.path().join("current")).unwrap();
    symlink("nowhere", dir.path().join("dangling")).unwrap();
    assert_eq!(
        describe(&pack(dir.path()).unwrap()),
        [
            "640 Regular a 1",
            "700 Directory b",
            "755 Regular b/run x",
            "777 Symlink current -> b/run",
            "777 Symlink dangling -> nowhere"
        ]
    );
}

#[test]
fn a_file_keeps_its_name_and_a_link_to_one_is_followed() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), &[("app", "1", 0o755)]);
    symlink("app", dir.path().join("latest")).unwrap();
    assert_eq!(describe(&pack(&dir.path().join("app")).unwrap()), ["755 Regular app 1"]);
    assert_eq!(describe(&pack(&dir.path().join("latest")).unwrap()), ["755 Regular latest 1"]);
}

#[test]
fn long_names_survive() {
    let dir = tempfile::tempdir().unwrap();
    let name = format!("{}/{}", "d".repeat(120), "f".repeat(120));
    fill(dir.path(), &[(name.as_str(), "1", 0o644)]);
    assert!(describe(&pack(dir.path()).unwrap()).contains(&format!("644 Regular {name} 1")));
}

#[test]
fn progress_counts_the_bytes_of_the_files() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), &[("a", &"x".repeat(PIECE + 1), 0o644), ("b", "y", 0o644)]);
    let listing = Listing::of(dir.path()).unwrap();
    let mut seen = Vec::new();
    listing.write(io::sink(), |done| seen.push(done)).unwrap();
    assert_eq!(listing.total(), PIECE as u64 + 2);
    assert_eq!(seen.last(), Some(&listing.total()));
    assert!(seen.is_sorted());
}

#[test]
fn what_cannot_be_deployed_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let said = |path: &Path| pack(path).unwrap_err().to_string().replace(dir.path().to_str().unwrap(), "DIR");
    assert_eq!(said(dir.path()), "DIR is empty: there is nothing to deploy");
    assert_eq!(said(&dir.path().join("gone")), "cannot read DIR/gone: No such file or directory (os error 2)");
    let _socket = UnixListener::bind(dir.path().join("app.sock")).unwrap();
    assert_eq!(said(dir.path()), "DIR/app.sock is a socket, which cannot be deployed");
}

#[test]
fn a_file_that_shrinks_is_an_error_and_not_a_broken_archive() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), &[("a", "123", 0o644)]);
    let listing = Listing::of(dir.path()).unwrap();
    fs::write(dir.path().join("a"), "1").unwrap();
    let error = listing.write(io::sink(), |_| {}).unwrap_err();
    assert!(matches!(error, ArchiveError::Shrunk { .. }), "{error}");
}
