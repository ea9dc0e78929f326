//! The labels that Traefik's Docker provider goes by.

use crate::Config;
use crate::config::Route;
use std::collections::BTreeMap;

/// The labels of the container.
pub(crate) fn labels(config: &Config, route: &Route) -> BTreeMap<String, String> {
    let Route { name, rule, tls } = route;
    let mut labels = BTreeMap::new();
    let mut put = |key: String, value: String| drop(labels.insert(format!("traefik.{key}"), value));
    put("enable".to_owned(), "true".to_owned());
    put(format!("http.routers.{name}.rule"), rule.clone());
    put(format!("http.routers.{name}.service"), name.clone());
    put(format!("http.services.{name}.loadbalancer.server.port"), config.port.to_string());
    if !config.entry_points.is_empty() {
        let entry_points: Vec<&str> = config.entry_points.iter().map(|name| name.as_str()).collect();
        put(format!("http.routers.{name}.entrypoints"), entry_points.join(","));
    }
    if *tls {
        put(format!("http.routers.{name}.tls"), "true".to_owned());
    }
    if let Some(resolver) = &config.certificate_resolver {
        put(format!("http.routers.{name}.tls.certresolver"), resolver.to_string());
    }
    if let Some(limit) = &config.rate_limit {
        put(format!("http.middlewares.{name}.ratelimit.average"), limit.average.to_string());
        put(format!("http.middlewares.{name}.ratelimit.burst"), limit.burst.to_string());
        put(format!("http.routers.{name}.middlewares"), name.clone());
    }
    if let Some(network) = &config.network {
        put("docker.network".to_owned(), network.to_string());
    }
    labels
}
