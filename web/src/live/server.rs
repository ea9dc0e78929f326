//! The whole server's changes: deployments that begin, move and end, and plugins that come and go.

use super::stream::{Stream, Then};
use crate::api;
use crate::model::deployments::merge;
use leptos::prelude::*;
use serde::Deserialize;
use windlass_api_types::deployment::DeploymentSummary;

/// Changes kept in memory at most: pages need the newest only, and load the rest.
const KEPT: usize = 500;

/// What the server's stream has told so far.
#[derive(Clone, Copy)]
pub(crate) struct Live {
    /// Newest first.
    pub deployments: RwSignal<Vec<DeploymentSummary>>,
    /// Counts changes of the registry.
    pub plugins: RwSignal<u32>,
    stream: StoredValue<Option<Stream>, LocalStorage>,
}

#[derive(Deserialize)]
struct Snapshot {
    deployments: Vec<DeploymentSummary>,
}

impl Live {
    pub(crate) fn new() -> Self {
        Self { deployments: RwSignal::new(Vec::new()), plugins: RwSignal::new(0), stream: StoredValue::new_local(None) }
    }

    /// Opens the stream, or closes it: a tab has one stream at a time, and a deployment's page has its own.
    pub(crate) fn set_open(self, open: bool) {
        let is_open = self.stream.with_value(Option::is_some);
        if open != is_open {
            self.stream.set_value(open.then(|| self.open()));
        }
    }

    fn open(self) -> Stream {
        Stream::open(
            || api::stream_path("/events"),
            &["snapshot", "deployments", "plugins"],
            move |name, data| {
                match name {
                    "snapshot" => self.merge(serde_json::from_str(&data).map(|all: Snapshot| all.deployments)),
                    "deployments" => self.merge(serde_json::from_str(&data)),
                    _ => self.plugins.update(|count| *count += 1),
                }
                Then::Continue
            },
        )
    }

    fn merge(self, changed: Result<Vec<DeploymentSummary>, serde_json::Error>) {
        match changed {
            Ok(changed) => self.deployments.maybe_update(|list| {
                let any = merge(list, changed);
                list.truncate(KEPT);
                any
            }),
            Err(error) => leptos::logging::warn!("a change of the server could not be read: {error}"),
        }
    }
}
