//! The capability calls, as the harness of this thread answers them.

use super::Call;
use super::script::Script;
use crate::log::Level;
use crate::state::Entry;
use crate::{Artifact, Error, Result, approval, dns, docker, files, health, http, ssh};
use std::cell::RefCell;
use std::time::Duration;

thread_local! {
    /// The script of the harness that is running a stage on this thread.
    static CURRENT: RefCell<Option<Script>> = const { RefCell::new(None) };
}

/// Runs a stage with a script, and gives the script back with all that it recorded.
pub(super) fn with_script<T>(script: Script, stage: impl FnOnce() -> T) -> (T, Script) {
    let outer = CURRENT.replace(Some(script));
    assert!(outer.is_none(), "a stage that a harness runs cannot run a harness itself");
    let answer = stage();
    (answer, CURRENT.take().expect("nothing else takes the script while a stage runs"))
}

fn current<T>(call: impl FnOnce(&mut Script) -> T) -> T {
    CURRENT.with_borrow_mut(|script| {
        let script = script.as_mut().expect("capabilities answer only in a stage that the host or `Harness::run` runs");
        call(script)
    })
}

pub(crate) fn exec(request: ssh::Request) -> Result<ssh::Output> {
    current(|script| script.exec(request))
}

pub(crate) fn write_file(request: files::WriteRequest) -> Result<()> {
    current(|script| script.write(request))
}

pub(crate) fn read_file(request: files::ReadRequest) -> Result<Vec<u8>> {
    current(|script| script.read(request))
}

pub(crate) fn sync(request: files::SyncRequest) -> Result<files::Synced> {
    current(|script| script.sync(request))
}

pub(crate) fn unpack(request: files::UnpackRequest) -> Result<files::Unpacked> {
    current(|script| script.unpack(request))
}

pub(crate) fn docker(request: docker::Request) -> Result<docker::Reply> {
    current(|script| script.docker(request))
}

pub(crate) fn wait_healthy(request: health::Request) -> Result<health::Report> {
    current(|script| script.wait_healthy(request))
}

pub(crate) fn dns_upsert(set: dns::RecordSet) -> Result<()> {
    current(|script| script.dns_upsert(set))
}

pub(crate) fn dns_delete(name: &str, record_type: dns::RecordType) -> Result<()> {
    current(|script| script.dns_delete(name, record_type))
}

pub(crate) fn dns_lookup(request: dns::LookupRequest) -> Result<Vec<dns::Answer>> {
    current(|script| script.dns_lookup(request))
}

pub(crate) fn wait_propagated(request: dns::WaitRequest) -> Result<dns::Report> {
    current(|script| script.wait_propagated(request))
}

pub(crate) fn send_http(request: http::Request) -> Result<http::Response> {
    current(|script| script.send_http(request))
}

pub(crate) fn state_get(key: &str) -> Result<Option<Entry>> {
    current(|script| {
        script.calls.push(Call::StateGet(key.to_owned()));
        Ok(script.state.get(key).cloned())
    })
}

pub(crate) fn state_set(key: &str, value: &str, expected: Option<u64>) -> Result<u64> {
    current(|script| {
        script.calls.push(Call::StateSet(key.to_owned(), value.to_owned()));
        let version = check_version(script, key, expected)? + 1;
        script.state.insert(key.to_owned(), Entry { value: value.to_owned(), version });
        Ok(version)
    })
}

pub(crate) fn state_delete(key: &str, expected: Option<u64>) -> Result<()> {
    current(|script| {
        script.calls.push(Call::StateDelete(key.to_owned()));
        check_version(script, key, expected)?;
        script.state.remove(key);
        Ok(())
    })
}

fn check_version(script: &Script, key: &str, expected: Option<u64>) -> Result<u64> {
    let version = script.state.get(key).map_or(0, |entry| entry.version);
    match expected {
        Some(expected) if expected != version => {
            Err(Error::conflict(format!("the key `{key}` has version {version}, not {expected}")))
        }
        _ => Ok(version),
    }
}

pub(crate) fn open_approval(key: &str, prompt: &str, expires: Duration) -> Result<String> {
    let asked = Call::OpenApproval { key: key.to_owned(), prompt: prompt.to_owned(), expires };
    current(|script| script.calls.push(asked));
    Ok("https://windlass.example.com/deployments/shop/41".to_owned())
}

pub(crate) fn wait_for_approval(key: &str) -> Result<approval::Decision> {
    current(|script| script.wait_for_approval(key))
}

pub(crate) fn artifacts() -> Result<Vec<Artifact>> {
    current(|script| {
        script.calls.push(Call::Artifacts);
        Ok(script.artifacts.clone())
    })
}

pub(crate) fn sleep(duration: Duration) -> Result<()> {
    current(|script| script.calls.push(Call::Sleep(duration)));
    Ok(())
}

pub(crate) fn checkpoint(json: String) -> Result<()> {
    current(|script| script.calls.push(Call::Checkpoint(json)));
    Ok(())
}

pub(crate) fn log(level: Level, message: &str) {
    current(|script| script.log.push((level, message.to_owned())));
}

pub(crate) fn step(name: &str) {
    current(|script| script.log.push((Level::Info, format!("▸ {name}"))));
}

pub(crate) fn progress(done: u64, total: Option<u64>, unit: &str) {
    let total = total.map(|total| format!(" of {total}")).unwrap_or_default();
    current(|script| script.log.push((Level::Debug, format!("{done}{total} {unit}"))));
}
