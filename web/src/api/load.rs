//! A document of the server as a page uses it: loading, here, or failed.

use super::ApiError;
use leptos::{prelude::*, task::spawn_local};
use std::{future::Future, pin::Pin, rc::Rc};

type Fetch<T> = Rc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<T, ApiError>>>>>;

/// What a page shows of a document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Phase {
    Loading,
    Ready,
    Failed(ApiError),
}

/// A document that can be loaded again; what is here stays while the next is on its way.
pub(crate) struct Remote<T: Send + Sync + 'static> {
    pub data: RwSignal<Option<T>>,
    error: RwSignal<Option<ApiError>>,
    fetch: StoredValue<Fetch<T>, LocalStorage>,
    /// Counts requests, so that a late answer does not replace a newer one.
    request: StoredValue<u32>,
}

impl<T: Send + Sync + 'static> Clone for Remote<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Remote<T> {}

impl<T: Send + Sync + 'static> Remote<T> {
    /// Starts to load.
    pub(crate) fn new<F: Future<Output = Result<T, ApiError>> + 'static>(fetch: impl Fn() -> F + 'static) -> Self {
        let fetch: Fetch<T> = Rc::new(move || Box::pin(fetch()));
        let remote = Self {
            data: RwSignal::new(None),
            error: RwSignal::new(None),
            fetch: StoredValue::new_local(fetch),
            request: StoredValue::new(0),
        };
        remote.reload();
        remote
    }

    /// Loads again.
    pub(crate) fn reload(self) {
        self.request.update_value(|request| *request += 1);
        let number = self.request.get_value();
        let fetch = self.fetch.get_value();
        spawn_local(async move {
            let answer = fetch().await;
            // The page may have been left, or may have asked again.
            if self.request.try_get_value() != Some(number) {
                return;
            }
            match answer {
                Ok(data) => {
                    self.error.set(None);
                    self.data.set(Some(data));
                }
                Err(error) => self.error.set(Some(error)),
            }
        });
    }

    /// Forgets what is here and loads again.
    pub(crate) fn restart(self) {
        self.data.set(None);
        self.error.set(None);
        self.reload();
    }

    /// What to show. A failed reload leaves what is here.
    pub(crate) fn phase(self) -> Memo<Phase> {
        Memo::new(move |_| match (self.data.with(Option::is_some), self.error.get()) {
            (true, _) => Phase::Ready,
            (false, Some(error)) => Phase::Failed(error),
            (false, None) => Phase::Loading,
        })
    }
}
