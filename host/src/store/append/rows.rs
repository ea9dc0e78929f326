//! Many events in one statement: they travel as one document, which the database takes apart.

use crate::store::query::{Bind, Dialects, Transaction, query};
use crate::store::{Backend, StoreError};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use windlass_api_types::{DeploymentId, Event, EventBody, Level, StageRunId, Timestamp};

const INSERT: Dialects = Dialects {
    sqlite: "insert into events (deployment_id, seq, at, kind, stage_run, level, message, data)
             select $1, value ->> 'seq', value ->> 'at', value ->> 'kind', value ->> 'stage_run', value ->> 'level',
                    value ->> 'message', value ->> 'data'
             from json_each($2)",
    postgres: "insert into events (deployment_id, seq, at, kind, stage_run, level, message, data)
               select $1, r.seq, r.at, r.kind, r.stage_run, r.level, r.message, r.data
               from json_to_recordset($2::json) as r(
                   seq bigint, at bigint, kind text, stage_run text, level text, message text, data text)",
};

/// An event as a row. Its body is a text in the document, not a part of it: so it comes out byte for
/// byte, with what PostgreSQL refuses to take apart (`\u0000`) and however deep it is.
#[derive(Serialize, Deserialize)]
struct EventRow<'a> {
    seq: u64,
    at: Timestamp,
    kind: Cow<'a, str>,
    stage_run: Option<StageRunId>,
    level: Option<Level>,
    message: Cow<'a, str>,
    data: String,
}

/// Events as the document that [`insert`] takes.
pub(super) fn encode(events: &[Event]) -> String {
    let rows: Vec<EventRow<'_>> = events
        .iter()
        .map(|event| EventRow {
            seq: event.seq,
            at: event.at,
            kind: event.body.kind().into(),
            stage_run: event.stage_run,
            level: event.level,
            message: event.message.as_str().into(),
            data: data(&event.body),
        })
        .collect();
    crate::store::row::document(&rows)
}

/// The `data` of an event. Its JSON form is `{"kind":"…","data":{…}}`, in this order.
fn data(body: &EventBody) -> String {
    let mut text = crate::store::row::document(body);
    text.truncate(text.len() - 1);
    text.split_off(r#"{"kind":"","data":"#.len() + body.kind().len())
}

pub(super) async fn insert(
    transaction: &mut Transaction,
    backend: Backend,
    deployment: DeploymentId,
    rows: &str,
) -> Result<(), StoreError> {
    let insert = query(backend.dialect(INSERT)).text(deployment).bind(rows.to_owned());
    transaction.execute(insert).await.map(drop)
}

/// Whether these very events are in the record: the last of them tells, since it and all before it
/// were written together.
pub(super) async fn are_stored(
    transaction: &mut Transaction,
    deployment: DeploymentId,
    rows: &str,
) -> Result<bool, StoreError> {
    let rows: Vec<EventRow<'_>> = serde_json::from_str(rows).expect("it was encoded here");
    let Some(last) = rows.last() else { return Ok(true) };
    let select = query(
        "select seq from events
         where deployment_id = $1 and seq = $2 and at = $3 and kind = $4 and message = $5 and data = $6",
    );
    let select = select.text(deployment).count(last.seq).bind(last.at).text(&last.kind);
    Ok(transaction.fetch_optional(select.text(&last.message).text(&last.data)).await?.is_some())
}

/// Inserts events in a transaction that has raised the deployment's `last_seq` to the last of them.
pub(in crate::store) async fn insert_events(
    transaction: &mut Transaction,
    backend: Backend,
    deployment: DeploymentId,
    events: &[Event],
) -> Result<(), StoreError> {
    insert(transaction, backend, deployment, &encode(events)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_data_out_of_a_body() {
        assert_eq!(data(&EventBody::DeploymentStarted { live: Default::default() }), "{}");
        assert_eq!(data(&EventBody::LogWritten { ordinal: Some(3), effect: None, stream: None }), r#"{"ordinal":3}"#);
        let cancel = EventBody::CancelRequested { by: "a\u{0}\"b".into() };
        assert_eq!(data(&cancel), r#"{"by":"a\u0000\"b"}"#);
    }
}
