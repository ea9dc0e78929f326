//! The log of a deployment: its lines and step headings, filtered.

use super::read;
use crate::store::query::{Bind, query};
use crate::store::{Store, StoreError};
use windlass_api_types::{DeploymentId, Event, Level, StageRunId};

/// Which lines of a log are wanted.
#[derive(Clone, Debug)]
pub struct LogFilter {
    /// At least this level. A step heading and a health attempt count as info.
    pub level: Level,
    /// Only of these stage runs; absent: of all, and of the deployment itself.
    pub stage_runs: Option<Vec<StageRunId>>,
}

/// A statement per minimum level: warnings and errors have an index of their own, whose condition is
/// repeated word for word so that SQLite sees that it applies.
macro_rules! select {
    ($level:literal) => {
        concat!(
            "select seq, at, kind, stage_run, level, message, data from events
             where deployment_id = $1 and seq > $2 and (kind in ('log_written', 'step_started', 'probe_attempted')
                     or kind = 'stage_run_ended' and level is not null)
                 and ($4 = '' or $4 like '%' || stage_run || '%')",
            $level,
            " order by seq limit $3"
        )
    };
}

impl Store {
    /// The log lines, step headings, health attempts and failures of stages of a deployment after a `seq`, at most `limit`, in order.
    pub async fn log_events(
        &self,
        deployment: DeploymentId,
        after: u64,
        limit: u32,
        filter: &LogFilter,
    ) -> Result<Vec<Event>, StoreError> {
        let stage_runs = match &filter.stage_runs {
            None => String::new(),
            Some(runs) if runs.is_empty() => return Ok(Vec::new()),
            Some(runs) => runs.iter().map(StageRunId::to_string).collect::<Vec<_>>().join(","),
        };
        let sql = match filter.level {
            Level::Debug => select!(""),
            Level::Info => select!(" and (level is null or level <> 'debug')"),
            Level::Warning => select!(" and level in ('warning', 'error')"),
            Level::Error => select!(" and level in ('warning', 'error') and level = 'error'"),
        };
        let select = query(sql).text(deployment).count(after).bind(i64::from(limit)).text(stage_runs);
        self.fetch_all(select).await?.iter().map(|row| read(row, deployment)).collect()
    }
}
