//! Files to and from a target.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tokio_util::sync::CancellationToken;

use super::fixture::Fixture;
use super::on_both_servers;
use crate::ssh::files::{Placement, Unpack, WriteFile};
use crate::ssh::{Connection, SshError};

on_both_servers![
    a_file_is_written_and_read,
    a_file_is_replaced_whole,
    files_that_cannot_be_written,
    files_that_cannot_be_read,
    archives_are_unpacked,
    a_directory_is_replaced_and_repeated_for_nothing,
    a_bad_archive_leaves_the_old_directory,
    an_archive_that_cannot_be_read_leaves_nothing,
];

fn file(path: String, contents: &[u8]) -> WriteFile {
    WriteFile { path, contents: contents.to_vec(), mode: None, owner: None, sudo: false, parents: false }
}

async fn write(connection: &Connection, file: &WriteFile) -> Result<(), SshError> {
    connection.write_file(file, &CancellationToken::new()).await
}

async fn read(connection: &Connection, path: &str, limit: usize) -> Result<Vec<u8>, SshError> {
    connection.read_file(path, limit, &CancellationToken::new()).await
}

async fn a_file_is_written_and_read(fixture: Fixture) {
    let connection = fixture.connect().await;
    let path = fixture.path("a/b c/it's");
    let contents: Vec<u8> = (0..=255).cycle().take(3_000_000).collect();
    let wanted = WriteFile { mode: Some(0o640), parents: true, ..file(path.clone(), &contents) };
    write(&connection, &wanted).await.unwrap();
    assert!(read(&connection, &path, 3_000_000).await.unwrap() == contents);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o640);
    write(&connection, &file(fixture.path("empty"), b"")).await.unwrap();
    assert_eq!(read(&connection, &fixture.path("empty"), 0).await.unwrap(), b"");
    assert_eq!(std::fs::metadata(fixture.path("empty")).unwrap().permissions().mode() & 0o7777, 0o644);
}

async fn a_file_is_replaced_whole(fixture: Fixture) {
    let connection = fixture.connect().await;
    let path = fixture.path("file");
    std::fs::write(&path, "old and longer").unwrap();
    let old = std::fs::File::open(&path).unwrap();
    write(&connection, &file(path.clone(), b"new")).await.unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"new");
    // Who has it open still reads the old one.
    assert_eq!(std::io::read_to_string(old).unwrap(), "old and longer");
    let left: Vec<_> =
        names(Path::new(&fixture.path(""))).into_iter().filter(|name| name.starts_with(".windlass")).collect();
    assert!(left.is_empty(), "{left:?}");
}

async fn files_that_cannot_be_written(fixture: Fixture) {
    let connection = fixture.connect().await;
    std::fs::create_dir(fixture.path("directory")).unwrap();
    // Not even root makes files there.
    let forbidden = "/sys/kernel/windlass-test".to_owned();
    for (path, code) in [
        (fixture.path("directory"), "is-a-directory"),
        (fixture.path("missing/file"), "not-found"),
        (forbidden, "permission-denied"),
    ] {
        let error = write(&connection, &file(path.clone(), b"x")).await.unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().starts_with(&format!("web-1: {path}: ")), "{error}");
        assert!(error.hint().is_some());
    }
    let archive = archive(&[("one", "1")]);
    let error = unpack(&connection, "/sys/kernel/windlass-test", "sha256:1", &archive).await.unwrap_err();
    assert_eq!(error.code(), "permission-denied", "{error}");
}

async fn files_that_cannot_be_read(fixture: Fixture) {
    let connection = fixture.connect().await;
    std::fs::create_dir(fixture.path("directory")).unwrap();
    std::fs::write(fixture.path("large"), [0; 11]).unwrap();
    for (name, code) in [("directory", "is-a-directory"), ("missing", "not-found"), ("large", "too-large")] {
        let error = read(&connection, &fixture.path(name), 10).await.unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }
    assert_eq!(read(&connection, &fixture.path("large"), 11).await.unwrap(), [0; 11]);
}

pub(super) fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, contents) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(contents.len() as u64);
        header.set_mode(0o755);
        builder.append_data(&mut header, path, contents.as_bytes()).unwrap();
    }
    builder.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

async fn unpack(connection: &Connection, directory: &str, digest: &str, bytes: &[u8]) -> Result<u64, SshError> {
    let request = unpacking(directory, digest, bytes.len());
    let unpacked = connection.unpack(&request, bytes, &CancellationToken::new()).await?;
    assert_eq!(unpacked.removed, 0);
    Ok(unpacked.sent)
}

pub(super) fn unpacking(directory: &str, digest: &str, length: usize) -> Unpack {
    Unpack {
        directory: directory.to_owned(),
        placement: Placement::Replace,
        owner: None,
        digest: digest.to_owned(),
        length: length as u64,
        sudo: false,
    }
}

