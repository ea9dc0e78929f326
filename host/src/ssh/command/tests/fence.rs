//! Requests that come late start nothing: the programs themselves, in every shell there is.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command as Process, Stdio};

use proptest::prelude::*;
use tempfile::TempDir;
use uuid::Uuid;

use super::KEY;
use crate::ssh::Fence;
use crate::ssh::command::{Command, Once, Run, Token};
use crate::ssh::reception::Seen;
use crate::ssh::sudo::Sudo;

const SHELLS: [&[&str]; 3] = [&["dash"], &["bash"], &["busybox", "sh"]];

/// What each command does: it leaves a line where it was run, and takes a while in which others may look.
const SCRIPT: &str = "echo ran >>\"$HOME/log\"; sleep 0.02; echo done";

/// A target whose `sh` is the shell of the test.
struct Target {
    directory: TempDir,
}

/// A request whose input has not been sent: its server is frozen.
struct Frozen {
    child: Child,
    input: ChildStdin,
}

impl Target {
    /// None where the shell is not installed, which is said.
    fn new(shell: &[&str]) -> Option<Self> {
        let found = Process::new("which").arg(shell[0]).output().unwrap();
        if !found.status.success() {
            eprintln!("SKIPPED: late requests in {}, because it is not installed here", shell.join(" "));
            return None;
        }
        let directory = tempfile::tempdir().unwrap();
        let path = String::from_utf8(found.stdout).unwrap();
        std::os::unix::fs::symlink(path.trim(), directory.path().join("sh")).unwrap();
        Some(Self { directory })
    }

    fn process(&self, line: &str) -> Process {
        let path = format!("{}:{}", self.directory.path().display(), std::env::var("PATH").unwrap());
        let mut process = Process::new(self.directory.path().join("sh"));
        process.args(["-c", line]).env("HOME", self.directory.path()).env("PATH", path);
        process.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        process
    }

    /// What a program says after its token, and whether it succeeded.
    fn run(&self, token: &Token, line: &str) -> (String, bool) {
        let mut child = self.process(line).spawn().unwrap();
        drop(child.stdin.take());
        Self::ended(child, token)
    }

    fn ended(child: Child, token: &Token) -> (String, bool) {
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let said = said.strip_prefix(&format!("{} ", token.as_str())).unwrap_or(&said).trim();
        // Numbers of processes are nobody's.
        let said = if said.starts_with("started") { "started" } else { said };
        (said.to_owned(), output.status.success())
    }

    /// Sends a request but for its input.
    fn begin(&self, epoch: u64, token: &Token, script: &str) -> Frozen {
        let sudo = Sudo::No;
        let line = Run { token, sudo: &sudo }.start(once(epoch), 0, None, &Command::Script(script.to_owned()));
        let mut child = self.process(&line).spawn().unwrap();
        let input = child.stdin.take().unwrap();
        Frozen { child, input }
    }

    /// A request that waits for its input, or has ended without it.
    fn freeze(&self, epoch: u64, token: &Token) -> Frozen {
        let mut frozen = self.begin(epoch, token, SCRIPT);
        while !self.record().exists() && frozen.child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        frozen
    }

    fn start(&self, epoch: u64, token: &Token) -> (String, bool) {
        self.begin(epoch, token, SCRIPT).thaw(token)
    }

    fn look(&self, epoch: u64, lost: Option<&Token>) -> String {
        let token = Token::new();
        let line = Run { token: &token, sudo: &Sudo::No }.attach(once(epoch), Seen { stdout: 0, stderr: 0 }, lost);
        let (said, success) = self.run(&token, &line);
        assert!(success, "{said}");
        said.lines().next().unwrap_or_default().to_owned()
    }

    fn end(&self, epoch: u64, lost: Option<&Token>) -> bool {
        let token = Token::new();
        let line = Run { token: &token, sudo: &Sudo::No }.end_effect(once(epoch), lost);
        self.run(&token, &line).1
    }

    fn forget(&self) {
        let token = Token::new();
        self.run(&token, &Run { token: &token, sudo: &Sudo::No }.forget(&[KEY]));
        assert!(!self.record().exists());
    }

    fn effects(&self) -> PathBuf {
        self.directory.path().join(".local/state/windlass/effects")
    }

    fn record(&self) -> PathBuf {
        self.effects().join(KEY.to_string())
    }

