//! The kill sweep: the server dies at every place where it may, and at random, also while it recovers. However often,
//! every deployment comes to its end, what it did was done once, and its log is whole.

mod receiver;

use crate::harness::{Api, Server, Site, Stream, Version, on_each_database};
use receiver::Receiver;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use windlass::crash::PLACES;
use windlass_api_types::deployment::{Deployment, DeploymentPage};
use windlass_api_types::{DeploymentStatus, Event, EventBody, StageStatus};

on_each_database![a_first_part, a_second_part, a_third_part, a_fourth_part];

/// Parts run side by side, each with every fourth round.
const PARTS: usize = 4;

/// Which time of coming to a place is the last.
const TIMES: [u32; 4] = [1, 2, 5, 9];
/// Kills at any moment, beside those at places.
const RANDOM: u64 = 40;
/// How long a deployment may take to come to its end after the last kill. It takes a second or two.
const PATIENCE: Duration = Duration::from_secs(90);

/// How a server is to die.
#[derive(Clone, Debug)]
enum Death {
    At(String),
    After(Duration),
}

/// One round: a deployment whose server dies, and perhaps the next one too while it recovers.
struct Round {
    first: Death,
    second: Option<Death>,
    /// The last stage fails, so that the deployment is undone.
    fails: bool,
}

/// What is the same in all rounds.
struct Sweep<'a> {
    site: &'a Site,
    api: Api,
    receiver: Receiver,
    request: serde_json::Value,
    took: Vec<Duration>,
    interrupted: usize,
    killed: usize,
}

async fn a_first_part(site: &Site) {
    every_deployment_ends_and_nothing_is_done_twice(site, 0).await;
}

async fn a_second_part(site: &Site) {
    every_deployment_ends_and_nothing_is_done_twice(site, 1).await;
}

async fn a_third_part(site: &Site) {
    every_deployment_ends_and_nothing_is_done_twice(site, 2).await;
}

async fn a_fourth_part(site: &Site) {
    every_deployment_ends_and_nothing_is_done_twice(site, 3).await;
}

async fn every_deployment_ends_and_nothing_is_done_twice(site: &Site, part: usize) {
    let mut sweep = Sweep::open(site).await;
    for (number, round) in (2..).zip(rounds(more()).into_iter().skip(part).step_by(PARTS)) {
        sweep.round(number, round).await;
    }
    sweep.report();
}

