//! Variables of environments: readable values that take effect on the next deployment.

use super::query::{Bind, query};
use super::row::Row;
use super::{Store, StoreError};
use sqlx::any::AnyRow;
use windlass_api_types::project::Variables;
use windlass_api_types::{EnvironmentId, Timestamp};

impl Store {
    /// The variables of an environment.
    pub async fn variables(&self, environment: EnvironmentId) -> Result<Variables, StoreError> {
        let select = query("select name, value from variables where environment_id = $1");
        read(&self.fetch_all(select.text(environment)).await?)
    }

    /// Sets and unsets variables together, and answers what they are then. To unset what is not set is
    /// no error.
    pub async fn change_variables(
        &self,
        environment: EnvironmentId,
        set: &Variables,
        unset: &[String],
        now: Timestamp,
    ) -> Result<Variables, StoreError> {
        let mut transaction = self.begin().await?;
        for name in unset {
            let delete = query("delete from variables where environment_id = $1 and name = $2");
            transaction.execute(delete.text(environment).text(name)).await?;
        }
        for (name, value) in set {
            let upsert = query(
                "insert into variables (environment_id, name, value, updated_at) values ($1, $2, $3, $4)
                 on conflict (environment_id, name) do update set
                     value = excluded.value, updated_at = excluded.updated_at",
            );
            transaction.execute(upsert.text(environment).text(name).text(value).bind(now)).await?;
        }
        let select = query("select name, value from variables where environment_id = $1");
        let variables = read(&transaction.fetch_all(select.text(environment)).await?)?;
        transaction.commit().await?;
        Ok(variables)
    }
}

fn read(rows: &[AnyRow]) -> Result<Variables, StoreError> {
    rows.iter()
        .map(|row| {
            let row = Row::new(row, "variables", "name");
            Ok((row.text("name")?, row.text("value")?))
        })
        .collect()
}
