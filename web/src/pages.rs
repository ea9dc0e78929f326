//! One page a file.

mod deployment;
mod deployments;
mod not_found;
mod plugins;
mod projects;
mod sign_in;
mod targets;
mod tokens;

pub(crate) use deployment::{DeploymentById, DeploymentPage};
pub(crate) use deployments::DeploymentsPage;
pub(crate) use not_found::NotFound;
pub(crate) use plugins::PluginsPage;
pub(crate) use projects::ProjectsPage;
pub(crate) use sign_in::SignInPage;
pub(crate) use targets::TargetsPage;
pub(crate) use tokens::TokensPage;