    /// How often the command was run.
    fn runs(&self) -> usize {
        std::fs::read_to_string(self.directory.path().join("log")).map_or(0, |log| log.lines().count())
    }

    /// What is in the directory of effects.
    fn left(&self) -> Vec<String> {
        let mut names = names(&self.effects());
        names.sort();
        names
    }
}

impl Frozen {
    /// The rest of the request arrives.
    fn thaw(mut self, token: &Token) -> (String, bool) {
        // It may have ended without.
        let _ = self.input.write_all(b"\n");
        drop(self.input);
        Target::ended(self.child, token)
    }

    /// Its connection is lost.
    fn lost(self, token: &Token) -> (String, bool) {
        drop(self.input);
        Target::ended(self.child, token)
    }
}

fn names(directory: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

const DEPLOYMENT: Uuid = Uuid::from_u128(7);

fn once(epoch: u64) -> Once {
    Once { key: KEY, fence: Some(Fence { deployment: DEPLOYMENT, epoch }) }
}

/// Runs a test in each shell.
fn in_each_shell(test: impl Fn(&Target) + Sync) {
    std::thread::scope(|scope| {
        for shell in SHELLS {
            let test = &test;
            scope.spawn(move || Target::new(shell).iter().for_each(test));
        }
    });
}

fn started() -> (String, bool) {
    ("started".to_owned(), true)
}

fn said(text: &str) -> (String, bool) {
    (text.to_owned(), true)
}

#[test]
fn the_first_server_leaves_nothing_but_its_commands() {
    in_each_shell(|target| {
        assert_eq!(target.start(1, &Token::new()), started());
        assert_eq!(target.left(), [KEY.to_string()]);
        assert_eq!(target.start(1, &Token::new()), said("exists"));
        assert_eq!(target.look(1, None), "ended 0");
        target.forget();
        assert_eq!(target.left(), Vec::<String>::new());
    });
}

#[test]
fn a_server_that_lost_the_deployment_starts_nothing() {
    in_each_shell(|target| {
        assert_eq!(target.start(3, &Token::new()), started());
        let fence = format!("fence-{DEPLOYMENT}");
        assert_eq!(names(&target.effects().join(&fence)), ["3"]);
        assert_eq!(target.look(1, None), "fenced");
        target.forget();
        for epoch in [1, 2] {
            assert_eq!(target.start(epoch, &Token::new()), said("fenced"));
            assert_eq!(target.look(epoch, None), "fenced");
            assert!(!target.end(epoch, None));
        }
        assert_eq!(target.left(), [fence]);
        assert_eq!(target.runs(), 1);
        // Other deployments are not concerned.
        let other = Once { key: KEY, fence: Some(Fence { deployment: Uuid::nil(), epoch: 1 }) };
        let (token, script) = (Token::new(), Command::Script(SCRIPT.to_owned()));
        let line = Run { token: &token, sudo: &Sudo::No }.start(other, 0, None, &script);
        let mut child = target.process(&line).spawn().unwrap();
        let input = child.stdin.take().unwrap();
        assert_eq!(Frozen { child, input }.thaw(&token), started());
    });
}

/// Between the directory and the command the server is frozen.
#[test]
fn a_server_that_thaws_starts_nothing_that_its_successor_has_forgotten() {
    in_each_shell(|target| {
        let token = Token::new();
        let frozen = target.freeze(1, &token);
        assert_eq!(target.start(2, &Token::new()), said("exists"));
        assert_eq!(target.look(2, None), "absent");
        assert_eq!(target.start(2, &Token::new()), started());
        target.forget();
        frozen.thaw(&token);
        assert_eq!((target.runs(), target.left()), (1, vec![format!("fence-{DEPLOYMENT}")]));
    });
}

/// The successor never asked for this command: it was told to cancel.
#[test]
fn a_server_that_thaws_starts_nothing_that_its_successor_never_saw() {
    in_each_shell(|target| {
        let token = Token::new();
        let frozen = target.freeze(1, &token);
        let other = Once { key: Uuid::nil(), ..once(2) };
        let looking = Token::new();
        let line = Run { token: &looking, sudo: &Sudo::No }.attach(other, Seen { stdout: 0, stderr: 0 }, None);
        assert_eq!(target.run(&looking, &line), said("absent"));
        assert_eq!(frozen.thaw(&token), said("fenced"));
        assert_eq!((target.runs(), target.left()), (0, vec![format!("fence-{DEPLOYMENT}")]));
    });
}

/// The request went over a connection that stood still, and was given up.
#[test]
fn a_request_that_was_given_up_starts_nothing_when_it_arrives() {
    in_each_shell(|target| {
        let lost = Token::new();
        assert_eq!(target.look(1, Some(&lost)), "absent");
        assert_eq!(target.start(1, &Token::new()), started());
        target.forget();
        let (_, success) = target.start(1, &lost);
        assert!(!success);
        assert_eq!((target.runs(), target.left()), (1, vec![format!("void-{}", lost.as_str())]));
    });
}

#[test]
fn a_request_that_arrives_after_its_cancel_starts_nothing() {
    in_each_shell(|target| {
        let (before, within) = (Token::new(), Token::new());
        let frozen = target.freeze(1, &within);
        assert!(target.end(1, Some(&within)));
        frozen.thaw(&within);
        assert!(target.end(1, Some(&before)));
        target.start(1, &before);
        assert_eq!(target.runs(), 0);
        assert!(!target.record().exists());
    });
}

/// A target notices late that a connection was lost. By then the name belongs to another request's directory.
#[test]
fn a_request_that_is_cut_late_takes_nothing_away() {
    in_each_shell(|target| {
        let (cut, running) = (Token::new(), Token::new());
        let frozen = target.freeze(1, &cut);
        assert_eq!(target.look(1, Some(&cut)), "absent");
        let second = target.freeze(1, &running);
        frozen.lost(&cut);
        assert!(target.record().exists());
        assert_eq!(second.thaw(&running), started());
        assert_eq!(target.look(1, None), "ended 0");
        assert_eq!(target.runs(), 1);
    });
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// A server sends a request; its input stays behind.
    Begin(u64),
    /// What a request lacks arrives, of the oldest one.
    Thaw,
    /// A connection is lost, of the oldest request.
    Lose,
    /// The newest server does all it does for an answer, and forgets the command.
    Answer,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (1..4_u64).prop_map(Step::Begin), 2 => Just(Step::Thaw), 1 => Just(Step::Lose), 2 => Just(Step::Answer),
    ];
    prop::collection::vec(step, 2..9)
}

