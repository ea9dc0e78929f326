//! Which interfaces a plugin may import without anyone's approval.

/// Approved for any plugin: they reach nothing that the environment's grants do not allow per call.
const APPROVED: &[&str] = &[
    "windlass:types/types",
    "windlass:log/log",
    "windlass:control/control",
    "windlass:approval/approval",
    "windlass:state/state",
    "windlass:artifacts/artifacts",
    "windlass:ssh/ssh-exec",
    "windlass:files/files",
    "windlass:health/health",
];

/// Approved for the plugins that Windlass ships, which nobody else can change: the environment's grants hold
/// for them all the same.
const SHIPPED: &[&str] =
    &["windlass:docker/docker", "windlass:dns/dns", "windlass:http/http", "windlass:secrets/secrets"];

/// WASI packages that are linked, with an empty context: what any toolchain builds loads.
const EMPTY_WASI: &[&str] =
    &["wasi:cli/", "wasi:clocks/", "wasi:filesystem/", "wasi:io/", "wasi:random/", "wasi:sockets/"];

/// Checks a component's imports; an error is a sentence for its author and its operator.
pub(super) fn check(imports: &[String], shipped: bool) -> Result<(), String> {
    match imports.iter().find(|import| !approved(import, shipped)) {
        None => Ok(()),
        Some(import) => Err(format!("it imports `{import}`, which is not approved for plugins on this server")),
    }
}

fn approved(import: &str, shipped: bool) -> bool {
    let name = import.split('@').next().unwrap_or(import);
    APPROVED.contains(&name)
        || (shipped && SHIPPED.contains(&name))
        || EMPTY_WASI.iter().any(|package| name.starts_with(package))
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn refuses_what_is_not_approved() {
        check(&["windlass:log/log@0.1.0".into(), "wasi:io/streams@0.2.6".into()], false).unwrap();
        check(&["windlass:docker/docker@0.1.0".into()], true).unwrap();
        for import in ["wasi:http/outgoing-handler@0.2.0", "windlass:docker/docker@0.1.0", "evil"] {
            let error = check(&[import.into()], false).unwrap_err();
            assert_eq!(error, format!("it imports `{import}`, which is not approved for plugins on this server"));
        }
    }
}
