//! How wide the log is, in cells of its font.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Element, ResizeObserver};

/// Cells of the probe.
const CELLS: usize = 100;

/// Never wrap narrower than this: a column of letters cannot be read.
const FEWEST: f64 = 16.0;

/// An invisible line, to measure the column that text has.
#[component]
pub(crate) fn Probe() -> impl IntoView {
    view! {
        <div class="ln probe" aria-hidden="true">
            <span class="no"></span>
            <span class="ts"></span>
            <span class="who"></span>
            <span class="lv"></span>
            <span class="tx"><span class="cells">{"x".repeat(CELLS)}</span></span>
        </div>
    }
}

/// How many cells a row of a log has.
pub(crate) fn columns(log: &Element) -> u32 {
    let width = |selector: &str| {
        let element = log.query_selector(selector).ok().flatten();
        element.map_or(0.0, |element| element.get_bounding_client_rect().width())
    };
    let cell = width(".probe .cells") / CELLS as f64;
    if cell <= 0.0 {
        return 0;
    }
    (width(".probe .tx") / cell).floor().max(FEWEST) as u32
}

/// Tells when an element changes its size.
pub(crate) struct Observer {
    observer: ResizeObserver,
    _callback: Closure<dyn FnMut()>,
}

impl Drop for Observer {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// Calls back whenever an element has another size, until the answer is dropped.
pub(crate) fn on_resize(element: &Element, changed: impl Fn(&Element) + 'static) -> Option<Observer> {
    let observed = element.clone();
    let callback = Closure::<dyn FnMut()>::new(move || changed(&observed));
    let observer = ResizeObserver::new(callback.as_ref().unchecked_ref()).ok()?;
    observer.observe(element);
    Some(Observer { observer, _callback: callback })
}
