//! Things to try, by one key each: what Windlass is there for is best seen when something happens.

mod broken;
mod changed;
mod killed;

use windlass_api_types::deployment::Deployment;

use super::error::DemoError;
use super::keyboard::Keyboard;
use super::load::Counts;
use super::screen::Screen;
use super::world::World;

impl World {
    /// Offers the trials until somebody has had enough.
    pub(super) async fn offer(&mut self, keys: &mut Keyboard, screen: &Screen) -> Result<(), DemoError> {
        let mut held: Option<Deployment> = None;
        loop {
            menu(held.as_ref(), screen);
            keys.forget_early();
            match (keys.next().await, held.take()) {
                ('q', _) => return Ok(()),
                ('s', before) => {
                    screen.line("");
                    self.show_addresses(screen).await?;
                    held = before;
                }
                ('c', Some(interrupted)) => self.cancel_interrupted(&interrupted, screen).await?,
                ('1', None) => self.deploy_changed(screen).await?,
                ('2', None) => self.deploy_broken(screen).await?,
                ('3', None) => held = self.kill_in_the_middle(screen).await?,
                (_, before) => held = before,
            }
        }
    }
}

fn menu(held: Option<&Deployment>, screen: &Screen) {
    match held {
        None => {
            screen.heading("Try");
            screen.line("  1  deploy a changed version, while visitors keep asking");
            screen.line("  2  deploy a broken version: the old one serves on");
            screen.line("  3  kill the server in the middle of a deployment");
        }
        Some(interrupted) => {
            screen.heading(&format!("{} holds the environment until somebody settles it", interrupted.summary.label));
            screen.line("  c  cancel it, so that the next deployment can start");
        }
    }
    screen.line("  s  a new sign-in link");
    screen.line("  q  quit, like Ctrl-C: ends all that the demo started");
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
