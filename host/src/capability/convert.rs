//! Between the contract's types and the journal's.

use super::wit::windlass::{log::log as wit_log, types::types as wit};
use windlass_api_types::{ErrorKind, Failure, Level};

impl From<Failure> for wit::Error {
    fn from(failure: Failure) -> Self {
        Self {
            kind: failure.kind.into(),
            code: failure.code,
            message: failure.message,
            hint: failure.hint,
            retryable: failure.retryable,
        }
    }
}

impl From<wit::Error> for Failure {
    fn from(error: wit::Error) -> Self {
        Self {
            kind: error.kind.into(),
            code: error.code,
            message: error.message,
            hint: error.hint,
            retryable: error.retryable,
        }
    }
}

macro_rules! same_words {
    ($wit:path = $own:path { $($word:ident),* $(,)? }) => {
        impl From<$own> for $wit {
            fn from(value: $own) -> Self {
                match value { $(<$own>::$word => <$wit>::$word),* }
            }
        }
        impl From<$wit> for $own {
            fn from(value: $wit) -> Self {
                match value { $(<$wit>::$word => <$own>::$word),* }
            }
        }
    };
}

same_words!(
    wit::ErrorKind = ErrorKind {
        InvalidInput,
        Denied,
        NotFound,
        Conflict,
        Unreachable,
        Timeout,
        Canceled,
        Failed,
        OutcomeUnknown,
        Unsupported,
        Internal,
    }
);
same_words!(wit_log::Level = Level { Debug, Info, Warning, Error });
