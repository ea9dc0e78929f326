//! Events from rows straight to the JSON that viewers get, without reading them as values: a replay of
//! a million lines is copied, not parsed.

use super::select;
use crate::store::row::{Row, document};
use crate::store::{Store, StoreError};
use futures::TryStreamExt;
use sqlx::Executor;
use sqlx::any::AnyRow;
use windlass_api_types::DeploymentId;

/// A part of a deployment's record as a JSON array of [`windlass_api_types::Event`].
#[derive(Debug)]
pub struct EncodedPage {
    pub first_seq: u64,
    pub last_seq: u64,
    pub json: Vec<u8>,
    /// Whether it holds the deployment's last event.
    pub ended: bool,
}

/// Events in a page: as many as in a batch of the appender.
const PAGE_EVENTS: u32 = 1_000;

/// Where a page ends early, in bytes: what is held for each viewer that reads the store. One event
/// may be larger and is then a page of its own.
const PAGE_BYTES: usize = 256 * 1024;

impl Store {
    /// The events after a `seq`, as many as make a page. None: there are none yet.
    pub async fn encoded_events(
        &self,
        deployment: DeploymentId,
        after: u64,
    ) -> Result<Option<EncodedPage>, StoreError> {
        let mut rows = (&self.inner.reader).fetch(select(deployment, after, PAGE_EVENTS));
        let mut page: Option<EncodedPage> = None;
        let start = format!(r#"{{"deployment_id":"{deployment}","seq":"#);
        while let Some(row) = rows.try_next().await.map_err(|error| self.error(error))? {
            let row_seq = Row::new(&row, "events", "seq").count("seq")?;
            let page = page.get_or_insert_with(|| EncodedPage {
                first_seq: row_seq,
                last_seq: row_seq,
                json: b"[".to_vec(),
                ended: false,
            });
            if page.json.len() > 1 {
                page.json.push(b',');
            }
            page.ended |= encode(&row, &start, &mut page.json)?;
            page.last_seq = row_seq;
            if page.json.len() >= PAGE_BYTES {
                break;
            }
        }
        if let Some(page) = &mut page {
            page.json.push(b']');
        }
        Ok(page)
    }
}

/// Writes a row as an event, in the form that serializing the event has. Answers whether it is the last one.
fn encode(row: &AnyRow, start: &str, json: &mut Vec<u8>) -> Result<bool, StoreError> {
    let row = Row::new(row, "events", "seq");
    let kind = row.text("kind")?;
    json.extend_from_slice(start.as_bytes());
    json.extend_from_slice(format!(r#"{},"at":{}"#, row.int("seq")?, row.int("at")?).as_bytes());
    for column in ["stage_run", "level"] {
        if let Some(word) = row.optional_text(column)? {
            json.extend_from_slice(format!(r#","{column}":"{word}""#).as_bytes());
        }
    }
    let message = row.text("message")?;
    if !message.is_empty() {
        json.extend_from_slice(b",\"message\":");
        json.extend_from_slice(document(&message).as_bytes());
    }
    json.extend_from_slice(format!(r#","kind":"{kind}","data":{}}}"#, row.text("data")?).as_bytes());
    Ok(kind == "deployment_ended")
}
