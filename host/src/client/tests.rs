//! The client against real HTTP servers, on TCP and on a unix socket.

use super::follow::{Followed, Follower};
use super::*;
use axum::Router;
use axum::body::Body;
use axum::extract::{Json, Path as PathParameter, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response as Answer};
use axum::routing::{get, post};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use windlass_api_types::user::CreateToken;
use windlass_api_types::{DeploymentId, Event, EventBody};

/// A router on TCP. It ends with the test's runtime.
pub(crate) async fn on_tcp(router: Router) -> ServerAddress {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}").parse().unwrap()
}

/// A router on a unix socket.
pub(crate) fn on_socket(router: Router, socket: &Path) {
    let listener = tokio::net::UnixListener::bind(socket).unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
}

/// Answers with what it was asked: the path's parameter and the caller's credentials.
async fn echo(PathParameter(name): PathParameter<String>, headers: HeaderMap) -> Json<Value> {
    let authorization = headers.get("authorization").map(|value| value.to_str().unwrap());
    Json(json!({ "name": name, "authorization": authorization }))
}

fn echoing() -> Router {
    Router::new().route("/api/v1/deployments/{id}", get(echo))
}

async fn ask(client: &Client) -> Value {
    client.get(&["deployments", "shop#41"], &[]).await.unwrap()
}

#[tokio::test]
async fn a_label_is_one_segment_and_the_token_is_sent() {
    let address = on_tcp(echoing()).await;
    let client = Client::remote(&address, Some("wl_1".into())).unwrap();
    assert_eq!(ask(&client).await, json!({ "name": "shop#41", "authorization": "Bearer wl_1" }));
}

#[tokio::test]
async fn a_unix_socket_needs_no_token() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("windlass.sock");
    on_socket(echoing(), &socket);
    let client = Client::local(&socket).unwrap();
    assert_eq!(ask(&client).await, json!({ "name": "shop#41", "authorization": null }));
    assert!(client.is_served().await);
}

#[tokio::test]
async fn a_server_may_live_under_a_path() {
    let address = on_tcp(Router::new().nest("/windlass", echoing())).await;
    let address = format!("{address}/windlass").parse().unwrap();
    assert_eq!(ask(&Client::remote(&address, None).unwrap()).await["name"], "shop#41");
}

async fn error_of(router: Router) -> ClientError {
    let client = Client::remote(&on_tcp(router).await, None).unwrap();
    client.project("shop").await.unwrap_err()
}

fn answering(answer: impl Fn() -> Answer + Clone + Send + Sync + 'static) -> Router {
    Router::new().fallback(move || std::future::ready(answer()))
}

#[tokio::test]
async fn a_problem_comes_with_its_hint() {
    let error = error_of(answering(|| {
        let problem = json!({ "title": "Not Found", "status": 404, "code": "project-unknown",
                              "detail": "there is no project `shop`", "hint": "windlass deploy makes it" });
        (StatusCode::NOT_FOUND, [("content-type", "application/problem+json")], problem.to_string()).into_response()
    }))
    .await;
    assert_eq!(error.to_string(), "there is no project `shop`");
    assert_eq!(error.hint().unwrap(), "windlass deploy makes it");
    assert_eq!((error.code(), error.status()), ("project-unknown", Some(404)));
}

#[tokio::test]
async fn somebody_elses_error_page_is_quoted() {
    let error = error_of(answering(|| (StatusCode::BAD_GATEWAY, "<h1>nginx</h1>").into_response())).await;
    assert!(error.to_string().ends_with(" answered 502: <h1>nginx</h1>"), "{error}");
    assert!(error.is_transient());
}

#[tokio::test]
async fn a_redirect_is_not_followed_with_the_token() {
    let error = error_of(answering(|| (StatusCode::FOUND, [("location", "http://elsewhere/")]).into_response())).await;
    assert_eq!(error.status(), Some(302));
}

#[tokio::test]
async fn another_shape_of_answer_is_told_as_such() {
    let error = error_of(answering(|| Json(json!({ "name": 1 })).into_response())).await;
    assert!(matches!(error, ClientError::Malformed { .. }), "{error}");
    assert_eq!(error.hint().unwrap(), "use the same version of windlass here and on the server");
}

#[tokio::test]
async fn a_closed_port_is_an_unreachable_server() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let client = Client::remote(&format!("http://{address}").parse().unwrap(), None).unwrap();
    let error = client.projects().await.unwrap_err();
    let said = format!("cannot reach the server at http://{address}: Connection refused (os error 111)");
    assert_eq!(error.to_string(), said);
    assert!(!client.is_served().await);
}

