//! A changed version, deployed while visitors keep asking.

use super::report;
use crate::demo::error::DemoError;
use crate::demo::hello::other;
use crate::demo::load::Load;
use crate::demo::screen::Screen;
use crate::demo::world::World;

impl World {
    pub(super) async fn deploy_changed(&self, screen: &Screen) -> Result<(), DemoError> {
        let version = other(&self.app_version().await.unwrap_or_default());
        screen.heading(&format!("Deploying hello {version}, while visitors keep asking"));
        let load = Load::start(self.front_door());
        let deployment = self.deploy(version, screen, Some(&load)).await?;
        report(&load.stop().await, screen);
        match self.succeeded(&deployment, screen) {
            Ok(()) => self.expect_version(version).await?,
            // The demo goes on: the page of the deployment is the place to see why.
            Err(error) => screen.error(&error),
        }
        screen.entry("its page", &self.page(&deployment.summary), "");
        Ok(())
    }
}
