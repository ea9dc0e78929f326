//! The HTTP API: a table of routes, and what all of them share. HTTP ↔ engine; no decisions.

use crate::auth::Auth;
use crate::engine::Engine;
use crate::event::Events;
use crate::plugin::Registry;
use crate::ssh::Ssh;
use crate::store::Store;
use crate::vault::Vault;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use std::sync::Arc;
use utoipa::OpenApi as _;
use utoipa_axum::{router::OpenApiRouter, routes};
use utoipa_swagger_ui::SwaggerUi;

mod app_logs;
mod approvals;
mod artifacts;
mod deployment_events;
mod deployment_history;
mod deployments;
mod grants;
mod health;
mod identity;
mod plans;
mod plugins;
mod problem;
mod projects;
mod query;
mod replays;
mod secrets;
mod server_events;
mod servers;
mod sessions;
mod sse;
mod targets;
mod tokens;
mod variables;
mod web;
mod zones;

pub use identity::over_local_socket;
pub use web::is_embedded as has_web_ui;

/// What the handlers work with. Cheap to clone.
#[derive(Clone)]
pub struct Api {
    pub parts: Arc<ApiParts>,
}

/// Built once, by the composition root.
pub struct ApiParts {
    pub store: Store,
    pub events: Events,
    pub engine: Engine,
    pub registry: Registry,
    pub ssh: Ssh,
    pub vault: Vault,
    pub auth: Auth,
    /// Where people reach this server, for links.
    pub url: Option<String>,
}

impl std::ops::Deref for Api {
    type Target = ApiParts;

    fn deref(&self) -> &ApiParts {
        &self.parts
    }
}

#[derive(utoipa::OpenApi)]
#[openapi(info(
    title = "Windlass",
    description = "Deployments whose every stage is a sandboxed WebAssembly component."
))]
struct Document;

/// Every route of the server.
pub fn router(api: Api) -> Router {
    let open = OpenApiRouter::new().routes(routes!(health::health)).routes(routes!(sessions::sign_in));
    let signed_in = OpenApiRouter::new()
        .routes(routes!(sessions::me, sessions::sign_out))
        .routes(routes!(sessions::link))
        .routes(routes!(tokens::list, tokens::create))
        .routes(routes!(tokens::revoke))
        .routes(routes!(projects::list))
        .routes(routes!(projects::get))
        .routes(routes!(projects::push_config))
        .routes(routes!(projects::releases))
        .routes(routes!(projects::pipeline))
        .routes(routes!(projects::health))
        .routes(routes!(variables::list, variables::change))
        .routes(routes!(variables::copy))
        .routes(routes!(secrets::list))
        .routes(routes!(secrets::set, secrets::remove))
        .routes(routes!(secrets::copy))
        .routes(routes!(secrets::rotate))
        .routes(routes!(grants::list, grants::add))
        .routes(routes!(grants::remove))
        .routes(routes!(grants::protect))
        .routes(routes!(grants::requests))
        .routes(routes!(targets::list))
        .routes(routes!(targets::scan))
        .routes(routes!(targets::put, targets::remove))
        .routes(routes!(targets::check))
        .routes(routes!(zones::list))
        .routes(routes!(zones::put, zones::remove))
        .routes(routes!(artifacts::put))
        .routes(routes!(plans::plan))
        .routes(routes!(deployments::list, deployments::create))
        .routes(routes!(deployments::rollback))
        .routes(routes!(deployments::get))
        .routes(routes!(deployments::cancel))
        .routes(routes!(approvals::approve))
        .routes(routes!(approvals::reject))
        .routes(routes!(approvals::plan))
        .routes(routes!(replays::replay))
        .routes(routes!(deployments::resolve))
        .routes(routes!(deployments::retry))
        .routes(routes!(deployment_events::events))
        .routes(routes!(app_logs::app_logs))
        .routes(routes!(deployment_history::logs))
        .routes(routes!(deployment_history::effects))
        .routes(routes!(plugins::list))
        .routes(routes!(servers::list))
        .routes(routes!(server_events::events))
        .layer(from_fn_with_state(api.clone(), identity::require))
        .layer(from_fn(identity::refuse_forged));
    let (routes, document) = OpenApiRouter::with_openapi(Document::openapi())
        .nest("/api/v1", open.merge(signed_in))
        .with_state(api)
        .split_for_parts();
    routes
        .merge(SwaggerUi::new("/api/v1/docs").url("/api/v1/openapi.json", document))
        .fallback(web::file)
        .layer(from_fn(web::security_headers))
}
