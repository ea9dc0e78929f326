//! The real `sudo`, which asks a user of this machine for a password. Needs root, for a namespace in which that user is.

use std::fs;
use std::os::unix::fs::MetadataExt;

use futures::future::join_all;
use tokio_util::sync::CancellationToken;

use super::fixture::{Fixture, When, alive, exec, script_both_ways};
use super::lifecycle::{STUBBORN_CHILD, nothing_is_left};
use super::transfers::{archive, unpacking};
use crate::ssh::files::{Placement, Unpack, WriteFile};
use crate::ssh::{ExecRequest, Exit, SshError, Sudo, TargetAddress, quote};

/// What every test's user has; with characters that a shell reads in its own way.
const PASSWORD: &str = "c4n'ary $HOME \"pass\"";

/// The user's name, which only the server's own namespace knows.
const USER: &str = "windlass-test";

/// A system with that user: `/etc` is a copy, and root's home is empty.
const SYSTEM: &str = r#"
rm -rf "$1/etc"
chmod a+x "$1"
cp -a /etc "$1/etc"
mount --bind "$1/etc" /etc
mount -t tmpfs none /root
useradd --no-create-home --home-dir "$1/home" --shell /bin/sh windlass-test
printf '%s\n' "windlass-test:$PASSWORD" | chpasswd
chown windlass-test "$1/home"
[ -z "$RULE" ] || printf '%s\n' "windlass-test $RULE" >/etc/sudoers.d/windlass-test
"#;

/// A server that lets a user in for whom `rule` stands in sudoers. None where it cannot be had, which is said.
pub(super) async fn system(rule: &str) -> Option<(Fixture, TargetAddress)> {
    // SAFETY: geteuid only reads.
    if unsafe { libc::geteuid() } != 0 || !std::path::Path::new("/usr/bin/sudo").exists() {
        eprintln!("SKIPPED: sudo with a password, because it needs root and /usr/bin/sudo: install `sudo`");
        return None;
    }
    let script = format!("PASSWORD={} RULE={}{SYSTEM}", quote(PASSWORD), quote(rule));
    let fixture = Fixture::openssh_after(&script, "").await?;
    let address = TargetAddress { user: USER.to_owned(), ..fixture.address.clone() };
    Some((fixture, address))
}

fn with(password: &str, request: ExecRequest) -> ExecRequest {
    ExecRequest { sudo: Sudo::WithPassword(password.to_owned()), ..request }
}

/// Its whole output, and the lists of processes while it ran.
const SHOWS: &str = "id -u; echo \"$NAME\"; cat; for f in /proc/[0-9]*/cmdline /proc/[0-9]*/environ; do tr '\\0' ' ' <\"$f\"; echo; done 2>/dev/null; exit 3";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_is_asked_for_and_given() {
    let Some((fixture, address)) = system("ALL=(ALL) ALL").await else { return };
    let connection = fixture.ssh.connect(&address).await.unwrap();
    for request in script_both_ways(SHOWS) {
        let env = vec![("NAME".to_owned(), "value".to_owned())];
        let request = ExecRequest { env, stdin: b"in\0put\n".to_vec(), ..with(PASSWORD, request) };
        let output = exec(&connection, &request).await.unwrap();
        assert!(output.stdout.starts_with(b"0\nvalue\nin\0put\n"), "{}", String::from_utf8_lossy(&output.stdout));
        assert_eq!(*output.exit(), Exit::Status(3));
        let all = [output.stdout, output.stderr].concat();
        assert!(all.windows(4).any(|bytes| bytes == b"sudo"), "the list has sudo itself");
        assert!(!all.windows(PASSWORD.len()).any(|bytes| bytes == PASSWORD.as_bytes()));
    }
}

/// A `sudo` that does not ask is given the password all the same, and neither the command nor its shell gets it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_that_nobody_asks_for_is_passed_over() {
    let Some((fixture, address)) = system("ALL=(ALL) NOPASSWD: ALL").await else { return };
    let connection = fixture.ssh.connect(&address).await.unwrap();
    for request in script_both_ways("cat; id -u") {
        let request = ExecRequest { stdin: b"input\n".to_vec(), ..with(PASSWORD, request) };
        let output = exec(&connection, &request).await.unwrap();
        assert_eq!((output.text(), output.stderr.as_slice()), ("input\n0\n", &b""[..]));
    }
}

