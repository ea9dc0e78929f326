//! DNS zones: their credentials are sealed like secrets, but they are the server's own: no plugin names them.

use super::seal::Place;
use super::{SecretValue, Vault, VaultError};
use std::fmt;
use windlass_api_types::zone::Zone;

/// A zone with its credentials, for the transport.
pub struct OpenZone {
    pub zone: Zone,
    /// Not every zone is used by every deployment: one that cannot be opened fails where it is used.
    pub secret: Result<SecretValue, VaultError>,
}

impl fmt::Debug for OpenZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenZone").field("zone", &self.zone.name).finish_non_exhaustive()
    }
}

impl Vault {
    /// Configures a zone, or replaces its configuration.
    pub async fn put_zone(&self, zone: &Zone, secret: &SecretValue) -> Result<(), VaultError> {
        self.agree().await?;
        let sealed = self.seal(&Place::Zone { name: &zone.name }, secret);
        Ok(self.store.put_zone(zone, &sealed).await?)
    }

    /// All zones, by name, without credentials.
    pub async fn zones(&self) -> Result<Vec<Zone>, VaultError> {
        Ok(self.store.zones().await?.into_iter().map(|sealed| sealed.zone).collect())
    }

    /// All zones with their credentials.
    pub async fn open_zones(&self) -> Result<Vec<OpenZone>, VaultError> {
        let open = |sealed: crate::store::SealedZone| {
            let secret = self.unseal(&Place::Zone { name: &sealed.zone.name }, &sealed.sealed);
            OpenZone { zone: sealed.zone, secret }
        };
        Ok(self.store.zones().await?.into_iter().map(open).collect())
    }

    /// Encrypts the credentials of all zones with the current key. Answers how many there were.
    pub(super) async fn reseal_zones(&self) -> Result<u64, VaultError> {
        let mut count = 0;
        for stored in self.store.zones().await? {
            let place = Place::Zone { name: &stored.zone.name };
            let value = self.unseal(&place, &stored.sealed)?;
            self.store.reseal_zone(&stored.zone.name, &self.seal(&place, &value)).await?;
            count += 1;
        }
        Ok(count)
    }
}
