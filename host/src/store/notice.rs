//! Notices: what servers that share a PostgreSQL tell each other. Ids only; who hears one reads the rows.

use super::query::{Dialects, query};
use super::row::{Row, document};
use super::{Store, StoreError};
use serde::Serialize;
use sqlx::postgres::{PgConnectOptions, PgListener, PgNotification, PgPoolOptions};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;
use windlass_api_types::{DeploymentId, DeploymentStatus};

/// What a notice is about; PostgreSQL's name for it is a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// Events were appended.
    Events,
    /// What lists show of a deployment has changed.
    Summary,
    /// Commands wait for who runs the deployment.
    Commands,
}

impl Topic {
    const ALL: [Self; 3] = [Self::Events, Self::Summary, Self::Commands];

    fn channel(self) -> &'static str {
        match self {
            Self::Events => "windlass_events",
            Self::Summary => "windlass_summary",
            Self::Commands => "windlass_commands",
        }
    }
}

/// Ids to tell of, by what there is to tell.
pub type Told = BTreeMap<Topic, BTreeSet<DeploymentId>>;

/// What another server told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Who told it: what it gave to [`Store::tell`].
    pub sender: Uuid,
    pub topic: Topic,
    pub deployments: Vec<DeploymentId>,
}

/// Where a deployment stands, as its row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub id: DeploymentId,
    pub status: DeploymentStatus,
    pub last_seq: u64,
}

/// Ids in one notice: PostgreSQL takes at most 8,000 bytes, an id with its space is 37.
const IDS: usize = 200;

/// How long a connection for listening may take to open.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// All notices in one statement, which is a transaction of its own. The cast is for the driver, which
/// knows no `void`.
const TELL: &str = "select pg_notify(r.channel, r.payload)::text as told
     from json_to_recordset($1::json) as r(channel text, payload text)";

/// `$1` is a list of ids. A union, so that each half has its index.
const STANDINGS: Dialects = Dialects {
    sqlite: standings!("select value from json_each($1)"),
    postgres: standings!("select json_array_elements_text($1::json)"),
};

macro_rules! standings {
    ($ids:literal) => {
        concat!(
            "select id, status, last_seq from deployments
             where status in ('queued', 'running', 'waiting', 'interrupted')
             union
             select id, status, last_seq from deployments where id in (",
            $ids,
            ")"
        )
    };
}
use standings;

#[derive(Serialize)]
struct Outgoing<'a> {
    channel: &'a str,
    payload: String,
}

impl Store {
    /// Whether other servers may work on this database.
    pub fn is_shared(&self) -> bool {
        self.inner.listening.is_some()
    }

    /// Tells other servers, as `sender`. Where the database is not shared nothing is told.
    pub async fn tell(&self, sender: Uuid, told: &Told) -> Result<(), StoreError> {
        if !self.is_shared() || told.is_empty() {
            return Ok(());
        }
        let mut rows = Vec::new();
        for (topic, ids) in told {
            let ids: Vec<String> = ids.iter().map(DeploymentId::to_string).collect();
            for ids in ids.chunks(IDS) {
                rows.push(Outgoing { channel: topic.channel(), payload: format!("{sender} {}", ids.join(" ")) });
            }
        }
        self.execute_duty(query(TELL).bind(document(&rows))).await.map(drop)
    }

    /// Begins to listen, on a connection of its own. None: the database is not shared.
    pub async fn listen(&self) -> Result<Option<Listener>, StoreError> {
        let Some(options) = &self.inner.listening else { return Ok(None) };
        let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(CONNECT_TIMEOUT);
        // It is never given back, and nobody but the listener closes it.
        let pool = pool.max_lifetime(None).idle_timeout(None).connect_lazy_with(PgConnectOptions::clone(options));
        let mut listener = PgListener::connect_with(&pool).await.map_err(|error| self.error(error))?;
        let channels = Topic::ALL.map(Topic::channel);
        listener.listen_all(channels).await.map_err(|error| self.error(error))?;
        Ok(Some(Listener { listener, database: self.inner.database.clone() }))
    }

    /// The error of a database that does not answer in time.
    pub fn unanswered(&self) -> StoreError {
        self.error(sqlx::Error::PoolTimedOut)
    }

    /// Where the deployments that have not ended stand, and these, in any order.
    pub async fn standings(&self, also: &[DeploymentId]) -> Result<Vec<Standing>, StoreError> {
        let select = query(self.dialect(STANDINGS)).bind(document(&also));
        let rows = self.fetch_all(select).await?;
        rows.iter()
            .map(|row| {
                let row = Row::new(row, "deployments", "id");
                Ok(Standing { id: row.parse("id")?, status: row.parse("status")?, last_seq: row.count("last_seq")? })
            })
            .collect()
    }
}

/// Hears what other servers tell.
pub struct Listener {
    listener: PgListener,
    database: Arc<str>,
}

impl Listener {
    /// Waits for the next notice. None: the connection was lost and is there again; what was told in
    /// between was not heard. After an error listen anew.
    pub async fn next(&mut self) -> Result<Option<Notice>, StoreError> {
        loop {
            match self.listener.try_recv().await {
                Ok(Some(heard)) => match read(&heard) {
                    Some(notice) => return Ok(Some(notice)),
                    None => tracing::debug!(channel = heard.channel(), "heard what no windlass says"),
                },
                Ok(None) => return Ok(None),
                Err(error) => return Err(StoreError::from_sqlx(&self.database, error)),
            }
        }
    }

    /// A notice that is here already.
    pub fn buffered(&mut self) -> Option<Notice> {
        self.listener.next_buffered().as_ref().and_then(read)
    }

    /// Sees whether the connection is still there: one that a firewall has forgotten looks like one on
    /// which nothing is told.
    pub async fn ping(&mut self) -> Result<(), StoreError> {
        let done = sqlx::Executor::execute(&mut self.listener, "select 1").await;
        done.map(drop).map_err(|error| StoreError::from_sqlx(&self.database, error))
    }
}

fn read(heard: &PgNotification) -> Option<Notice> {
    let topic = Topic::ALL.into_iter().find(|topic| topic.channel() == heard.channel())?;
    let mut ids = heard.payload().split(' ');
    let sender = ids.next()?.parse().ok()?;
    let deployments = ids.map(|id| id.parse().ok()).collect::<Option<_>>()?;
    Some(Notice { sender, topic, deployments })
}
