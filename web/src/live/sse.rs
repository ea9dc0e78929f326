//! An `EventSource` that closes itself and frees its callbacks when it is dropped.

use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{EventSource, MessageEvent};

/// What a source reports.
pub(crate) enum Signal {
    Opened,
    /// A message by its event's name.
    Message(&'static str, String),
    Failed,
}

type Callback = Closure<dyn FnMut(MessageEvent)>;

/// An open source.
pub(crate) struct Sse {
    source: EventSource,
    callbacks: Vec<(&'static str, Callback)>,
}

impl Sse {
    /// Opens a source and listens for the named events.
    pub(crate) fn open(
        url: &str,
        names: &'static [&'static str],
        report: impl Fn(Signal) + Clone + 'static,
    ) -> Result<Self, JsValue> {
        let mut sse = Self { source: EventSource::new(url)?, callbacks: Vec::new() };
        for name in names {
            let report = report.clone();
            sse.listen(name, move |event| {
                report(Signal::Message(name, event.data().as_string().unwrap_or_default()));
            })?;
        }
        let opened = report.clone();
        sse.listen("open", move |_| opened(Signal::Opened))?;
        sse.listen("error", move |_| report(Signal::Failed))?;
        Ok(sse)
    }

    fn listen(&mut self, name: &'static str, callback: impl FnMut(MessageEvent) + 'static) -> Result<(), JsValue> {
        let callback = Callback::new(callback);
        self.source.add_event_listener_with_callback(name, callback.as_ref().unchecked_ref())?;
        self.callbacks.push((name, callback));
        Ok(())
    }

    /// Closes it now. Its own callbacks call this rather than drop what is running.
    pub(crate) fn close(&self) {
        self.source.close();
    }
}

impl Drop for Sse {
    fn drop(&mut self) {
        self.source.close();
        for (name, callback) in &self.callbacks {
            let _ = self.source.remove_event_listener_with_callback(name, callback.as_ref().unchecked_ref());
        }
    }
}
