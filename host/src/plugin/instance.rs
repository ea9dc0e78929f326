//! One live sandbox: a fresh store, one call of `run` or `undo`, and what became of it.

use super::clocks::JournalClock;
use super::limits::{KIB, MIB};
use super::output::log_stream;
use super::runtime::TICK;
use super::{Component, Limits, Runtime};
use crate::capability::{Capabilities, Journal, LogRate, wit};
use crate::journal::{CallError, Divergence, JournalOptions, Recorded};
use tokio_util::sync::CancellationToken;
use wasmtime::component::ResourceTable;
use wasmtime::{Store, UpdateDeadline};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView, random};
use windlass_api_types::{ErrorKind, Failure, Level, RunMode, StageRunId};

mod memory;
mod verdict;

use memory::MemoryLimit;
pub use verdict::{Outcome, RunError};

/// What an instance's store holds.
pub(super) struct Guest {
    wasi: WasiCtx,
    table: ResourceTable,
    memory: MemoryLimit,
    /// Ticks of CPU time used, and allowed.
    cpu: (u64, u64),
    pub(super) capabilities: Capabilities,
}

impl WasiView for Guest {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl Component {
    /// Runs the stage, or its undo, in a fresh sandbox. Dropping the future drops the guest at once;
    /// effects under way are still recorded by the journal.
    pub async fn run(
        &self,
        runtime: &Runtime,
        journal: &Journal,
        mode: RunMode,
        context: &str,
    ) -> Result<Outcome, RunError> {
        let limits = runtime.limits();
        let (stdout, stdout_task) = log_stream(journal.clone(), Level::Info);
        let (stderr, stderr_task) = log_stream(journal.clone(), Level::Error);
        let wasi = empty_wasi(journal, stdout, stderr);
        let mut store = store(runtime, wasi, journal.clone());
        let answer = self.call(&mut store, mode, context).await;
        let memory_refused = store.data().memory.refused;
        let out_of_cpu = store.data().cpu.0 >= store.data().cpu.1;
        // The streams end with the store; what they hold belongs before the run's end.
        drop(store);
        drop(tokio::join!(stdout_task, stderr_task));
        journal.settle().await;
        let outcome = match answer {
            Ok(answer) => self.outcome(limits, mode, answer),
            Err(trap) => Err(verdict::of_trap(&trap, limits, memory_refused, out_of_cpu)),
        };
        match (outcome, journal.finish()) {
            (Err(stopped @ (RunError::Suspended(_) | RunError::HandedOver)), _) => Err(stopped),
            (Err(RunError::Diverged(divergence)), _) => Err(RunError::Diverged(divergence)),
            (outcome, Err(divergence)) => Err(divergence.at_end(|| verdict::said(&outcome)).into()),
            (outcome, Ok(())) => outcome,
        }
    }

    /// Asks a component for its metadata document. No capability answers.
    pub(super) async fn describe(runtime: &Runtime, pre: &wit::PluginPre<Guest>) -> wasmtime::Result<String> {
        let options = JournalOptions {
            recorded: Recorded::default(),
            cancel: CancellationToken::new(),
            most_effects: u64::MAX,
            secrets: Default::default(),
            hand_over: CancellationToken::new(),
        };
        let journal = Journal::replay(StageRunId(uuid::Uuid::nil()), 0, options);
        let (stdout, _) = log_stream(journal.clone(), Level::Info);
        let mut store = store(runtime, empty_wasi(&journal, stdout.clone(), stdout), journal);
        let plugin = pre.instantiate_async(&mut store).await?;
        plugin.windlass_stage_stage().call_describe(store).await
    }

    async fn call(
        &self,
        store: &mut Store<Guest>,
        mode: RunMode,
        context: &str,
    ) -> wasmtime::Result<Result<String, Failure>> {
        let plugin = self.pre.instantiate_async(&mut *store).await?;
        let stage = plugin.windlass_stage_stage();
        match mode {
            RunMode::Run => Ok(stage.call_run(store, context).await?.map_err(Failure::from)),
            RunMode::Undo => Ok(stage.call_undo(store, context).await?.map(|()| "{}".into()).map_err(Failure::from)),
        }
    }

    fn outcome(&self, limits: &Limits, mode: RunMode, answer: Result<String, Failure>) -> Result<Outcome, RunError> {
        let json = match answer {
            Ok(json) => json,
            Err(failure) => return Ok(Outcome::Failed(failure)),
        };
        if json.len() as u64 > limits.output_kb * KIB {
            return Err(RunError::Misbehaved(
                Failure::new(
                    ErrorKind::Failed,
                    "output-too-large",
                    format!("its outputs are {} bytes; {} KiB are allowed", json.len(), limits.output_kb),
                )
                .hint("outputs are for other stages, not for files; or raise plugins.output_kb"),
            ));
        }
        let outputs = serde_json::from_str(&json).map_err(|error| bad_outputs(format!("are not JSON: {error}")))?;
        if mode == RunMode::Run {
            self.check_outputs(&outputs).map_err(|error| bad_outputs(format!("do not fit its schema: {error}")))?;
        }
        Ok(Outcome::Done(outputs))
    }
}

fn bad_outputs(what: String) -> RunError {
    RunError::Misbehaved(
        Failure::new(ErrorKind::Failed, "bad-outputs", format!("its outputs {what}"))
            .hint("this is a fault of the plugin: tell its author"),
    )
}

fn store(runtime: &Runtime, wasi: WasiCtx, journal: Journal) -> Store<Guest> {
    let limits = runtime.limits();
    let ticks = limits.cpu_seconds * 1000 / TICK.as_millis() as u64;
    let guest = Guest {
        wasi,
        table: ResourceTable::new(),
        memory: MemoryLimit::new(limits.memory_mb * MIB),
        cpu: (0, ticks),
        capabilities: Capabilities { journal, log_rate: LogRate::new(limits.log_kb_per_second * KIB) },
    };
    let mut store = Store::new(runtime.engine(), guest);
    store.limiter(|guest| &mut guest.memory);
    store.set_hostcall_fuel((limits.call_mb * MIB) as usize);
    // A tick that passes while the guest waits in a host call is not its CPU time: the callback only
    // runs when the guest does.
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|mut context| {
        let (used, allowed) = &mut context.data_mut().cpu;
        *used += 1;
        Ok(if used < allowed { UpdateDeadline::Yield(1) } else { UpdateDeadline::Interrupt })
    });
    store
}

/// WASI with nothing behind it: no files, environment, arguments or network; time and randomness are
/// the stage run's own.
fn empty_wasi(
    journal: &Journal,
    stdout: impl wasmtime_wasi::cli::StdoutStream + 'static,
    stderr: impl wasmtime_wasi::cli::StdoutStream + 'static,
) -> WasiCtx {
    let seed = journal.run().0;
    WasiCtx::builder()
        .stdout(stdout)
        .stderr(stderr)
        .wall_clock(JournalClock(journal.clock().clone()))
        .monotonic_clock(JournalClock(journal.clock().clone()))
        .secure_random(random::Deterministic::new(seed.as_bytes().to_vec()))
        .insecure_random(random::Deterministic::new(seed.as_bytes().to_vec()))
        .insecure_random_seed(seed.as_u128())
        .build()
}

impl From<Divergence> for RunError {
    fn from(divergence: Divergence) -> Self {
        Self::Diverged(divergence)
    }
}

/// The journal's reason for stopping a guest, if that is what a trap is.
fn stopped_by(trap: &wasmtime::Error) -> Option<&CallError> {
    trap.downcast_ref::<CallError>()
}
