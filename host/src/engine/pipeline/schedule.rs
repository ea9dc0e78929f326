//! What runs in which order and on which targets.

use super::model::{BatchSize, Pipeline, Place, Stage};
use windlass_api_types::event::PlannedStage;
use windlass_api_types::{ErrorKind, Failure};

#[cfg(test)]
mod tests;

/// One step of a deployment; steps run one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// One stage, on its targets side by side; without targets: once, on the server.
    Stage { index: usize, targets: Vec<String> },
    /// All stages of a rollout pass a batch before the next batch begins; the targets of a batch run
    /// side by side.
    Rollout { name: String, stages: Vec<usize>, batches: Vec<Vec<String>> },
}

/// The steps of a deployment. `only` are the targets to which it is confined, empty: all; stages and
/// rollouts that have no target among them have no step. Indexes are those of [`Pipeline::stages`].
pub fn schedule(pipeline: &Pipeline, only: &[String]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for (index, stage) in pipeline.stages.iter().enumerate() {
        let targets = targets(pipeline, stage, only);
        match &stage.place {
            Place::Server => steps.push(Step::Stage { index, targets }),
            _ if targets.is_empty() => {}
            Place::Targets { .. } => steps.push(Step::Stage { index, targets }),
            Place::Rollout { name } => match steps.last_mut() {
                Some(Step::Rollout { name: last, stages, .. }) if last == name => stages.push(index),
                _ => {
                    let sizes = pipeline.rollouts.get(name).map_or(&[][..], |rollout| &rollout.batch);
                    let batches = batches(&targets, sizes);
                    steps.push(Step::Rollout { name: name.clone(), stages: vec![index], batches });
                }
            },
        }
    }
    steps
}

/// The stages of a schedule as the first event of a deployment shows them.
pub fn planned_stages(pipeline: &Pipeline, steps: &[Step]) -> Vec<PlannedStage> {
    let planned = |index: &usize, targets: &[String]| {
        let stage = pipeline.stages.get(*index)?;
        Some(PlannedStage {
            id: stage.id.clone(),
            phase: stage.phase.clone(),
            plugin: stage.uses.to_string(),
            targets: targets.to_vec(),
            rollout: match &stage.place {
                Place::Rollout { name } => Some(name.clone()),
                _ => None,
            },
            pivot: stage.pivot,
            always: stage.always,
        })
    };
    let of_step = |step: &Step| match step {
        Step::Stage { index, targets } => planned(index, targets).into_iter().collect(),
        Step::Rollout { stages, batches, .. } => {
            let targets = batches.concat();
            stages.iter().filter_map(|index| planned(index, &targets)).collect::<Vec<_>>()
        }
    };
    steps.iter().flat_map(of_step).collect()
}

/// Checks the targets to which a deployment is to be confined.
pub fn check_only(pipeline: &Pipeline, only: &[String]) -> Result<(), Failure> {
    let known: Vec<&str> = pipeline.groups.values().flatten().map(String::as_str).collect();
    let Some(unknown) = only.iter().find(|name| !known.contains(&name.as_str())) else { return Ok(()) };
    let message = format!("environment `{}` of {} has no target `{unknown}`", pipeline.environment, pipeline.project);
    let failure = Failure::new(ErrorKind::InvalidInput, "target-unknown", message);
    Err(match super::suggest::hint(unknown, known) {
        Some(hint) => failure.hint(hint),
        None => failure.hint("the environment has no targets; leave the restriction out"),
    })
}

fn targets(pipeline: &Pipeline, stage: &Stage, only: &[String]) -> Vec<String> {
    let all = pipeline.targets_of(pipeline.groups_of(stage)).into_iter().map(|(target, _)| target.to_owned());
    let wanted = all.filter(|target| only.is_empty() || only.contains(target));
    if stage.one_target { wanted.take(1).collect() } else { wanted.collect() }
}

/// Splits targets into batches; the last size repeats until all have their place.
fn batches(targets: &[String], sizes: &[BatchSize]) -> Vec<Vec<String>> {
    let mut batches = Vec::new();
    let mut rest = targets;
    let mut sizes = sizes.iter();
    let mut size = BatchSize::Percent(100);
    while !rest.is_empty() {
        size = sizes.next().copied().unwrap_or(size);
        let (batch, after) = rest.split_at(count(size, targets.len()).clamp(1, rest.len()));
        batches.push(batch.to_vec());
        rest = after;
    }
    batches
}

fn count(size: BatchSize, all: usize) -> usize {
    match size {
        BatchSize::Count(count) => usize::try_from(count).unwrap_or(usize::MAX),
        BatchSize::Percent(percent) => (all * usize::from(percent)).div_ceil(100),
    }
}
