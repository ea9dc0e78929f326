//! What a container may have of its machine: each privilege is a grant of its own.

use super::spec::Container;
use crate::capability::Granter;
use crate::docker::Mount;
use windlass_api_types::Failure;
use windlass_api_types::grant::GrantKind;

/// What a grant of a path begins with.
const MOUNT: &str = "mount:";

/// Refuses the first privilege that is not granted.
pub(super) fn check(spec: &Container, granter: &Granter) -> Result<(), Failure> {
    let rest = &spec.rest;
    if rest.privileged {
        require(granter, "privileged", "run a privileged container")?;
    }
    if let Some(capability) = rest.cap_add.first() {
        require(granter, "privileged", &format!("give a container the capability {capability}"))?;
    }
    if rest.host_network || rest.networks.iter().any(|network| network.name == "host") {
        require(granter, "host-network", "put a container into the network of its machine")?;
    }
    // The namespaces of another container are that container's privileges.
    if rest.networks.iter().any(|network| network.name.contains(':')) {
        require(granter, "privileged", "put a container into the network of another")?;
    }
    rest.mounts.iter().try_for_each(|mount| match mount {
        Mount::Bind(bind) => path(granter, &bind.bind),
        Mount::Volume(_) | Mount::Tmpfs(_) => Ok(()),
    })
}

fn require(granter: &Granter, value: &str, what: &str) -> Result<(), Failure> {
    match granter.has(GrantKind::Docker, value) {
        true => Ok(()),
        false => Err(granter.denied(GrantKind::Docker, value, what)),
    }
}

/// Whether a path of the target may be mounted.
fn path(granter: &Granter, path: &str) -> Result<(), Failure> {
    let path = normalized(path);
    if is_socket(&path) {
        return require(granter, "docker-socket", "mount the socket of the Docker engine, which makes it root there");
    }
    let project = granter.project();
    let own = ["/srv", "~/apps", "/var/lib/windlass"].map(|parent| format!("{parent}/{project}"));
    let granted = granter.granted(GrantKind::Docker).filter_map(|grant| grant.strip_prefix(MOUNT)).map(normalized);
    match own.into_iter().chain(granted).any(|above| covers(&above, &path)) {
        true => Ok(()),
        false => {
            Err(granter.denied(GrantKind::Docker, &format!("{MOUNT}{path}"), format!("mount {path} of the target")))
        }
    }
}

/// Whether it is an engine's socket, or a directory that usually holds one.
fn is_socket(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    matches!(name, "docker.sock" | "containerd.sock" | "podman.sock") || matches!(path, "/run" | "/var/run")
}

fn covers(above: &str, path: &str) -> bool {
    above == "/" || path.strip_prefix(above).is_some_and(|below| below.is_empty() || below.starts_with('/'))
}

/// Without `.`, `..` and doubled slashes.
pub(super) fn normalized(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "~") => drop(parts.pop()),
            // Nothing is above the root. What is above a home directory is somebody else's: it stays, and matches nothing.
            ".." if parts.is_empty() => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    if path.starts_with('/') { format!("/{joined}") } else { joined }
}

#[cfg(test)]
mod tests;
