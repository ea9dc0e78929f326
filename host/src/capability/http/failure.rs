//! Failures of requests, as answers.

use crate::capability::Granter;
use crate::outbound::OutboundError;
use windlass_api_types::grant::GrantKind;
use windlass_api_types::{ErrorKind, Failure, RepeatPolicy};

/// A failure of a request whose repetition this policy says.
pub(in crate::capability) fn http_failure(error: OutboundError, granter: &Granter, policy: RepeatPolicy) -> Failure {
    use OutboundError as E;
    let of = |kind, code: &str| Failure::new(kind, code, error.to_string());
    let failure = match &error {
        E::InvalidRequest(_) => of(ErrorKind::InvalidInput, "bad-request"),
        E::HostDenied { what, from } => {
            granter.denied(GrantKind::Http, what, format!("send requests to {what}{}", redirected(from.as_deref())))
        }
        E::AddressDenied { host, address, what, from } => {
            let from = redirected(from.as_deref());
            let denied =
                format!("send requests to {host}{from}: its address {address} is one of the server's own network");
            granter.denied(GrantKind::Http, what, denied)
        }
        E::BadRedirect { .. } => of(ErrorKind::Failed, "bad-redirect"),
        E::TooManyRedirects { .. } => of(ErrorKind::Failed, "too-many-redirects"),
        E::NameUnknown { .. } => of(ErrorKind::Unreachable, "name-unknown").hint("check the host's name"),
        E::Unreachable { .. } => of(ErrorKind::Unreachable, "unreachable"),
        E::Tls { .. } => of(ErrorKind::Failed, "tls")
            .hint("for an authority of your own, put its certificate under [http.ca] into server.toml"),
        E::NoAnswer { .. } | E::Timeout { .. } if policy == RepeatPolicy::Once => {
            of(ErrorKind::OutcomeUnknown, "outcome-unknown")
                .hint("nobody can tell whether the request was performed: look there before it is sent again")
        }
        E::NoAnswer { .. } => of(ErrorKind::Unreachable, "no-answer"),
        E::Timeout { .. } => of(ErrorKind::Timeout, "timeout").hint("raise the request's timeout_ms"),
        E::Canceled => of(ErrorKind::Canceled, "canceled"),
    };
    let unknown = failure.kind == ErrorKind::OutcomeUnknown;
    Failure { retryable: error.retryable() && !unknown, ..failure }
}

fn redirected(from: Option<&str>) -> String {
    from.map(|from| format!(", where {from} redirects")).unwrap_or_default()
}
