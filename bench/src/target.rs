//! The target `bench`, and deployments to it.

use anyhow::{Result, ensure};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use windlass::client::Client;
use windlass::client::follow::{Followed, Follower};
use windlass_api_types::DeploymentStatus;
use windlass_api_types::deployment::CreateDeployment;
use windlass_api_types::target::{Identity, PutTarget};

/// Registers a machine on loopback, whose sshd lets the key in.
pub(crate) async fn register(client: &Client, port: u16, user: &str, host_key: &str, key: &Path) -> Result<()> {
    let put = PutTarget {
        host: "127.0.0.1".into(),
        port,
        user: user.into(),
        host_key: host_key.into(),
        identity: Identity::File(key.display().to_string()),
        jump: None,
        replace_host_key: false,
    };
    client.put_target("bench", &put).await?;
    Ok(())
}

/// Deploys to the environment `bench`, to the end.
pub(crate) async fn deploy(client: &Client, config: &str, artifact: Option<&Path>) -> Result<()> {
    let mut artifacts = BTreeMap::new();
    if let Some(artifact) = artifact {
        artifacts.insert("app".to_owned(), client.upload_artifact(fs::read(artifact)?.into()).await?.digest);
    }
    let request = CreateDeployment {
        config: config.to_owned(),
        environment: "bench".into(),
        artifacts,
        release: None,
        only: Vec::new(),
        commit: None,
    };
    let deployment = client.create_deployment(&request).await?;
    let mut follower = Follower::new(client.clone(), deployment.summary.id, 0);
    while let Followed::Events(_) = follower.next().await? {}
    let ended = client.deployment(&deployment.summary.label).await?;
    let status = ended.summary.status;
    ensure!(status == DeploymentStatus::Succeeded, "the deployment has {status}: {:?}", ended.summary.failure);
    Ok(())
}
