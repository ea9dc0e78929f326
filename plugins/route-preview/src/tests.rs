use super::RoutePreview;
use serde_json::{Value, json};
use windlass_sdk::testing::{Harness, LocalTarget};

fn harness(target: &LocalTarget, more: Value) -> Harness {
    let mut config =
        json!({ "directory": "shop/previews", "name": "shop-41", "domain": "preview.example.com", "port": 20041 });
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let mut harness = Harness::new().target("web-1").config(config);
    target.serve(&mut harness, "/nonexistent");
    harness
}

/// The files there are, below the directory of previews.
fn files(target: &LocalTarget) -> Vec<String> {
    let mut found = Vec::new();
    for host in std::fs::read_dir(target.home().join("shop/previews")).into_iter().flatten() {
        let host = host.unwrap();
        for port in std::fs::read_dir(host.path()).unwrap() {
            found.push(format!("{}/{}", host.file_name().display(), port.unwrap().file_name().display()));
        }
    }
    found
}

#[test]
fn the_port_is_the_name_of_a_file() {
    let target = LocalTarget::new();
    let outputs = harness(&target, json!({})).run::<RoutePreview>().unwrap();
    assert_eq!(outputs, json!({ "host": "shop-41.preview.example.com" }));
    assert_eq!(files(&target), ["shop-41.preview.example.com/20041"]);
}

#[test]
fn another_port_replaces_it_and_undo_removes_it() {
    let target = LocalTarget::new();
    harness(&target, json!({})).run::<RoutePreview>().unwrap();
    let mut again = harness(&target, json!({ "port": 20042 }));
    again.run::<RoutePreview>().unwrap();
    assert_eq!(files(&target), ["shop-41.preview.example.com/20042"]);
    for _ in 0..2 {
        again.undo::<RoutePreview>().unwrap();
        assert_eq!(files(&target), [""; 0]);
    }
}

#[test]
fn without_a_domain_it_makes_no_call() {
    let mut harness = harness(&LocalTarget::new(), json!({ "domain": null }));
    assert_eq!(harness.run::<RoutePreview>().unwrap(), json!({ "host": null }));
    harness.undo::<RoutePreview>().unwrap();
    assert!(harness.calls().is_empty());
}

#[test]
fn what_is_no_host_name_is_refused() {
    for domain in ["x;id", "$(id)", "a b", "../x", "-x", "a..b", "X.test", ""] {
        let mut harness = harness(&LocalTarget::new(), json!({ "domain": domain }));
        let error = harness.run::<RoutePreview>().unwrap_err();
        assert_eq!(error.message, format!("`shop-41.{domain}` is no host name"));
        assert_eq!(error.code, "bad-host-name");
        assert!(harness.calls().is_empty());
    }
}
