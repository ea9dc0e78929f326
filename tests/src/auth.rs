//! Who may: nothing without a credential, links that work once, tokens that end.

use crate::harness::{Site, exit, on_each_database};
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;

on_each_database![
    nothing_is_reachable_without_a_credential,
    a_link_signs_in_once,
    a_change_by_cookie_needs_the_header,
    a_revoked_token_ends_at_once,
    a_login_that_is_forgotten_opens_nothing,
    whoever_opens_the_socket_is_the_owner,
];

/// Every route of the API's own document is asked for.
async fn nothing_is_reachable_without_a_credential(site: &Site) {
    let server = site.serve().await;
    let anyone = server.anonymous();
    let document: Value = anyone.get("/openapi.json").await.ok().json();
    let mut refused = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let path = path.strip_prefix("/api/v1").expect("every route is under /api/v1");
        let example = path.split('/').map(|part| if part.starts_with('{') { "x" } else { part });
        let example = example.collect::<Vec<_>>().join("/");
        for method in methods.as_object().unwrap().keys() {
            let method: Method = method.to_uppercase().parse().unwrap();
            let answer = anyone.send(anyone.request(method.clone(), &example).json(&json!({}))).await;
            match (method.as_str(), path) {
                ("GET", "/health") => assert_eq!(answer.status, StatusCode::OK),
                ("POST", "/session") => assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY),
                _ => {
                    assert_eq!(answer.problem(401).code, "not-signed-in", "{method} {path}");
                    refused += 1;
                }
            }
        }
    }
    assert!(refused > 20, "the document lists the routes, {refused} were refused");
    let unknown = anyone.request(Method::GET, "/events").bearer_auth("wl_unknown");
    assert_eq!(anyone.send(unknown).await.problem(401).code, "not-signed-in");

    let wrong = ["status", "--server", &server.url, "--token", "wl_wrong"];
    let said = site.windlass_with(wrong).await.exits(exit::UNREACHABLE).stderr;
    assert!(said.contains("error: this needs a session or a token\n  next: "), "{said}");
    server.stop().await;
}

async fn a_link_signs_in_once(site: &Site) {
    let server = site.serve().await;
    let anyone = server.anonymous();
    let secret = json!({ "secret": server.link.split_once('#').unwrap().1 });
    let request = || anyone.request(Method::POST, "/session").json(&secret);
    let signed_in = request().send().await.unwrap();
    assert_eq!(signed_in.status(), StatusCode::OK);
    let cookie = signed_in.headers()[header::SET_COOKIE].to_str().unwrap();
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    let again = anyone.send(request()).await.problem(401);
    assert_eq!(again.code, "link-used");
    assert_eq!(again.detail, "this sign-in link was used before, or has expired");
    assert_eq!(again.hint.as_deref(), Some("get a new one: `windlass login --link`"));
    server.stop().await;
}

async fn a_change_by_cookie_needs_the_header(site: &Site) {
    let server = site.serve().await;
    let anyone = server.anonymous();
    let secret = json!({ "secret": server.link.split_once('#').unwrap().1 });
    let signed_in = anyone.request(Method::POST, "/session").json(&secret).send().await.unwrap();
    let cookie = signed_in.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    let with_cookie = |method, path| anyone.request(method, path).header(header::COOKIE, &cookie);

    anyone.send(with_cookie(Method::GET, "/session")).await.ok();
    let change = || with_cookie(Method::POST, "/tokens").json(&json!({ "name": "by-cookie" }));
    assert_eq!(anyone.send(change()).await.problem(403).code, "forged");
    anyone.send(change().header("x-windlass", "1")).await.ok();

    anyone.send(with_cookie(Method::DELETE, "/session").header("x-windlass", "1")).await.ok();
    assert_eq!(anyone.send(with_cookie(Method::GET, "/session")).await.problem(401).code, "not-signed-in");
    server.stop().await;
}

async fn a_revoked_token_ends_at_once(site: &Site) {
    let server = site.serve().await;
    let api = site.api(&server).await;
    api.get("/projects").await.ok();
    site.windlass("token revoke test").await.succeeds();
    assert_eq!(api.get("/projects").await.problem(401).code, "not-signed-in");
    server.stop().await;
}

async fn a_login_that_is_forgotten_opens_nothing(site: &Site) {
    let server = site.serve().await;
    site.windlass(&format!("login {}", server.link)).await.succeeds();
    let saved = std::fs::read_to_string(site.path("home/.config/windlass/config.toml")).unwrap();
    let saved: toml::Table = saved.parse().unwrap();
    let token = saved["token"].as_str().unwrap();
    let anyone = server.anonymous();
    let with_token = || anyone.request(Method::GET, "/projects").bearer_auth(token);
    anyone.send(with_token()).await.ok();

    let said = site.windlass("login --forget").await.succeeds().stderr;
    assert_eq!(said, format!("forgotten, and its token on {} is revoked\n", server.url));
    assert_eq!(anyone.send(with_token()).await.problem(401).code, "not-signed-in");
    assert_eq!(site.windlass("login --forget").await.succeeds().stderr, "there was no login\n");

    let token = site.windlass("token create test").await.succeeds().stdout;
    site.windlass(&format!("login {} --token {}", server.url, token.trim())).await.succeeds();
    let url = server.url.clone();
    server.stop().await;
    let said = site.windlass("login --forget").await.succeeds().stderr;
    assert!(
        said.starts_with(&format!("forgotten\nwarning: its token is not revoked: cannot reach the server at {url}")),
        "{said}"
    );
}

/// And nobody else may open it.
async fn whoever_opens_the_socket_is_the_owner(site: &Site) {
    let server = site.serve().await;
    let socket = site.data_dir().join("windlass.sock");
    let mode = std::fs::metadata(&socket).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let me: Value = site.windlass("token list --json").await.succeeds().json();
    assert_eq!(me, json!([]));
    server.stop().await;
}