/// Goes through the steps. A server that has the answer has no reason to send another request.
fn play(target: &Target, steps: &[Step]) {
    let mut waiting: Vec<(Token, Frozen)> = Vec::new();
    let (mut newest, mut answered) = (1, None);
    for step in steps {
        match *step {
            Step::Begin(epoch) if answered.is_none_or(|by| epoch < by) => {
                newest = newest.max(epoch);
                let token = Token::new();
                let frozen = target.freeze(epoch, &token);
                waiting.push((token, frozen));
            }
            Step::Thaw if !waiting.is_empty() => {
                let (token, frozen) = waiting.remove(0);
                frozen.thaw(&token);
            }
            Step::Lose if !waiting.is_empty() => {
                let (token, frozen) = waiting.remove(0);
                frozen.lost(&token);
            }
            Step::Answer if answered.is_none() => {
                // A successor: what its predecessor has sent is not known to it.
                newest += 1;
                while !target.look(newest, None).starts_with("ended") {
                    target.start(newest, &Token::new());
                }
                target.forget();
                answered = Some(newest);
            }
            _ => {}
        }
    }
    for (token, frozen) in waiting {
        frozen.thaw(&token);
    }
    let runs = target.runs();
    assert!(runs <= 1, "{runs} runs after {steps:?}");
    assert!(answered.is_none() || runs == 1, "an answer without a run after {steps:?}");
    assert!(answered.is_none() || !target.record().exists(), "a record is left after {steps:?}");
}

#[test]
fn in_any_order_a_command_runs_once() {
    std::thread::scope(|scope| {
        for shell in SHELLS {
            scope.spawn(move || {
                let config = ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() };
                let mut runner = proptest::test_runner::TestRunner::new(config);
                let played = runner.run(&steps(), |steps| {
                    Target::new(shell).iter().for_each(|target| play(target, &steps));
                    Ok(())
                });
                played.unwrap_or_else(|error| panic!("{shell:?}: {error}"));
            });
        }
    });
}
