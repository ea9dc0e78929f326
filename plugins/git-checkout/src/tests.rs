//! With the real git of this machine, against repositories of the tests' own.

mod web;

use super::GitCheckout;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

use windlass_sdk::testing::{Call, Harness, LocalTarget};
use windlass_sdk::{Commit, Error, ErrorKind};

/// A repository with two commits, the first with the annotated tag `v1`, and a machine to check it out on.
struct Repository {
    directory: tempfile::TempDir,
    target: LocalTarget,
}

impl Repository {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let repository = Self { directory, target: LocalTarget::new() };
        repository.git(&["init", "-q", "-b", "trunk"]);
        repository.commit("one", "Sell shoes: \"all\" of them");
        repository.git(&["tag", "-a", "v1", "-m", "first"]);
        repository.commit("two", "Sell hats");
        repository
    }

    fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .arg("-C")
            .arg(self.directory.path())
            .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"])
            .args(arguments)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn commit(&self, file: &str, message: &str) {
        std::fs::write(self.directory.path().join(file), message).unwrap();
        self.git(&["add", "."]);
        self.git(&["commit", "-q", "-m", message]);
    }

    fn url(&self) -> String {
        format!("file://{}", self.directory.path().display())
    }

    fn harness(&self, more: Value) -> Harness {
        harness(&self.target, &self.url(), more)
    }

    fn checkout(&self) -> PathBuf {
        self.target.home().join("shop/source")
    }

    fn files(&self) -> Vec<String> {
        let mut names: Vec<_> = std::fs::read_dir(self.checkout())
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != ".git")
            .collect();
        names.sort();
        names
    }
}

fn harness(target: &LocalTarget, url: &str, more: Value) -> Harness {
    let mut config = json!({ "repository": url, "directory": "shop/source" });
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let mut harness = Harness::new().target("web-1").config(config);
    target.serve(&mut harness, "/nonexistent");
    harness
}

fn refused(repository: &Repository, more: Value) -> Error {
    let error = repository.harness(more).run::<GitCheckout>().unwrap_err();
    assert!(error.hint.is_some(), "{error}");
    assert!(!repository.checkout().exists());
    error
}

#[test]
fn by_default_it_is_the_head_of_the_default_branch() {
    let repository = Repository::new();
    let outputs = repository.harness(json!({})).run::<GitCheckout>().unwrap();
    assert_eq!(outputs["commit"]["sha"], json!(repository.git(&["rev-parse", "HEAD"])));
    assert_eq!(outputs["commit"]["branch"], "trunk");
    assert_eq!(outputs["commit"]["message"], "Sell hats");
    assert_eq!(outputs["commit"]["author"], "Ada <ada@example.com>");
    assert_eq!(outputs["time"], json!(repository.git(&["log", "-1", "--format=%cI"])));
    assert_eq!(outputs["directory"], "shop/source");
    assert_eq!(repository.files(), ["one", "two"]);
}

#[test]
fn a_tag_is_its_commit() {
    let repository = Repository::new();
    let outputs = repository.harness(json!({ "ref": "v1" })).run::<GitCheckout>().unwrap();
    assert_eq!(outputs["commit"]["sha"], json!(repository.git(&["rev-parse", "v1^{commit}"])));
    assert_eq!(
        (&outputs["commit"]["branch"], &outputs["commit"]["message"]),
        (&json!(null), &json!("Sell shoes: \"all\" of them"))
    );
    assert_eq!(repository.files(), ["one"]);
}

