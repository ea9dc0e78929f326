//! Reading rows: what does not parse is told with its table and its id.

use super::StoreError;
use serde::de::DeserializeOwned;
use sqlx::any::AnyRow;
use sqlx::{Any, ColumnIndex, Decode, Row as _, Type};
use std::{fmt::Display, str::FromStr};

/// A row, and where it came from for the error's sake.
pub(super) struct Row<'r> {
    row: &'r AnyRow,
    table: &'static str,
    /// The column that says which row it is.
    key: &'static str,
}

impl<'r> Row<'r> {
    pub(super) fn new(row: &'r AnyRow, table: &'static str, key: &'static str) -> Self {
        Self { row, table, key }
    }

    pub(super) fn text(&self, column: &'static str) -> Result<String, StoreError> {
        self.get(column)
    }

    pub(super) fn optional_text(&self, column: &'static str) -> Result<Option<String>, StoreError> {
        self.get(column)
    }

    pub(super) fn int(&self, column: &'static str) -> Result<i64, StoreError> {
        self.get(column)
    }

    pub(super) fn optional_int(&self, column: &'static str) -> Result<Option<i64>, StoreError> {
        self.get(column)
    }

    /// A number that is never negative.
    pub(super) fn count(&self, column: &'static str) -> Result<u64, StoreError> {
        u64::try_from(self.int(column)?).map_err(|error| self.corrupt(column, error))
    }

    /// An id or a word.
    pub(super) fn parse<T: FromStr<Err: Display>>(&self, column: &'static str) -> Result<T, StoreError> {
        self.get::<&str>(column)?.parse().map_err(|error| self.corrupt(column, error))
    }

    pub(super) fn optional_parse<T: FromStr<Err: Display>>(
        &self,
        column: &'static str,
    ) -> Result<Option<T>, StoreError> {
        let text = self.get::<Option<&str>>(column)?;
        text.map(str::parse).transpose().map_err(|error| self.corrupt(column, error))
    }

    /// A document.
    pub(super) fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        serde_json::from_str(self.get(column)?).map_err(|error| self.corrupt(column, error))
    }

    pub(super) fn optional_json<T: DeserializeOwned>(&self, column: &'static str) -> Result<Option<T>, StoreError> {
        let text = self.get::<Option<&str>>(column)?;
        text.map(serde_json::from_str).transpose().map_err(|error| self.corrupt(column, error))
    }

    fn get<T>(&self, column: &'static str) -> Result<T, StoreError>
    where
        T: Decode<'r, Any> + Type<Any>,
        &'static str: ColumnIndex<AnyRow>,
    {
        self.row.try_get(column).map_err(|error| self.corrupt(column, error))
    }

    fn corrupt(&self, column: &str, reason: impl Display) -> StoreError {
        let id = self.row.try_get::<String, _>(self.key).unwrap_or_else(|_| "?".into());
        StoreError::Corrupt { table: self.table, id, reason: format!("{column}: {reason}") }
    }
}

/// A document as its column holds it.
pub(super) fn document(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("a wire type has only string keys and cannot fail to serialize")
}
