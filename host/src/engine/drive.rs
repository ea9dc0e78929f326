//! Driving one deployment that this process owns: from its record to its end, or to where it is let go of.

use super::Engine;
use super::execution::{Execution, Halted};
use super::record::Record;
use super::stop::{Stop, StopReason};
use crate::crash;
use crate::event::{AppendError, Appender, Durability, NewEvent, now};
use crate::store::{DeploymentRecord, StoreError};
use std::convert::Infallible;
use std::sync::OnceLock;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use windlass_api_types::{DeploymentState, DeploymentStatus, EventBody, FailedBy, Failure, Timestamp};

/// A deployment whose record failed in a way that waiting does not mend is let go of, and tried again, after this.
const PAUSE: Duration = Duration::from_secs(5);

/// How driving a deployment came to stop.
enum Driven {
    Ended,
    /// It cannot go on before a person has mended something.
    Interrupted,
}

impl Engine {
    /// Runs one deployment to its end, and records the end.
    pub(super) async fn drive(&self, deployment: DeploymentRecord, stop: Stop, appending: &OnceLock<Appender>) {
        let label = &deployment.summary.label;
        let driven = self.drive_on(&deployment, stop, appending).await;
        if let Some(appender) = appending.get() {
            appender.close().await;
        }
        match driven {
            Ok(Driven::Ended) => {}
            Ok(Driven::Interrupted) => tracing::error!(deployment = label, "a deployment cannot go on"),
            // Whoever owns it now drives it.
            Err(Halted::Record(AppendError::Fenced)) => {
                tracing::warn!(deployment = label, "another server has taken a deployment over");
            }
            Err(Halted::HandedOver) => self.let_go(&deployment).await,
            Err(error) => {
                tracing::error!(deployment = label, %error, "a deployment could not be recorded; it is tried again");
                tokio::select! {
                    () = tokio::time::sleep(PAUSE) => {}
                    () = self.inner.handing_over.cancelled() => {}
                }
                self.let_go(&deployment).await;
            }
        }
    }

    /// Lets go of a deployment. Where that cannot be recorded the end of this process tells.
    async fn let_go(&self, deployment: &DeploymentRecord) {
        let label = &deployment.summary.label;
        match self.parts().store.release_deployment(deployment.summary.id, deployment.epoch).await {
            Ok(()) => tracing::info!(deployment = label, "a deployment was let go of; it goes on elsewhere"),
            Err(error) => tracing::warn!(deployment = label, %error, "a deployment could not be let go of"),
        }
    }

    async fn drive_on(
        &self,
        deployment: &DeploymentRecord,
        stop: Stop,
        appending: &OnceLock<Appender>,
    ) -> Result<Driven, Halted> {
        let parts = self.parts();
        let id = deployment.summary.id;
        let missing = || StoreError::Missing { what: "deployment", id: id.to_string() };
        let state = parts.store.deployment_state(id).await?.ok_or_else(missing)?;
        let appender = parts.events.appender(id, deployment.epoch, state.clone());
        let appender = appending.get_or_init(|| appender);
        let begun = has_begun(&state);
        stop_as_recorded(&state, &stop);
        tell_asked(appender, &state, &stop).await?;
        let record = Record::Live(appender.clone(), parts.store.clone());
        let ended = match self.prepare(deployment, record, stop.clone(), state).await {
            Err(error) if begun => {
                let reason = error.failure().to_string();
                let event = NewEvent::of_deployment(EventBody::DeploymentInterrupted { reason });
                appender.commit(event, Durability::Full).await?;
                return Ok(Driven::Interrupted);
            }
            Err(error) => failed_to_start(error.failure()),
            Ok(execution) => run(&execution, appender, stop).await?,
        };
        crash::at("engine.ending");
        appender.commit(NewEvent::of_deployment(ended), Durability::Full).await?;
        Ok(Driven::Ended)
    }
}

/// Runs an execution within the deployment's own timeout.
async fn run(execution: &Execution, appender: &Appender, stop: Stop) -> Result<EventBody, Halted> {
    let hand_over = stop.hand_over.clone();
    tokio::select! {
        ended = execution.run() => ended,
        never = stop_in_time(execution.inputs.pipeline.timeout, appender.clone(), stop) => match never {},
        never = let_go_when_fenced(appender.fenced(), hand_over) => match never {},
    }
}

/// Another server has the deployment: what would be refused anyway is not begun any more.
async fn let_go_when_fenced(fenced: CancellationToken, hand_over: CancellationToken) -> Infallible {
    fenced.cancelled().await;
    hand_over.cancel();
    std::future::pending().await
}

/// Stops a deployment when its own timeout is over; what it waits for a person is not counted.
async fn stop_in_time(limit: Option<Duration>, appender: Appender, stop: Stop) -> Infallible {
    let Some(limit) = limit else { return std::future::pending().await };
    loop {
        let left = limit.saturating_sub(appender.with_state(|state| spent(state, now())));
        if left.is_zero() {
            let after = limit.as_millis().try_into().unwrap_or(u64::MAX);
            // Where it cannot be recorded nothing goes on anyway.
            drop(appender.append(NewEvent::of_deployment(EventBody::TimeoutReached { after })).await);
            stop.ask(StopReason::TimedOut { after: limit });
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(left).await;
    }
}

/// For how long a deployment has run.
fn spent(state: &DeploymentState, now: Timestamp) -> Duration {
    let since = state.started_at.unwrap_or(now);
    let until = state.held_since.unwrap_or(now);
    Duration::from_millis(u64::try_from(until - since).unwrap_or(0).saturating_sub(state.idle))
}

/// Whether anything of it may have happened.
fn has_begun(state: &DeploymentState) -> bool {
    !state.runs.is_empty()
}

/// Asks for what an earlier process was asked for.
fn stop_as_recorded(state: &DeploymentState, stop: &Stop) {
    if let Some(by) = state.canceled_by.clone() {
        stop.ask(StopReason::Canceled { by });
    } else if let Some(after) = state.timed_out_after {
        stop.ask(StopReason::TimedOut { after: Duration::from_millis(after) });
    }
}

/// Records a wish that came before there was a record to write it to.
async fn tell_asked(appender: &Appender, state: &DeploymentState, stop: &Stop) -> Result<(), AppendError> {
    match stop.reason() {
        Some(StopReason::Canceled { by }) if !state.cancel_requested => {
            appender.append(NewEvent::of_deployment(EventBody::CancelRequested { by })).await
        }
        _ => Ok(()),
    }
}

fn failed_to_start(failure: Failure) -> EventBody {
    EventBody::DeploymentEnded {
        status: DeploymentStatus::Failed,
        failed_by: Some(FailedBy::Platform),
        stage: None,
        failure: Some(failure),
        standing: vec!["nothing was changed".into()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_do_not_count_against_the_timeout() {
        let started = |held_since, idle| DeploymentState {
            started_at: Some(1_000),
            held_since,
            idle,
            ..DeploymentState::default()
        };
        for (state, seconds) in [
            (started(None, 0), 9),
            (started(None, 4_000), 5),
            (started(Some(3_000), 0), 2),
            (started(Some(3_000), 500), 1),
        ] {
            assert_eq!(spent(&state, 10_000).as_secs(), seconds, "{state:?}");
        }
    }
}
