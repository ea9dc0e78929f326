//! Directories that live on and are filled from an archive.

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;

use tokio_util::sync::CancellationToken;

use super::fixture::Fixture;
use super::on_both_servers;
use super::transfers::{archive, leftovers, names, unpacking};
use crate::ssh::files::{Placement, Unpack, Unpacked};
use crate::ssh::{Connection, SshError};

on_both_servers![
    what_the_archive_does_not_have_stays,
    a_directory_becomes_the_archive,
    files_and_directories_take_each_others_place_only_when_asked,
    a_link_to_a_directory_is_followed_and_one_in_it_is_not,
    nothing_changes_before_all_is_there,
];

async fn sync(connection: &Connection, directory: &str, bytes: &[u8], delete: bool) -> Result<Unpacked, SshError> {
    let unpack = Unpack { placement: Placement::Merge { delete }, ..unpacking(directory, "sha256:1", bytes.len()) };
    connection.unpack(&unpack, bytes, &CancellationToken::new()).await
}

/// A directory with a file that is older, one in a directory of its own, one that is hidden.
fn old(fixture: &Fixture) -> String {
    let directory = fixture.path("site");
    for (name, contents) in [("index.html", "old"), ("own dir/it's", "kept"), (".hidden", "kept"), ("css/old.css", "x")]
    {
        let path = Path::new(&directory).join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, contents).unwrap();
    }
    directory
}

fn new() -> Vec<u8> {
    archive(&[("index.html", "new"), ("css/new.css", "y"), ("js/deep/er/app.js", "z"), (".well-known/a", "b")])
}

async fn what_the_archive_does_not_have_stays(fixture: Fixture) {
    let (connection, directory) = (fixture.connect().await, old(&fixture));
    let bytes = new();
    let synced = sync(&connection, &directory, &bytes, false).await.unwrap();
    assert_eq!((synced.sent, synced.removed), (bytes.len() as u64, 0));
    let at = |name: &str| fs::read_to_string(Path::new(&directory).join(name)).unwrap();
    assert_eq!((at("index.html"), at("css/old.css"), at("css/new.css")), ("new".into(), "x".into(), "y".into()));
    assert_eq!((at("own dir/it's"), at(".hidden")), ("kept".to_owned(), "kept".to_owned()));
    assert_eq!(names(Path::new(&directory)), [".hidden", ".well-known", "css", "index.html", "js", "own dir"]);
    // Again, and into nothing.
    assert_eq!(sync(&connection, &directory, &bytes, false).await.unwrap(), synced);
    let fresh = fixture.path("a/fresh one");
    sync(&connection, &fresh, &bytes, true).await.unwrap();
    assert_eq!(names(Path::new(&fresh)), [".well-known", "css", "index.html", "js"]);
    assert_eq!(leftovers(&fixture), Vec::<String>::new());
}

async fn a_directory_becomes_the_archive(fixture: Fixture) {
    let (connection, directory) = (fixture.connect().await, old(&fixture));
    let before = fs::metadata(&directory).unwrap().ino();
    let synced = sync(&connection, &directory, &new(), true).await.unwrap();
    // `own dir`, `.hidden` and `css/old.css`.
    assert_eq!(synced.removed, 3);
    assert_eq!(names(Path::new(&directory)), [".well-known", "css", "index.html", "js"]);
    assert_eq!(names(&Path::new(&directory).join("css")), ["new.css"]);
    assert_eq!(fs::metadata(&directory).unwrap().ino(), before, "the directory lives on");
    assert_eq!(leftovers(&fixture), Vec::<String>::new());
}

async fn files_and_directories_take_each_others_place_only_when_asked(fixture: Fixture) {
    let (connection, directory) = (fixture.connect().await, old(&fixture));
    let bytes = archive(&[("css", "a file"), ("index.html/a", "in a directory")]);
    let error = sync(&connection, &directory, &bytes, false).await.unwrap_err();
    assert_eq!(error.code(), "not-a-directory", "{error}");
    let said = format!("{directory}/css is a directory there and a file in the archive, or the other way round");
    assert!(error.to_string().ends_with(&said), "{error}");
    assert_eq!(fs::read_to_string(format!("{directory}/css/old.css")).unwrap(), "x");
    sync(&connection, &directory, &bytes, true).await.unwrap();
    assert_eq!(fs::read_to_string(format!("{directory}/css")).unwrap(), "a file");
    assert_eq!(fs::read_to_string(format!("{directory}/index.html/a")).unwrap(), "in a directory");
}

async fn a_link_to_a_directory_is_followed_and_one_in_it_is_not(fixture: Fixture) {
    let (connection, directory) = (fixture.connect().await, old(&fixture));
    let elsewhere = fixture.path("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::write(format!("{elsewhere}/own"), "not ours").unwrap();
    symlink(&elsewhere, format!("{directory}/js")).unwrap();
    let link = fixture.path("link");
    symlink(&directory, &link).unwrap();
    // A link is no directory: what is behind it is nobody's to fill.
    assert_eq!(sync(&connection, &link, &new(), false).await.unwrap_err().code(), "not-a-directory");
    sync(&connection, &link, &new(), true).await.unwrap();
    assert_eq!(names(Path::new(&elsewhere)), ["own"]);
    assert_eq!(names(&Path::new(&directory).join("js")), ["deep"]);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(leftovers(&fixture), Vec::<String>::new());
}

async fn nothing_changes_before_all_is_there(fixture: Fixture) {
    let (connection, directory) = (fixture.connect().await, old(&fixture));
    let before = names(Path::new(&directory));
    let whole = new();
    let unpack = Unpack { placement: Placement::Merge { delete: true }, ..unpacking(&directory, "x", whole.len()) };
    let error = connection.unpack(&unpack, &whole[..1024], &CancellationToken::new()).await.unwrap_err();
    assert_eq!(error.code(), "artifact-unreadable", "{error}");
    assert_eq!(names(Path::new(&directory)), before);
    assert_eq!(fs::read_to_string(format!("{directory}/index.html")).unwrap(), "old");
    assert_eq!(leftovers(&fixture), Vec::<String>::new());
}
