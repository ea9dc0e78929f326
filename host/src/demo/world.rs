//! Everything that the demo consists of, running: target, front door, server, and the app between them.

use std::time::{Duration, Instant};

use windlass_api_types::deployment::DeploymentSummary;
use windlass_api_types::target::{Identity, PutTarget};

use super::apps::AppDirectory;
use super::error::DemoError;
use super::hello::Hello;
use super::place::Place;
use super::processes::{Address, FRONT_DOOR, Process, Running, SERVER, TARGET};
use super::screen::Screen;
use super::{key, load, processes};
use crate::cli::DemoOptions;
use crate::cli::render::time;
use crate::client::Client;

/// The target's name, as the example's `windlass.toml` has it.
pub(super) const TARGET_NAME: &str = "demo";
/// The environment's name there.
pub(super) const ENVIRONMENT: &str = "demo";

/// Where the web UI is, if that port is free: beside the usual port of a server, which may run here too.
const UI_PORT: u16 = 4690;
/// Where the app is, if that port is free.
const APP_PORT: u16 = 4691;
/// The first start compiles the plugins, in a debug build slowly.
const SERVER_PATIENCE: Duration = Duration::from_secs(120);
/// An app that was started again answers in a moment, or not at all.
const APP_PATIENCE: Duration = Duration::from_secs(5);
/// How often the app is asked meanwhile.
const ASK_AGAIN: Duration = Duration::from_millis(50);

pub(super) struct World {
    place: Place,
    pub(super) hello: Hello,
    pub(super) client: Client,
    pub(super) app: AppDirectory,
    front_door: Running,
    server: Process,
    /// Replaced when the server is started again.
    running_server: Running,
}

impl World {
    /// Starts what does not run yet, and makes the target known to the server.
    pub(super) async fn start(place: Place, options: &DemoOptions, screen: &Screen) -> Result<Self, DemoError> {
        let hello = Hello::load()?;
        let app = AppDirectory::new(place.home(), &hello.directory);
        let (target, front_door) = (target(&place)?, front_door(&app));
        let mut server = server(&place, options);
        screen.status("  starting the target, the front door and the server");

        let target = target.start(&place).await?;
        let front_door = front_door.start(&place).await?;
        let started = Instant::now();
        let running_server = server.start(&place).await?;
        // Open pages find it again when it is started again.
        server.address = Address::Fixed(running_server.address);
        target.accepts(&place).await?;
        screen.done(TARGET, &format!("{}, an SSH server that works in {}", target.address, place.home().display()));
        front_door.accepts(&place).await?;
        screen.done(FRONT_DOOR, &format!("http://{}, sends requests where the upstream file says", front_door.address));
        let client = Client::local(&place.socket())?;
        let world = Self { place, hello, client, app, front_door, server, running_server };
        world.server_answers(screen).await?;
        let how = match world.running_server.was_found {
            true => "still runs".into(),
            false => format!("up after {}", took(started)),
        };
        screen.done(SERVER, &format!("{}, SQLite, {how}", world.ui_url()));
        world.register(&target).await?;
        Ok(world)
    }

    /// Where the web UI is.
    pub(super) fn ui_url(&self) -> String {
        format!("http://{}", self.running_server.address)
    }

    /// Where the app is.
    pub(super) fn app_url(&self) -> String {
        format!("http://{}/", self.front_door.address)
    }

    pub(super) fn front_door(&self) -> std::net::SocketAddr {
        self.front_door.address
    }

    /// A deployment's page in the web UI.
    pub(super) fn page(&self, deployment: &DeploymentSummary) -> String {
        format!("{}/deployments/{}/{}", self.ui_url(), deployment.project, deployment.number)
    }

    /// The version that visitors see, or why they see none.
    pub(super) async fn app_version(&self) -> Result<String, String> {
        load::version(self.front_door.address).await
    }

    /// Makes sure that the live app runs, as it would after the target was switched on. Answers its version.
    pub(super) async fn start_app(&self) -> Option<String> {
        if !self.app.start_again() {
            return None;
        }
        let answers = async {
            loop {
                if let Ok(version) = self.app_version().await {
                    return version;
                }
                tokio::time::sleep(ASK_AGAIN).await;
            }
        };
        tokio::time::timeout(APP_PATIENCE, answers).await.ok()
    }

