//! Secrets: asked for, granted, used, and found nowhere but where they belong.

use crate::harness::{Missing, Output, Site, exit, files_below, on_each_database, user};
use expect_test::expect;
use std::fs;
use std::path::Path;

on_each_database![
    a_secret_is_granted_and_used_and_never_shown,
    what_is_not_there_or_not_granted_is_said_before_anything_starts,
    variables_and_secrets_are_copied,
    a_password_of_sudo_goes_to_sudo_alone,
];

/// With characters that every encoding changes.
const CANARY: &str = "c4n\"ary/grün 'p&ss'";

/// Prints it in every way that a shell has at hand, in pieces too, leaves it on the target, and fails.
const LEAK: &str = r#"printf '%s\n' "$CANARY"; printf '%s' "$CANARY" | base64; printf 'xy%s' "$CANARY" | base64; echo
printf '%s' "$CANARY" | od -An -v -tx1 | tr -d ' \n'; echo; printf '%.5s' "$CANARY"; sleep 0.1; printf '%s\n' "$${CANARY#?????}"
printf '%s' "$CANARY" >&2; printf '%s' "$CANARY" >leaked; exit 7"#;

/// How it looks in what `LEAK` prints: as it is, in hexadecimal, and the two encodings' middles.
const FORMS: [&str; 4] =
    [CANARY, "63346e226172792f6772c3bc6e202770267373", "YzRuImFyeS9ncsO8biAncCZzcy", "YzRuImFyeS9ncsO8biAncCZzcyc"];

fn config(script: &str) -> String {
    format!(
        r#"
        project = "leaky"
        [environments.production]
        targets = {{ app = ["web-1"] }}
        [environments.qa]
        targets = {{ app = ["web-1"] }}
        [[stage]]
        id = "leak"
        uses = "run@1"
        targets = "app"
        [stage.with]
        command = '''{script}'''
        env = {{ CANARY = {{ secret = "CANARY" }} }}
        "#
    )
}

async fn a_secret_is_granted_and_used_and_never_shown(site: &Site) {
    site.add_target().await.succeeds();
    site.write_config(&config(LEAK));
    site.windlass("config push").await.succeeds();
    site.windlass_reading("secret set leaky/production CANARY", &format!("{CANARY}\n")).await.succeeds();
    site.windlass("grant add leaky/production secret CANARY --plugin run").await.succeeds();
    let server = site.serve().await;
    let mut shown = Vec::new();
    for line in [
        "deploy --to production",
        "logs leaky#1",
        "effects leaky#1 --json",
        "history leaky --json",
        "status --json",
        "secret list leaky/production --json",
        "plan --to production --json",
    ] {
        let output = site.windlass(line).await;
        shown.push(output.stdout + &output.stderr);
    }
    assert!(shown[0].contains("***"), "{}", shown[0]);
    let api = site.api(&server).await;
    shown.push(serde_json::to_string(&api.events("leaky#1").await).expect("events are JSON"));
    // It did reach the target, whole.
    assert_eq!(fs::read_to_string(site.target().home().join("leaked")).expect("the command ran"), CANARY);
    server.stop().await;
    if let (Some(server), Some(url)) = (site.database().server(), site.database().url()) {
        shown.push(server.dump(url));
    }
    for text in &shown {
        assert_hidden(text.as_bytes(), text);
    }
    for file in files_below(&site.data_dir()) {
        assert_hidden(&fs::read(&file).expect("it can be read"), &file.display().to_string());
    }
}

#[track_caller]
fn assert_hidden(bytes: &[u8], place: &str) {
    for form in FORMS {
        let found = bytes.windows(form.len()).any(|window| window == form.as_bytes());
        let begin: String = place.chars().take(4_000).collect();
        assert!(!found, "`{form}` stands in {begin}");
    }
}

