//! Emulated machines: that they are what tests take them for.

use crate::harness::{REGISTRY, Site, on_each_database};

on_each_database![machines_are_apart_and_share_a_registry];

async fn machines_are_apart_and_share_a_registry(site: &Site) {
    let Some(fleet) = site.fleet(&["web-1", "web-2"]).await else { return };
    let [first, second] = fleet.machines() else { panic!("there are two") };
    first.write("/opt/only-here", "one\n");
    assert_eq!(first.run("cat /opt/only-here; hostname; echo ~"), "one\nweb-1\n/root");
    assert_eq!(second.run("! test -e /opt/only-here && hostname"), "web-2", "what one writes, the other does not see");

    let image = format!("{REGISTRY}/hello:1");
    first.publish(&image, "mkdir /w; echo hello >/w/index.html; exec httpd -f -p 8000 -h /w");
    second.docker(&["run", "--detach", "--name", "hello", "--publish", "8000:8000", &image]);
    let url = format!("http://{}:8000/", second.address);
    let said = fleet.curl(&["--retry", "20", "--retry-connrefused", "--retry-delay", "1", &url]);
    assert_eq!(said, "hello\n\n200");
    assert_eq!(first.docker(&["ps", "--all", "--quiet"]), "", "each has an engine of its own");

    site.write_config(
        "project = \"shop\"\n[environments.qa]\ntargets = { app = [\"web-1\", \"web-2\"] }\n\
         [[stage]]\nid = \"names\"\nrun = \"hostname; docker ps --format '{{.Names}}'\"\ntargets = \"app\"\n",
    );
    site.windlass("deploy --to qa").await.succeeds();
    let log = site.windlass("logs shop#1").await.succeeds().stdout;
    assert!(log.contains("web-1") && log.contains("hello"), "{log}");
}
