//! A database that is gone.

use crate::harness::{HelloOptions, Site, Version, until};
use expect_test::expect;
use reqwest::StatusCode;

mod postgres {
    crate::harness::test_on!(requests_say_so_until_it_is_back, Postgres);
}

async fn requests_say_so_until_it_is_back(site: &Site) {
    site.prepare(&HelloOptions::default()).await;
    let server = site.serve().await;
    let api = site.api(&server).await;
    site.deploy(Version::V1).await.succeeds();
    let postgres = site.database().server().expect("it runs on PostgreSQL");
    postgres.stop();

    let problem = api.get("/projects").await.problem(503);
    expect![[r#"
        database-unavailable: PostgreSQL database `test_0` at localhost cannot be used: error communicating with database: No such file or directory (os error 2)
        see that the database server runs and accepts this connection; windlass goes on by itself then"#]].assert_eq(&format!("{}: {}\n{}", problem.code, problem.detail, problem.hint.unwrap_or_default()));
    assert_eq!(api.get("/health").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(site.app().serves().await.as_deref(), Some("v1"), "an app needs no database of ours");

    postgres.start_again();
    until("the server to be well", async || (api.get("/health").await.status == StatusCode::OK).then_some(())).await;
    site.deploy(Version::V2).await.succeeds();
    assert_eq!(site.app().serves().await.as_deref(), Some("v2"));
    server.stop().await;
}