#[test]
fn the_commit_of_the_release_is_taken_where_nothing_else_is_said() {
    let repository = Repository::new();
    let sha = repository.git(&["rev-parse", "HEAD~1"]);
    let mut harness = repository.harness(json!({}));
    let branch = Some("trunk".to_owned());
    harness.context().release.commit = Some(Commit { sha: sha.clone(), branch, message: None, author: None });
    let outputs = harness.run::<GitCheckout>().unwrap();
    assert_eq!((&outputs["commit"]["sha"], &outputs["commit"]["branch"]), (&json!(sha), &json!("trunk")));
    assert_eq!(repository.files(), ["one"]);
    // Shallow: what came before it did not come along.
    let count = Command::new("git").arg("-C").arg(repository.checkout()).args(["rev-list", "--count", "HEAD"]).output();
    assert_eq!(String::from_utf8(count.unwrap().stdout).unwrap().trim(), "1");
}

#[test]
fn a_server_that_gives_no_single_commits_is_asked_for_all() {
    let repository = Repository::new();
    // The old protocol, which is what git speaks by ssh with a server that was not told otherwise.
    std::fs::write(repository.target.home().join(".gitconfig"), "[protocol]\n\tversion = 0\n").unwrap();
    let sha = repository.git(&["rev-parse", "HEAD~1"]);
    let outputs = repository.harness(json!({ "ref": sha })).run::<GitCheckout>().unwrap();
    assert_eq!(outputs["commit"]["sha"], json!(sha));
    assert_eq!(repository.files(), ["one"]);
    let error = repository.harness(json!({ "ref": "0".repeat(40) })).run::<GitCheckout>().unwrap_err();
    assert_eq!(error.code, "no-such-commit");
}

#[test]
fn a_second_checkout_replaces_the_first_and_undo_leaves_it() {
    let repository = Repository::new();
    repository.harness(json!({})).run::<GitCheckout>().unwrap();
    let mut again = repository.harness(json!({ "ref": "v1" }));
    again.run::<GitCheckout>().unwrap();
    assert_eq!(repository.files(), ["one"]);
    again.undo::<GitCheckout>().unwrap();
    assert!(repository.checkout().exists());
}

#[test]
fn undo_removes_what_it_made() {
    let repository = Repository::new();
    let mut harness = repository.harness(json!({}));
    harness.run::<GitCheckout>().unwrap();
    for _ in 0..2 {
        harness.undo::<GitCheckout>().unwrap();
        assert!(!repository.checkout().exists());
    }
}

#[test]
fn a_plan_says_which_commit_it_is_and_changes_nothing() {
    let repository = Repository::new();
    let mut planned = repository.harness(json!({ "ref": "trunk" }));
    let outputs = planned.plan::<GitCheckout>().unwrap();
    assert_eq!(outputs["commit"]["sha"], json!(repository.git(&["rev-parse", "HEAD"])));
    assert!(!repository.target.home().join("shop").exists());
    let mut performed = repository.harness(json!({ "ref": "trunk" }));
    performed.run::<GitCheckout>().unwrap();
    assert_eq!(planned.calls(), performed.calls());
}

#[test]
fn a_ref_that_does_not_exist_changes_nothing() {
    let repository = Repository::new();
    let error = refused(&repository, json!({ "ref": "nightly" }));
    assert_eq!(error.code, "no-such-ref");
    assert_eq!(error.message, format!("the repository {} has no branch or tag `nightly`", repository.url()));
    let hint = "push it, or name another: a branch, a tag, or the 40 digits of a commit";
    assert_eq!(error.hint.as_deref(), Some(hint));

    let sha = "0123456789012345678901234567890123456789";
    let error = refused(&repository, json!({ "ref": sha }));
    assert_eq!(error.code, "no-such-commit");
    assert_eq!(error.message, format!("the repository {} has no commit {sha}", repository.url()));
}

#[test]
fn a_ref_that_a_shell_or_git_would_interpret_makes_no_call() {
    let repository = Repository::new();
    for bad in ["-x", "--upload-pack=id", "a b", "$(id)", "a;id", "a`id`", "a|b", "../x", "a..b", "a@{1}", "a^", "a:b"]
    {
        let mut harness = repository.harness(json!({ "ref": bad }));
        let error = harness.run::<GitCheckout>().unwrap_err();
        assert_eq!(error.message, format!("`{bad}` cannot be the name of a branch, a tag or a commit"));
        assert_eq!((error.kind, error.code.as_str()), (ErrorKind::InvalidInput, "bad-ref"));
        assert!(harness.calls().is_empty());
    }
}

