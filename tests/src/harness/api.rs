//! The HTTP API, called without the product's own client: what any program sees.

use super::server::Server;
use super::wait::until;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;
use windlass_api_types::deployment::Deployment;
use windlass_api_types::{DeploymentStatus, Event, Problem};

/// A caller of one server.
#[derive(Clone)]
pub(crate) struct Api {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: String,
}

impl Answer {
    #[track_caller]
    pub(crate) fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("no such JSON: {error}\n{}", self.body))
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert!(self.status.is_success(), "{}: {}", self.status, self.body);
        self
    }

    /// The problem document of an error, whose status this must be.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16) -> Problem {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self.json()
    }
}

/// A page of history.
#[derive(serde::Deserialize)]
struct EventPage {
    events: Vec<Event>,
    next: Option<u64>,
}

impl Api {
    pub(super) fn new(url: &str, token: Option<String>) -> Self {
        Self { http: http(|builder| builder), base: base(url), token }
    }

    /// The same caller of another server on the same data.
    pub(crate) fn of(&self, server: &Server) -> Self {
        Self { base: base(&server.url), ..self.clone() }
    }

    /// The same caller of another server.
    pub(crate) fn at(&self, url: &str) -> Self {
        Self { base: format!("{url}/api/v1"), ..self.clone() }
    }

    /// A request under `/api/v1`.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.expect("the server answers");
        Answer { status: response.status(), body: response.text().await.expect("the answer is whole") }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &impl serde::Serialize) -> Answer {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    /// The same where the server may die instead of answering.
    pub(crate) async fn try_post(&self, path: &str, body: &impl serde::Serialize) -> Option<Answer> {
        let response = self.request(Method::POST, path).json(body).send().await.ok()?;
        Some(Answer { status: response.status(), body: response.text().await.ok()? }.ok())
    }

    /// A deployment by its label, such as `hello#1`.
    pub(crate) async fn deployment(&self, label: &str) -> Deployment {
        self.get(&format!("/deployments/{}", label.replace('#', "%23"))).await.ok().json()
    }

    /// Waits until a deployment has a status.
    pub(crate) async fn deployment_is(&self, label: &str, status: DeploymentStatus) -> Deployment {
        until(&format!("{label} to be {status}"), async || {
            let deployment = self.deployment(label).await;
            let ended = deployment.summary.status.is_terminal() && deployment.summary.status != status;
            assert!(!ended, "{label} is not {status}: {:#?}", deployment.summary);
            (deployment.summary.status == status).then_some(deployment)
        })
        .await
    }

    /// The whole history of a deployment.
    pub(crate) async fn events(&self, label: &str) -> Vec<Event> {
        let path = format!("/deployments/{}/events", label.replace('#', "%23"));
        let (mut events, mut after) = (Vec::new(), Some(0));
        while let Some(seq) = after {
            let request = self.request(Method::GET, &format!("{path}?after={seq}"));
            let page: EventPage = self.send(request.header("accept", "application/json")).await.ok().json();
            events.extend(page.events);
            after = page.next;
        }
        events
    }
}

fn base(url: &str) -> String {
    format!("{url}/api/v1")
}

/// A client that encrypts nothing: all servers of a test are on loopback.
pub(super) fn http(settings: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder) -> reqwest::Client {
    // A second call finds the provider of the first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let roots = rustls::RootCertStore::empty();
    let tls = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let builder = reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy();
    settings(builder.redirect(reqwest::redirect::Policy::none())).build().expect("a plain client can be built")
}

/// Asks an app; none where nobody answers.
pub(crate) async fn ask(url: &str) -> Option<Answer> {
    let response = http(|builder| builder).get(url).send().await.ok()?;
    Some(Answer { status: response.status(), body: response.text().await.ok()? })
}
