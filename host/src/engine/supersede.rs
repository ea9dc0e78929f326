//! Superseding: where only the newest deployment of an environment is wanted, those that still wait for their turn end.

use super::{Engine, EngineError};
use crate::event::{AppendError, NewEvent};
use crate::store::DeploymentRecord;
use windlass_api_types::{DeploymentStatus, ErrorKind, EventBody, FailedBy, Failure};

impl Engine {
    /// Ends those of the environment that were created before `newest` and have not started.
    pub(super) async fn supersede(&self, newest: &DeploymentRecord) -> Result<(), EngineError> {
        for waiting in self.parts().store.unfinished().await? {
            let earlier = waiting.environment_id == newest.environment_id
                && waiting.summary.number < newest.summary.number
                && waiting.summary.started_at.is_none();
            if !earlier {
                continue;
            }
            let event = NewEvent::of_deployment(superseded(&newest.summary.label));
            match self.parts().events.append_once(&waiting, &[event]).await {
                Ok(_) => {}
                // Its turn has come meanwhile, or it has ended.
                Err(AppendError::Fenced | AppendError::Illegal(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

fn superseded(by: &str) -> EventBody {
    EventBody::DeploymentEnded {
        status: DeploymentStatus::Canceled,
        failed_by: Some(FailedBy::User),
        stage: None,
        failure: Some(Failure::new(ErrorKind::Canceled, "superseded", format!("superseded by {by}"))),
        standing: vec!["nothing was changed".into()],
    }
}