async fn what_is_not_there_or_not_granted_is_said_before_anything_starts(site: &Site) {
    site.add_target().await.succeeds();
    site.write_config(&config("touch ran"));
    let unset = site.windlass("deploy --to production").await.exits(exit::USAGE);
    expect![[r#"
        error: the pipeline uses the secret `CANARY`, which leaky/production does not have
          next: set it: windlass secret set leaky/production CANARY
    "#]]
    .assert_eq(&unset.stderr);
    site.windlass_reading("secret set leaky/production CANARY", CANARY).await.succeeds();
    let denied = site.windlass("deploy --to production").await.exits(exit::USAGE);
    expect![[r#"
        error: leaky/production does not grant what the pipeline asks for: secret CANARY to the plugin `run`
          next: if it should, an operator grants it: windlass grant add leaky/production secret CANARY --plugin run
    "#]]
    .assert_eq(&denied.stderr);
    assert!(!site.target().home().join("ran").exists());
    let short = site.windlass_reading("secret set leaky/production SHORT", "abc").await.exits(exit::USAGE);
    expect![[r#"
        error: the value of `SHORT` has less than 4 characters: it could not be masked in logs, it would be found in every text
    "#]]
    .assert_eq(&short.stderr);
    site.windlass("grant add leaky/production secret CANARY").await.succeeds();
    site.windlass("deploy --to production").await.succeeds();
    site.windlass("grant remove leaky/production secret CANARY").await.succeeds();
    site.windlass("deploy --to production").await.exits(exit::USAGE);
}

/// Root is asked for no password: the secret is passed over, and neither the command nor the record has it.
async fn a_password_of_sudo_goes_to_sudo_alone(site: &Site) {
    if !Path::new("/usr/bin/sudo").exists() || user() != "root" {
        return site.skip(&Missing("needs root and /usr/bin/sudo: install `sudo`".into()));
    }
    site.add_target().await.succeeds();
    let config = config("id -u >who; cat >input; env >environment");
    let with = "sudo_password = { secret = \"SUDO\" }\nidempotent = true\n";
    site.write_config(&config.replace("env = { CANARY = { secret = \"CANARY\" } }", with));
    site.windlass("config push").await.succeeds();
    site.windlass_reading("secret set leaky/production SUDO", &format!("{CANARY}\n")).await.succeeds();
    let denied = site.windlass("deploy --to production").await.exits(exit::USAGE);
    assert!(denied.stderr.contains("secret SUDO to the plugin `run`"), "{}", denied.stderr);
    site.windlass("grant add leaky/production secret SUDO").await.succeeds();
    let deployed = site.windlass("deploy --to production").await.succeeds();
    let effects = site.windlass("effects leaky#1 --json").await.succeeds();
    assert!(effects.stdout.contains("\"SUDO@1\""), "{}", effects.stdout);
    let left = |name: &str| fs::read_to_string(site.target().home().join(name)).expect("the command ran");
    assert_eq!((left("who"), left("input")), ("0\n".to_owned(), String::new()));
    assert!(left("environment").contains("SUDO_USER="), "it ran through sudo");
    for text in [deployed.stdout, deployed.stderr, effects.stdout, left("environment")] {
        assert_hidden(text.as_bytes(), &text);
    }
    for file in files_below(&site.data_dir()) {
        assert_hidden(&fs::read(&file).expect("it can be read"), &file.display().to_string());
    }
}

async fn variables_and_secrets_are_copied(site: &Site) {
    site.add_target().await.succeeds();
    site.write_config(&config("true"));
    site.windlass("config push").await.succeeds();
    site.windlass("var set leaky/qa A=1 B=2").await.succeeds();
    site.windlass("var set leaky/production B=kept").await.succeeds();
    site.windlass_reading("secret set leaky/qa CANARY", CANARY).await.succeeds();
    site.windlass("var copy qa leaky/production").await.succeeds();
    site.windlass("secret copy qa leaky/production").await.succeeds();
    let listed = |output: Output| output.json::<serde_json::Value>();
    let variables = listed(site.windlass("var list leaky/production --json").await);
    assert_eq!(variables, serde_json::json!({ "A": "1", "B": "kept" }));
    let secrets = listed(site.windlass("secret list leaky/production --json").await);
    assert_eq!((&secrets[0]["name"], &secrets[0]["version"]), (&"CANARY".into(), &1.into()));
    site.windlass("grant add leaky/production secret CANARY").await.succeeds();
    site.windlass("deploy --to production").await.succeeds();
    site.windlass("secret rotate-key").await.succeeds();
    site.windlass("deploy --to production").await.succeeds();
}
