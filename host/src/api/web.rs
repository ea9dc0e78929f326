//! The web UI: embedded files, precompressed, and the headers that keep its page to itself.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../dist/web"]
#[allow_missing = true]
struct Files;

/// Scripts and styles come from here alone; WebAssembly may be compiled.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
/// Swagger UI brings styles and a script of its own.
const DOCS_POLICY: &str = "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; frame-ancestors 'none'";
/// File names have their contents' hash in them.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// Whether this binary has the UI.
pub fn is_embedded() -> bool {
    Files::get("index.html").is_some()
}

/// A file of the UI; every other path without an extension is one of its pages.
pub(super) async fn file(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path.starts_with("api/") || !matches!(method, Method::GET | Method::HEAD) {
        return super::problem::ApiError::not_found("route", uri.path()).into_response();
    }
    let page = path.is_empty() || !path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    let path = if page { "index.html" } else { path };
    match encoded(path, &headers) {
        Some((bytes, encoding)) => answer(path, bytes, encoding),
        None if page => (StatusCode::NOT_FOUND, NO_UI).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

const NO_UI: &str = "This binary was built without the web UI. Build it with: cargo xtask build\n\
    The API answers under /api/v1, its documentation under /api/v1/docs.\n";

/// The smallest form that the client takes.
fn encoded(path: &str, headers: &HeaderMap) -> Option<(Vec<u8>, Option<&'static str>)> {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    for (encoding, suffix) in [("br", ".br"), ("gzip", ".gz")] {
        let compressed = accepted.contains(encoding).then(|| Files::get(&format!("{path}{suffix}"))).flatten();
        if let Some(file) = compressed {
            return Some((file.data.into_owned(), Some(encoding)));
        }
    }
    Files::get(path).map(|file| (file.data.into_owned(), None))
}

fn answer(path: &str, bytes: Vec<u8>, encoding: Option<&'static str>) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(path)));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    let hashed = path.starts_with("assets/") && !path.starts_with("assets/fonts/");
    let cache = if hashed { IMMUTABLE } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Headers of every answer.
pub(super) async fn security_headers(request: Request, next: Next) -> Response {
    let docs = request.uri().path().starts_with("/api/v1/docs");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let policy = if docs { DOCS_POLICY } else { POLICY };
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
