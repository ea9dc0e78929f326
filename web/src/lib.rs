//! The web UI of Windlass.
//!
//! [`model`] is what the pages show, computed without a browser and tested natively; everything else
//! draws it and exists on the wasm target only. Data flows one way: `api` and `live` fetch and follow,
//! `model` folds, `pages` and `components` draw.

#![cfg_attr(
    target_arch = "wasm32",
    allow(unreachable_pub, reason = "the component macro of Leptos makes public items in private modules")
)]

pub mod model;

#[cfg(target_arch = "wasm32")]
mod api;
#[cfg(target_arch = "wasm32")]
mod app;
#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(target_arch = "wasm32")]
mod components;
#[cfg(target_arch = "wasm32")]
mod keyboard;
#[cfg(target_arch = "wasm32")]
mod live;
#[cfg(target_arch = "wasm32")]
mod pages;
#[cfg(target_arch = "wasm32")]
mod theme;

#[cfg(target_arch = "wasm32")]
pub use app::start;
