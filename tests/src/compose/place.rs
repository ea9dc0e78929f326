//! Machines that run a service of Docker Compose.

use crate::harness::{Fleet, Machine, Output, Program, REGISTRY, Site};

/// The directory of the template's default.
pub(super) const DIRECTORY: &str = "/opt/docker/compose";
/// A machine that has this file runs no healthy version 2.
pub(super) const BROKEN: &str = "/opt/broken/here";

/// What the service's versions run: they say who they are, to whoever asks and in their log.
const PROGRAM: &str = "mkdir /w; echo vTAG >/w/version; echo started vTAG; echo $LOG_LEVEL >/w/level; \
    if [ TAG = 2 ] && [ -e /broken/here ]; then echo KeyError: DATABASE_URL; else echo ok >/w/health; fi; \
    exec httpd -f -p 8000 -h /w";

pub(super) const COMPOSE: &str = r#"
services:
  api:
    image: registry.test:5000/api:${TAG}
    ports: ["8080:8000"]
    env_file: api/.env.production
    volumes: ["/opt/broken:/broken:ro"]
    stop_grace_period: 1s
"#;

/// A fleet of one service.
pub(super) struct Place<'s> {
    pub(super) site: &'s Site,
    pub(super) fleet: Fleet,
}

/// What the project says.
pub(super) struct Options {
    pub(super) revert: &'static str,
    pub(super) targets: &'static [&'static str],
    pub(super) attempts: u32,
    /// More lines of `[options]`.
    pub(super) more: &'static str,
}

impl Default for Options {
    fn default() -> Self {
        Self { revert: "batch", targets: &["web-1", "web-2", "web-3"], attempts: 12, more: "" }
    }
}

impl<'s> Place<'s> {
    /// Starts machines, whose registry has the versions 1 and 2 of the service. `None`, and that was said: it cannot
    /// be had here.
    pub(super) async fn start(site: &'s Site, names: &[&str]) -> Option<Self> {
        if let Err(missing) = Program::Compose.find() {
            site.skip(&missing);
            return None;
        }
        let fleet = site.fleet(names).await?;
        let place = Self { site, fleet };
        for version in ["1", "2"] {
            place.publish(version, version);
        }
        std::fs::write(site.project_dir().join("docker-compose.api.yml"), COMPOSE).expect("the directory is ours");
        Some(place)
    }

    /// Gives the registry a version of the service under a tag.
    pub(super) fn publish(&self, tag: &str, version: &str) {
        self.fleet.machines()[0].publish(&format!("{REGISTRY}/api:{tag}"), &PROGRAM.replace("TAG", version));
    }

    pub(super) fn configure(&self, options: &Options) {
        let Options { revert, targets, attempts, more } = options;
        self.site.write_config(&format!(
            "project = \"shop\"\ntemplate = \"compose@1\"\n[options]\nservice = \"api\"\nrevert = \"{revert}\"\n\
             health = {{ interval_seconds = 1, attempts = {attempts} }}\n{more}\n\
             [environments.production]\ntargets = {{ app = {targets:?} }}\n"
        ));
    }

    /// With the compose file of the project's directory.
    pub(super) async fn deploy(&self) -> Output {
        self.site.windlass("deploy ./docker-compose.api.yml --to production").await
    }

    /// With this one.
    pub(super) async fn deploy_compose(&self, compose: &str) -> Output {
        let file = self.site.project_dir().join("docker-compose.api.yml");
        std::fs::write(file, compose).expect("the directory is ours");
        self.deploy().await
    }

    pub(super) fn machine(&self, name: &str) -> &Machine {
        self.fleet.machines().iter().find(|machine| machine.name == name).expect("it was started")
    }

    /// Which version answers on each machine; nothing where none does.
    pub(super) fn serving(&self) -> Vec<String> {
        let ask = |machine: &Machine| {
            let said = self.fleet.curl(&[&format!("http://{}:8080/version", machine.address)]);
            said.lines().next().filter(|_| said.ends_with("200")).unwrap_or_default().to_owned()
        };
        self.fleet.machines().iter().map(ask).collect()
    }

    /// The names of the files of the service on a machine, sorted.
    pub(super) fn files(&self, machine: &str) -> Vec<String> {
        let listed = self.machine(machine).run(&format!("cd {DIRECTORY} && ls -A . api | grep -v : | sort"));
        let names = listed.lines().filter(|name| !["", "api", "releases"].contains(name));
        names.map(str::to_owned).collect()
    }
}
