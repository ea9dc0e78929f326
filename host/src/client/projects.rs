//! Projects, their configuration, pipelines and variables.

use super::{Client, ClientError};
use reqwest::Method;
use serde_json::json;
use std::collections::BTreeMap;
use windlass_api_types::pipeline::PipelineRevision;
use windlass_api_types::project::{Project, Variables};

impl Client {
    /// All projects.
    pub async fn projects(&self) -> Result<Vec<Project>, ClientError> {
        self.get(&["projects"], &[]).await
    }

    /// A project by its name.
    pub async fn project(&self, name: &str) -> Result<Project, ClientError> {
        self.get(&["projects", name], &[]).await
    }

    /// Stores a project's `windlass.toml` without deploying.
    pub async fn push_config(&self, name: &str, config: &str) -> Result<Project, ClientError> {
        self.send(Method::PUT, &["projects", name, "config"], &json!({ "config": config })).await
    }

    /// The pipeline that the last configuration gives for an environment.
    pub async fn pipeline(&self, project: &str, environment: &str) -> Result<PipelineRevision, ClientError> {
        self.get(&["projects", project, "environments", environment, "pipeline"], &[]).await
    }

    /// An environment's variables.
    pub async fn variables(&self, project: &str, environment: &str) -> Result<Variables, ClientError> {
        self.get(&["projects", project, "environments", environment, "variables"], &[]).await
    }

    /// Sets and removes variables; they take effect on the next deployment.
    pub async fn change_variables(
        &self,
        project: &str,
        environment: &str,
        set: &BTreeMap<String, String>,
        unset: &[String],
    ) -> Result<Variables, ClientError> {
        let path = ["projects", project, "environments", environment, "variables"];
        self.send(Method::PATCH, &path, &json!({ "set": set, "unset": unset })).await
    }

    /// Copies variables from another environment of the project; answers all.
    pub async fn copy_variables(
        &self,
        project: &str,
        from: &str,
        environment: &str,
        replace: bool,
    ) -> Result<Variables, ClientError> {
        let path = ["projects", project, "environments", environment, "variables", "copy"];
        self.send(Method::POST, &path, &json!({ "from": from, "replace": replace })).await
    }
}
