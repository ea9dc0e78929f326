//! Progress as a log: a line an event, for pipes and files.

use super::super::CliError;
use super::super::output::Output;
use super::super::render::event::line;
use super::super::render::style::{DIM, WARNING, paint};
use super::super::render::time;
use jiff::tz::TimeZone;
use windlass_api_types::{DeploymentState, Event};

pub(super) struct Plain {
    output: Output,
    zone: TimeZone,
}

impl Plain {
    pub(super) fn new(output: Output, zone: TimeZone) -> Self {
        Self { output, zone }
    }

    pub(super) fn event(&self, event: &Event, state: &DeploymentState) -> Result<(), CliError> {
        match line(event, state) {
            Some(line) => self.output.text(&format!("{}  {line}\n", paint(DIM, &time::clock(event.at, &self.zone)))),
            None => Ok(()),
        }
    }

    pub(super) fn note(&self, text: &str) -> Result<(), CliError> {
        self.output.text(&format!("{}\n", paint(WARNING, text)))
    }
}
