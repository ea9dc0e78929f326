//! A browser: Chromium, driven by chromedriver over the W3C's WebDriver protocol. A handful of commands
//! is all that the tests need.

use super::api::http;
use super::process::signal;
use super::skip::Missing;
use super::wait::until;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Nothing of it needs a screen, a graphics card, or anything on the internet.
const ARGUMENTS: [&str; 8] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];
const CHROMIUM: &str = "/usr/bin/chromium";

/// A window of a browser of its own; all of it ends when this is dropped.
pub(crate) struct Browser {
    driver: Child,
    http: reqwest::Client,
    session: String,
}

impl Browser {
    /// Starts one; its temporary files are in `directory`.
    pub(super) async fn start(directory: &Path) -> Result<Self, Missing> {
        let missing = |_| Missing("needs chromedriver: install `chromium` and `chromium-driver`".to_owned());
        if !Path::new(CHROMIUM).exists() {
            return Err(missing(std::io::ErrorKind::NotFound.into()));
        }
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").env("TMPDIR", directory).env("HOME", directory);
        // A group of its own, so that the browser ends with its driver.
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).process_group(0).kill_on_drop(true);
        let mut driver = command.spawn().map_err(missing)?;
        let mut lines = BufReader::new(driver.stdout.take().expect("it is piped")).lines();
        let port = loop {
            let line = lines.next_line().await.expect("its output is text").expect("it says where it listens");
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                break port.trim_end_matches('.').to_owned();
            }
        };
        let mut browser =
            Self { driver, http: http(|builder| builder), session: format!("http://127.0.0.1:{port}/session") };
        let options = json!({ "binary": CHROMIUM, "args": ARGUMENTS });
        let capabilities = json!({ "capabilities": { "alwaysMatch": { "goog:chromeOptions": options } } });
        let session = browser.command("", &capabilities).await;
        let id = session["sessionId"].as_str().unwrap_or_else(|| panic!("no session: {session}"));
        browser.session = format!("{}/{id}", browser.session);
        Ok(browser)
    }

    async fn command(&self, path: &str, body: &Value) -> Value {
        let answer = self.http.post(format!("{}{path}", self.session)).json(body).send().await;
        let answer: Value = answer.expect("chromedriver answers").json().await.expect("chromedriver answers JSON");
        assert!(answer["value"]["error"].is_null(), "{path} {body}: {answer:#}");
        answer["value"].clone()
    }

    /// Goes to an address.
    pub(crate) async fn open(&self, url: &str) {
        self.command("/url", &json!({ "url": url })).await;
    }

    pub(crate) async fn reload(&self) {
        self.command("/refresh", &json!({})).await;
    }

    /// What a JavaScript expression gives on the page.
    pub(crate) async fn evaluate(&self, expression: &str) -> Value {
        self.command("/execute/sync", &json!({ "script": format!("return {expression}"), "args": [] })).await
    }

    /// The texts of all elements that fit a selector, as a person reads them.
    pub(crate) async fn texts(&self, selector: &str) -> Vec<String> {
        let texts = self.evaluate(&format!("[...document.querySelectorAll({selector:?})].map(e => e.innerText)")).await;
        serde_json::from_value(texts).expect("texts are a list")
    }

    /// Waits until an element with this text is there.
    pub(crate) async fn shows(&self, selector: &str, text: &str) {
        until(&format!("`{text}` in `{selector}`"), async || {
            self.texts(selector).await.iter().any(|found| found.contains(text)).then_some(())
        })
        .await;
    }

    /// Clicks an element once it is there.
    pub(crate) async fn click(&self, selector: &str) {
        until(&format!("`{selector}` to click"), async || {
            let click = format!("(e => e ? (e.click(), true) : false)(document.querySelector({selector:?}))");
            self.evaluate(&click).await.as_bool().filter(|clicked| *clicked)
        })
        .await;
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if let Some(pid) = self.driver.id().and_then(|pid| i32::try_from(pid).ok()) {
            signal(-pid, libc::SIGKILL);
        }
    }
}
