//! A secret in the environment of the template's app and hooks.

use crate::harness::{HelloOptions, Site, Version, exit, files_below, on_each_database};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

on_each_database![an_app_and_its_hooks_get_a_secret_that_nobody_else_sees];

const CANARY: &str = "c4nary-in-the-app's-env";

/// What the hook and the app leave, since they alone know.
const HOOK: &str = "printf %s \"$API_KEY\" >../../data/seen-by-hook";

async fn an_app_and_its_hooks_get_a_secret_that_nobody_else_sees(site: &Site) {
    let options =
        HelloOptions { pre_start: HOOK, env: "{ API_KEY = { secret = \"API_KEY\" } }", ..HelloOptions::default() };
    site.prepare(&options).await;
    let refused = site.deploy(Version::V1).await.exits(exit::USAGE).stderr;
    assert!(
        refused.contains("the pipeline uses the secret `API_KEY`, which hello/production does not have"),
        "{refused}"
    );
    site.windlass_reading("secret set hello/production API_KEY", &format!("{CANARY}\n")).await.succeeds();
    site.windlass("grant add hello/production secret API_KEY").await.succeeds();
    let server = site.serve().await;
    let mut shown = Vec::new();
    for line in ["logs hello#1", "effects hello#1 --json", "status --json", "history hello --json"] {
        if shown.is_empty() {
            let output = site.deploy(Version::V1).await.succeeds();
            shown.push(output.stdout + &output.stderr);
        }
        let output = site.windlass(line).await;
        shown.push(output.stdout + &output.stderr);
    }
    let api = site.api(&server).await;
    shown.push(serde_json::to_string(&api.events("hello#1").await).expect("events are JSON"));

    let home = site.target().home().join("apps/hello");
    assert_eq!(fs::read_to_string(home.join("data/seen-by-hook")).expect("the hook ran"), CANARY);
    let pid = site.app().groups().pop().expect("the app runs");
    let environment = fs::read(format!("/proc/{pid}/environ")).expect("it is our process");
    let variable = format!("API_KEY={CANARY}");
    assert!(environment.split(|byte| *byte == 0).any(|entry| entry == variable.as_bytes()), "the app has it");
    assert!(!holds(&fs::read(format!("/proc/{pid}/cmdline")).expect("it is our process")));
    for text in &shown {
        assert!(!holds(text.as_bytes()), "{text}");
    }
    if let (Some(server), Some(url)) = (site.database().server(), site.database().url()) {
        assert!(!holds(server.dump(url).as_bytes()), "it stands in the database");
    }
    server.stop().await;
    for file in files_below(&site.data_dir()) {
        assert!(!holds(&fs::read(&file).expect("it can be read")), "it stands in {}", file.display());
    }
    // On the target it stands in the instance's own file, which nobody else can read, and where the hook put it.
    let found: Vec<PathBuf> = files_below(&site.target().home())
        .into_iter()
        .filter(|file| fs::read(file).is_ok_and(|bytes| holds(&bytes) || holds_quoted(&bytes)))
        .collect();
    let of_instance = |file: &&PathBuf| file.extension().is_some_and(|extension| extension == "env");
    let files: Vec<&PathBuf> = found.iter().filter(of_instance).collect();
    assert_eq!((found.len(), files.len()), (2, 1), "{found:?}");
    assert_eq!(fs::metadata(files[0]).expect("it is there").permissions().mode() & 0o777, 0o600);
}

fn holds(bytes: &[u8]) -> bool {
    bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes())
}

/// As a shell's word.
fn holds_quoted(bytes: &[u8]) -> bool {
    let quoted = CANARY.replace('\'', "'\\''");
    bytes.windows(quoted.len()).any(|window| window == quoted.as_bytes())
}
