//! DNS zones, with their credentials as ciphertexts.

use super::query::{Bind, query};
use super::row::{Row, document};
use super::{Store, StoreError};
use sqlx::any::AnyRow;
use windlass_api_types::zone::Zone;

/// A zone and its sealed secret.
#[derive(Clone, Debug)]
pub struct SealedZone {
    pub zone: Zone,
    pub sealed: String,
}

impl Store {
    /// All zones, by name.
    pub async fn zones(&self) -> Result<Vec<SealedZone>, StoreError> {
        let select =
            query("select name, provider, name_servers, sealed, created_at, created_by from zones order by name");
        self.fetch_all(select).await?.iter().map(read).collect()
    }

    /// Configures a zone, or replaces its configuration.
    pub async fn put_zone(&self, zone: &Zone, sealed: &str) -> Result<(), StoreError> {
        let upsert = query(
            "insert into zones (name, provider, name_servers, sealed, created_at, created_by)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (name) do update set
                 provider = excluded.provider, name_servers = excluded.name_servers, sealed = excluded.sealed,
                 created_at = excluded.created_at, created_by = excluded.created_by",
        );
        let upsert = upsert.text(&zone.name).bind(document(&zone.provider)).bind(document(&zone.name_servers));
        self.execute(upsert.text(sealed).bind(zone.created_at).text(&zone.created_by)).await.map(drop)
    }

    /// Replaces the ciphertext of a zone's secret with another one of the same value.
    pub async fn reseal_zone(&self, name: &str, sealed: &str) -> Result<(), StoreError> {
        self.execute(query("update zones set sealed = $2 where name = $1").text(name).text(sealed)).await.map(drop)
    }

    /// Forgets a zone; answers whether there was one.
    pub async fn delete_zone(&self, name: &str) -> Result<bool, StoreError> {
        Ok(self.execute(query("delete from zones where name = $1").text(name)).await? > 0)
    }
}

fn read(row: &AnyRow) -> Result<SealedZone, StoreError> {
    let row = Row::new(row, "zones", "name");
    let zone = Zone {
        name: row.text("name")?,
        provider: row.json("provider")?,
        name_servers: row.json("name_servers")?,
        created_at: row.int("created_at")?,
        created_by: row.text("created_by")?,
    };
    Ok(SealedZone { zone, sealed: row.text("sealed")? })
}