async fn archives_are_unpacked(fixture: Fixture) {
    let connection = fixture.connect().await;
    let plain = archive(&[("bin/app", "#!/bin/sh\n"), ("README", "hello")]);
    let zipped = gzip(&plain);
    for (name, bytes) in [("plain", &plain), ("zipped", &zipped)] {
        let directory = fixture.path(&format!("releases/{name}"));
        let sent = unpack(&connection, &directory, "sha256:1", bytes).await.unwrap();
        assert_eq!(sent, bytes.len() as u64);
        assert_eq!(std::fs::read_to_string(format!("{directory}/README")).unwrap(), "hello");
        let mode = std::fs::metadata(format!("{directory}/bin/app")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o755);
    }
}

async fn a_directory_is_replaced_and_repeated_for_nothing(fixture: Fixture) {
    let connection = fixture.connect().await;
    let directory = fixture.path("release");
    let (one, two) = (archive(&[("one", "1")]), archive(&[("two", "2")]));
    unpack(&connection, &directory, "sha256:1", &one).await.unwrap();
    assert_eq!(unpack(&connection, &directory, "sha256:1", &one).await.unwrap(), 0);
    assert_eq!(unpack(&connection, &(directory.clone() + "/"), "sha256:2", &two).await.unwrap(), two.len() as u64);
    assert_eq!(names(Path::new(&directory)), [".windlass-artifact", "two"]);
    assert_eq!(leftovers(&fixture), Vec::<String>::new());
}

async fn a_bad_archive_leaves_the_old_directory(fixture: Fixture) {
    let connection = fixture.connect().await;
    let directory = fixture.path("release");
    unpack(&connection, &directory, "sha256:1", &archive(&[("one", "1")])).await.unwrap();
    let whole = gzip(&archive(&[("two", &"2".repeat(100_000))]));
    for bytes in [&b"this is no archive"[..], &whole[..whole.len() / 2]] {
        let error = unpack(&connection, &directory, "sha256:2", bytes).await.unwrap_err();
        assert_eq!(error.code(), "bad-archive", "{error}");
        assert_eq!(names(Path::new(&directory)), [".windlass-artifact", "one"]);
        assert_eq!(leftovers(&fixture), Vec::<String>::new());
    }
}

/// The archive breaks off on the server's side, at a place where tar would not notice: with an error,
/// and without.
async fn an_archive_that_cannot_be_read_leaves_nothing(fixture: Fixture) {
    let connection = fixture.connect().await;
    let directory = fixture.path("release");
    let whole = archive(&[("one", "1"), ("two", "2")]);
    let request = unpacking(&directory, "sha256:1", whole.len());
    let cancel = CancellationToken::new();
    let broken = tokio::io::AsyncReadExt::chain(&whole[..1024], broken_disk());
    let error = connection.unpack(&request, broken, &cancel).await.unwrap_err();
    assert_eq!(error.code(), "artifact-unreadable", "{error}");
    let error = connection.unpack(&request, &whole[..1024], &cancel).await.unwrap_err();
    assert_eq!(error.code(), "artifact-unreadable", "{error}");
    assert!(error.to_string().contains("it has 1024 bytes instead of"), "{error}");
    assert!(!Path::new(&directory).exists());
    assert_eq!(leftovers(&fixture), Vec::<String>::new());
}

/// A reader that fails at once, as a disk does.
fn broken_disk() -> impl tokio::io::AsyncRead + Send + Unpin {
    struct Broken;
    impl tokio::io::AsyncRead for Broken {
        fn poll_read(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
            _: &mut tokio::io::ReadBuf<'_>,
        ) -> std::task::Poll<std::io::Result<()>> {
            std::task::Poll::Ready(Err(std::io::Error::other("the disk is broken")))
        }
    }
    Broken
}

/// A disk of 256 KB, where this user may make one.
#[tokio::test]
async fn a_full_disk() {
    let fixture = Fixture::demo().await;
    let disk = fixture.path("disk");
    std::fs::create_dir(&disk).unwrap();
    let mounted =
        std::process::Command::new("mount").args(["-t", "tmpfs", "-o", "size=256k", "windlass-test", &disk]).status();
    if !mounted.is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED: writing to a full disk, because this user may not mount one");
        return;
    }
    let connection = fixture.connect().await;
    let path = format!("{disk}/file");
    let large = vec![b'x'; 2_000_000];
    write(&connection, &file(path.clone(), b"old")).await.unwrap();
    let written = write(&connection, &file(path.clone(), &large)).await;
    let kept = std::fs::read(&path).unwrap();
    let contents = String::from_utf8(large).unwrap();
    let unpacked = unpack(&connection, &format!("{disk}/release"), "sha256:1", &archive(&[("a", &contents)])).await;
    let left = names(Path::new(&disk));
    assert!(std::process::Command::new("umount").args(["-l", &disk]).status().unwrap().success());
    for error in [written.unwrap_err(), unpacked.unwrap_err()] {
        assert_eq!(error.code(), "no-space", "{error}");
    }
    assert_eq!((kept.as_slice(), left), (&b"old"[..], vec!["file".to_owned()]));
}

pub(super) fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

pub(super) fn leftovers(fixture: &Fixture) -> Vec<String> {
    names(Path::new(&fixture.path(""))).into_iter().filter(|name| name.contains(".tmp-")).collect()
}
