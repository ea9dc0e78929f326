//! The proxies that the plugins switch are real, and no request fails while deployments switch them.

use crate::harness::{HelloOptions, Load, Missing, Proxy, Site, Version, ask, exit};
use std::fmt::Write;

mod sqlite {
    crate::harness::test_on!(caddy_loses_no_request, Sqlite);
    crate::harness::test_on!(haproxy_loses_no_request, Sqlite);
    crate::harness::test_on!(haproxy_keeps_its_route_over_a_restart, Sqlite);
    crate::harness::test_on!(haproxy_serves_the_template_of_processes, Sqlite);
    crate::harness::test_on!(labels_for_traefik_are_the_containers, Sqlite);
}

const SWITCHES: usize = 20;
/// Both are served by the proxy's own process, with connections that stay open.
const VERSIONS: [&str; 2] = ["blue", "green"];

/// The ports of the proxy and of what it serves.
struct Ports {
    door: u16,
    versions: [u16; 2],
}

impl Ports {
    fn of(site: &Site) -> Self {
        let (first, _) = site.ports();
        Self { door: first, versions: [first + 1, first + 2] }
    }
}

/// A project whose only stage switches the route to a port.
fn configure(site: &Site, stage: &str, port: u16) {
    site.write_config(&format!(
        "project = \"shop\"\n[environments.production]\ntargets = {{ web = [\"web-1\"] }}\n\
         [[stage]]\nid = \"route\"\ntargets = \"web\"\n{stage}\nport = {port}\n"
    ));
}

/// Deploys to each version in turn, under load, and counts.
async fn switch_under_load(site: &Site, name: &str, proxy: &Proxy, stage: &str, ports: &Ports) {
    let server = site.serve().await;
    configure(site, stage, ports.versions[0]);
    site.windlass("deploy --to production").await.succeeds();
    let load = Load::start(&proxy.url);
    load.reaches(VERSIONS[0]).await;
    for switch in 1..=SWITCHES {
        configure(site, stage, ports.versions[switch % 2]);
        site.windlass("deploy --to production").await.succeeds();
        load.reaches(VERSIONS[switch % 2]).await;
    }
    let done = load.stop().await;
    println!(
        "{name}: {SWITCHES} switches, {} requests {:?}, {} failed",
        done.requests,
        done.by_kind,
        done.failed.len()
    );
    assert_eq!(done.failed, [""; 0], "of {} requests", done.requests);
    assert_eq!(Vec::from_iter(done.versions), VERSIONS);
    server.stop().await;
}

async fn caddy_loses_no_request(site: &Site) {
    site.add_target().await.succeeds();
    let ports = Ports::of(site);
    let file = site.target().home().join("shop/upstream");
    let mut caddyfile = format!(
        "http://127.0.0.1:{} {{\n\tbind 127.0.0.1\n\treverse_proxy tcp/{{file.{}}}\n}}\n",
        ports.door,
        file.display()
    );
    for (version, port) in VERSIONS.iter().zip(ports.versions) {
        let _ = write!(caddyfile, "http://127.0.0.1:{port} {{\n\tbind 127.0.0.1\n\trespond {version}\n}}\n");
    }
    let proxy = match Proxy::caddy(&site.path("proxy"), ports.door, &caddyfile).await {
        Ok(proxy) => proxy,
        Err(missing) => return site.skip(&missing),
    };
    let stage = "uses = \"route@1\"\n[stage.with]\nupstream_file = \"shop/upstream\"";
    switch_under_load(site, "Caddy", &proxy, stage, &ports).await;
}

/// HAProxy whose server `be/app` is where nobody listens, until it is told.
async fn haproxy(site: &Site, ports: &Ports) -> Result<Proxy, Missing> {
    let home = site.target().home().display().to_string();
    let mut configuration = format!(
        "global\n  stats socket {home}/admin.sock mode 600 level admin\n  server-state-file {home}/servers\n\
         defaults\n  mode http\n  load-server-state-from-file global\n  timeout connect 2s\n  timeout client 60s\n  \
         timeout server 60s\n\
         frontend door\n  bind 127.0.0.1:{}\n  default_backend be\n\
         backend be\n  server app localhost:1 init-addr last,libc,none\n",
        ports.door
    );
    for (version, port) in VERSIONS.iter().zip(ports.versions) {
        let _ = write!(
            configuration,
            "frontend {version}\n  bind 127.0.0.1:{port}\n  \
             http-request return status 200 content-type text/plain string {version}\n"
        );
    }
    Proxy::haproxy(&site.path("proxy"), ports.door, &configuration).await
}

const HAPROXY_STAGE: &str = "uses = \"route-haproxy@1\"\n[stage.with]\nsocket = \"admin.sock\"\nbackend = \"be\"\n\
    server = \"app\"\nstate_file = \"servers\"";