#[test]
fn a_url_that_is_none_or_tells_a_password_makes_no_call() {
    let target = LocalTarget::new();
    let errors = [
        ("", "`repository` is empty"),
        ("-oProxyCommand=id", "`-oProxyCommand=id` is not the URL of a repository"),
        ("ext::sh -c id", "`ext::sh -c id` is not the URL of a repository"),
        ("https://a;id/x", "`https://a;id/x` is not the URL of a repository"),
        ("/srv/x", "`/srv/x` is not the URL of a repository"),
        ("https://ada:secret@git.test/x", "the URL of the repository at https://git.test names who signs in"),
    ];
    for (url, message) in errors {
        let mut harness = harness(&target, url, json!({}));
        assert_eq!(harness.run::<GitCheckout>().unwrap_err().message, message);
        assert!(harness.calls().is_empty());
    }
}

#[test]
fn a_repository_that_does_not_exist_is_named() {
    let repository = Repository::new();
    let error = harness(&repository.target, "file:///nonexistent/x", json!({})).run::<GitCheckout>().unwrap_err();
    assert_eq!(error.code, "no-such-repository");
    assert_eq!(error.message, "there is no repository file:///nonexistent/x, or it must not be seen by web-1");
}

#[test]
fn a_machine_without_git_is_told_what_to_install() {
    let empty = tempfile::tempdir().unwrap();
    let bin = empty.path().join("bin");
    std::fs::create_dir(&bin).unwrap();
    std::os::unix::fs::symlink("/bin/sh", bin.join("sh")).unwrap();
    let target = LocalTarget::with_path(&bin);
    let error = harness(&target, "file:///srv/x", json!({})).run::<GitCheckout>().unwrap_err();
    assert_eq!((error.code.as_str(), error.message.as_str()), ("no-git", "there is no git on web-1"));
    assert_eq!(error.hint.as_deref(), Some("install it there, such as with: apt-get install git"));
}

#[test]
fn a_token_is_refused_where_everybody_could_read_it() {
    let target = LocalTarget::new();
    let with = json!({ "token": { "secret": "GIT_TOKEN" } });
    let mut plain = harness(&target, "http://git.example.com/shop", with.clone());
    let error = plain.run::<GitCheckout>().unwrap_err();
    assert_eq!(error.message, "the token would cross the network unencrypted to http://git.example.com");
    let mut ssh = harness(&target, "git@git.example.com:shop", with);
    let error = ssh.run::<GitCheckout>().unwrap_err();
    assert_eq!(error.message, "a `token` has no meaning for git@git.example.com:shop");
    assert!(plain.calls().is_empty() && ssh.calls().is_empty());
}

#[test]
fn a_key_goes_by_standard_input_and_a_wrong_one_is_named() {
    let target = LocalTarget::new();
    let mut harness = harness(&target, "git@git.test:shop", json!({ "ssh_key": { "secret": "KEY" } }));
    let error = harness.run::<GitCheckout>().unwrap_err();
    // The harness's secrets are no keys.
    assert_eq!(error.code, "bad-key", "{error}");
    assert_eq!(error.message, "the `ssh_key` for git@git.test:shop is no private key without a passphrase");
    let [Call::Exec(request)] = harness.effects() else { panic!("{:?}", harness.calls()) };
    assert_eq!(request.stdin.to_string(), "{{secret:KEY}}\n");
    assert!(request.env.iter().all(|(_, value)| !value.to_string().contains("secret")));
}

/// Whether a text is in any file below a directory.
fn holds(directory: &Path, text: &str) -> bool {
    let found = Command::new("grep").args(["-rqF", text]).arg(directory).status().unwrap();
    found.success()
}
