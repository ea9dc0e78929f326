//! A person decides on any server what a deployment waits for on another.

use super::apis;
use crate::harness::Site;
use serde_json::json;
use windlass_api_types::DeploymentStatus;
use windlass_api_types::deployment::Deployment;

mod postgres {
    crate::harness::test_on!(any_server_takes_a_decision, Postgres);
}

const CONFIG: &str = "project = \"shop\"\n[environments.production]\napproval = true\n\
                      [[stage]]\nid = \"only\"\nuses = \"noop@1\"\napproval = true\n";

async fn any_server_takes_a_decision(site: &Site) {
    let first = site.serve().await;
    let (second, third) = (site.serve_beside("ops-2").await, site.serve_beside("ops-3").await);
    let apis = apis(site, &[&first, &second, &third]).await;
    let request = json!({ "config": CONFIG, "environment": "production" });
    let created: Deployment = apis[0].post("/deployments", &request).await.ok().json();
    assert_eq!(created.summary.status, DeploymentStatus::Waiting);
    apis[1].post("/deployments/shop%231/approve", &json!({ "key": "deployment" })).await.ok();

    let waits = crate::harness::until("the stage to wait", async || {
        let now = apis[0].deployment("shop#1").await;
        let waits = now.state.open_approvals().any(|approval| approval.stage.is_some());
        waits.then_some(now)
    })
    .await;
    let elsewhere = if waits.summary.server.as_deref() == Some("ops-2") { &apis[2] } else { &apis[1] };
    elsewhere.post("/deployments/shop%231/approve", &json!({ "stage": "only" })).await.ok();
    let ended = apis[0].deployment_is("shop#1", DeploymentStatus::Succeeded).await;
    assert!(ended.state.approvals.iter().all(|approval| approval.decided.as_ref().unwrap().by.is_some()));
    for server in [first, second, third] {
        server.stop().await;
    }
}