/// Rounds beyond those of every run of the tests.
fn more() -> u64 {
    std::env::var("WINDLASS_TORTURE_KILLS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(0)
}

fn rounds(more: u64) -> Vec<Round> {
    let places = PLACES.iter().flat_map(|place| TIMES.map(|times| Death::At(format!("{place}:{times}"))));
    let random = (0..RANDOM + more).map(|n| Death::After(Duration::from_millis(40 + n * 37 % 1_400)));
    let deaths: Vec<Death> = places.chain(random).collect();
    let round = |(index, first): (usize, &Death)| {
        // Any other death, while the next server recovers.
        let second = (index % 3 != 0).then(|| deaths[(index * 31 + 7) % deaths.len()].clone());
        Round { first: first.clone(), second, fails: index % 4 == 1 }
    };
    deaths.iter().enumerate().map(round).collect()
}

fn config(port: u16) -> String {
    format!(
        r#"
        project = "sweep"
        [environments.production]
        targets = {{ app = ["web-1"] }}
        [[stage]]
        id = "upload"
        targets = "app"
        uses = "release-upload@1"
        with = {{ directory = "sweep" }}
        [[stage]]
        id = "say"
        targets = "app"
        run = "for i in 1 2 3; do echo line $i; sleep 0.02; done; echo say-${{deployment.number}} >> counts"
        [[stage]]
        id = "tell"
        uses = "notify@1"
        with = {{ url = "http://127.0.0.1:{port}/", text = "x" }}
        [[stage]]
        id = "add"
        targets = "app"
        run = "echo add-${{deployment.number}} >> counts"
        [[stage]]
        id = "last"
        targets = "app"
        run = "test ! -e fails"
        "#
    )
}

impl<'a> Sweep<'a> {
    /// A first deployment, which nobody disturbs.
    async fn open(site: &'a Site) -> Self {
        site.add_target().await.succeeds();
        let receiver = Receiver::start().await;
        let config = config(receiver.port);
        site.write_config(&config);
        site.windlass("config push").await.succeeds();
        let grant = format!("grant add sweep/production http 127.0.0.1:{} --plugin notify", receiver.port);
        site.windlass(&grant).await.succeeds();
        let deployment: Deployment = site.deploy_with(Version::V1, "--json").await.succeeds().json();
        let server = site.serve().await;
        let api = site.api(&server).await;
        let releases: serde_json::Value = api.get("/projects/sweep/releases").await.ok().json();
        let digest = releases[0]["artifacts"][0]["digest"].as_str().expect("the release carries an artifact");
        assert_eq!(deployment.summary.status, DeploymentStatus::Succeeded);
        let request = json!({ "config": config, "environment": "production", "artifacts": { "app": digest } });
        server.stop().await;
        Self { site, api, receiver, request, took: Vec::new(), interrupted: 0, killed: 0 }
    }

    async fn round(&mut self, number: u64, round: Round) {
        println!("round {number}: {:?}, then {:?}", round.first, round.second);
        let label = format!("sweep#{number}");
        let marker = self.site.target().home().join("fails");
        match round.fails {
            true => std::fs::write(&marker, "").expect("the target's home can be written"),
            false => drop(std::fs::remove_file(&marker)),
        }
        let server = self.start(&round.first).await.expect("a server dies when it deploys, not before");
        let api = self.api.of(&server);
        let created = api.try_post("/deployments", &self.request).await.is_some();
        let seen = self.until_death(server, &round.first, created.then_some(label.as_str())).await;
        if let Some(second) = &round.second
            && let Some(server) = self.start(second).await
        {
            self.until_death(server, second, None).await;
        }
        let started = Instant::now();
        let server = self.site.serve().await;
        let api = self.api.of(&server);
        if !created {
            // Whether it was created nobody has said; then it is there, or it never was.
            let page: DeploymentPage = api.get("/deployments?limit=1").await.ok().json();
            if page.deployments[0].number != number {
                api.post("/deployments", &self.request).await.ok();
            }
        }
        let ended = self.ended(&api, &label, number).await;
        let events = api.events(&label).await;
        let went_on = events.iter().rev().find(|event| matches!(event.body, EventBody::DeploymentResumed { .. }));
        if went_on.is_some() {
            self.took.push(started.elapsed());
        }
        self.check(&round, &ended, &events, &seen);
        server.stop().await;
    }

    /// Starts a server that will die. None: it did before it served.
    async fn start(&self, death: &Death) -> Option<Server> {
        match death {
            Death::At(place) => self.site.serve_until(place).await,
            Death::After(_) => Some(self.site.serve().await),
        }
    }

    /// Waits until a server is dead, or until the deployment has ended without it; answers the events of the
    /// deployment that it had shown.
    async fn until_death(&mut self, mut server: Server, death: &Death, label: Option<&str>) -> Vec<Event> {
        let api = self.api.of(&server);
        let viewer = label.map(|label| tokio::spawn(watch(api.clone(), label.to_owned())));
        let died = match death {
            Death::At(_) => server.dies_within(Duration::from_millis(2_500)).await,
            Death::After(delay) => {
                tokio::time::sleep(*delay).await;
                false
            }
        };
        self.killed += usize::from(died || matches!(death, Death::After(_)));
        server.kill().await;
        match viewer {
            Some(viewer) => viewer.await.expect("a viewer does not panic"),
            None => Vec::new(),
        }
    }

    /// Waits for the end; what is interrupted is resolved by what really happened.
    async fn ended(&mut self, api: &Api, label: &str, number: u64) -> Deployment {
        let until = Instant::now() + PATIENCE;
        loop {
            let deployment = api.deployment(label).await;
            match deployment.summary.status {
                status if status.is_terminal() => return deployment,
                DeploymentStatus::Interrupted => self.resolve(api, label, &deployment, number).await,
                _ => tokio::time::sleep(Duration::from_millis(50)).await,
            }
            assert!(Instant::now() < until, "{label} does not end: {:#?}", deployment.state);
        }
    }

    async fn resolve(&mut self, api: &Api, label: &str, deployment: &Deployment, number: u64) {
        let interrupted = |run: &&windlass_api_types::StageRunState| run.status == StageStatus::Interrupted;
        let Some(run) = deployment.state.open_runs().find(interrupted) else { return };
        let open = run.open_effect.as_ref().expect("a run is interrupted at an effect");
        assert_eq!(
            (run.stage.as_str(), open.function.as_str()),
            ("tell", "http.send"),
            "only what is done once may be: {run:#?}"
        );
        if open.resolution.is_some() {
            return;
        }
        self.interrupted += 1;
        let resolution = if self.receiver.count(number) > 0 { "done" } else { "retry" };
        let path = format!("/deployments/{}/resolve", label.replace('#', "%23"));
        api.post(&path, &json!({ "resolution": resolution })).await.ok();
    }

    fn check(&self, round: &Round, ended: &Deployment, events: &[Event], seen: &[Event]) {
        let what = format!("{} ({:?}, then {:?})", ended.summary.label, round.first, round.second);
        let expected = if round.fails { DeploymentStatus::Failed } else { DeploymentStatus::Succeeded };
        assert_eq!(ended.summary.status, expected, "{what}: {:#?}", ended.summary);
        assert_eq!(&events[..seen.len()], seen, "{what}: what was shown is what is recorded");
        let sequence: Vec<u64> = events.iter().map(|event| event.seq).collect();
        assert_eq!(sequence, (1..=events.len() as u64).collect::<Vec<_>>(), "{what}: the record has no gap");
        let target = self.site.target();
        let counts = std::fs::read_to_string(target.home().join("counts")).expect("stages write it");
        for stage in ["say", "add"] {
            let wanted = format!("{stage}-{}", ended.summary.number);
            assert_eq!(counts.lines().filter(|line| *line == wanted).count(), 1, "{what}: {wanted}");
        }
        assert_eq!(self.receiver.count(ended.summary.number), 1, "{what}: the receiver was told once");
        let mut said: BTreeMap<&str, usize> = BTreeMap::new();
        for event in events.iter().filter(|event| matches!(event.body, EventBody::LogWritten { .. })) {
            *said.entry(event.message.as_str()).or_default() += 1;
        }
        for line in ["line 1", "line 2", "line 3"] {
            assert_eq!(said.get(line), Some(&1), "{what}: {line}: {said:?}");
        }
        let release = target.home().join("sweep/releases").join(&ended.summary.release);
        assert_eq!(release.exists(), !round.fails, "{what}: what it uploaded is there unless it was undone");
    }

    fn report(&self) {
        let mut took: Vec<u128> = self.took.iter().map(Duration::as_millis).collect();
        took.sort_unstable();
        let at = |part: usize| took.get(took.len() * part / 100).copied().unwrap_or_default();
        println!(
            "kill sweep: {} kills, {} deployments went on, {} effects were resolved by a person; from the start of the \
             last server to the end of the deployment p50 {} ms, p95 {} ms, longest {} ms",
            self.killed,
            took.len(),
            self.interrupted,
            at(50),
            at(95),
            took.last().copied().unwrap_or_default(),
        );
    }
}

/// Follows a deployment until its server is gone or it has ended.
async fn watch(api: Api, label: String) -> Vec<Event> {
    let mut seen = Vec::new();
    let Some(mut stream) = Stream::try_open(&api, &label, 0).await else { return seen };
    while let Some(batch) = stream.try_next().await {
        seen.extend(batch);
    }
    seen
}
