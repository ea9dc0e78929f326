//! Servers: who works on this database, and who has been silent for so long that it has lost its deployments.
//!
//! All times are the database's, so that clocks of servers need not agree.

use super::query::{Bind, Dialects, query};
use super::row::Row;
use super::{Store, StoreError};
use std::time::Duration;
use windlass_api_types::server::ServerInfo;
use windlass_api_types::{ServerId, Timestamp};

/// How long a server that says nothing keeps its deployments: three heartbeats, so that one which is late
/// costs nothing.
pub const LEASE: Duration = Duration::from_secs(15);

/// Who a server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerIdentity {
    /// Kept in the data directory, whose lock proves that an earlier process of this id has ended.
    pub id: ServerId,
    /// What people call it.
    pub name: String,
    /// Where people reach it; absent where it listens to nobody.
    pub url: Option<String>,
}

/// A server that has begun to work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registration {
    /// Tells its process from an earlier or a later one of the same id.
    pub started_at: Timestamp,
    /// Deployments that an earlier process of this id left behind. Nobody owns them now.
    pub released: u64,
}

/// The time by the database's clock in milliseconds since the Unix epoch, as a part of a statement.
macro_rules! in_both {
    ($before:literal, $after:literal) => {
        Dialects {
            sqlite: concat!($before, "cast(unixepoch('subsec') * 1000 as integer)", $after),
            postgres: concat!($before, "cast(extract(epoch from clock_timestamp()) * 1000 as bigint)", $after),
        }
    };
}

/// A process that claims the id of one which still says that it is alive gets a later `started_at`: from then
/// on the other one is refused.
const REGISTER: Dialects = in_both!(
    "insert into servers (id, name, url, started_at, seen_at)
     select $1, $2, $3, t.now, t.now from (select ",
    " as now) t where true
     on conflict (id) do update set
         name = excluded.name, url = excluded.url, seen_at = excluded.seen_at,
         started_at = case when excluded.started_at > servers.started_at
             then excluded.started_at else servers.started_at + 1 end
     returning started_at"
);

const HEARTBEAT: Dialects = in_both!("update servers set seen_at = ", " where id = $1 and started_at = $2");

const SERVERS: Dialects = in_both!(
    "select s.id, s.name, s.url, s.started_at, s.seen_at, t.now,
         (select count(*) from deployments d
          where d.status in ('queued', 'running', 'waiting', 'interrupted') and d.owner = s.id) as deployments
     from servers s cross join (select ",
    " as now) t order by s.name, s.id"
);

/// Servers that have been silent for a week and own nothing.
const FORGET: Dialects = in_both!(
    "delete from servers where seen_at < ",
    " - 604800000 and id not in (
         select d.owner from deployments d
         where d.status in ('queued', 'running', 'waiting', 'interrupted') and d.owner is not null)"
);

/// Of those that listen and were heard of lately the one that has been there for longest.
const FIRST: Dialects =
    in_both!("select id from servers where url is not null and seen_at >= ", " - $1 order by started_at, id limit 1");

impl Store {
    /// Says that a server begins, and releases what it owned: an earlier process of it has ended.
    pub async fn register_server(&self, server: &ServerIdentity) -> Result<Registration, StoreError> {
        let mut transaction = self.begin_duty().await?;
        transaction.execute(query(self.dialect(FORGET))).await?;
        let register = query(self.dialect(REGISTER)).text(server.id).text(&server.name);
        let row = transaction.fetch_optional(register.optional_text(server.url.as_ref())).await?;
        let missing = || StoreError::Missing { what: "server", id: server.id.to_string() };
        let started_at = Row::new(&row.ok_or_else(missing)?, "servers", "started_at").int("started_at")?;
        let released = transaction.execute(release(server.id)).await?;
        transaction.commit().await?;
        Ok(Registration { started_at, released })
    }

    /// Says that a server is alive. False: another process goes by its id now, or it was forgotten.
    pub async fn heartbeat(&self, server: ServerId, started_at: Timestamp) -> Result<bool, StoreError> {
        Ok(self.execute_duty(query(self.dialect(HEARTBEAT)).text(server).bind(started_at)).await? > 0)
    }

    /// Says that a server ends. What it still owns is anybody's.
    pub async fn leave(&self, server: ServerId, started_at: Timestamp) -> Result<(), StoreError> {
        let mut transaction = self.begin_duty().await?;
        let delete = query("delete from servers where id = $1 and started_at = $2").text(server).bind(started_at);
        if transaction.execute(delete).await? > 0 {
            transaction.execute(release(server)).await?;
        }
        transaction.commit().await
    }

    /// Whether this is the server that does what one of several is to do.
    pub async fn is_first_server(&self, server: ServerId) -> Result<bool, StoreError> {
        if !self.is_shared() {
            return Ok(true);
        }
        let lease = i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX);
        let first = self.fetch_optional(query(self.dialect(FIRST)).bind(lease)).await?;
        Ok(first.map(|row| Row::new(&row, "servers", "id").parse("id")).transpose()? == Some(server))
    }

    /// All servers that have not said that they end, by name.
    pub async fn servers(&self) -> Result<Vec<ServerInfo>, StoreError> {
        let rows = self.fetch_all(query(self.dialect(SERVERS))).await?;
        rows.iter()
            .map(|row| {
                let row = Row::new(row, "servers", "id");
                let now = row.int("now")?;
                // Where there is one server only it need not say that it is alive.
                let seen_at = if self.is_shared() { row.int("seen_at")? } else { now };
                Ok(ServerInfo {
                    id: row.parse("id")?,
                    name: row.text("name")?,
                    url: row.optional_text("url")?,
                    started_at: row.int("started_at")?,
                    seen_at,
                    alive: i128::from(now) - i128::from(seen_at) <= LEASE.as_millis().cast_signed(),
                    deployments: row.count("deployments")?,
                })
            })
            .collect()
    }
}

fn release(server: ServerId) -> super::query::Query {
    let update = query(
        "update deployments set owner = null
         where status in ('queued', 'running', 'waiting', 'interrupted') and owner = $1",
    );
    update.text(server)
}