async fn haproxy_loses_no_request(site: &Site) {
    site.add_target().await.succeeds();
    let ports = Ports::of(site);
    match haproxy(site, &ports).await {
        Ok(proxy) => switch_under_load(site, "HAProxy", &proxy, HAPROXY_STAGE, &ports).await,
        Err(missing) => site.skip(&missing),
    }
}

/// The whole address, not only the port: the server is configured by a name.
async fn haproxy_keeps_its_route_over_a_restart(site: &Site) {
    site.add_target().await.succeeds();
    let ports = Ports::of(site);
    let mut proxy = match haproxy(site, &ports).await {
        Ok(proxy) => proxy,
        Err(missing) => return site.skip(&missing),
    };
    configure(site, HAPROXY_STAGE, ports.versions[1]);
    site.windlass("deploy --to production").await.succeeds();
    proxy.restart().await;
    let answer = ask(&format!("{}/version", proxy.url)).await.expect("HAProxy answers");
    assert_eq!(answer.ok().body.trim(), VERSIONS[1]);

    // What comes after the switch fails: the route is where it was.
    configure(site, HAPROXY_STAGE, ports.versions[0]);
    let config = std::fs::read_to_string(site.project_dir().join("windlass.toml")).expect("it was just written");
    site.write_config(&format!("{config}[[stage]]\nid = \"after\"\ntargets = \"web\"\nrun = \"exit 3\"\n"));
    site.windlass("deploy --to production").await.exits(exit::FAILED);
    for _ in 0..2 {
        let answer = ask(&format!("{}/version", proxy.url)).await.expect("HAProxy answers");
        assert_eq!(answer.ok().body.trim(), VERSIONS[1]);
        proxy.restart().await;
    }
}

/// As docs/proxies.md has it: the template's stage `route` with another plugin, real instances that come and go.
async fn haproxy_serves_the_template_of_processes(site: &Site) {
    // Instances take their ports from the first one on.
    let (_, last) = site.ports();
    let ports = Ports { door: last, versions: [last - 1, last - 2] };
    let more = "[[stage]]\nid = \"route\"\nuses = \"route-haproxy@1\"\n[stage.with]\nsocket = \"admin.sock\"\n\
        backend = \"be\"\nserver = \"app\"\nstate_file = \"servers\"\nport = \"${stages.start.outputs.port}\"\n";
    site.prepare(&HelloOptions { drain_seconds: 1, more: more.to_owned(), ..HelloOptions::default() }).await;
    let proxy = match haproxy(site, &ports).await {
        Ok(proxy) => proxy,
        Err(missing) => return site.skip(&missing),
    };
    let server = site.serve().await;
    site.deploy(Version::V1).await.succeeds();
    let load = Load::start(&proxy.url);
    for version in [Version::V2, Version::V1, Version::V2] {
        site.deploy(version).await.succeeds();
        load.reaches(version.as_str()).await;
    }
    site.deploy(Version::Broken).await.exits(exit::FAILED);
    load.reaches("v2").await;
    let done = load.stop().await;
    assert_eq!(done.failed, [""; 0], "of {} requests", done.requests);
    server.stop().await;
}

/// Traefik is not here; what it would find is.
async fn labels_for_traefik_are_the_containers(site: &Site) {
    let Some(fleet) = site.fleet(&["web-1"]).await else { return };
    let machine = &fleet.machines()[0];
    machine.image("shop:1", "sleep 1000");
    site.write_config(
        r#"
        project = "shop"
        [environments.production]
        targets = { app = ["web-1"] }
        [[stage]]
        id = "route"
        uses = "route-traefik@1"
        with = { mode = "labels", hosts = ["shop.example.com"], port = 3000, certificate_resolver = "letsencrypt" }
        [[stage]]
        id = "run"
        uses = "docker-run@1"
        targets = "app"
        [stage.with]
        name = "shop"
        image = "shop:1"
        labels = "${stages.route.outputs.labels}"
        settle_seconds = 0
        "#,
    );
    site.windlass("deploy --to production").await.succeeds();
    let labels = machine.docker(&["inspect", "--format", "{{json .Config.Labels}}", "shop"]);
    let labels: std::collections::BTreeMap<String, String> = serde_json::from_str(&labels).expect("labels are JSON");
    assert_eq!(labels["traefik.http.routers.shop-production.rule"], "Host(`shop.example.com`)");
    assert_eq!(labels["traefik.http.routers.shop-production.tls.certresolver"], "letsencrypt");
    assert_eq!(labels["traefik.http.services.shop-production.loadbalancer.server.port"], "3000");
    assert_eq!(labels["windlass.project"], "shop", "beside those that every container has");
}
