//! Two servers on one PostgreSQL: what one writes is followed on the other.

use super::*;
use crate::store::Database;
use futures::StreamExt;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sqlx::{Connection, PgConnection};
use std::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use windlass_api_types::DeploymentId;

/// Lines that the deployment logs.
const LINES: u64 = 20_000;

/// A server that writes, and another one.
struct Two {
    running: Running,
    other: Events,
    database: Database,
    closing: CancellationToken,
    tasks: TaskTracker,
}

impl Two {
    /// None: there is no PostgreSQL here.
    async fn new(first_tells: bool) -> Option<Self> {
        let test = TestDatabase::postgres()?;
        let database = test.database.clone();
        let running = Running::new(test).await;
        let other = Events::new(Store::open(&database).await.unwrap());
        let (closing, tasks) = (CancellationToken::new(), TaskTracker::new());
        if first_tells {
            running.events.share(&closing, &tasks);
        }
        other.share(&closing, &tasks);
        Some(Self { running, other, database, closing, tasks })
    }

    fn id(&self) -> DeploymentId {
        self.running.record.summary.id
    }

    async fn connect(&self) -> PgConnection {
        let Database::Postgres { url, .. } = &self.database else { panic!("it is PostgreSQL") };
        PgConnection::connect(url).await.unwrap()
    }

    /// Ends every connection that listens, as an administrator or a firewall does. Answers how many there were.
    async fn deafen(&self) -> usize {
        let end = "select pg_terminate_backend(pid)::text from pg_stat_activity
             where datname = current_database() and query like 'LISTEN %'";
        sqlx::query(end).fetch_all(&mut self.connect().await).await.unwrap().len()
    }

    async fn close(self) {
        self.closing.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_server_shows_all_even_when_it_cannot_hear() {
    let Some(two) = Two::new(true).await else { return };
    let viewers = (0..6).map(|seed| {
        let (events, id) = (two.other.clone(), two.id());
        tokio::spawn(async move { view(&events, id, StdRng::seed_from_u64(seed)).await })
    });
    let viewers: Vec<_> = viewers.collect();
    let mut deafened = 0;
    for line in 0..LINES {
        two.running.appender.append(info(format!("line {line}"))).await.unwrap();
        if line % 4_000 == 2_000 {
            deafened += two.deafen().await;
        }
    }
    let last = two.running.succeed().await;
    assert!(deafened > 0, "nobody listened");
    for viewer in viewers {
        let seen = viewer.await.unwrap();
        assert!(seen.iter().map(|event| event.seq).eq(1..=last), "in order, each once, {} of {last}", seen.len());
        let lines = seen.iter().filter(|event| matches!(event.body, EventBody::LogWritten { .. }));
        assert!(lines.map(|event| event.message.clone()).eq((0..LINES).map(|line| format!("line {line}"))));
    }
    let here = two.running.events.state(two.id()).await.unwrap();
    assert_eq!(two.other.state(two.id()).await.unwrap(), here);
    two.close().await;
}

/// Follows to the end, leaving and coming back now and then where it was.
async fn view(events: &Events, id: DeploymentId, mut random: StdRng) -> Vec<Event> {
    let mut seen: Vec<Event> = Vec::new();
    while !matches!(seen.last(), Some(Event { body: EventBody::DeploymentEnded { .. }, .. })) {
        let keep = random.random_range(0..=seen.len().min(300));
        seen.truncate(seen.len() - keep);
        let mut stream = Box::pin(events.subscribe(id, seen.last().map_or(0, |event| event.seq)));
        for _ in 0..random.random_range(1..80) {
            match stream.next().await {
                Some(batch) => seen.extend(decode(&batch.unwrap())),
                None => break,
            }
        }
    }
    seen
}

/// The poll finds what nobody told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_tells_is_found() {
    let Some(two) = Two::new(false).await else { return };
    let mut changes = two.other.changes();
    let mut stream = Box::pin(two.other.subscribe(two.id(), 2));
    for line in 0..3 {
        two.running.appender.commit(info(format!("line {line}")), Durability::Normal).await.unwrap();
        let mut seen = Vec::new();
        while seen.is_empty() {
            seen.extend(decode(&stream.next().await.unwrap().unwrap()));
        }
        assert_eq!(seen[0].message, format!("line {line}"));
    }
    two.running.succeed().await;
    while two.other.state(two.id()).await.unwrap().unwrap().status != Some(DeploymentStatus::Succeeded) {}
    while !changes.next().await.unwrap().deployments.contains(&two.id()) {}
    two.close().await;
}

/// A line appears elsewhere sooner than the poll could find it, and a list hears of a new deployment.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn notices_are_few_and_quick() {
    let Some(two) = Two::new(true).await else { return };
    let mut listener = two.running.store().listen().await.unwrap().unwrap();
    let mut changes = two.other.changes();
    let begun = Instant::now();
    let mut notices = 0;
    let created = two.running.events.create_deployment(&two.running.fixture.new_deployment()).await.unwrap();
    while !changes.next().await.unwrap().deployments.contains(&created.summary.id) {}
    let appending = async {
        for line in 0..500 {
            two.running.appender.commit(info(line.to_string()), Durability::Normal).await.unwrap();
        }
        // A notice of its own, behind all others.
        two.running.events.announce(two.id());
    };
    let listening = async {
        while let Some(notice) = listener.next().await.unwrap() {
            notices += 1;
            if notice.topic == crate::store::Topic::Summary && notice.deployments.contains(&two.id()) {
                break;
            }
        }
    };
    futures::future::join(appending, listening).await;
    // Two topics, one transaction each 50 ms, and the first at once.
    let most = 2 * (begun.elapsed().as_millis() as u64 / 50 + 2);
    assert!(notices <= most, "{notices} notices, at most {most} were due");
    two.close().await;
}
