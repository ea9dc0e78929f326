//! The answers to DNS calls.

use super::Harness;
use crate::{Result, dns};

impl Harness {
    /// Answers the records that are set.
    pub fn on_dns_upsert(&mut self, answer: impl FnMut(&dns::RecordSet) -> Result<()> + 'static) -> &mut Self {
        self.script.dns_upsert = Some(Box::new(answer));
        self
    }

    /// Answers the records that are deleted, each a name and a type.
    pub fn on_dns_delete(
        &mut self,
        answer: impl FnMut(&(String, dns::RecordType)) -> Result<()> + 'static,
    ) -> &mut Self {
        self.script.dns_delete = Some(Box::new(answer));
        self
    }

    /// Answers the lookups, each with one answer per resolver, or one where none is named.
    pub fn on_dns_lookup(
        &mut self,
        answer: impl FnMut(&dns::LookupRequest) -> Result<Vec<dns::Answer>> + 'static,
    ) -> &mut Self {
        self.script.dns_lookup = Some(Box::new(answer));
        self
    }

    /// Answers the waits for resolvers.
    pub fn on_wait_propagated(
        &mut self,
        answer: impl FnMut(&dns::WaitRequest) -> Result<dns::Report> + 'static,
    ) -> &mut Self {
        self.script.wait_propagated = Some(Box::new(answer));
        self
    }
}
