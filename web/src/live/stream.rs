//! An event stream that comes back: after errors with growing waits, after sleep, after the tab was
//! hidden. It resumes where its owner says, so nothing is lost or doubled.

use super::connection::{self, Connection};
use super::sse::{Signal, Sse};
use crate::browser::{self, Listener};
use crate::model::retry::Retry;
use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*};
use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
    time::Duration,
};

/// A tab that nobody sees for so long closes its stream: browsers allow few of them.
const HIDDEN: Duration = Duration::from_secs(30);

/// How often to look whether the machine slept.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// A heartbeat that is late by so much, in milliseconds, means that the machine slept and that the
/// connection may be dead without saying so.
const OVERSLEPT: f64 = 20_000.0;

/// What a handler wants after a message.
pub(crate) enum Then {
    Continue,
    /// Connect again at once, because something is missing.
    Reopen,
    /// Everything is here.
    Finish,
}

/// Takes an event by its name.
type Handle = Box<dyn Fn(&str, String) -> Then>;

/// An event stream; it closes when it is dropped.
pub(crate) struct Stream {
    inner: Rc<Inner>,
    _listeners: Vec<Listener>,
}

struct Inner {
    url: Box<dyn Fn() -> String>,
    names: &'static [&'static str],
    handle: Handle,
    connection: RwSignal<Connection>,
    source: RefCell<Option<Sse>>,
    retry: Cell<Retry>,
    timer: Cell<Option<TimeoutHandle>>,
    hiding: Cell<Option<TimeoutHandle>>,
    suspended: Cell<bool>,
    finished: Cell<bool>,
    heartbeat: Cell<f64>,
}

impl Stream {
    /// Opens a stream of the named events. `url` is asked at each connection, so that it can say what
    /// was seen last.
    pub(crate) fn open(
        url: impl Fn() -> String + 'static,
        names: &'static [&'static str],
        handle: impl Fn(&str, String) -> Then + 'static,
    ) -> Self {
        let inner = Rc::new(Inner {
            url: Box::new(url),
            names,
            handle: Box::new(handle),
            connection: connection::current(),
            source: RefCell::default(),
            retry: Cell::default(),
            timer: Cell::default(),
            hiding: Cell::default(),
            suspended: Cell::new(false),
            finished: Cell::new(false),
            heartbeat: Cell::new(js_sys::Date::now()),
        });
        inner.connection.set(Connection::Connecting);
        inner.connect();
        inner.clone().beat();
        let (seen, online) = (Rc::downgrade(&inner), Rc::downgrade(&inner));
        let listeners = vec![
            Listener::new(&document(), "visibilitychange", move |_| {
                seen.upgrade().inspect(Inner::visibility_changed);
            }),
            Listener::new(&window(), "online", move |_| {
                online.upgrade().inspect(|inner| inner.reconnect_now());
            }),
        ];
        Self { inner, _listeners: listeners }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.inner.finished.set(true);
        self.inner.clear_timers();
        self.inner.source.take();
        self.inner.connection.try_set(Connection::Idle);
    }
}

impl Inner {
    fn connect(self: &Rc<Self>) {
        let weak = Rc::downgrade(self);
        let report = move |signal| {
            weak.upgrade().inspect(|inner| inner.take(signal));
        };
        match Sse::open(&(self.url)(), self.names, report) {
            Ok(source) => drop(self.source.replace(Some(source))),
            Err(_) => self.failed(),
        }
    }

    fn take(self: &Rc<Self>, signal: Signal) {
        if self.finished.get() {
            return;
        }
        match signal {
            Signal::Opened => self.alive(),
            Signal::Failed => self.failed(),
            Signal::Message(name, data) => match (self.handle)(name, data) {
                Then::Continue => self.alive(),
                Then::Reopen => self.failed(),
                Then::Finish => {
                    self.finished.set(true);
                    self.close();
                    self.clear_timers();
                    self.connection.try_set(Connection::Complete);
                }
            },
        }
    }

    fn alive(&self) {
        self.retry.set(Retry::default());
        if self.connection.try_get_untracked() != Some(Connection::Live) {
            self.connection.try_set(Connection::Live);
        }
    }

    fn failed(self: &Rc<Self>) {
        self.close();
        let mut retry = self.retry.get();
        let wait = retry.wait(js_sys::Math::random());
        self.retry.set(retry);
        let offline = retry.is_offline() || !window().navigator().on_line();
        self.connection.try_set(if offline { Connection::Offline } else { Connection::Reconnecting });
        if offline {
            check_session();
        }
        self.connect_in(Duration::from_millis(u64::from(wait)));
    }

    fn connect_in(self: &Rc<Self>, wait: Duration) {
        let weak = Rc::downgrade(self);
        let connect = move || {
            weak.upgrade().filter(|inner| !inner.finished.get() && !inner.suspended.get()).inspect(Inner::connect);
        };
        let timer = set_timeout_with_handle(connect, wait).ok();
        self.timer.replace(timer).inspect(TimeoutHandle::clear);
    }

    fn reconnect_now(self: &Rc<Self>) {
        if self.finished.get() || self.suspended.get() {
            return;
        }
        self.close();
        self.connection.try_set(Connection::Reconnecting);
        self.connect_in(Duration::ZERO);
    }

    fn visibility_changed(self: &Rc<Self>) {
        self.hiding.take().inspect(TimeoutHandle::clear);
        if self.finished.get() {
            return;
        }
        if !browser::is_hidden() {
            if self.suspended.replace(false) {
                self.reconnect_now();
            }
            return;
        }
        let weak = Rc::downgrade(self);
        let suspend = move || {
            weak.upgrade().inspect(|inner| {
                inner.suspended.set(true);
                inner.close();
            });
        };
        self.hiding.set(set_timeout_with_handle(suspend, HIDDEN).ok());
    }

    /// Looks every few seconds whether it was called late.
    fn beat(self: Rc<Self>) {
        let weak: Weak<Self> = Rc::downgrade(&self);
        set_timeout(
            move || {
                let Some(inner) = weak.upgrade().filter(|inner| !inner.finished.get()) else { return };
                let now = js_sys::Date::now();
                if now - inner.heartbeat.replace(now) > OVERSLEPT && !browser::is_hidden() {
                    inner.reconnect_now();
                }
                inner.beat();
            },
            HEARTBEAT,
        );
    }

    fn close(&self) {
        if let Some(source) = &*self.source.borrow() {
            source.close();
        }
    }

    fn clear_timers(&self) {
        for timer in [&self.timer, &self.hiding] {
            timer.take().inspect(TimeoutHandle::clear);
        }
    }
}

/// An `EventSource` hides the status of its answer: asking for the session tells an expired one, and
/// leads to the sign-in page.
fn check_session() {
    leptos::task::spawn_local(async {
        let _ = crate::api::get::<windlass_api_types::user::Me>("/session").await;
    });
}