#[tokio::test]
async fn a_one_time_link_becomes_a_token_and_the_session_ends() {
    type Calls = Arc<Mutex<Vec<String>>>;
    async fn call(State(calls): State<Calls>, request: axum::extract::Request) -> Answer {
        let header = |name: &str| request.headers().get(name).map_or("-", |value| value.to_str().unwrap()).to_owned();
        let line = format!("{} {} {} {}", request.method(), request.uri(), header("cookie"), header("x-windlass"));
        calls.lock().unwrap().push(line);
        let id = "01960000-0000-7000-8000-000000000001";
        match (request.method().as_str(), request.uri().path()) {
            ("POST", "/api/v1/session") => {
                let me = Json(json!({ "id": id, "name": "ada", "version": "0.1.0" }));
                let cookie = "windlass_session=s3cret; HttpOnly; SameSite=Strict";
                ([("set-cookie", "other=1"), ("set-cookie", cookie)], me).into_response()
            }
            ("POST", "/api/v1/tokens") => {
                let token =
                    json!({ "id": id, "name": "laptop", "created_at": 0, "expires_at": null, "last_used_at": null });
                Json(json!({ "token": token, "secret": "wl_1" })).into_response()
            }
            _ => StatusCode::NO_CONTENT.into_response(),
        }
    }
    let calls = Calls::default();
    let address = on_tcp(Router::new().fallback(call).with_state(calls.clone())).await;
    let session = Client::remote(&address, None).unwrap().sign_in("once").await.unwrap();
    let created = session.exchange(&CreateToken { name: "laptop".into(), days: None }).await.unwrap();
    assert_eq!(created.secret, "wl_1");
    assert_eq!(
        *calls.lock().unwrap(),
        [
            "POST /api/v1/session - -",
            "POST /api/v1/tokens windlass_session=s3cret 1",
            "DELETE /api/v1/session windlass_session=s3cret 1"
        ]
    );
}

/// A stream of events that is cut off, refused and repeated before it ends.
#[derive(Default)]
struct Flaky {
    asked: Vec<u64>,
}

fn started(seq: u64) -> Event {
    Event {
        deployment_id: deployment(),
        seq,
        at: 0,
        stage_run: None,
        level: None,
        message: String::new(),
        body: EventBody::DeploymentStarted { live: Default::default() },
    }
}

fn deployment() -> DeploymentId {
    "01960000-0000-7000-8000-000000000001".parse().unwrap()
}

fn batch(seqs: std::ops::RangeInclusive<u64>) -> String {
    let events: Vec<Event> = seqs.clone().map(started).collect();
    format!("id: {}\nevent: events\ndata: {}\n\n", seqs.end(), serde_json::to_string(&events).unwrap())
}

async fn flaky(State(flaky): State<Arc<Mutex<Flaky>>>, Query(query): Query<HashMap<String, u64>>) -> Answer {
    let mut flaky = flaky.lock().unwrap();
    flaky.asked.push(query["after"]);
    let stream = |text: String| ([("content-type", "text/event-stream")], Body::from(text)).into_response();
    match flaky.asked.len() {
        1 => stream(format!(": keepalive\n\n{}{}", batch(1..=2), &batch(3..=3)[..20])),
        2 => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        3 => stream(format!("{}event: end\ndata: {{}}\n\n", batch(2..=4))),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

#[tokio::test]
async fn events_are_followed_over_losses_without_gap_or_double() {
    let shared = Arc::new(Mutex::new(Flaky::default()));
    let router = Router::new().route("/api/v1/deployments/{id}/events", get(flaky)).with_state(shared.clone());
    let client = Client::remote(&on_tcp(router).await, None).unwrap();
    let mut follower = Follower::new(client, deployment(), 0);
    let (mut seqs, mut losses) = (Vec::new(), 0);
    loop {
        match follower.next().await.unwrap() {
            Followed::Events(events) => seqs.extend(events.iter().map(|event| event.seq)),
            Followed::Reconnecting(_) => losses += 1,
            Followed::Ended => break,
        }
    }
    assert_eq!((seqs, losses), (vec![1, 2, 3, 4], 1));
    assert_eq!(shared.lock().unwrap().asked, [0, 2, 2]);
}

async fn first_of(router: Router) -> Result<Followed, ClientError> {
    let client = Client::remote(&on_tcp(router).await, None).unwrap();
    Follower::new(client, deployment(), 0).next().await
}

#[tokio::test]
async fn a_refusal_is_not_tried_again() {
    let error = first_of(answering(|| StatusCode::NOT_FOUND.into_response())).await.unwrap_err();
    assert_eq!(error.status(), Some(404));
}

#[tokio::test]
async fn a_gap_is_an_error_and_no_event() {
    let error = first_of(answering(|| batch(2..=3).into_response())).await.unwrap_err();
    assert!(error.to_string().ends_with("cannot be read: event 2 follows event 0"), "{error}");
}

#[tokio::test]
async fn a_body_is_sent_as_json() {
    async fn body(Json(body): Json<Value>) -> Json<Value> {
        Json(body)
    }
    let client = Client::remote(&on_tcp(Router::new().route("/api/v1/plans", post(body))).await, None).unwrap();
    let answer: Value = client.send(Method::POST, &["plans"], &json!({ "a": [1] })).await.unwrap();
    assert_eq!(answer, json!({ "a": [1] }));
}
