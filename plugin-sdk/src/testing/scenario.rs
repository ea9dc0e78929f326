//! The deployment that a harness starts from, and what a test may say of it.

use super::Harness;
use crate::context::{Context, Deployment, DeploymentKind, Mode, PreviousRelease, Release, StageRun, Target};
use crate::{Artifact, Segment, Text};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) fn context() -> Context {
    Context {
        context: 1,
        mode: Mode::Run,
        kind: DeploymentKind::Deploy,
        project: "shop".to_owned(),
        environment: "production".to_owned(),
        deployment: Deployment {
            id: "01890000-0000-7000-8000-000000000041".to_owned(),
            number: 41,
            label: "shop#41".to_owned(),
            url: None,
        },
        actor: "ada".to_owned(),
        release: Release {
            id: "01890000-0000-7000-8000-0000000000aa".to_owned(),
            label: "20260305-143022".to_owned(),
            commit: None,
            artifacts: Vec::new(),
        },
        previous_release: None,
        stage: StageRun {
            id: "stage".to_owned(),
            attempt: 1,
            run_id: "01890000-0000-7000-8000-000000000001".to_owned(),
        },
        target: None,
        targets: Vec::new(),
        batch: None,
        variables: BTreeMap::new(),
        secrets: Vec::new(),
        config: json!({}),
        outputs: BTreeMap::new(),
        checkpoint: None,
    }
}

pub(super) fn to_json(context: &Context) -> String {
    serde_json::to_string(context).expect("a context has string keys and no foreign types")
}

/// What is told to the stage.
impl Harness {
    /// The stage's `with`.
    pub fn config(mut self, config: Value) -> Self {
        self.context.config = config;
        self
    }

    /// The stage runs on this target, of the group `web`.
    pub fn target(mut self, name: &str) -> Self {
        let target = Target { name: name.to_owned(), group: "web".to_owned() };
        self.context.targets.push(target.clone());
        self.context.target = Some(target);
        self
    }

    /// A variable of the environment.
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.context.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// What an earlier stage answered; `target` is `""` for a stage without one.
    pub fn output(mut self, stage: &str, target: &str, outputs: Value) -> Self {
        self.context.outputs.entry(stage.to_owned()).or_default().insert(target.to_owned(), outputs);
        self
    }

    /// What an earlier attempt stored.
    pub fn checkpoint(mut self, checkpoint: Value) -> Self {
        self.context.checkpoint = Some(checkpoint);
        self
    }

    /// An artifact of the release.
    pub fn artifact(mut self, name: &str, digest: &str) -> Self {
        self.context.release.artifacts.push(Artifact { name: name.to_owned(), digest: digest.to_owned(), size: 1024 });
        self
    }

    /// The release that is deployed, and the number of the deployment.
    pub fn release(mut self, label: &str, number: u64) -> Self {
        self.context.release.label = label.to_owned();
        self.context.deployment.number = number;
        self.context.deployment.label = format!("{}#{number}", self.context.project);
        self
    }

    /// The release that is live before.
    pub fn previous_release(mut self, label: &str) -> Self {
        self.context.previous_release = Some(PreviousRelease { id: None, label: label.to_owned() });
        self
    }
}

/// The text as a test sees it: secrets by name.
pub(super) fn plain(text: &Text) -> String {
    let piece = |segment: &Segment| match segment {
        Segment::Text { text } => text.clone(),
        Segment::Secret { secret, quoting } => {
            quoting.iter().fold(format!("<secret {secret}>"), |value, quoting| quoting.apply(&value))
        }
    };
    text.segments().iter().map(piece).collect()
}