    /// Kills the server as a power failure would.
    pub(super) async fn kill_server(&self) {
        self.running_server.kill().await;
    }

    /// Starts the server again where it has ended of itself.
    pub(super) async fn revive_server(&mut self, screen: &Screen) -> Result<(), DemoError> {
        if !self.running_server.lives() {
            let took = self.restart_server(screen).await?;
            screen.note(&format!("the server had ended; it is up again after {took}"));
        }
        Ok(())
    }

    /// Starts the server again. Answers how long it took to its first answer.
    pub(super) async fn restart_server(&mut self, screen: &Screen) -> Result<String, DemoError> {
        let started = Instant::now();
        self.running_server = self.server.start(&self.place).await?;
        self.server_answers(screen).await?;
        Ok(took(started))
    }

    async fn server_answers(&self, screen: &Screen) -> Result<(), DemoError> {
        screen.status("  waiting for the server (its first start compiles the plugins)");
        self.running_server.ready(&self.place, SERVER_PATIENCE, || self.client.is_served()).await
    }

    /// Makes the target known, with the host key that it is sure to have.
    async fn register(&self, target: &Running) -> Result<(), DemoError> {
        let request = PutTarget {
            host: target.address.ip().to_string(),
            port: target.address.port(),
            user: std::env::var("USER").ok().filter(|user| !user.is_empty()).unwrap_or_else(|| "demo".into()),
            host_key: key::public_line(&self.place.host_key())?,
            identity: Identity::File(self.place.client_key().display().to_string()),
            jump: None,
            replace_host_key: true,
        };
        self.client.put_target(TARGET_NAME, &request).await?;
        match self.client.check_target(TARGET_NAME).await?.failure {
            None => Ok(()),
            Some(failure) => Err(DemoError::TargetCheck(failure)),
        }
    }
}

/// Ends everything of the demo that runs, whoever started it: the server first, so that nothing is
/// deployed any more.
pub(super) async fn end(place: &Place, screen: &Screen) {
    screen.status("  ending; the server finishes what it deploys, a second Ctrl-C does not wait for it");
    processes::end(SERVER, place).await;
    if let Ok(hello) = Hello::load() {
        AppDirectory::new(place.home(), &hello.directory).end_all().await;
    }
    processes::end(FRONT_DOOR, place).await;
    processes::end(TARGET, place).await;
    screen.line(&format!("\nAll has ended. The data stays in {}.", place.data_dir().display()));
}

/// Kills everything of the demo that runs.
pub(super) fn kill(place: &Place) {
    for process in [SERVER, FRONT_DOOR, TARGET] {
        processes::kill(process, place);
    }
    if let Ok(hello) = Hello::load() {
        AppDirectory::new(place.home(), &hello.directory).kill_all();
    }
}

fn target(place: &Place) -> Result<Process, DemoError> {
    let authorized = key::public_line(&place.client_key())?;
    let (host_key, home) = (place.host_key().display().to_string(), place.home().display().to_string());
    let arguments = ["demo-target", "--host-key", &host_key, "--authorized-key", &authorized, "--home", &home];
    Ok(Process { name: TARGET, arguments: arguments.map(String::from).into(), address: Address::Preferred(0) })
}

fn front_door(app: &AppDirectory) -> Process {
    let file = app.upstream_file().display().to_string();
    let arguments = ["demo-front-door", "--upstream-file", &file].map(String::from).into();
    Process { name: FRONT_DOOR, arguments, address: Address::Preferred(APP_PORT) }
}

fn server(place: &Place, options: &DemoOptions) -> Process {
    let data_dir = place.data_dir().display().to_string();
    let arguments = ["--data-dir", &data_dir, "serve"].map(String::from).into();
    let address = options.listen.map_or(Address::Preferred(UI_PORT), Address::Fixed);
    Process { name: SERVER, arguments, address }
}

fn took(since: Instant) -> String {
    time::took(since.elapsed().as_millis().try_into().unwrap_or(i64::MAX))
}
