//! A version that never becomes healthy.

use windlass_api_types::DeploymentStatus;

use super::report;
use crate::cli::render::text::clean;
use crate::demo::error::DemoError;
use crate::demo::hello::BROKEN;
use crate::demo::load::Load;
use crate::demo::screen::Screen;
use crate::demo::world::World;

/// The verdict and what the app said first; its page has all of it.
const QUOTED_LINES: usize = 3;

impl World {
    pub(super) async fn deploy_broken(&self, screen: &Screen) -> Result<(), DemoError> {
        screen.heading("Deploying a broken version of hello, while visitors keep asking");
        let load = Load::start(self.front_door());
        let deployment = self.deploy(BROKEN, screen, Some(&load)).await?;
        report(&load.stop().await, screen);
        let summary = &deployment.summary;
        if summary.status == DeploymentStatus::Failed {
            let stage = summary.failed_stage.as_deref().unwrap_or("no stage");
            screen.done("refused", &format!("{} failed in stage `{stage}`, as it should:", summary.label));
            let message = summary.failure.as_ref().map(|failure| failure.message.as_str()).unwrap_or_default();
            for line in message.lines().take(QUOTED_LINES) {
                screen.line(&format!("    {}", clean(line)));
            }
            for sentence in &deployment.state.standing {
                screen.line(&format!("    {}", clean(sentence)));
            }
        } else {
            screen.failed(&format!("{} is {}, and should have failed", summary.label, summary.status));
        }
        match self.app_version().await {
            Ok(version) => screen.done("the app", &format!("version {version} serves on")),
            Err(error) => screen.failed(&format!("the app does not answer: {error}")),
        }
        screen.entry("its page", &self.page(summary), "says why");
        Ok(())
    }
}
