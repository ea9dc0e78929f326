//! What a visitor sees while the front door has nowhere to send the request.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};

use super::upstream::UpstreamError;

/// The page looks again by itself: a deployment takes seconds.
const LOOK_AGAIN_SECONDS: u32 = 2;

/// A page that says why nothing was served, and what comes next.
pub(super) fn unserved(error: &UpstreamError) -> Response<BoxBody<Bytes, hyper::Error>> {
    let (status, title, text) = match error {
        UpstreamError::Nowhere(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "Nothing is deployed yet",
            "The app appears here as soon as its first deployment has passed its health check.",
        ),
        UpstreamError::Refused { .. } => (
            StatusCode::SERVICE_UNAVAILABLE,
            "The app does not run",
            "It was deployed, but nothing listens at its port now. Deploy it again.",
        ),
        UpstreamError::Unreadable { .. } | UpstreamError::NoAddress { .. } => (
            StatusCode::SERVICE_UNAVAILABLE,
            "The front door has lost its way",
            "Its upstream file cannot be used. The next deployment writes it anew.",
        ),
        UpstreamError::Broken { .. } => (
            StatusCode::BAD_GATEWAY,
            "The app broke off",
            "It took the request and closed the connection without an answer. Its log may say why.",
        ),
    };
    let mut response =
        Response::new(Full::new(render(title, text, &error.to_string())).map_err(|never| match never {}).boxed());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::RETRY_AFTER, HeaderValue::from(LOOK_AGAIN_SECONDS));
    response
}

fn render(title: &str, text: &str, detail: &str) -> Bytes {
    let detail = detail.replace('&', "&amp;").replace('<', "&lt;");
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta http-equiv=\"refresh\" content=\"{LOOK_AGAIN_SECONDS}\">\n<title>{title}</title>\n\
         <style>body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 34em; margin: 15vh auto; padding: 0 1em }} \
         small {{ opacity: .65 }} :root {{ color-scheme: light dark }}</style>\n\
         <h1>{title}</h1>\n<p>{text}</p>\n<p><small>{detail}</small></p>\n</html>\n"
    )
    .into()
}
