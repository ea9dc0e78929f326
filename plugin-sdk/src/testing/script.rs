//! The answers of a test, and what was asked.

use super::Call;
use crate::log::Level;
use crate::state::Entry;
use crate::{Artifact, Result, approval, dns, docker, files, health, http, ssh};
use std::collections::{BTreeMap, VecDeque};
use std::fmt;

type Handler<Q, A> = Option<Box<dyn FnMut(&Q) -> Result<A>>>;

#[derive(Default)]
pub(crate) struct Script {
    /// Answer as a dry run does.
    pub(super) plan: bool,
    /// Whether an answer of the dry run was assumed: commands that read may then be answered by what they assume.
    pub(super) simulated: bool,
    pub(super) exec: Handler<ssh::Request, ssh::Output>,
    pub(super) next_exec: VecDeque<Result<ssh::Output>>,
    pub(super) write: Handler<files::WriteRequest, ()>,
    pub(super) read: Handler<files::ReadRequest, Vec<u8>>,
    pub(super) sync: Handler<files::SyncRequest, files::Synced>,
    pub(super) unpack: Handler<files::UnpackRequest, files::Unpacked>,
    pub(super) docker: Handler<docker::Request, docker::Reply>,
    pub(super) health: Handler<health::Request, health::Report>,
    pub(super) dns_upsert: Handler<dns::RecordSet, ()>,
    pub(super) dns_delete: Handler<(String, dns::RecordType), ()>,
    pub(super) dns_lookup: Handler<dns::LookupRequest, Vec<dns::Answer>>,
    pub(super) wait_propagated: Handler<dns::WaitRequest, dns::Report>,
    pub(super) http: Handler<http::Request, http::Response>,
    pub(super) approval: Handler<String, approval::Decision>,
    pub(super) artifacts: Vec<Artifact>,
    pub(super) state: BTreeMap<String, Entry>,
    pub(super) calls: Vec<Call>,
    pub(super) log: Vec<(Level, String)>,
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script").field("calls", &self.calls).field("log", &self.log).finish_non_exhaustive()
    }
}

impl Script {
    /// Asks a test's handler.
    fn ask<Q, A>(handler: &mut Handler<Q, A>, request: &Q, call: &Call, method: &str) -> Result<A> {
        match handler {
            Some(answer) => answer(request),
            None => panic!("unexpected call: {call}\n  give its answer with `Harness::{method}`"),
        }
    }

    pub(super) fn exec(&mut self, request: ssh::Request) -> Result<ssh::Output> {
        let call = Call::Exec(request.clone());
        self.calls.push(call.clone());
        if self.plan {
            match (request.repeat, request.assume.clone()) {
                (ssh::Repeat::Reads, Some(assumed)) if self.simulated => return Ok(assumed),
                (ssh::Repeat::Reads, _) => {}
                (_, assumed) => {
                    self.simulated = true;
                    return Ok(assumed.unwrap_or_else(|| ssh::Output::ok("")));
                }
            }
        }
        match self.next_exec.pop_front() {
            Some(answer) => answer,
            None => Self::ask(&mut self.exec, &request, &call, "on_exec"),
        }
    }

    pub(super) fn write(&mut self, request: files::WriteRequest) -> Result<()> {
        let call = Call::Write(request.clone());
        self.calls.push(call.clone());
        self.simulated |= self.plan;
        if self.plan { Ok(()) } else { Self::ask(&mut self.write, &request, &call, "on_write") }
    }

    pub(super) fn read(&mut self, request: files::ReadRequest) -> Result<Vec<u8>> {
        let call = Call::Read(request.clone());
        self.calls.push(call.clone());
        Self::ask(&mut self.read, &request, &call, "on_read")
    }

    pub(super) fn sync(&mut self, request: files::SyncRequest) -> Result<files::Synced> {
        let call = Call::Sync(request.clone());
        self.calls.push(call.clone());
        if self.plan {
            return Ok(files::Synced { sent_bytes: 0, removed: 0 });
        }
        Self::ask(&mut self.sync, &request, &call, "on_sync")
    }

