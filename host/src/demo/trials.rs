//! Things to try, by one key each: what Windlass is there for is best seen when something happens.

mod broken;
mod changed;
mod killed;

use windlass_api_types::deployment::DeploymentSummary;

use super::error::DemoError;
use super::keyboard::Keyboard;
use super::load::Counts;
use super::screen::Screen;
use super::world::World;

impl World {
    /// Offers the trials until somebody has had enough.
    pub(super) async fn offer(&mut self, keys: &mut Keyboard, screen: &Screen) -> Result<(), DemoError> {
        screen.heading("Try, by one key each");
        screen.line("  1  deploy a changed version, while visitors keep asking");
        screen.line("  2  deploy a broken version: the old one serves on");
        screen.line("  3  kill the server in the middle of a deployment, and start it again");
        loop {
            let interrupted = self.interrupted().await?.into_iter().next();
            remind(interrupted.as_ref(), screen);
            keys.forget_early();
            let key = keys.next().await;
            if key == 'q' {
                return Ok(());
            }
            if !"123sc".contains(key) {
                continue;
            }
            // What fails here is worth a look, and no reason to end the demo.
            if let Err(error) = self.run_trial(key, interrupted.as_ref(), screen).await {
                screen.error(&error);
                self.revive_server(screen).await?;
            }
        }
    }

    async fn run_trial(
        &mut self,
        key: char,
        interrupted: Option<&DeploymentSummary>,
        screen: &Screen,
    ) -> Result<(), DemoError> {
        match (key, interrupted) {
            ('s', _) => {
                screen.line("");
                self.show_addresses(screen).await
            }
            ('c', Some(deployment)) => self.cancel_interrupted(deployment, screen).await,
            ('1', None) => self.deploy_changed(screen).await,
            ('2', None) => self.deploy_broken(screen).await,
            ('3', None) => self.kill_in_the_middle(screen).await,
            _ => Ok(()),
        }
    }
}

/// What can be done now, in a line.
fn remind(interrupted: Option<&DeploymentSummary>, screen: &Screen) {
    match interrupted {
        None => screen
            .hint("1 changed version · 2 broken version · 3 kill the server · s new sign-in link · q quit, ends all"),
        Some(deployment) => {
            let label = &deployment.label;
            screen.line(&format!("\n  {label} holds the environment until somebody settles it."));
            screen.hint(&format!(
                "c cancel {label}, so that the next deployment can start · s new sign-in link · q quit"
            ));
        }
    }
}

/// Says how it went for the visitors.
fn report(counts: &Counts, screen: &Screen) {
    if counts.failed == 0 {
        screen.done("visitors", &counts.to_string());
    } else {
        screen.failed(&format!("visitors    {counts}"));
        screen.line(&format!("    the first failure: {}", counts.first_failure.as_deref().unwrap_or_default()));
    }
}
