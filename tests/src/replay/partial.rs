//! Stage runs that have no end of their own, and attempts.

use super::{exit, replay};
use crate::harness::{HelloOptions, Site, Version, WAIT, on_each_database};
use windlass_api_types::{DeploymentStatus, EffectReplay, ReplayVerdict};

on_each_database![what_runs_is_replayed_up_to_where_its_record_ends, every_attempt_and_a_timeout_are_replayed];

/// Where the record ends is no difference.
async fn what_runs_is_replayed_up_to_where_its_record_ends(site: &Site) {
    site.prepare(&HelloOptions { pre_start: WAIT, ..HelloOptions::default() }).await;
    let server = site.serve().await;
    let hold = site.hold();
    site.deploy_with(Version::V1, "--detach").await.succeeds();
    hold.reached().await;

    let report = replay(site, "hello#1", exit::DONE).await;
    let (held, before) = report.runs.split_last().unwrap();
    assert!(before.iter().all(|run| run.verdict == ReplayVerdict::Same), "{before:#?}");
    assert_eq!((held.run.stage.as_str(), held.verdict), ("pre-start", ReplayVerdict::Open));
    assert_eq!((&held.recorded, &held.difference), (&None, &None));
    let open = held.effects.last().unwrap();
    assert_eq!((open.replayed, &open.answer), (EffectReplay::Same, &None));
    let said = site.windlass("replay hello#1 --stage pre-start").await.succeeds().stdout;
    let ends = format!("the record ends here: effect {} has no answer", open.call.position);
    assert!(said.contains(&ends) && said.contains("1 stage run: 1 without an end"), "{said}");
    let effects = site.windlass("effects hello#1").await.succeeds().stdout;
    assert!(effects.contains("performed") && effects.contains("no answer yet"), "{effects}");

    // What a server's end cut in two is one record.
    server.kill().await;
    let server = site.serve().await;
    let api = site.api(&server).await;
    drop(hold);
    api.deployment_is("hello#1", DeploymentStatus::Succeeded).await;
    let effects = site.windlass("effects hello#1").await.succeeds().stdout;
    assert!(effects.contains("found again") && !effects.contains("no answer yet"), "{effects}");
    let report = replay(site, "hello#1", exit::DONE).await;
    assert_eq!(report.count(ReplayVerdict::Same), report.runs.len(), "{report:#?}");
    server.stop().await;
}

/// Each attempt is a stage run of its own; one that its timeout ended has no outcome to compare.
async fn every_attempt_and_a_timeout_are_replayed(site: &Site) {
    site.add_target().await.succeeds();
    let stage =
        |more: &str, run: &str| format!("[[stage]]\nid = \"only\"\ntargets = \"app\"\nrun = \"{run}\"\n{more}\n");
    let config = |stage: String| {
        site.write_config(&format!(
            "project = \"shop\"\n[environments.production]\ntargets = {{ app = [\"web-1\"] }}\n{stage}"
        ));
    };
    site.target().stop();
    let server = site.serve().await;
    config(stage("retries = 1", "true"));
    site.windlass("deploy --to production").await.exits(exit::FAILED);
    let report = replay(site, "shop#1", exit::DONE).await;
    let attempts: Vec<_> = report.runs.iter().map(|run| (run.run.attempt, run.verdict)).collect();
    assert_eq!(attempts, [(1, ReplayVerdict::Same), (2, ReplayVerdict::Same)]);

    site.target().start_again();
    config(stage("timeout = \"1s\"", "sleep 600"));
    site.windlass("deploy --to production").await.exits(exit::FAILED);
    let said = site.windlass("replay shop#2").await.succeeds().stdout;
    assert!(said.contains("its timeout ended it, so that only its effects are compared"), "{said}");
    assert!(said.contains("shop#2, 1 stage run: 1 the same. Nothing was performed."), "{said}");
    server.stop().await;
}