    pub(super) fn unpack(&mut self, request: files::UnpackRequest) -> Result<files::Unpacked> {
        let call = Call::Unpack(request.clone());
        self.calls.push(call.clone());
        if self.plan {
            return Ok(files::Unpacked { sent_bytes: 0 });
        }
        Self::ask(&mut self.unpack, &request, &call, "on_unpack")
    }

    pub(super) fn docker(&mut self, request: docker::Request) -> Result<docker::Reply> {
        let call = Call::Docker(request.clone());
        self.calls.push(call.clone());
        match request.assumed() {
            Some(assumed) if self.plan => Ok(assumed),
            _ => Self::ask(&mut self.docker, &request, &call, "on_docker"),
        }
    }

    pub(super) fn wait_healthy(&mut self, request: health::Request) -> Result<health::Report> {
        let call = Call::WaitHealthy(request.clone());
        self.calls.push(call.clone());
        if self.plan {
            return Ok(health::Report { attempts: 1, latency: std::time::Duration::ZERO });
        }
        Self::ask(&mut self.health, &request, &call, "on_health")
    }

    pub(super) fn dns_upsert(&mut self, set: dns::RecordSet) -> Result<()> {
        let call = Call::DnsUpsert(set.clone());
        self.calls.push(call.clone());
        if self.plan { Ok(()) } else { Self::ask(&mut self.dns_upsert, &set, &call, "on_dns_upsert") }
    }

    pub(super) fn dns_delete(&mut self, name: &str, record_type: dns::RecordType) -> Result<()> {
        let call = Call::DnsDelete(name.to_owned(), record_type);
        self.calls.push(call.clone());
        let asked = (name.to_owned(), record_type);
        if self.plan { Ok(()) } else { Self::ask(&mut self.dns_delete, &asked, &call, "on_dns_delete") }
    }

    pub(super) fn dns_lookup(&mut self, request: dns::LookupRequest) -> Result<Vec<dns::Answer>> {
        let call = Call::DnsLookup(request.clone());
        self.calls.push(call.clone());
        Self::ask(&mut self.dns_lookup, &request, &call, "on_dns_lookup")
    }

    pub(super) fn wait_propagated(&mut self, request: dns::WaitRequest) -> Result<dns::Report> {
        let call = Call::WaitPropagated(request.clone());
        self.calls.push(call.clone());
        if self.plan {
            return Ok(dns::Report { attempts: 1, waited: std::time::Duration::ZERO });
        }
        Self::ask(&mut self.wait_propagated, &request, &call, "on_wait_propagated")
    }

    pub(super) fn send_http(&mut self, request: http::Request) -> Result<http::Response> {
        let call = Call::Http(request.clone());
        self.calls.push(call.clone());
        if self.plan && !only_reads(&request) {
            return Ok(request.assume.unwrap_or_else(|| http::Response::new(200, "")));
        }
        Self::ask(&mut self.http, &request, &call, "on_http")
    }

    pub(super) fn wait_for_approval(&mut self, key: &str) -> Result<approval::Decision> {
        let call = Call::WaitForApproval(key.to_owned());
        self.calls.push(call.clone());
        if self.plan {
            return Ok(approval::Decision { outcome: approval::Outcome::Approved, by: None });
        }
        Self::ask(&mut self.approval, &key.to_owned(), &call, "on_approval")
    }

    /// What the stage stored last.
    pub(super) fn last_checkpoint(&self) -> Option<serde_json::Value> {
        self.calls.iter().rev().find_map(|call| match call {
            Call::Checkpoint(json) => serde_json::from_str(json).ok(),
            _ => None,
        })
    }
}

/// Whether a dry run performs it: a captured secret is a change.
fn only_reads(request: &http::Request) -> bool {
    use http::Method::{Get, Head, Options};
    let reads = request.reads || matches!(request.method, Get | Head | Options);
    reads && request.capture.is_none()
}
