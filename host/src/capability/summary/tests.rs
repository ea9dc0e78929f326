use super::summary;
use expect_test::{Expect, expect};
use serde_json::{Value, json};

fn check(function: &str, arguments: Value, expected: Expect) {
    expected.assert_eq(&summary(function, &arguments));
}

#[test]
fn a_record_reads_as_its_plan_did() {
    let argv = json!({ "target": "web-1", "command": { "argv": ["mkdir", "-p", "/srv"] }, "sudo": true });
    check("ssh-exec.exec", argv, expect!["web-1: sudo mkdir -p /srv"]);
    let script = json!({ "target": "web-1", "command": { "script": "\nset -e\necho" } });
    check("ssh-exec.exec", script, expect!["web-1: set -e …"]);
    let titled = json!({ "target": "web-1", "command": { "script": "# `set it up`\nset -e" } });
    check("ssh-exec.exec", titled, expect!["web-1: set it up"]);
    check("control.sleep", json!({ "ms": 1500 }), expect!["wait 1.5s"]);
    check("control.checkpoint", json!({ "json": "two" }), expect![[r#"checkpoint "two""#]]);
    let spec = json!({ "target": "web-1", "spec": { "name": "shop", "image": "shop:1" } });
    check("docker.create", spec, expect!["web-1: create the container shop from shop:1"]);
    let labels = json!({ "target": "web-1", "labels": [["app", "shop"], ["color", "blue"]] });
    check("docker.list", labels, expect!["web-1: list the containers with the labels app=shop, color=blue"]);
    let record = json!({ "name": "www.example.com", "type": "A", "values": ["192.0.2.1", "192.0.2.2"], "ttl": 60 });
    check("dns.upsert", record, expect!["www.example.com A = 192.0.2.1, 192.0.2.2 for 60 s"]);
    let digest = format!("sha256:{}", "0123456789abcdef".repeat(4));
    let unpack = json!({ "target": "web-1", "artifact": digest, "directory": "/srv" });
    check("files.unpack", unpack, expect!["web-1: unpack 0123456789ab into /srv"]);
    check("state.set", json!({ "key": "color", "value": null }), expect!["remove the state `color`"]);
    check("state.set", json!({ "key": "color", "value": "blue" }), expect!["write the state `color`"]);
    let healthy = json!({ "check": { "tcp": { "host": "h", "port": 80 } }, "attempts": 3 });
    check(
        "health.wait-healthy",
        healthy,
        expect!["from the server: wait until the TCP port 80 is healthy, 3 attempts"],
    );
}

#[test]
fn secrets_are_named_and_what_is_unknown_is_shown_whole() {
    let url = json!({ "method": "POST", "url": [{ "text": "https://x/" }, { "secret": "TOKEN@3" }] });
    check("http.send", url, expect!["POST https://x/{{secret:TOKEN@3}}"]);
    check("later.thing", json!({ "what": [1, 2] }), expect![[r#"{"what":[1,2]}"#]]);
}
