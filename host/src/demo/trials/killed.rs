//! The server killed in the middle of a deployment, and what its restart makes of it.

use windlass_api_types::deployment::{Deployment, DeploymentSummary};
use windlass_api_types::{DeploymentState, DeploymentStatus, Event, EventBody};

use super::report;
use crate::demo::error::DemoError;
use crate::demo::hello::other;
use crate::demo::load::Load;
use crate::demo::screen::Screen;
use crate::demo::world::World;

/// The stage in which the new instance is started: the most to lose, and to find again.
const STAGE: &str = "start";

impl World {
    pub(super) async fn kill_in_the_middle(&mut self, screen: &Screen) -> Result<(), DemoError> {
        let version = other(&self.app_version().await.unwrap_or_default());
        screen.heading(&format!("Deploying hello {version}, and killing the server meanwhile"));
        let load = Load::start(self.front_door());
        let deployment = self.create(version).await?;
        let id = deployment.summary.id.to_string();
        if let Some(ended) = self.follow(&deployment, screen, Some(&load), starts_the_app).await? {
            screen.failed(&format!("{} ended before the server could be killed", ended.summary.label));
            report(&load.stop().await, screen);
            return Ok(());
        }
        self.kill_server().await;
        screen.failed(&format!("server      killed with SIGKILL while `{STAGE}` was running"));
        match self.app_version().await {
            Ok(version) => screen.done("the app", &format!("version {version} serves on without the server")),
            Err(error) => screen.failed(&format!("the app does not answer: {error}")),
        }
        let took = self.restart_server(screen).await?;
        screen.done("server", &format!("up again after {took}"));
        let found = self.client.deployment(&id).await?;
        tell(&found, screen);
        report(&load.stop().await, screen);
        screen.entry("its page", &self.page(&found.summary), "");
        Ok(())
    }

    pub(super) async fn cancel_interrupted(
        &self,
        interrupted: &DeploymentSummary,
        screen: &Screen,
    ) -> Result<(), DemoError> {
        let canceled = self.client.cancel(&interrupted.id.to_string()).await?;
        let summary = canceled.summary;
        screen.line("");
        screen.done(&summary.label, &format!("is {}, and the environment free", summary.status));
        screen.line("    What it had started gets no requests; the next deployment removes it.");
        Ok(())
    }
}

/// The effect that starts the app is under way.
fn starts_the_app(event: &Event, state: &DeploymentState) -> bool {
    matches!(event.body, EventBody::EffectStarted { .. })
        && state.runs.iter().any(|run| Some(run.id) == event.stage_run && run.stage == STAGE)
}

/// What the restarted server says of the deployment.
fn tell(found: &Deployment, screen: &Screen) {
    let summary = &found.summary;
    if summary.status != DeploymentStatus::Interrupted {
        screen.done(&summary.label, &format!("is {} after the restart", summary.status));
        return;
    }
    screen.note(&format!("{:<11} interrupted: the record ends in the middle", summary.label));
    for run in found.state.open_runs() {
        let known = match &run.open_effect {
            Some(effect) => format!("what became of {} (effect {}) is not known", effect.function, effect.position),
            None => "it was between two effects".into(),
        };
        screen.line(&format!("    stage `{}`: {known}", run.stage));
    }
}
