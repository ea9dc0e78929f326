//! The addresses of registered targets, each with the jumps that lead there.

use crate::ssh::{self, TargetAddress};
use std::sync::Arc;
use windlass_api_types::target::{Identity, Target};
use windlass_api_types::{ErrorKind, Failure};

/// A registered target as the transport takes it, with the jumps that lead there; `targets` are all of them.
/// Fails where a jump is not registered or leads back, which `PUT /targets` refuses, but for two at once.
pub fn address(target: &Target, targets: &[Target]) -> Result<TargetAddress, Failure> {
    let mut jumps = chain(&target.name, target.jump.as_deref(), targets)?;
    let mut jump = None;
    while let Some(next) = jumps.pop() {
        jump = Some(Arc::new(hop(next, jump)));
    }
    Ok(hop(target, jump))
}

/// The jumps that lead to a target, the nearest to it first. Fails where one is not registered or leads back.
pub fn chain<'t>(name: &str, jump: Option<&str>, targets: &'t [Target]) -> Result<Vec<&'t Target>, Failure> {
    let mut chain: Vec<&Target> = Vec::new();
    let mut next = jump;
    while let Some(jump) = next {
        if jump == name || chain.iter().any(|known| known.name == jump) {
            return Err(circle(name, jump, &chain));
        }
        let found = targets.iter().find(|target| target.name == jump).ok_or_else(|| unknown(name, jump))?;
        chain.push(found);
        next = found.jump.as_deref();
    }
    Ok(chain)
}

fn unknown(name: &str, jump: &str) -> Failure {
    let message = format!("the target `{name}` cannot be reached through `{jump}`: there is no such target");
    Failure::new(ErrorKind::InvalidInput, "unknown-jump", message)
        .hint(format!("register it first: windlass target add {jump} USER@HOST"))
}

fn circle(name: &str, jump: &str, chain: &[&Target]) -> Failure {
    let names: Vec<&str> = [name].into_iter().chain(chain.iter().map(|known| known.name.as_str())).collect();
    let message = format!("the jumps lead in a circle: {} → {jump}", names.join(" → "));
    Failure::new(ErrorKind::InvalidInput, "jumps-in-a-circle", message)
        .hint("name a jump that the server reaches without this target: windlass target list")
}

fn hop(target: &Target, jump: Option<Arc<TargetAddress>>) -> TargetAddress {
    TargetAddress {
        name: target.name.clone(),
        host: target.host.clone(),
        port: target.port,
        user: target.user.clone(),
        host_key: target.host_key.clone(),
        identity: match &target.identity {
            Identity::Stored => ssh::Identity::Stored,
            Identity::File(path) => ssh::Identity::File(path.into()),
            Identity::Agent => ssh::Identity::Agent,
        },
        jump,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use windlass_api_types::TargetId;

    fn target(name: &str, jump: Option<&str>) -> Target {
        Target {
            id: TargetId::new(),
            name: name.into(),
            host: format!("{name}.internal"),
            port: 22,
            user: "deploy".into(),
            host_key: "ssh-ed25519 AAAA".into(),
            fingerprint: "SHA256:abc".into(),
            identity: Identity::Stored,
            jump: jump.map(Into::into),
            created_at: 0,
        }
    }

    #[test]
    fn an_address_has_its_jumps() {
        let targets = [target("web", Some("inner")), target("inner", Some("outer")), target("outer", None)];
        let address = address(&targets[0], &targets).unwrap();
        let inner = address.jump.unwrap();
        let outer = inner.jump.as_ref().unwrap();
        assert_eq!((inner.name.as_str(), outer.name.as_str(), &outer.jump), ("inner", "outer", &None));
    }

    #[test]
    fn circles_and_unknown_jumps_are_refused() {
        let targets = [target("a", Some("b")), target("b", Some("c")), target("c", Some("b"))];
        let said = |name, jump| chain(name, Some(jump), &targets).unwrap_err().message;
        assert_eq!(said("c", "a"), "the jumps lead in a circle: c → a → b → c");
        assert_eq!(said("web", "b"), "the jumps lead in a circle: web → b → c → b");
        assert_eq!(said("web", "web"), "the jumps lead in a circle: web → web");
        assert_eq!(said("web", "gone"), "the target `web` cannot be reached through `gone`: there is no such target");
    }
}
