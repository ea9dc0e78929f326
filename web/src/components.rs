//! What pages are made of.

mod badge;
mod copy;
mod dialog;
mod help;
mod icon;
mod loaded;
mod shell;
mod state_view;
mod time;

pub(crate) use badge::{StageIcon, StatusBadge, stage_tone, tone};
pub(crate) use copy::{Command, CopyButton};
pub(crate) use dialog::Dialog;
pub(crate) use help::Help;
pub(crate) use icon::{Glyph, Icon};
pub(crate) use loaded::{Skeleton, loaded};
pub(crate) use shell::{Logo, Shell};
pub(crate) use state_view::{Empty, Failed};
pub(crate) use time::{Ago, set_title};
