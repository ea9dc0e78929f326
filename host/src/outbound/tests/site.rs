//! A real web server on a loopback port, with or without TLS, which remembers what it was asked.

use crate::exchange::Tls;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::{CancellationToken, DropGuard};

/// What it was asked.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

pub(crate) type Answer = Response<Full<Bytes>>;

/// Stops when it is dropped.
pub(crate) struct Site {
    pub(crate) port: u16,
    /// The certificate, as PEM, where it speaks TLS.
    pub(crate) certificate: Option<String>,
    seen: Arc<Mutex<Vec<Seen>>>,
    _stop: DropGuard,
}

/// An answer.
pub(crate) fn answer(status: u16, body: impl Into<String>) -> Answer {
    Response::builder().status(status).body(Full::new(Bytes::from(body.into()))).unwrap()
}

/// A redirect.
pub(crate) fn redirect(status: u16, location: &str) -> Answer {
    Response::builder().status(status).header("location", location).body(Full::default()).unwrap()
}

impl Site {
    pub(crate) async fn start(answer: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Self {
        Self::serve(None, answer).await
    }

    /// With a certificate of its own for this name.
    pub(crate) async fn start_tls(name: &str, answer: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Self {
        Self::serve(Some(name), answer).await
    }

    async fn serve(name: Option<&str>, answer: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (acceptor, certificate) = name.map(acceptor).unzip();
        let (stop, seen) = (CancellationToken::new(), Arc::new(Mutex::new(Vec::new())));
        let (stopped, remembered, answer) = (stop.clone(), seen.clone(), Arc::new(answer));
        tokio::spawn(stopped.run_until_cancelled_owned(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, seen, answer) = (acceptor.clone(), remembered.clone(), answer.clone());
                tokio::spawn(async move {
                    let service = service_fn(move |request| take(request, seen.clone(), answer.clone()));
                    match acceptor {
                        Some(acceptor) => {
                            let Ok(stream) = acceptor.accept(stream).await else { return };
                            drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
                        }
                        None => drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await),
                    }
                });
            }
        }));
        Self { port, certificate, seen, _stop: stop.drop_guard() }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The grant that lets a request come here.
    pub(crate) fn grant(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// What it was asked so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// What it was asked so far, without headers and bodies.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.seen().iter().map(|seen| format!("{} {}", seen.method, seen.path)).collect()
    }

    /// What trusts it, under this name.
    pub(crate) fn trusted(&self, name: &str) -> Tls {
        Tls::new(&BTreeMap::from([(name.to_owned(), self.certificate.clone().unwrap())])).unwrap()
    }
}

async fn take<F: Fn(&Seen) -> Answer>(
    request: Request<Incoming>,
    seen: Arc<Mutex<Vec<Seen>>>,
    answer: Arc<F>,
) -> Result<Answer, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let asked = Seen {
        method: head.method.to_string(),
        path: head.uri.to_string(),
        headers: head.headers.iter().map(header).collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    seen.lock().unwrap().push(asked.clone());
    Ok(answer(&asked))
}

fn acceptor(name: &str) -> (TlsAcceptor, String) {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), made.cert.pem())
}
