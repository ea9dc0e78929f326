//! Deployments, plans and rollbacks.

use super::{Client, ClientError, PLAN_TIMEOUT, REPLAY_TIMEOUT};
use reqwest::{Body, Method, header};
use windlass_api_types::approval::Decide;
use windlass_api_types::deployment::{
    CreateDeployment, CreateRetry, CreateRollback, Deployment, DeploymentPage, Release, ResolveEffect, StoredBlob,
};
use windlass_api_types::effect::{DeploymentEffect, EventPage};
use windlass_api_types::plan::Plan;
use windlass_api_types::replay::Replay;
use windlass_api_types::{Decision, DeploymentId, DeploymentStatus, Level};

/// Which deployments to list. The default is the newest of all.
#[derive(Clone, Debug, Default)]
pub struct DeploymentFilter<'a> {
    pub project: Option<&'a str>,
    pub environment: Option<&'a str>,
    pub status: Option<DeploymentStatus>,
    /// Only older ones than this.
    pub before: Option<DeploymentId>,
    pub limit: Option<usize>,
}

/// Which part of a deployment's log to read.
#[derive(Clone, Debug, Default)]
pub struct LogFilter<'a> {
    pub stage: Option<&'a str>,
    /// The least level.
    pub level: Option<Level>,
}

/// Which stage runs to replay. The default is all.
#[derive(Clone, Debug, Default)]
pub struct ReplayFilter<'a> {
    pub stage: Option<&'a str>,
    pub target: Option<&'a str>,
}

impl Client {
    /// Starts a deployment.
    pub async fn create_deployment(&self, request: &CreateDeployment) -> Result<Deployment, ClientError> {
        self.send(Method::POST, &["deployments"], request).await
    }

    /// Puts an older release there.
    pub async fn create_rollback(&self, request: &CreateRollback) -> Result<Deployment, ClientError> {
        self.send(Method::POST, &["rollbacks"], request).await
    }

    /// What a deployment would do.
    pub async fn plan(&self, request: &CreateDeployment) -> Result<Plan, ClientError> {
        let request = self.request(Method::POST, self.url(&["plans"], &[])).json(request).timeout(PLAN_TIMEOUT);
        self.json(request).await
    }

    /// A deployment by its id or its label, such as `shop#41`.
    pub async fn deployment(&self, id_or_label: &str) -> Result<Deployment, ClientError> {
        self.get(&["deployments", id_or_label], &[]).await
    }

    /// Deploys again what a deployment delivered.
    pub async fn create_retry(&self, deployment: &str, request: &CreateRetry) -> Result<Deployment, ClientError> {
        self.send(Method::POST, &["deployments", deployment, "retry"], request).await
    }

    /// Says what became of an effect whose outcome is not known.
    pub async fn resolve(&self, deployment: &str, request: &ResolveEffect) -> Result<Deployment, ClientError> {
        self.send(Method::POST, &["deployments", deployment, "resolve"], request).await
    }

    /// Deployments, newest first.
    pub async fn deployments(&self, filter: &DeploymentFilter<'_>) -> Result<DeploymentPage, ClientError> {
        let (before, limit) = (filter.before.map(|id| id.to_string()), filter.limit.map(|limit| limit.to_string()));
        let query = [
            ("project", filter.project),
            ("environment", filter.environment),
            ("status", filter.status.map(DeploymentStatus::as_str)),
            ("before", before.as_deref()),
            ("limit", limit.as_deref()),
        ];
        self.get(&["deployments"], &present(&query)).await
    }

    /// Asks for a deployment to be canceled.
    pub async fn cancel(&self, id_or_label: &str) -> Result<Deployment, ClientError> {
        self.send(Method::POST, &["deployments", id_or_label, "cancel"], &serde_json::json!({})).await
    }

    /// A page of a deployment's log lines and steps after the event `after`.
    pub async fn logs(&self, id: DeploymentId, filter: &LogFilter<'_>, after: u64) -> Result<EventPage, ClientError> {
        let after = after.to_string();
        let query =
            [("after", Some(after.as_str())), ("stage", filter.stage), ("level", filter.level.map(Level::as_str))];
        self.get(&["deployments", &id.to_string(), "logs"], &present(&query)).await
    }

    /// Everything a deployment did.
    pub async fn effects(&self, id: DeploymentId) -> Result<Vec<DeploymentEffect>, ClientError> {
        self.get(&["deployments", &id.to_string(), "effects"], &[]).await
    }

    /// Answers what a deployment waits for.
    pub async fn decide(
        &self,
        id: DeploymentId,
        request: &Decide,
        decision: Decision,
    ) -> Result<Deployment, ClientError> {
        let verb = if decision == Decision::Approved { "approve" } else { "reject" };
        self.send(Method::POST, &["deployments", &id.to_string(), verb], request).await
    }

    /// What a deployment that has not begun would do.
    pub async fn plan_of(&self, id: DeploymentId) -> Result<Plan, ClientError> {
        let url = self.url(&["deployments", &id.to_string(), "plan"], &[]);
        self.json(self.request(Method::GET, url).timeout(PLAN_TIMEOUT)).await
    }

    /// Runs a deployment's stage runs again, with a component in place of the recorded ones of its name; empty: none.
    pub async fn replay(
        &self,
        id: DeploymentId,
        filter: &ReplayFilter<'_>,
        plugin: Vec<u8>,
    ) -> Result<Replay, ClientError> {
        let query = present(&[("stage", filter.stage), ("target", filter.target)]);
        let url = self.url(&["deployments", &id.to_string(), "replay"], &query);
        let request = self.request(Method::POST, url).timeout(REPLAY_TIMEOUT);
        self.json(request.header(header::CONTENT_TYPE, "application/wasm").body(plugin)).await
    }

    /// A project's releases, newest first.
    pub async fn releases(&self, project: &str) -> Result<Vec<Release>, ClientError> {
        self.get(&["projects", project, "releases"], &[]).await
    }

    /// Stores an artifact: a gzipped tar archive, streamed. However long it takes.
    pub async fn upload_artifact(&self, archive: Body) -> Result<StoredBlob, ClientError> {
        let mut request =
            self.http.put(self.url(&["artifacts"], &[])).header(header::CONTENT_TYPE, "application/gzip").body(archive);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        self.json(request).await
    }
}

/// The parts of a query that were given.
fn present<'a>(query: &[(&'a str, Option<&'a str>)]) -> Vec<(&'a str, &'a str)> {
    query.iter().filter_map(|(key, value)| value.map(|value| (*key, value))).collect()
}
