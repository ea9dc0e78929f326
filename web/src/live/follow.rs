//! Following one deployment: its events are folded outside the reactive graph, and what changed is
//! told once per animation frame.

use super::stream::{Stream, Then};
use crate::api;
use crate::model::record::{Changes, NotTaken, Record};
use leptos::prelude::*;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::Arc,
};
use windlass_api_types::{DeploymentState, Event};

/// A followed deployment.
#[derive(Clone, Copy)]
pub(crate) struct Follow {
    inner: StoredValue<Rc<Inner>, LocalStorage>,
    /// The state to show.
    pub state: RwSignal<Arc<DeploymentState>>,
    /// How many lines the log has.
    pub lines: RwSignal<usize>,
    /// Counts changes of the effects.
    pub effects: RwSignal<usize>,
    /// Why the record cannot be read on.
    pub broken: RwSignal<Option<String>>,
}

struct Inner {
    record: RefCell<Record>,
    /// The server's own fold: shown until the events have caught up with it.
    snapshot: Arc<DeploymentState>,
    changes: Cell<Changes>,
    scheduled: Cell<bool>,
    /// Closes with the page: nothing else holds what it is part of.
    stream: RefCell<Option<Stream>>,
}

impl Follow {
    /// Starts with the state that the server has, and follows the deployment's events from the first.
    pub(crate) fn start(id: String, snapshot: DeploymentState) -> Self {
        let snapshot = Arc::new(snapshot);
        let inner = Rc::new(Inner {
            record: RefCell::default(),
            snapshot: snapshot.clone(),
            changes: Cell::default(),
            scheduled: Cell::new(false),
            stream: RefCell::default(),
        });
        let follow = Self {
            inner: StoredValue::new_local(inner.clone()),
            state: RwSignal::new(snapshot),
            lines: RwSignal::new(0),
            effects: RwSignal::new(0),
            broken: RwSignal::new(None),
        };
        let weak = Rc::downgrade(&inner);
        let url = move || {
            let last = weak.upgrade().map_or(0, |inner| inner.record.borrow().state.last_seq);
            api::stream_path(&format!("/deployments/{}/events?after={last}", api::segment(&id)))
        };
        let stream = Stream::open(url, &["events", "end"], move |name, data| follow.take(name, &data));
        inner.stream.replace(Some(stream));
        follow
    }

    /// Reads the record.
    pub(crate) fn with<T>(self, read: impl FnOnce(&Record) -> T) -> Option<T> {
        self.inner.try_with_value(|inner| read(&inner.record.borrow()))
    }

    fn take(self, name: &str, data: &str) -> Then {
        let Some(inner) = self.inner.try_get_value() else { return Then::Finish };
        if name == "end" {
            return Then::Finish;
        }
        let events: Vec<Event> = match serde_json::from_str(data) {
            Ok(events) => events,
            Err(error) => return self.give_up(error.to_string()),
        };
        let (changes, answer) = inner.record.borrow_mut().take(&events);
        let before = inner.changes.get();
        inner.changes.set(Changes {
            state: before.state || changes.state,
            log: before.log || changes.log,
            effects: before.effects || changes.effects,
        });
        if !inner.scheduled.replace(true) {
            request_animation_frame(move || self.flush());
        }
        match answer {
            Ok(()) => Then::Continue,
            Err(NotTaken::Gap { .. }) => Then::Reopen,
            Err(NotTaken::Illegal(illegal)) => self.give_up(illegal.to_string()),
        }
    }

    fn give_up(self, reason: String) -> Then {
        leptos::logging::error!("the record cannot be read on: {reason}");
        self.broken.try_set(Some(reason));
        Then::Finish
    }

    fn flush(self) {
        // The page may have been left meanwhile.
        let Some(inner) = self.inner.try_get_value() else { return };
        inner.scheduled.set(false);
        let changes = inner.changes.take();
        let record = inner.record.borrow();
        let (state, lines) = (record.state.clone(), record.log.lines.len());
        drop(record);
        if changes.log {
            self.lines.set(lines);
        }
        if changes.effects {
            self.effects.update(|count| *count += 1);
        }
        if changes.state && state.last_seq >= inner.snapshot.last_seq {
            self.state.set(Arc::new(state));
        }
    }
}
