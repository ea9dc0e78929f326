//! What a container may have of its machine: each privilege is a grant of its own.

use super::spec::Container;
use crate::capability::Granter;
use crate::docker::Mount;
use windlass_api_types::Failure;
use windlass_api_types::grant::GrantKind;

const PRIVILEGED: &str = "privileged";
const HOST_NETWORK: &str = "host-network";
const SOCKET: &str = "docker-socket";
/// Every privilege but the mounts.
pub(in crate::capability) const ALL: [&str; 3] = [PRIVILEGED, HOST_NETWORK, SOCKET];
/// What a grant of a path begins with.
const MOUNT: &str = "mount:";

/// Refuses the first privilege that is not granted.
pub(super) fn check(spec: &Container, granter: &Granter) -> Result<(), Failure> {
    let rest = &spec.rest;
    if rest.privileged {
        require(granter, PRIVILEGED, "run a privileged container")?;
    }
    if let Some(capability) = rest.cap_add.first() {
        require(granter, PRIVILEGED, &format!("give a container the capability {capability}"))?;
    }
    let of_networks: Vec<&str> = rest.networks.iter().filter_map(|network| of_network(&network.name)).collect();
    if rest.host_network || of_networks.contains(&HOST_NETWORK) {
        require(granter, HOST_NETWORK, "put a container into the network of its machine")?;
    }
    if of_networks.contains(&PRIVILEGED) {
        require(granter, PRIVILEGED, "put a container into the network of another")?;
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

/// The privilege that being in a network is.
pub(in crate::capability) fn of_network(name: &str) -> Option<&'static str> {
    match name {
        "host" => Some(HOST_NETWORK),
        // The namespaces of another container are that container's privileges.
        name if name.contains(':') => Some(PRIVILEGED),
        _ => None,
    }
}

/// Whether a path of the target may be mounted.
fn path(granter: &Granter, path: &str) -> Result<(), Failure> {
    match missing_for(granter, path) {
        None => Ok(()),
        Some(value) if value == SOCKET => Err(granter.denied(
            GrantKind::Docker,
            SOCKET,
            "mount the socket of the Docker engine, which makes it root there",
        )),
        Some(value) => {
            Err(granter.denied(GrantKind::Docker, &value, format!("mount {} of the target", normalized(path))))
        }
    }
}

/// The grant that is missing to mount a path of the target.
pub(in crate::capability) fn missing_for(granter: &Granter, path: &str) -> Option<String> {
    let path = normalized(path);
    if is_socket(&path) {
        return (!granter.has(GrantKind::Docker, SOCKET)).then(|| SOCKET.to_owned());
    }
    let project = granter.project();
    let own = ["/srv", "~/apps", "/var/lib/windlass"].map(|parent| format!("{parent}/{project}"));
    let granted = granter.granted(GrantKind::Docker).filter_map(|grant| grant.strip_prefix(MOUNT)).map(normalized);
    let covered = own.into_iter().chain(granted).any(|above| covers(&above, &path));
    (!covered).then(|| format!("{MOUNT}{path}"))
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
