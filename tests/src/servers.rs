//! Several servers on one PostgreSQL.

use crate::harness::{Api, HelloOptions, Site, Stream, Version, WAIT};
use serde_json::json;
use windlass_api_types::deployment::{Deployment, DeploymentPage, DeploymentSummary};
use windlass_api_types::server::ServerInfo;
use windlass_api_types::{DeploymentStatus, Event};

mod deciding;
mod racing;
mod starting;
mod taking_over;

mod postgres {
    crate::harness::test_on!(any_server_shows_any_deployment, Postgres);
}

/// A pipeline of one stage on the first target.
fn config(command: &str) -> String {
    format!(
        "project = \"shop\"\n[environments.production]\ntargets = {{ app = [\"web-1\"] }}\n\
         [[stage]]\nid = \"talk\"\nrun = '''{command}'''\ntargets = \"app\"\n"
    )
}

/// The same caller on another server: tokens are in the database.
async fn apis(site: &Site, servers: &[&crate::harness::Server]) -> Vec<Api> {
    let first = site.api(servers[0]).await;
    servers.iter().map(|server| first.at(&server.url)).collect()
}

/// Its line of output comes in bursts while viewers follow it on every server.
const TALK: &str = "i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo line $i; [ $((i % 500)) -ne 0 ] || sleep 0.1; done";

async fn any_server_shows_any_deployment(site: &Site) {
    site.add_target().await.succeeds();
    let first = site.serve().await;
    let (second, third) = (site.serve_beside("ops-2").await, site.serve_beside("ops-3").await);
    let apis = apis(site, &[&first, &second, &third]).await;
    let listed: Vec<ServerInfo> = apis[2].get("/servers").await.ok().json();
    assert_eq!((listed.len(), listed.iter().all(|server| server.alive)), (3, true), "{listed:?}");

    let hold = site.hold();
    let request = json!({ "config": config(&format!("{WAIT}; {TALK}")), "environment": "production" });
    let created: Deployment = apis[1].post("/deployments", &request).await.ok().json();
    let label = created.summary.label;
    hold.reached().await;
    let mut streams = Vec::new();
    for api in &apis {
        streams.push(Stream::open(api, &label, 0).await);
        let running = api.deployment(&label).await.summary;
        assert_eq!((running.status, running.server.is_some()), (DeploymentStatus::Running, true));
    }
    site.write_config(&config("true"));
    let waiting = site.start_windlass("deploy --to production");
    let server = apis[0].deployment(&label).await.summary.server.unwrap();
    waiting.says(&format!("waits for {label}, which is running on {server} since ")).await;
    let status = site.windlass("status shop").await.succeeds().stdout;
    assert!(status.contains(&format!("held by ● {label} running on {server} since ")), "{status}");
    assert!(status.contains("\nservers\n") && status.contains("\n  ops-2 "), "{status}");
    drop(hold);

    let history = apis[0].events(&label).await;
    for stream in &mut streams {
        let seen: Vec<Event> = stream.rest().await;
        let lines = seen.iter().filter(|event| event.message.starts_with("line ")).count();
        assert_eq!(lines, 3_000);
        assert!(seen.iter().map(|event| event.seq).eq(1..=seen.len() as u64), "without a gap");
        assert!(seen.starts_with(&history), "all servers show the same");
    }
    for api in &apis {
        assert_eq!(api.deployment(&label).await.summary.status, DeploymentStatus::Succeeded);
    }
    assert!(waiting.ended().await.success());
    for server in [first, second, third] {
        server.stop().await;
    }
}
