//! What a sandbox stops: each with the exact text that its author and the operator read.

use crate::harness::{Site, exit, misbehave, on_each_database};
use std::fs;
use windlass_api_types::deployment::Deployment;
use windlass_api_types::{EventBody, FailedBy, Level};

on_each_database![every_limit_has_its_text];

/// Limits that a test can meet in a moment.
const SETTINGS: &str = "[plugins]\ncpu_seconds = 1\neffects = 50\nmemory_mb = 32\n";

/// A behavior of the fixture and what becomes of it.
struct Case {
    how: &'static str,
    code: &'static str,
    message: &'static str,
    hint: &'static str,
    failed_by: FailedBy,
}

const CASES: [Case; 7] = [
    Case {
        how: "memory",
        code: "memory-limit",
        message: "it needs more than 32 MiB of memory",
        hint: "raise plugins.memory_mb if it should",
        failed_by: FailedBy::Plugin,
    },
    Case {
        how: "loop",
        code: "cpu-limit",
        message: "it computed for longer than 1 s",
        hint: "an endless loop in the plugin? Otherwise raise plugins.cpu_seconds",
        failed_by: FailedBy::Plugin,
    },
    Case {
        how: "panic",
        code: "trapped",
        message: "it panicked (unreachable code)",
        hint: "the lines it wrote before are in the stage's log; tell the plugin's author",
        failed_by: FailedBy::Plugin,
    },
    Case {
        how: "large-outputs",
        code: "output-too-large",
        message: "its outputs are 2097174 bytes; 1024 KiB are allowed",
        hint: "outputs are for other stages, not for files; or raise plugins.output_kb",
        failed_by: FailedBy::Plugin,
    },
    Case {
        how: "wrong-outputs",
        code: "bad-outputs",
        message: "its outputs do not fit its schema: /number: 6 is greater than the maximum of 5",
        hint: "this is a fault of the plugin: tell its author",
        failed_by: FailedBy::Plugin,
    },
    Case {
        how: "effects",
        code: "effects-limit",
        message: "the stage made more than 50 capability calls",
        hint: "a loop in the plugin? Otherwise raise plugins.effects (now 50)",
        failed_by: FailedBy::Plugin,
    },
    Case {
        how: "elsewhere",
        code: "target-denied",
        message: "the target `somebody-elses` is not one of the environment `production`",
        hint: "its targets are: none. Add it under `targets` of the environment in windlass.toml",
        failed_by: FailedBy::User,
    },
];

async fn every_limit_has_its_text(site: &Site) {
    fs::write(site.data_dir().join("server.toml"), SETTINGS).unwrap();
    fs::write(site.plugin_dir().join("misbehave.wasm"), misbehave()).unwrap();
    let server = site.serve().await;
    let api = site.api(&server).await;
    for Case { how, code, message, hint, failed_by } in CASES {
        site.write_config(&format!(
            "project = \"{how}\"\n[environments.production]\n\
             [[stage]]\nid = \"do\"\nuses = \"misbehave@7\"\nwith = {{ how = \"{how}\" }}\n"
        ));
        let failed: Deployment = site.windlass("deploy --to production --json").await.exits(exit::FAILED).json();
        let failure = failed.summary.failure.clone().expect("a failed deployment says why");
        assert_eq!((failure.code.as_str(), failure.message.as_str()), (code, message));
        assert_eq!((failure.hint.as_deref(), failed.summary.failed_by), (Some(hint), Some(failed_by)), "{how}");
        // A replay is stopped by the same limit.
        site.windlass(&format!("replay {how}#1")).await.succeeds();
    }

    // What it said before it panicked is in the log.
    let events = api.events("panic#1").await;
    let lines = events.iter().filter(|event| matches!(event.body, EventBody::LogWritten { .. }));
    let mut lines = lines.filter(|event| event.level == Some(Level::Error));
    assert!(lines.any(|event| event.message.contains("the fixture panics on purpose")), "{events:#?}");
    server.stop().await;
}