/// Files that are given away.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_get_an_owner() {
    let Some((fixture, address)) = system("ALL=(ALL) NOPASSWD: ALL").await else { return };
    let (connection, cancel) = (fixture.ssh.connect(&address).await.unwrap(), CancellationToken::new());
    let owned = Some("daemon".to_owned());
    let (path, directory) = (fixture.path("own/file"), fixture.path("site"));
    let contents = b"secret".to_vec();
    let file = WriteFile { path, contents, mode: Some(0o600), owner: owned.clone(), sudo: true, parents: true };
    connection.write_file(&file, &cancel).await.unwrap();
    let bytes = archive(&[("a/b", "1"), ("c", "2")]);
    let placement = Placement::Merge { delete: true };
    let unpack = Unpack { placement, owner: owned, sudo: true, ..unpacking(&directory, "sha256:1", bytes.len()) };
    connection.unpack(&unpack, bytes.as_slice(), &cancel).await.unwrap();
    let owner = |path: &str| fs::metadata(path).unwrap().uid();
    let daemon = owner(&file.path);
    assert!(daemon != 0 && daemon == owner(&format!("{directory}/a/b")) && daemon == owner(&format!("{directory}/c")));
    // Without root's rights nothing is given away.
    let error = connection.write_file(&WriteFile { sudo: false, ..file }, &cancel).await.unwrap_err();
    assert_eq!(error.code(), "permission-denied", "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_say_why() {
    let Some((fixture, address)) = system("ALL=(ALL) ALL").await else { return };
    let connection = fixture.ssh.connect(&address).await.unwrap();
    for request in script_both_ways("true") {
        let error = exec(&connection, &with("another password", request)).await.unwrap_err();
        assert_eq!(error.to_string(), "web-1: sudo refused: the password is wrong");
        assert_eq!(error.hint().unwrap(), "correct the secret that holds the password of the connection's user");
        assert_eq!(error.code(), "sudo-refused");
    }
    let request = ExecRequest { sudo: Sudo::WithoutPassword, ..script_both_ways("true")[1].clone() };
    let error = exec(&connection, &request).await.unwrap_err();
    assert_eq!(error.to_string(), "web-1: sudo refused: a password is required");
    assert!(error.hint().unwrap().contains("NOPASSWD in sudoers"));
    let error = exec(&connection, &with("two\nlines", request)).await.unwrap_err();
    assert_eq!(error.to_string(), "web-1: a password of sudo is one line");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_without_rights_is_told() {
    let Some((fixture, address)) = system("").await else { return };
    let connection = fixture.ssh.connect(&address).await.unwrap();
    for request in script_both_ways("true") {
        let error = exec(&connection, &with(PASSWORD, request)).await.unwrap_err();
        assert_eq!(error.to_string(), format!("web-1: sudo refused: {USER} is not in the sudoers file"));
        assert!(error.hint().unwrap().starts_with("let the user run commands as root"));
    }
}

/// A user who may do one thing may not do another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_with_few_rights_is_told() {
    let Some((fixture, address)) = system("ALL=(ALL) /bin/ls").await else { return };
    let connection = fixture.ssh.connect(&address).await.unwrap();
    for request in script_both_ways("true") {
        let error = exec(&connection, &with(PASSWORD, request)).await.unwrap_err();
        let said = format!("web-1: sudo refused: user {USER} is not allowed to execute a shell as root");
        assert_eq!(error.to_string(), said);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_with_a_password_is_ended() {
    let Some((fixture, address)) = system("ALL=(ALL) ALL").await else { return };
    for request in script_both_ways("sleep 300 & echo $!; echo ready; wait") {
        let cancel = CancellationToken::new();
        let trigger = cancel.clone();
        let mut sink = When::prints("ready\n", move || trigger.cancel());
        let connection = fixture.ssh.connect(&address).await.unwrap();
        let error = connection.exec(&with(PASSWORD, request), &mut sink, &cancel).await.unwrap_err();
        assert!(matches!(error, SshError::Canceled { confirmed: true, .. }), "{error}");
        assert!(!alive(sink.stdout().lines().next().unwrap()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_child_of_root_that_ignores_term_is_killed() {
    let Some((fixture, address)) = system("ALL=(ALL) NOPASSWD: ALL").await else { return };
    let connection = fixture.ssh.connect(&address).await.unwrap();
    let both = [Sudo::No, Sudo::WithoutPassword]
        .into_iter()
        .flat_map(|sudo| script_both_ways(STUBBORN_CHILD).map(|request| ExecRequest { sudo: sudo.clone(), ..request }));
    join_all(both.map(|request| nothing_is_left(&connection, request))).await;
}
