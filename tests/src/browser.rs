//! The web UI in a real browser: from the sign-in link to a deployment's page, which shows what happens
//! as it happens and keeps it over reloads and restarts.

use crate::harness::{Api, Browser, Site, WAIT, exit, on_each_database, until};
use windlass_api_types::EventBody;

on_each_database![a_deployment_is_shown_live, a_restart_loses_and_doubles_no_line, a_failure_is_explained];

/// A pipeline with a stage that talks, waits and talks again, and one after it.
fn config(last: &str) -> String {
    format!(
        "project = \"shop\"\n[environments.production]\ntargets = {{ app = [\"web-1\"] }}\n\
         [[stage]]\nid = \"talk\"\nrun = '''for i in 1 2 3 4 5; do echo before $i; done; {WAIT}; echo after'''\n\
         targets = \"app\"\n[[stage]]\nid = \"last\"\nrun = '''{last}'''\ntargets = \"app\"\n"
    )
}

/// The lines that the page shows. They are few enough to be all there.
async fn lines(browser: &Browser) -> Vec<String> {
    browser.texts(".window .ln .tx").await.into_iter().map(|line| line.trim().to_owned()).collect()
}

/// The lines of the history.
async fn history(api: &Api, label: &str) -> Vec<String> {
    let events = api.events(label).await.into_iter();
    let said = events.filter(|event| {
        matches!(
            event.body,
            EventBody::LogWritten { .. } | EventBody::StepStarted { .. } | EventBody::ProbeAttempted { .. }
        )
    });
    said.map(|event| event.message.trim().to_owned()).collect()
}

async fn stage_is(browser: &Browser, stage: &str, status: &str) {
    until(&format!("the stage `{stage}` to be {status}"), async || {
        let rows = browser
            .evaluate("[...document.querySelectorAll('.stage-row')].map(e => [e.querySelector('.stage-name').innerText, e.dataset.status])")
            .await;
        let found = rows.as_array()?.iter().any(|row| row[0] == stage && row[1] == status);
        found.then_some(())
    })
    .await;
}

async fn a_deployment_is_shown_live(site: &Site) {
    let browser = match site.browser().await {
        Ok(browser) => browser,
        Err(missing) => return site.skip(&missing),
    };
    site.add_target().await.succeeds();
    site.write_config(&config("echo done"));
    let server = site.serve().await;
    let api = site.api(&server).await;
    let hold = site.hold();
    site.windlass("deploy --to production --detach").await.succeeds();
    hold.reached().await;

    browser.open(&server.link).await;
    browser.shows("a", "Deployments").await;
    browser.open(&format!("{}/deployments", server.url)).await;
    browser.shows(".deployments .badge", "running").await;
    browser.click(".deployments .row-link").await;
    browser.shows("h1", "shop#1").await;
    stage_is(&browser, "talk", "running").await;
    stage_is(&browser, "last", "pending").await;
    browser.shows(".ln .tx", "before 5").await;
    let before = lines(&browser).await;
    browser.reload().await;
    browser.shows(".ln .tx", "before 5").await;
    assert_eq!(lines(&browser).await, before, "a reload keeps everything");

    drop(hold);
    browser.shows(".run-head .badge", "succeeded").await;
    stage_is(&browser, "last", "succeeded").await;
    browser.shows(".ln .tx", "done").await;
    assert_eq!(lines(&browser).await, history(&api, "shop#1").await);
    drop(browser);
    server.stop().await;
}

/// The page is open all the time; the server ends like in a crash, and comes back at its address.
async fn a_restart_loses_and_doubles_no_line(site: &Site) {
    let browser = match site.browser().await {
        Ok(browser) => browser,
        Err(missing) => return site.skip(&missing),
    };
    site.add_target().await.succeeds();
    site.write_config(&config("echo done"));
    let server = site.serve().await;
    let hold = site.hold();
    site.windlass("deploy --to production --detach").await.succeeds();
    hold.reached().await;
    browser.open(&server.link).await;
    browser.shows("a", "Deployments").await;
    browser.open(&format!("{}/deployments/shop/1", server.url)).await;
    browser.shows(".ln .tx", "before 5").await;
    let address = server.url.trim_start_matches("http://").to_owned();
    server.kill().await;
    // Nobody can say what became of the command: the page asks.
    site.target().kill_commands();

    let server = site.serve_at(&address).await;
    browser.shows(".run-head .badge", "interrupted").await;
    browser.shows(".question", "What became of").await;
    browser.shows(".failure", "windlass resolve shop#1 --done").await;
    let api = site.api(&server).await;
    assert_eq!(lines(&browser).await, history(&api, "shop#1").await);
    browser.click(".question .answer").await;
    browser.shows(".run-head .badge", "succeeded").await;
    assert_eq!(lines(&browser).await, history(&api, "shop#1").await);
    drop((browser, hold));
    server.stop().await;
}

async fn a_failure_is_explained(site: &Site) {
    let browser = match site.browser().await {
        Ok(browser) => browser,
        Err(missing) => return site.skip(&missing),
    };
    site.add_target().await.succeeds();
    site.write_config(&config("echo the disk is on fire >&2; exit 3"));
    let server = site.serve().await;
    site.windlass("deploy --to production").await.exits(exit::FAILED);
    browser.open(&server.link).await;
    browser.shows("a", "Deployments").await;
    browser.open(&format!("{}/deployments/shop/1", server.url)).await;
    browser.shows(".failure h2", "last failed on web-1").await;
    browser.shows(".failure", "exited with 3").await;
    browser.shows(".failure", "the disk is on fire").await;
    browser.shows(".failure-next", "windlass logs shop#1 --stage last").await;
    stage_is(&browser, "talk", "succeeded").await;
    stage_is(&browser, "last", "failed").await;
    drop(browser);
    server.stop().await;
}
