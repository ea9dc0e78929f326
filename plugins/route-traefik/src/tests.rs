//! Traefik itself is not in Debian: what is written is parsed and held against what its reference of the file
//! provider (version 3) names, and nothing else may be in it.

use super::RouteTraefik;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use windlass_sdk::testing::{Harness, LocalTarget};

/// The dynamic configuration, as far as it is written here.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    http: Http,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Http {
    routers: BTreeMap<String, Router>,
    services: BTreeMap<String, Service>,
    #[serde(default)]
    middlewares: BTreeMap<String, Middleware>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Router {
    rule: String,
    service: String,
    #[serde(default)]
    entry_points: Vec<String>,
    #[serde(default)]
    middlewares: Vec<String>,
    tls: Option<Tls>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Tls {
    cert_resolver: Option<String>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Service {
    load_balancer: LoadBalancer,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct LoadBalancer {
    servers: Vec<Server>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Server {
    url: String,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Middleware {
    rate_limit: RateLimit,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct RateLimit {
    average: u32,
    burst: u32,
}

fn config(more: Value) -> Value {
    let mut config = json!({ "file": "traefik/shop.yml", "hosts": ["shop.example.com"], "port": 20002 });
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    config
}

fn serve(target: &LocalTarget, more: Value) -> Harness {
    let mut harness = Harness::new().target("web-1").config(config(more));
    target.serve(&mut harness, "/nonexistent");
    harness
}

fn read(target: &LocalTarget) -> Option<String> {
    std::fs::read_to_string(target.home().join("traefik/shop.yml")).ok()
}

fn document(more: Value) -> Document {
    let target = LocalTarget::new();
    serve(&target, more).run::<RouteTraefik>().unwrap();
    let text = read(&target).unwrap();
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[test]
fn the_file_reads_well() {
    let target = LocalTarget::new();
    serve(&target, json!({ "certificate_resolver": "letsencrypt" })).run::<RouteTraefik>().unwrap();
    let expected = r#"# Written by Windlass; the next deployment writes it again.
http:
  routers:
    "shop-production":
      rule: "Host(`shop.example.com`)"
      service: "shop-production"
      tls:
        certResolver: "letsencrypt"
  services:
    "shop-production":
      loadBalancer:
        servers:
          - url: "http://127.0.0.1:20002"
"#;
    assert_eq!(read(&target).unwrap(), expected);
}

#[test]
fn all_that_is_configured_is_in_it() {
    let all = json!({
        "name": "on", "hosts": ["a.example.com", "b.example.com"], "path_prefix": "/api", "host": "::1",
        "entry_points": ["web", "websecure"], "tls": true, "rate_limit": { "average": 50, "burst": 100 }
    });
    let Document { http } = document(all);
    let router = &http.routers["on"];
    assert_eq!(router.rule, "(Host(`a.example.com`) || Host(`b.example.com`)) && PathPrefix(`/api`)");
    assert_eq!((router.service.as_str(), &router.middlewares[..]), ("on", &["on".to_owned()][..]));
    assert_eq!(
        (&router.entry_points[..], &router.tls),
        (&["web".into(), "websecure".into()][..], &Some(Tls { cert_resolver: None }))
    );
    assert_eq!(http.services["on"].load_balancer.servers, [Server { url: "http://[::1]:20002".to_owned() }]);
    assert_eq!(http.middlewares["on"].rate_limit, RateLimit { average: 50, burst: 100 });
}

#[test]
fn the_outputs_are_those_of_route() {
    let target = LocalTarget::new();
    let mut harness = serve(&target, json!({}));
    let outputs = harness.run::<RouteTraefik>().unwrap();
    assert_eq!(outputs, json!({ "upstream": "127.0.0.1:20002", "previous": null, "labels": {} }));
    let outputs = serve(&target, json!({ "port": 20003 })).run::<RouteTraefik>().unwrap();
    assert_eq!(outputs, json!({ "upstream": "127.0.0.1:20003", "previous": "127.0.0.1:20002", "labels": {} }));
}

#[test]
fn undo_restores_what_was_there() {
    let target = LocalTarget::new();
    std::fs::create_dir(target.home().join("traefik")).unwrap();
    std::fs::write(target.home().join("traefik/shop.yml"), "http: {}\n").unwrap();
    let mut harness = serve(&target, json!({}));
    harness.run::<RouteTraefik>().unwrap();
    // A second attempt finds its own address in the file.
    harness.run::<RouteTraefik>().unwrap();
    harness.undo::<RouteTraefik>().unwrap();
    assert_eq!(read(&target).unwrap(), "http: {}\n");
}

#[test]
fn undo_of_the_first_deployment_leaves_no_file() {
    let target = LocalTarget::new();
    let mut harness = serve(&target, json!({}));
    harness.run::<RouteTraefik>().unwrap();
    harness.undo::<RouteTraefik>().unwrap();
    harness.undo::<RouteTraefik>().unwrap();
    assert_eq!(read(&target), None);
}

#[test]
fn labels_are_an_answer_and_change_nothing() {
    let more = json!({
        "mode": "labels", "entry_points": ["web", "websecure"], "certificate_resolver": "letsencrypt",
        "rate_limit": { "average": 50, "burst": 100 }, "network": "shop_net", "port": 8069
    });
    // Without a target: it runs once, on the server.
    let mut harness = Harness::new().config(config(more));
    let outputs = harness.run::<RouteTraefik>().unwrap();
    assert!(harness.calls().is_empty());
    harness.undo::<RouteTraefik>().unwrap();
    assert!(harness.calls().is_empty());
    let labels = json!({
        "traefik.enable": "true",
        "traefik.docker.network": "shop_net",
        "traefik.http.middlewares.shop-production.ratelimit.average": "50",
        "traefik.http.middlewares.shop-production.ratelimit.burst": "100",
        "traefik.http.routers.shop-production.entrypoints": "web,websecure",
        "traefik.http.routers.shop-production.middlewares": "shop-production",
        "traefik.http.routers.shop-production.rule": "Host(`shop.example.com`)",
        "traefik.http.routers.shop-production.service": "shop-production",
        "traefik.http.routers.shop-production.tls": "true",
        "traefik.http.routers.shop-production.tls.certresolver": "letsencrypt",
        "traefik.http.services.shop-production.loadbalancer.server.port": "8069",
    });
    assert_eq!(outputs, json!({ "upstream": null, "previous": null, "labels": labels }));
}

#[test]
fn what_traefik_would_read_otherwise_is_refused() {
    for (key, value) in [
        ("hosts", json!(["a`) || Host(`b"])),
        ("hosts", json!(["$(id).example.com"])),
        ("path_prefix", json!("/a`)")),
        ("name", json!("a.b")),
        ("host", json!("a\"b")),
        ("file", json!("traefik/shop.conf")),
        ("hosts", json!([])),
    ] {
        let mut harness = Harness::new().target("web-1").config(config(json!({ key: value })));
        let error = harness.run::<RouteTraefik>().unwrap_err();
        assert_eq!(error.kind.as_str(), "invalid-input", "{key}: {error}");
        assert!(harness.calls().is_empty(), "{key}");
    }
    let mut harness = Harness::new().target("web-1").config(json!({ "hosts": ["a.example.com"], "port": 1 }));
    let error = harness.run::<RouteTraefik>().unwrap_err();
    assert_eq!(error.message, "`file` is missing");
}
