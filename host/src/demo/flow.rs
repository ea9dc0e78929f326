//! The demo from its start to its end, as its user sees it.

use windlass_api_types::DeploymentStatus;
use windlass_api_types::deployment::DeploymentSummary;

use super::error::DemoError;
use super::hello::{FIRST, other};
use super::keyboard::Keyboard;
use super::place::Place;
use super::screen::Screen;
use super::world::{self, ENVIRONMENT, World};
use crate::cli::DemoOptions;
use crate::cli::Signals;
use crate::client::DeploymentFilter;

/// The demo's data directory, in the user's.
const DIRECTORY: &str = "windlass-demo";

pub(super) async fn run(options: DemoOptions) -> Result<(), DemoError> {
    let root = options.data_dir.clone().or_else(|| Some(dirs::data_dir()?.join(DIRECTORY)));
    let place = Place::make(root.ok_or(DemoError::NoHome)?)?;
    let _lock = place.lock()?;
    let mut signals = Signals::listen().map_err(DemoError::file("wait for signals in", place.data_dir()))?;
    let screen = Screen::new();
    let shown = tokio::select! {
        shown = show(place.clone(), &options, &screen) => shown,
        () = signals.next() => if options.check { Err(DemoError::Stopped) } else { Ok(()) },
    };
    tokio::select! {
        () = world::end(&place, &screen) => {}
        // Who presses Ctrl-C twice does not want to wait.
        () = signals.next() => world::kill(&place),
    }
    shown
}

async fn show(place: Place, options: &DemoOptions, screen: &Screen) -> Result<(), DemoError> {
    screen.heading("Windlass demo");
    let mut world = World::start(place, options, screen).await?;
    world.settle(screen).await?;
    let version = world.bring_up(options.check, screen).await?;
    screen.heading(&format!("hello {version} is live"));
    world.show_addresses(screen).await?;
    if options.check {
        return Ok(());
    }
    world.offer(&mut Keyboard::open(), screen).await
}

impl World {
    /// The deployments that a restart found cut off: they hold the environment.
    pub(super) async fn interrupted(&self) -> Result<Vec<DeploymentSummary>, DemoError> {
        let filter = DeploymentFilter {
            project: Some(&self.hello.project),
            status: Some(DeploymentStatus::Interrupted),
            ..DeploymentFilter::default()
        };
        Ok(self.client.deployments(&filter).await?.deployments)
    }

    /// Cancels what an earlier demo left interrupted.
    async fn settle(&self, screen: &Screen) -> Result<(), DemoError> {
        for deployment in self.interrupted().await? {
            self.client.cancel(&deployment.id.to_string()).await?;
            screen.note(&format!("{} was interrupted when the last demo ended; it is canceled now", deployment.label));
        }
        Ok(())
    }

    /// Sees to it that a version of the app is live and answers; deploys one where there is none, or where
    /// one is to be deployed in `any_case`.
    async fn bring_up(&self, any_case: bool, screen: &Screen) -> Result<String, DemoError> {
        let live = if self.is_live().await? { self.start_app().await } else { None };
        let version = match live {
            Some(version) if !any_case => {
                screen.done("app", "runs again as it was deployed");
                return Ok(version);
            }
            Some(version) => other(&version),
            None => FIRST,
        };
        screen.heading(&format!("Deploying hello {version}"));
        let deployment = self.deploy(version, screen, None).await?;
        self.succeeded(&deployment, screen)?;
        self.expect_version(version).await?;
        Ok(version.to_owned())
    }

    async fn is_live(&self) -> Result<bool, DemoError> {
        let projects = self.client.projects().await?;
        let project = projects.iter().find(|project| project.name == self.hello.project);
        let environments = project.into_iter().flat_map(|project| &project.environments);
        Ok(environments
            .filter(|environment| environment.name == ENVIRONMENT)
            .any(|environment| !environment.live.is_empty()))
    }

    /// Sees the version answer at the front door.
    pub(super) async fn expect_version(&self, version: &str) -> Result<(), DemoError> {
        let wrong = |found| Err(DemoError::Answer { url: self.app_url(), found, logs: self.app.logs() });
        match self.app_version().await {
            Ok(found) if found == version => Ok(()),
            Ok(found) => wrong(format!("version {found} answers, not {version}")),
            Err(error) => wrong(error),
        }
    }

    /// Prints where to look: the web UI with a new sign-in link, and the app.
    pub(super) async fn show_addresses(&self, screen: &Screen) -> Result<(), DemoError> {
        let link = self.client.create_sign_in_link().await?;
        screen.entry("Windlass", &link.url, "signs you in, once");
        screen.entry("the app", &self.app_url(), "through the front door");
        Ok(())
    }
}
