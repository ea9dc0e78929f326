use super::*;
use serde_json::{Value, json};
use windlass_api_types::grant::Grant;

/// What is refused of a spec with these keys, where this is granted: the message and the hint.
fn refused(keys: Value, granted: &[&str]) -> Option<(String, String)> {
    let mut document = json!({ "spec": 1, "name": "shop", "image": "shop:1" });
    document.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
    let spec: Container = super::super::spec::parse(&document.to_string(), |_| panic!("no secrets")).unwrap();
    let grant = |value: &&str| Grant { plugin: "docker-run".into(), kind: GrantKind::Docker, value: (*value).into() };
    let grants: Vec<Grant> = granted.iter().map(grant).collect();
    let granter = Granter::new("shop/production", "docker-run", []).with(&grants);
    let failure = check(&spec, &granter).err()?;
    assert_eq!(failure.code, "docker-denied");
    Some((failure.message, failure.hint.unwrap()))
}

fn mounting(path: &str, granted: &[&str]) -> Option<String> {
    refused(json!({ "mounts": [{ "bind": path, "target": "/data" }] }), granted).map(|(_, hint)| hint)
}

fn grant_hint(value: &str) -> String {
    format!("if it should: windlass grant add shop/production docker {value} --plugin docker-run")
}

#[test]
fn each_privilege_is_a_grant() {
    let (message, hint) = refused(json!({ "privileged": true }), &[]).unwrap();
    assert_eq!(message, "the plugin `docker-run` may not run a privileged container");
    assert_eq!(hint, grant_hint("privileged"));
    assert_eq!(refused(json!({ "privileged": true }), &["privileged"]), None);

    let (message, hint) = refused(json!({ "cap_add": ["SYS_ADMIN"] }), &[]).unwrap();
    assert_eq!(message, "the plugin `docker-run` may not give a container the capability SYS_ADMIN");
    assert_eq!(hint, grant_hint("privileged"));

    for keys in [json!({ "host_network": true }), json!({ "networks": [{ "name": "host" }] })] {
        let (message, hint) = refused(keys.clone(), &[]).unwrap();
        assert_eq!(message, "the plugin `docker-run` may not put a container into the network of its machine");
        assert_eq!(hint, grant_hint("host-network"));
        assert_eq!(refused(keys, &["host-network"]), None);
    }
    assert!(refused(json!({ "networks": [{ "name": "container:db" }] }), &["host-network"]).is_some());
}

#[test]
fn the_engines_socket_is_a_grant_of_its_own() {
    for path in ["/var/run/docker.sock", "/run/docker.sock", "/srv/shop/../../run//docker.sock", "/run"] {
        assert_eq!(mounting(path, &["mount:/", "privileged"]), Some(grant_hint("docker-socket")), "{path}");
        assert_eq!(mounting(path, &["docker-socket"]), None);
    }
}

#[test]
fn a_project_mounts_its_own_directories_only() {
    for path in ["/srv/shop", "/srv/shop/data", "~/apps/shop/data", "/var/lib/windlass/shop", "/srv/./shop//x"] {
        assert_eq!(mounting(path, &[]), None, "{path}");
    }
    for (path, named) in [
        ("/srv/shopping", "/srv/shopping"),
        ("/srv/shop/../blog", "/srv/blog"),
        ("/etc", "/etc"),
        ("/", "/"),
        ("/../..", "/"),
        ("~/apps/shop/../../.ssh", "~/.ssh"),
        ("~/../root", "~/../root"),
    ] {
        assert_eq!(mounting(path, &[]), Some(grant_hint(&format!("mount:{named}"))), "{path}");
    }
}

#[test]
fn a_grant_covers_what_is_below_its_path() {
    assert_eq!(mounting("/data", &["mount:/data"]), None);
    assert_eq!(mounting("/data/a/b", &["mount:/data/"]), None);
    assert!(mounting("/database", &["mount:/data"]).is_some());
    assert!(mounting("/data/../etc", &["mount:/data"]).is_some());
}
