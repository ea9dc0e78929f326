//! Commands: streams, ends, sizes.

use sha2::{Digest, Sha256};

use super::fixture::{Fixture, exec, plain, script_both_ways};
use super::on_both_servers;
use crate::ssh::{Command, ExecRequest, Exit, Repeat, SshError};

on_both_servers![
    streams_and_status,
    a_signal_is_told,
    arguments_arrive_as_they_are,
    an_unknown_program_is_127,
    directory,
    a_missing_directory_is_an_error,
    ten_megabytes_of_output,
    large_binary_input_and_output,
    a_command_need_not_read_its_input,
    thirty_at_once,
    invalid_requests,
];

async fn streams_and_status(fixture: Fixture) {
    let connection = fixture.connect().await;
    for request in script_both_ways("echo out; echo err >&2; exit 7") {
        let output = exec(&connection, &request).await.unwrap();
        assert_eq!(output.text(), "out\n");
        assert_eq!(output.stderr, b"err\n");
        assert_eq!(*output.exit(), Exit::Status(7));
        assert!(!output.end.found_again);
    }
}

async fn a_signal_is_told(fixture: Fixture) {
    let connection = fixture.connect().await;
    for request in script_both_ways("echo before; kill -KILL $$") {
        let output = exec(&connection, &request).await.unwrap();
        assert_eq!(output.text(), "before\n");
        assert_eq!(*output.exit(), Exit::Signal("KILL".to_owned()));
    }
}

async fn arguments_arrive_as_they_are(fixture: Fixture) {
    let connection = fixture.connect().await;
    let words = ["it's", "$HOME", "a  b", "", "*", "new\nline", "é\\n", "-x"].map(str::to_owned);
    for repeat in [plain("").repeat, super::fixture::reattachable("").repeat] {
        let mut argv = vec!["printf".to_owned(), "%s|".to_owned()];
        argv.extend(words.clone());
        let output = exec(&connection, &ExecRequest::new(Command::Argv(argv), repeat)).await.unwrap();
        assert_eq!(output.text(), words.clone().map(|word| word + "|").concat());
    }
}

async fn an_unknown_program_is_127(fixture: Fixture) {
    let connection = fixture.connect().await;
    let argv = Command::Argv(vec!["no-such-program".to_owned()]);
    for mut request in script_both_ways("") {
        request.command = argv.clone();
        let output = exec(&connection, &request).await.unwrap();
        assert_eq!(*output.exit(), Exit::Status(127));
        assert!(String::from_utf8_lossy(&output.stderr).contains("not found"), "{output:?}");
    }
}

async fn directory(fixture: Fixture) {
    let connection = fixture.connect().await;
    let directory = fixture.path("a directory");
    std::fs::create_dir(&directory).unwrap();
    for request in script_both_ways("pwd; umask") {
        let before = exec(&connection, &plain("umask")).await.unwrap();
        let output = exec(&connection, &ExecRequest { cwd: Some(directory.clone()), ..request }).await.unwrap();
        // The wrapper's own, stricter, umask is not the command's.
        assert_eq!(output.text(), format!("{directory}\n{}", before.text()));
    }
}

async fn a_missing_directory_is_an_error(fixture: Fixture) {
    let connection = fixture.connect().await;
    for request in script_both_ways("echo no >ran") {
        let path = fixture.path("missing");
        let error = exec(&connection, &ExecRequest { cwd: Some(path.clone()), ..request }).await.unwrap_err();
        assert_eq!(error.to_string(), format!("web-1: the directory {path} does not exist or may not be entered"));
        assert_eq!(error.code(), "directory-unusable");
    }
}

async fn ten_megabytes_of_output(fixture: Fixture) {
    let connection = fixture.connect().await;
    for request in script_both_ways("head -c 10000000 /dev/zero | tr '\\0' x; head -c 1000000 /dev/zero >&2") {
        let output = exec(&connection, &request).await.unwrap();
        assert_eq!(output.stdout.len(), 10_000_000);
        assert!(output.stdout.iter().all(|byte| *byte == b'x'));
        assert_eq!(output.stderr.len(), 1_000_000);
        assert_eq!(*output.exit(), Exit::Status(0));
    }
}

async fn large_binary_input_and_output(fixture: Fixture) {
    let connection = fixture.connect().await;
    let stdin: Vec<u8> = (0..5_000_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    for request in script_both_ways("cat") {
        let output = exec(&connection, &ExecRequest { stdin: stdin.clone(), ..request }).await.unwrap();
        assert!(output.stdout == stdin, "{} bytes came back", output.stdout.len());
    }
}

async fn a_command_need_not_read_its_input(fixture: Fixture) {
    let connection = fixture.connect().await;
    for request in script_both_ways("exit 4") {
        let output = exec(&connection, &ExecRequest { stdin: vec![b'x'; 4_000_000], ..request }).await.unwrap();
        assert_eq!(*output.exit(), Exit::Status(4));
    }
}

/// More than a server allows sessions: the rest wait.
async fn thirty_at_once(fixture: Fixture) {
    let connection = fixture.connect().await;
    let commands = (0..30).map(|number| {
        let connection = connection.clone();
        async move { exec(&connection, &plain(&format!("sleep 0.05; echo {number}"))).await.unwrap() }
    });
    let outputs = futures::future::join_all(commands).await;
    for (number, output) in outputs.iter().enumerate() {
        assert_eq!(output.text(), format!("{number}\n"));
    }
}

async fn invalid_requests(fixture: Fixture) {
    let connection = fixture.connect().await;
    let argv = |argv: &[&str]| Command::Argv(argv.iter().map(|word| (*word).to_owned()).collect());
    let mut requests = [argv(&[]), argv(&["echo", "a\0b"]), argv(&["true"])]
        .map(|command| ExecRequest::new(command, Repeat::Idempotent));
    requests[2].env = vec![("A B".to_owned(), String::new())];
    for request in requests {
        let error = exec(&connection, &request).await.unwrap_err();
        assert!(matches!(error, SshError::InvalidRequest { .. }), "{error}");
    }
}

/// More than a connection's window holds, both ways, and every byte as it was.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_megabytes_of_input() {
    let Some(fixture) = Fixture::openssh().await else { return };
    let connection = fixture.connect().await;
    let stdin: Vec<u8> = (0..50_000_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    let wanted = format!("{:x}", Sha256::digest(&stdin));
    for request in script_both_ways("sha256sum; head -c 3 /dev/zero") {
        let output = exec(&connection, &ExecRequest { stdin: stdin.clone(), ..request }).await.unwrap();
        assert_eq!(output.text(), format!("{wanted}  -\n\0\0\0"));
    }
}
