//! Secrets and grants of an environment.

use super::{Client, ClientError};
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;
use windlass_api_types::deployment::CreateDeployment;
use windlass_api_types::grant::{Grant, Grants, Requests};
use windlass_api_types::project::SecretInfo;

#[derive(Deserialize)]
struct Rotated {
    count: u64,
}

impl Client {
    /// An environment's secrets, without their values.
    pub async fn secrets(&self, project: &str, environment: &str) -> Result<Vec<SecretInfo>, ClientError> {
        self.get(&of(project, environment, &["secrets"]), &[]).await
    }

    /// Sets a secret; it takes effect on the next deployment.
    pub async fn set_secret(
        &self,
        project: &str,
        environment: &str,
        name: &str,
        value: &str,
    ) -> Result<SecretInfo, ClientError> {
        self.send(Method::PUT, &of(project, environment, &["secrets", name]), &json!({ "value": value })).await
    }

    /// Takes a secret away.
    pub async fn remove_secret(&self, project: &str, environment: &str, name: &str) -> Result<(), ClientError> {
        self.delete(&of(project, environment, &["secrets", name])).await
    }

    /// Copies secrets from another environment of the project; answers those that were copied.
    pub async fn copy_secrets(
        &self,
        project: &str,
        from: &str,
        environment: &str,
        replace: bool,
    ) -> Result<Vec<SecretInfo>, ClientError> {
        let path = of(project, environment, &["secrets", "copy"]);
        self.send(Method::POST, &path, &json!({ "from": from, "replace": replace })).await
    }

    /// Encrypts all secrets with a new key; answers how many values there were.
    pub async fn rotate_secrets_key(&self) -> Result<u64, ClientError> {
        let rotated: Rotated = self.send(Method::POST, &["secrets", "rotate-key"], &json!({})).await?;
        Ok(rotated.count)
    }

    /// An environment's grants.
    pub async fn grants(&self, project: &str, environment: &str) -> Result<Grants, ClientError> {
        self.get(&of(project, environment, &["grants"]), &[]).await
    }

    /// Adds grants; answers all.
    pub async fn add_grants(&self, project: &str, environment: &str, grants: &[Grant]) -> Result<Grants, ClientError> {
        self.send(Method::POST, &of(project, environment, &["grants"]), &json!({ "grants": grants })).await
    }

    /// Takes a grant away; answers what is left.
    pub async fn remove_grant(&self, project: &str, environment: &str, grant: &Grant) -> Result<Grants, ClientError> {
        self.send(Method::DELETE, &of(project, environment, &["grants"]), grant).await
    }

    /// Protects an environment, or no longer.
    pub async fn protect(&self, project: &str, environment: &str, protected: bool) -> Result<Grants, ClientError> {
        self.send(Method::PUT, &of(project, environment, &["protection"]), &json!({ "protected": protected })).await
    }

    /// What a deployment would ask of its environment.
    pub async fn requests(&self, request: &CreateDeployment) -> Result<Requests, ClientError> {
        self.send(Method::POST, &["requests"], request).await
    }
}

fn of<'a>(project: &'a str, environment: &'a str, rest: &[&'a str]) -> Vec<&'a str> {
    [&["projects", project, "environments", environment], rest].concat()
}
