//! `undo = "ask"`: a person says whether what a failure left is taken back.

use crate::harness::{Site, Version, on_each_database};
use windlass_api_types::{Decision, DeploymentStatus};

on_each_database![what_is_approved_is_undone_and_what_is_rejected_stays];

const CONFIG: &str = r#"
    project = "shop"
    [environments.production]
    targets = { app = ["web-1"] }
    [[stage]]
    id = "upload"
    targets = "app"
    uses = "release-upload@1"
    undo = "ask"
    with = { directory = "shop" }
    [[stage]]
    id = "check"
    targets = "app"
    run = "exit 3"
"#;

async fn what_is_approved_is_undone_and_what_is_rejected_stays(site: &Site) {
    site.add_target().await.succeeds();
    site.write_config(CONFIG);
    let mut server = site.serve().await;
    for (label, command, decision) in
        [("shop#1", "approve", Decision::Approved), ("shop#2", "reject", Decision::Rejected)]
    {
        let api = site.api(&server).await;
        site.deploy_with(Version::V1, "--detach").await.succeeds();
        let waiting = api.deployment_is(label, DeploymentStatus::Waiting).await;
        let release = site.target().home().join("shop/releases").join(&waiting.summary.release);
        assert!(release.exists(), "nothing is undone before somebody says so");
        let said = site.windlass(&format!("status {label}")).await.succeeds().stdout;
        assert!(said.contains(&format!("Undo the stage `upload` of {label} on web-1?")), "{said}");
        // The question outlives its server.
        server.kill().await;
        server = site.serve().await;
        let api = api.of(&server);
        site.windlass(&format!("{command} {label}")).await.succeeds();
        let ended = api.deployment_is(label, DeploymentStatus::Failed).await;
        let [question] = ended.state.approvals.as_slice() else { panic!("{:?}", ended.state.approvals) };
        assert_eq!(question.decided.as_ref().map(|decided| decided.decision), Some(decision));
        assert_eq!(release.exists(), decision == Decision::Rejected);
        let left =
            ended.state.standing.iter().any(|sentence| sentence == "what `upload` and `check` did on web-1 stays");
        assert_eq!(left, decision == Decision::Rejected, "{:?}", ended.state.standing);
    }
    server.stop().await;
}
