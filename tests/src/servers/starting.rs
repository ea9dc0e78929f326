//! What servers need to have in common.

use super::*;
use std::process::Stdio;

mod postgres {
    crate::harness::test_on!(a_server_with_another_key_says_what_to_copy, Postgres);
    crate::harness::test_on!(many_servers_start_at_once, Postgres);
}

async fn a_server_with_another_key_says_what_to_copy(site: &Site) {
    let first = site.serve().await;
    let mut command = site.command_beside("ops-2", false);
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let file = site.path("ops-2").join("keys/secrets.keys");
    let expected = format!("which is not among those of this server ({})", file.display());
    assert!(!output.status.success() && said.contains(&expected), "{said}");
    assert!(
        said.contains("copy keys/secrets.keys from the data directory of another server into this one's"),
        "{said}"
    );

    let second = site.serve_beside("ops-2").await;
    site.prepare(&HelloOptions { env: "{ PASSWORD = { secret = \"PASSWORD\" } }", ..HelloOptions::default() }).await;
    site.windlass("config push").await.succeeds();
    site.windlass_reading("secret set hello/production PASSWORD", "hunter22").await.succeeds();
    site.windlass("grant add hello/production secret PASSWORD").await.succeeds();
    for version in [Version::V1, Version::V2] {
        site.deploy(version).await.succeeds();
    }
    first.stop().await;
    // What the first one took in, the second one can deploy: artifacts, secrets, plugins.
    let line = format!("rollback hello --to production --data-dir {}", site.path("ops-2").display());
    site.windlass(&line).await.succeeds();
    assert_eq!(site.app().serves().await.as_deref(), Some("v1"));
    second.stop().await;
}

/// They migrate the empty database together.
async fn many_servers_start_at_once(site: &Site) {
    let names = ["ops-2", "ops-3", "ops-4"];
    std::fs::create_dir_all(site.data_dir().join("keys")).unwrap();
    // Made by an operator, for all of them.
    let key = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, [7; 32]);
    let start = names.map(|name| {
        let mut command = site.command_beside(name, false);
        command.env("WINDLASS_SECRETS_KEY", &key);
        crate::harness::Server::start(command)
    });
    for server in futures::future::join_all(start).await {
        server.stop().await;
    }
}
