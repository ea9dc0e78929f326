//! The HTTP API. Errors are problems that say what to do next.

use crate::{browser, live::clock};
use gloo_net::http::{Method, Request, RequestBuilder, Response};
use serde::{Serialize, de::DeserializeOwned};
use windlass_api_types::Problem;

mod load;
pub(crate) use load::{Phase, Remote};

/// Every path is below it.
const BASE: &str = "/api/v1";

/// Why a request got no answer that can be used.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ApiError {
    /// The server says what is wrong.
    Problem(Box<Problem>),
    /// There was no answer.
    Unreachable,
    /// The answer is not what this version of the UI understands.
    Unreadable(String),
}

impl ApiError {
    /// One sentence.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Problem(problem) => problem.detail.clone(),
            Self::Unreachable => "The server does not answer.".into(),
            Self::Unreadable(_) => "The server answered something this page does not understand.".into(),
        }
    }

    /// What to do next.
    pub(crate) fn hint(&self) -> String {
        match self {
            Self::Problem(problem) => problem.hint.clone().unwrap_or_default(),
            Self::Unreachable => "Check that `windlass serve` runs and that this machine reaches it.".into(),
            Self::Unreadable(what) => format!("Reload the page: the server may be newer than it. ({what})"),
        }
    }
}

/// Fetches a document.
pub(crate) async fn get<T: DeserializeOwned>(path: &str) -> Result<T, ApiError> {
    read(answer(request(Method::GET, path).build()).await?).await
}

/// Changes something; the answer is a document.
pub(crate) async fn send<T: DeserializeOwned>(
    method: Method,
    path: &str,
    body: &impl Serialize,
) -> Result<T, ApiError> {
    let request = request(method, path).json(body);
    read(answer(request).await?).await
}

/// Changes something without saying more than the path.
pub(crate) async fn call<T: DeserializeOwned>(method: Method, path: &str) -> Result<T, ApiError> {
    read(answer(request(method, path).build()).await?).await
}

/// Changes something that has no answer.
pub(crate) async fn call_empty(method: Method, path: &str) -> Result<(), ApiError> {
    answer(request(method, path).build()).await.map(drop)
}

/// The path of an event stream, for `crate::live::stream`.
pub(crate) fn stream_path(path: &str) -> String {
    format!("{BASE}{path}")
}

/// A part of a path, such as the label `shop#41`.
pub(crate) fn segment(text: &str) -> String {
    String::from(js_sys::encode_uri_component(text))
}

fn request(method: Method, path: &str) -> RequestBuilder {
    let changes = method != Method::GET;
    let request = RequestBuilder::new(&format!("{BASE}{path}")).method(method).header("Accept", "application/json");
    // A form of another site cannot set a header: this is what keeps it from using the session.
    if changes { request.header("X-Windlass", "1") } else { request }
}

async fn answer(request: Result<Request, gloo_net::Error>) -> Result<Response, ApiError> {
    let request = request.map_err(|error| ApiError::Unreadable(error.to_string()))?;
    let to_session = request.url().ends_with("/session") && request.method() == Method::POST;
    let response = request.send().await.map_err(|_| ApiError::Unreachable)?;
    clock::observe(response.headers().get("date").as_deref());
    if response.ok() {
        return Ok(response);
    }
    if response.status() == 401 && !to_session {
        sign_in();
    }
    Err(problem(response).await)
}

async fn problem(response: Response) -> ApiError {
    let status = response.status();
    match response.json::<Problem>().await {
        Ok(problem) => ApiError::Problem(Box::new(problem)),
        // A proxy in between answers in its own words.
        Err(_) if matches!(status, 502..=504) => ApiError::Unreachable,
        Err(_) => ApiError::Unreadable(format!("HTTP {status}")),
    }
}

async fn read<T: DeserializeOwned>(response: Response) -> Result<T, ApiError> {
    let text = response.text().await.map_err(|_| ApiError::Unreachable)?;
    serde_json::from_str(&text).map_err(|error| ApiError::Unreadable(error.to_string()))
}

/// Leaves for the sign-in page, which leads back here.
fn sign_in() {
    let here = browser::here();
    if !here.starts_with("/sign-in") {
        browser::load(&format!("/sign-in?next={}", segment(&here)));
    }
}
