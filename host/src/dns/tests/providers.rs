//! Cloudflare and Route 53, which do not run here: a server of the test's own records what is asked, and answers
//! as their documentation says.

mod cloudflare;
mod route53;
mod signature;

use super::*;
use ::http::{HeaderMap, Method, StatusCode, Uri};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

/// What was asked.
#[derive(Clone, Debug)]
struct Asked {
    method: Method,
    /// Path and query, as they were sent.
    target: String,
    headers: HeaderMap,
    body: String,
}

#[derive(Default)]
struct Script {
    answers: VecDeque<(StatusCode, String)>,
    asked: Vec<Asked>,
}

/// A provider of the test's own.
struct Vendor {
    url: String,
    script: Arc<Mutex<Script>>,
}

impl Vendor {
    /// Answers one request after the other.
    async fn answering(answers: &[(u16, &str)]) -> Self {
        let answer = |(status, body): &(u16, &str)| (StatusCode::from_u16(*status).unwrap(), (*body).to_owned());
        let answers = answers.iter().map(answer).collect();
        let script = Arc::new(Mutex::new(Script { answers, asked: Vec::new() }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer_next).with_state(script.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, script }
    }

    /// What was asked; all answers have been used.
    fn asked(&self) -> Vec<Asked> {
        let script = self.script.lock().unwrap();
        assert_eq!(script.answers, [], "answers that nobody asked for");
        script.asked.clone()
    }
}

impl Asked {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Method and target.
    fn line(&self) -> String {
        format!("{} {}", self.method, self.target)
    }
}

async fn answer_next(
    State(script): State<Arc<Mutex<Script>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, String) {
    let mut script = script.lock().unwrap();
    let body = String::from_utf8(body.to_vec()).unwrap();
    script.asked.push(Asked { method, target: uri.to_string(), headers, body });
    script.answers.pop_front().unwrap_or((StatusCode::INTERNAL_SERVER_ERROR, "nothing more is expected".into()))
}
