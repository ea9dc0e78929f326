//! The lives of containers.

use super::{Engine, EngineError, found};
use bollard::errors::Error;
use bollard::models::{ContainerInspectResponse, ContainerSummary, EndpointSettings};
use bollard::query_parameters::{
    InspectContainerOptions, ListContainersOptionsBuilder, RemoveContainerOptionsBuilder,
    RenameContainerOptionsBuilder, StartContainerOptions, StopContainerOptionsBuilder, WaitContainerOptions,
};
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use windlass_api_types::{ErrorKind, Failure};

/// Between two looks at a container that was started.
const LOOK: Duration = Duration::from_millis(100);
/// How many lines of the log of a container that ended are quoted.
const QUOTED_LINES: u32 = 20;

/// A container of a target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Container {
    pub id: String,
    pub name: String,
    pub image: String,
    pub image_id: String,
    pub labels: BTreeMap<String, String>,
    pub state: String,
    pub exit_code: Option<i32>,
    pub health: Option<String>,
    pub started_at: String,
    pub restarts: u32,
    /// By network.
    pub addresses: BTreeMap<String, String>,
}

impl Engine {
    /// The container of this name or id.
    pub async fn container(&self, name: &str) -> Result<Option<Container>, EngineError> {
        let inspected = found(self.client.inspect_container(name, None::<InspectContainerOptions>).await);
        Ok(inspected.map_err(self.failed(format!("look up the container {name}")))?.map(Container::from))
    }

    /// All containers that have these labels, sorted by name.
    pub async fn containers(&self, labels: &[(String, String)]) -> Result<Vec<Container>, EngineError> {
        let label = |(name, value): &(String, String)| match value.is_empty() {
            true => name.clone(),
            false => format!("{name}={value}"),
        };
        let filters = HashMap::from([("label", labels.iter().map(label).collect::<Vec<_>>())]);
        let options = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
        let listed = self.client.list_containers(Some(options)).await.map_err(self.failed("list containers"))?;
        let mut containers: Vec<Container> = listed.into_iter().map(Container::from).collect();
        containers.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(containers)
    }

    /// Starts a container, and watches it for so long: one that ends meanwhile is a failure.
    pub async fn start(&self, name: &str, settle: Duration) -> Result<(), EngineError> {
        let what = format!("start the container {name}");
        let before = self.container(name).await?;
        let restarts = before.as_ref().map_or(0, |container| container.restarts);
        self.client.start_container(name, None::<StartContainerOptions>).await.map_err(self.failed(&what))?;
        let end = Instant::now() + settle;
        while !settle.is_zero() {
            let Some(container) = self.container(name).await? else {
                return Err(self.ended(name, None).await.into());
            };
            if matches!(container.state.as_str(), "exited" | "dead" | "restarting") || container.restarts > restarts {
                return Err(self.ended(name, container.exit_code).await.into());
            }
            if Instant::now() >= end {
                break;
            }
            sleep(LOOK).await;
        }
        Ok(())
    }

    /// What a container that ended at once had to say.
    async fn ended(&self, name: &str, status: Option<i32>) -> Failure {
        let status = status.map(|status| format!(" with status {status}")).unwrap_or_default();
        let mut message = format!("{}: the container {name} ended right after its start{status}", self.target());
        match self.logs(name, Some(QUOTED_LINES), None, Duration::ZERO).await {
            Ok(lines) if lines.is_empty() => message.push_str("; it has written nothing to its log"),
            Ok(lines) => lines.iter().for_each(|line| {
                message.push_str("\n  ");
                message.push_str(&line.text);
            }),
            Err(_) => message.push_str("; its log cannot be read"),
        }
        let hint = format!("mend what its log says; the whole log, on the target: docker logs {name}");
        Failure::new(ErrorKind::Failed, "container-exited", message).hint(hint)
    }

    /// Stops a container; `grace` is rounded up to seconds.
    pub async fn stop(&self, name: &str, grace: Duration) -> Result<(), EngineError> {
        let seconds = i32::try_from(grace.as_millis().div_ceil(1000)).unwrap_or(i32::MAX);
        let options = StopContainerOptionsBuilder::new().t(seconds).build();
        let stopped = self.client.stop_container(name, Some(options)).await;
        stopped.map_err(self.failed(format!("stop the container {name}")))
    }

