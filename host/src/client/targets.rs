//! Targets.

use super::{Client, ClientError};
use reqwest::Method;
use windlass_api_types::target::{PutTarget, ScanTarget, ScannedTarget, Target, TargetCheck};

impl Client {
    /// All targets.
    pub async fn targets(&self) -> Result<Vec<Target>, ClientError> {
        self.get(&["targets"], &[]).await
    }

    /// Which host key an address presents to the server; nothing is trusted by it.
    pub async fn scan_target(&self, request: &ScanTarget) -> Result<ScannedTarget, ClientError> {
        self.send(Method::POST, &["targets", "scan"], request).await
    }

    /// Registers or changes a target.
    pub async fn put_target(&self, name: &str, request: &PutTarget) -> Result<Target, ClientError> {
        self.send(Method::PUT, &["targets", name], request).await
    }

    /// Forgets a target.
    pub async fn delete_target(&self, name: &str) -> Result<(), ClientError> {
        self.delete(&["targets", name]).await
    }

    /// Whether the server gets in.
    pub async fn check_target(&self, name: &str) -> Result<TargetCheck, ClientError> {
        self.send(Method::POST, &["targets", name, "check"], &serde_json::json!({})).await
    }
}
