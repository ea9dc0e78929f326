//! The capability calls, as the host performs them.

pub(crate) use super::docker::docker;
use super::windlass::approval::approval as wire_approval;
use super::windlass::artifacts::artifacts as wire_artifacts;
use super::windlass::control::control;
use super::windlass::dns::dns as wire_dns;
use super::windlass::files::files as wire_files;
use super::windlass::health::health as wire_health;
use super::windlass::http::http as wire_http;
use super::windlass::log::log as wire_log;
use super::windlass::ssh::ssh_exec;
use super::windlass::state::state as wire_state;
use crate::{Artifact, Result, approval, dns, files, health, http, log, ssh, state};
use std::time::Duration;

/// Milliseconds, as the contract counts; a duration beyond `u64` is as long as can be said.
pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

pub(crate) fn exec(mut request: ssh::Request) -> Result<ssh::Output> {
    Ok(match request.sudo_password.take() {
        None => ssh_exec::exec(&request.into())?.into(),
        Some(secret) => ssh_exec::exec_with_password(&request.into(), &secret)?.into(),
    })
}

pub(crate) fn write_file(request: files::WriteRequest) -> Result<()> {
    Ok(wire_files::write(&request.into())?)
}

pub(crate) fn read_file(request: files::ReadRequest) -> Result<Vec<u8>> {
    Ok(wire_files::read(&request.target, &request.path, request.max_bytes)?)
}

pub(crate) fn unpack(request: files::UnpackRequest) -> Result<files::Unpacked> {
    let files::UnpackRequest { target, artifact, directory, sudo } = request;
    let unpacked = wire_files::unpack(&wire_files::UnpackRequest { target, artifact, directory, sudo })?;
    Ok(files::Unpacked { sent_bytes: unpacked.sent_bytes })
}

pub(crate) fn sync(request: files::SyncRequest) -> Result<files::Synced> {
    let files::SyncRequest { target, artifact, directory, delete, owner, sudo } = request;
    let synced = wire_files::sync(&wire_files::SyncRequest { target, artifact, directory, delete, owner, sudo })?;
    Ok(files::Synced { sent_bytes: synced.sent_bytes, removed: synced.removed })
}

pub(crate) fn wait_healthy(request: health::Request) -> Result<health::Report> {
    let policy = request.policy.into();
    let probe =
        wire_health::Probe { target: request.target, check: request.check.into(), log: request.log.map(Into::into) };
    let report = wire_health::wait_healthy(&probe, policy)?;
    Ok(health::Report { attempts: report.attempts, latency: Duration::from_millis(report.latency_ms) })
}

pub(crate) fn dns_upsert(set: dns::RecordSet) -> Result<()> {
    Ok(wire_dns::upsert(&set.name, set.record_type.into(), &set.values, set.ttl)?)
}

pub(crate) fn dns_delete(name: &str, record_type: dns::RecordType) -> Result<()> {
    Ok(wire_dns::delete(name, record_type.into())?)
}

pub(crate) fn dns_lookup(request: dns::LookupRequest) -> Result<Vec<dns::Answer>> {
    let answers = wire_dns::lookup(&request.name, request.record_type.into(), &request.resolvers)?;
    let answer = |wire_dns::Answer { resolver, values, ttl }| dns::Answer { resolver, values, ttl };
    Ok(answers.into_iter().map(answer).collect())
}

pub(crate) fn wait_propagated(request: dns::WaitRequest) -> Result<dns::Report> {
    let dns::WaitRequest { record, resolvers, policy } = request;
    let policy = wire_dns::Policy { interval_ms: millis(policy.interval), timeout_ms: millis(policy.timeout) };
    let kind = record.record_type.into();
    let report = wire_dns::wait_propagated(&record.name, kind, &record.values, &resolvers, policy)?;
    Ok(dns::Report { attempts: report.attempts, waited: Duration::from_millis(report.waited_ms) })
}

pub(crate) fn send_http(request: http::Request) -> Result<http::Response> {
    Ok(wire_http::send(&request.into())?.into())
}

pub(crate) fn state_get(key: &str) -> Result<Option<state::Entry>> {
    Ok(wire_state::get(key)?.map(|entry| state::Entry { value: entry.value, version: entry.version }))
}

pub(crate) fn state_set(key: &str, value: &str, expected: Option<u64>) -> Result<u64> {
    Ok(wire_state::set(key, value, expected)?)
}

pub(crate) fn state_delete(key: &str, expected: Option<u64>) -> Result<()> {
    Ok(wire_state::delete(key, expected)?)
}

pub(crate) fn open_approval(key: &str, prompt: &str, expires: Duration) -> Result<String> {
    Ok(wire_approval::open(key, prompt, millis(expires))?)
}

pub(crate) fn wait_for_approval(key: &str) -> Result<approval::Decision> {
    let wire_approval::Decision { outcome, by } = wire_approval::wait(key)?;
    let outcome = match outcome {
        wire_approval::Outcome::Approved => approval::Outcome::Approved,
        wire_approval::Outcome::Rejected => approval::Outcome::Rejected,
        wire_approval::Outcome::Expired => approval::Outcome::Expired,
    };
    Ok(approval::Decision { outcome, by })
}

pub(crate) fn artifacts() -> Result<Vec<Artifact>> {
    let list = wire_artifacts::list()?;
    Ok(list.into_iter().map(|found| Artifact { name: found.name, digest: found.digest, size: found.size }).collect())
}

pub(crate) fn sleep(duration: Duration) -> Result<()> {
    Ok(control::sleep(millis(duration))?)
}

pub(crate) fn checkpoint(json: String) -> Result<()> {
    Ok(control::checkpoint(&json)?)
}

pub(crate) fn log(level: log::Level, message: &str) {
    wire_log::write(level.into(), message);
}

pub(crate) fn step(name: &str) {
    wire_log::step(name);
}

pub(crate) fn progress(done: u64, total: Option<u64>, unit: &str) {
    wire_log::progress(done, total, unit);
}