    /// Removes a container; answers whether there was one.
    pub async fn remove(&self, name: &str, force: bool) -> Result<bool, EngineError> {
        let options = RemoveContainerOptionsBuilder::new().force(force).v(true).build();
        let removed = found(self.client.remove_container(name, Some(options)).await);
        Ok(removed.map_err(self.failed(format!("remove the container {name}")))?.is_some())
    }

    /// Gives a container another name.
    pub async fn rename(&self, name: &str, to: &str) -> Result<(), EngineError> {
        let options = RenameContainerOptionsBuilder::new().name(to).build();
        let failed = self.failed(format!("rename the container {name} to {to}"));
        match self.client.rename_container(name, options).await {
            // Of the old name there is none, of the new there is: a repeat.
            Err(Error::DockerResponseServerError { status_code: 404, .. }) if self.container(to).await?.is_some() => {
                Ok(())
            }
            Err(Error::DockerResponseServerError { message, .. }) if message.contains("same name") => Ok(()),
            renamed => renamed.map_err(failed),
        }
    }

    /// Waits for the end of a container; answers its exit status.
    pub async fn wait(&self, name: &str, timeout: Option<Duration>) -> Result<i64, EngineError> {
        let what = format!("wait for the container {name}");
        let mut ends = std::pin::pin!(self.client.wait_container(name, None::<WaitContainerOptions>));
        let end = match timeout {
            Some(limit) => tokio::time::timeout(limit, ends.next()).await.map_err(|_| self.too_long(&what, limit))?,
            None => ends.next().await,
        };
        match end {
            Some(Ok(end)) => Ok(end.status_code),
            // The client's word for any other status than 0.
            Some(Err(Error::DockerContainerWaitError { error, code })) if error.is_empty() => Ok(code),
            Some(Err(error)) => Err(self.failed(&what)(error)),
            None => Err(crate::ssh::SshError::ConnectionLost { target: self.target().into(), during: what }.into()),
        }
    }

    pub(super) fn too_long(&self, what: &str, limit: Duration) -> Failure {
        let message =
            format!("{}: Docker was asked to {what}, for longer than {} s", self.target(), limit.as_secs_f32());
        Failure::new(ErrorKind::Timeout, "timeout", message).hint("raise the timeout, or find out what it waited for")
    }
}

fn addresses(networks: Option<HashMap<String, EndpointSettings>>) -> BTreeMap<String, String> {
    let address = |(network, settings): (String, EndpointSettings)| Some((network, settings.ip_address?));
    let known = networks.into_iter().flatten().filter_map(address);
    known.filter(|(_, address)| !address.is_empty()).collect()
}

impl From<ContainerInspectResponse> for Container {
    fn from(container: ContainerInspectResponse) -> Self {
        let state = container.state.unwrap_or_default();
        let config = container.config.unwrap_or_default();
        let word = state.status.map(|status| status.to_string()).unwrap_or_default();
        let health = state.health.and_then(|health| health.status).map(|status| status.to_string());
        let ended = matches!(word.as_str(), "exited" | "dead" | "restarting");
        Self {
            id: container.id.unwrap_or_default(),
            name: container.name.unwrap_or_default().trim_start_matches('/').to_owned(),
            image: config.image.unwrap_or_default(),
            image_id: container.image.unwrap_or_default(),
            labels: config.labels.unwrap_or_default().into_iter().collect(),
            exit_code: state.exit_code.filter(|_| ended).and_then(|code| i32::try_from(code).ok()),
            health: health.filter(|health| !matches!(health.as_str(), "" | "none")),
            // The year 1 stands for never.
            started_at: state.started_at.filter(|at| !at.starts_with("0001-")).unwrap_or_default(),
            restarts: container.restart_count.and_then(|count| u32::try_from(count).ok()).unwrap_or_default(),
            addresses: addresses(container.network_settings.and_then(|settings| settings.networks)),
            state: word,
        }
    }
}

impl From<ContainerSummary> for Container {
    fn from(container: ContainerSummary) -> Self {
        let name = container.names.unwrap_or_default().into_iter().next().unwrap_or_default();
        Self {
            id: container.id.unwrap_or_default(),
            name: name.trim_start_matches('/').to_owned(),
            image: container.image.unwrap_or_default(),
            image_id: container.image_id.unwrap_or_default(),
            labels: container.labels.unwrap_or_default().into_iter().collect(),
            state: container.state.map(|state| state.to_string()).unwrap_or_default(),
            addresses: addresses(container.network_settings.and_then(|settings| settings.networks)),
            ..Self::default()
        }
    }
}
