//! Targets: registering them, never blindly, and looking whether they answer.

use super::{Api, problem::ApiError};
use crate::engine::{address, chain};
use crate::event::now;
use crate::ssh::{self, Capture, ExecRequest, Exit, Repeat, SshError};
use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use windlass_api_types::target::{PutTarget, ScanTarget, ScannedTarget, Target, TargetCheck};
use windlass_api_types::{ErrorKind, Failure, TargetId};

/// A check is one `true`; a target that needs longer is not well.
const CHECK_TIMEOUT: Duration = Duration::from_secs(30);

/// Every registered target.
#[utoipa::path(get, path = "/targets", responses((status = 200, body = [Target])))]
pub(super) async fn list(State(api): State<Api>) -> Result<Json<Vec<Target>>, ApiError> {
    Ok(Json(api.store.targets().await?))
}

/// Asks which host key an address presents, for a person to compare. Nothing is trusted by it.
#[utoipa::path(post, path = "/targets/scan", request_body = ScanTarget, responses((status = 200, body = ScannedTarget)))]
pub(super) async fn scan(
    State(api): State<Api>,
    Json(asked): Json<ScanTarget>,
) -> Result<Json<ScannedTarget>, ApiError> {
    let jump = match &asked.jump {
        None => None,
        Some(jump) => {
            let targets = api.store.targets().await?;
            // Whether it is registered, and leads somewhere.
            let jumps = chain(&asked.host, Some(jump), &targets)?;
            jumps.first().map(|jump| address(jump, &targets)).transpose()?
        }
    };
    let scanned = api.ssh.scan_host_key(&asked.host, asked.port, jump.as_ref()).await.map_err(failure)?;
    Ok(Json(ScannedTarget {
        host_key: scanned.openssh,
        fingerprint: scanned.fingerprint,
        authorized_key: api.ssh.public_key(),
    }))
}

/// Registers a target with the host key that a person has confirmed.
#[utoipa::path(put, path = "/targets/{name}", params(("name" = String, Path)), request_body = PutTarget,
    responses((status = 200, body = Target)))]
pub(super) async fn put(
    State(api): State<Api>,
    Path(name): Path<String>,
    Json(asked): Json<PutTarget>,
) -> Result<Json<Target>, ApiError> {
    check_name(&name)?;
    let fingerprint = ssh::fingerprint_of(&asked.host_key).map_err(failure)?;
    let targets = api.store.targets().await?;
    chain(&name, asked.jump.as_deref(), &targets)?;
    let known = targets.into_iter().find(|target| target.name == name);
    if let Some(known) = known.filter(|known| known.fingerprint != fingerprint && !asked.replace_host_key) {
        let message = format!(
            "the target `{name}` is pinned to another host key: trusted is {}, given was {fingerprint}",
            known.fingerprint
        );
        let failure = Failure::new(ErrorKind::Conflict, "host-key-changed", message)
            .hint(format!("if the machine was reinstalled: windlass target add {name} USER@HOST --replace-host-key"));
        return Err(failure.into());
    }
    let target = Target {
        id: TargetId::new(),
        name,
        host: asked.host,
        port: asked.port,
        user: asked.user,
        host_key: asked.host_key,
        fingerprint,
        identity: asked.identity,
        jump: asked.jump,
        created_at: now(),
    };
    Ok(Json(api.store.put_target(&target).await?))
}

/// Forgets a target that no environment uses and that is nobody's jump.
#[utoipa::path(delete, path = "/targets/{name}", params(("name" = String, Path)), responses((status = 204)))]
pub(super) async fn remove(State(api): State<Api>, Path(name): Path<String>) -> Result<StatusCode, ApiError> {
    match api.store.delete_target(&name).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(ApiError::not_found("target", &name)),
    }
}

/// Connects and runs `true`.
#[utoipa::path(post, path = "/targets/{name}/check", params(("name" = String, Path)),
    responses((status = 200, body = TargetCheck)))]
pub(super) async fn check(State(api): State<Api>, Path(name): Path<String>) -> Result<Json<TargetCheck>, ApiError> {
    let target = api.store.target(&name).await?.ok_or_else(|| ApiError::not_found("target", &name))?;
    let started = Instant::now();
    let answer = try_target(&api, &target).await;
    let took = started.elapsed().as_millis().try_into().unwrap_or(u64::MAX);
    Ok(Json(TargetCheck { failure: answer.err(), took }))
}

async fn try_target(api: &Api, target: &Target) -> Result<(), Failure> {
    let request = ExecRequest {
        timeout: Some(CHECK_TIMEOUT),
        ..ExecRequest::new(ssh::Command::Argv(vec!["true".into()]), Repeat::Reads)
    };
    let targets = api.store.targets().await.map_err(|error| error.failure())?;
    let connection = api.ssh.connect(&address(target, &targets)?).await.map_err(failure)?;
    let end = connection.exec(&request, &mut Capture::new(0), &CancellationToken::new()).await.map_err(failure)?;
    match end.exit {
        Exit::Status(0) => Ok(()),
        _ => Err(Failure::new(ErrorKind::Failed, "check-failed", format!("{}: `true` did not succeed", target.name))),
    }
}

/// Names stand in configurations, URLs and command lines.
fn check_name(name: &str) -> Result<(), Failure> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    match !name.is_empty() && name.len() <= 64 && name.bytes().all(fits) {
        true => Ok(()),
        false => {
            Err(Failure::new(ErrorKind::InvalidInput, "bad-target-name", format!("`{name}` cannot be a target's name"))
                .hint("up to 64 letters, digits, hyphens, underscores and dots, such as web-1"))
        }
    }
}

fn failure(error: SshError) -> Failure {
    crate::capability::ssh_failure(error)
}
