//! A template's stages and a project's own, made one list: known ids override, new ones are put where
//! they say.

use super::error::Problems;
use super::node::{At, Node, Table};
use super::read::{EnvironmentConfig, NamedTable, ProjectConfig, StageTable, stage_place};
use super::suggest;
use super::template::TemplateConfig;

/// The two texts as one, not yet read for their meaning.
#[derive(Clone, Debug)]
pub(crate) struct Merged {
    pub(crate) options: Table,
    pub(crate) domain: Option<At<String>>,
    pub(crate) timeout: Option<Node>,
    pub(crate) stages: Vec<StageTable>,
    pub(crate) rollouts: Vec<NamedTable>,
}

pub(crate) fn merge(config: &ProjectConfig, template: Option<&TemplateConfig>, problems: &mut Problems) -> Merged {
    let mut stages = template.map(|template| template.stages.clone()).unwrap_or_default();
    let mut added = Vec::new();
    for own in &config.stages {
        match stages.iter_mut().find(|stage| stage.id.value == own.id.value) {
            Some(stage) => override_stage(stage, own, problems),
            None => added.push(own.clone()),
        }
    }
    let mut rollouts = template.map(|template| template.rollouts.clone()).unwrap_or_default();
    for own in &config.rollouts {
        match rollouts.iter_mut().find(|rollout| rollout.name.value == own.name.value) {
            Some(rollout) => rollout.table.merge(&own.table),
            None => rollouts.push(own.clone()),
        }
    }
    Merged {
        options: config.options.clone(),
        domain: config.domain.clone(),
        timeout: config.timeout.clone().or_else(|| template.and_then(|template| template.timeout.clone())),
        stages: place_stages(stages, added, template, problems),
        rollouts,
    }
}

impl Merged {
    /// Takes the overrides of an environment in.
    pub(crate) fn specialize(&mut self, environment: &EnvironmentConfig, problems: &mut Problems) {
        self.options.merge(&environment.options);
        self.domain = environment.domain.clone().or_else(|| self.domain.take());
        for own in &environment.rollouts {
            if let Some(rollout) = self.rollouts.iter_mut().find(|rollout| rollout.name.value == own.name.value) {
                rollout.table.merge(&own.table);
                continue;
            }
            let (name, known) = (&own.name.value, self.rollouts.iter().map(|rollout| rollout.name.value.as_str()));
            let message = format!("environment `{}`: there is no rollout `{name}`", environment.name.value);
            let key = format!("environments.{}.rollout.{name}", environment.name.value);
            problems.add(&own.name.at, key, message).hint = suggest::hint(name, known);
        }
    }
}

/// Every option that the project sets anywhere.
pub(crate) fn options_anywhere(config: &ProjectConfig) -> Table {
    let mut all = config.options.clone();
    config.environments.iter().for_each(|environment| all.merge(&environment.options));
    all
}

/// Keys of which a stage has one: setting one takes the others away.
const EXCLUSIVE: &[&[&str]] = &[&["uses", "run"], &["targets", "rollout"]];

fn override_stage(stage: &mut StageTable, own: &StageTable, problems: &mut Problems) {
    for (key, place) in [("before", &own.before), ("after", &own.after)] {
        if let Some(place) = place {
            let message = format!("{}it has its place in the template", stage_place(&own.id.value));
            problems
                .add(&place.at, format!("stage.{}.{key}", own.id.value), message)
                .hint(format!("remove `{key}`, or give a new stage another id"));
        }
    }
    // The template's config is for the template's plugin.
    let plugin = |table: &Table| match table.get("uses").and_then(Node::as_text) {
        Some(uses) => uses.split('@').next().map(str::to_owned),
        None => table.get("run").map(|_| "run".to_owned()),
    };
    if plugin(&own.table).is_some_and(|own| Some(own) != plugin(&stage.table)) {
        stage.table.remove("with");
    }
    for keys in EXCLUSIVE {
        if keys.iter().any(|key| own.table.get(key).is_some()) {
            keys.iter().for_each(|key| stage.table.remove(key));
        }
    }
    // `when` is one condition: replaced as a whole, unlike `with`.
    if own.table.get("when").is_some() {
        stage.table.remove("when");
    }
    stage.table.merge(&own.table);
    stage.id.at = own.id.at.clone();
}

/// A stage in its place, and after which one it asked to be.
struct Placed {
    stage: StageTable,
    after: Option<String>,
}

fn place_stages(
    stages: Vec<StageTable>,
    mut added: Vec<StageTable>,
    template: Option<&TemplateConfig>,
    problems: &mut Problems,
) -> Vec<StageTable> {
    let mut placed: Vec<Placed> = stages.into_iter().map(|stage| Placed { stage, after: None }).collect();
    // Each pass places what has its neighbor in place; one that places nothing is the last.
    loop {
        let waiting = added.len();
        added.retain(|stage| match index_for(stage, &placed, template.is_none()) {
            Some(index) => {
                let after = stage.after.as_ref().map(|after| after.value.clone());
                placed.insert(index, Placed { stage: stage.clone(), after });
                false
            }
            None => true,
        });
        if added.is_empty() || added.len() == waiting {
            break;
        }
    }
    for stage in &added {
        report_lost(stage, &placed, &added, template, problems);
    }
    placed.into_iter().map(|placed| placed.stage).collect()
}

fn index_for(stage: &StageTable, placed: &[Placed], may_append: bool) -> Option<usize> {
    let index_of = |id: &str| placed.iter().position(|placed| placed.stage.id.value == id);
    match (&stage.before, &stage.after) {
        (Some(before), _) => index_of(&before.value),
        (None, Some(after)) => {
            let next = index_of(&after.value)? + 1;
            // Several behind the same stage keep the order of the text.
            let same = placed[next..].iter().take_while(|placed| placed.after.as_ref() == Some(&after.value)).count();
            Some(next + same)
        }
        (None, None) => may_append.then_some(placed.len()),
    }
}

fn report_lost(
    stage: &StageTable,
    placed: &[Placed],
    lost: &[StageTable],
    template: Option<&TemplateConfig>,
    problems: &mut Problems,
) {
    let id = &stage.id.value;
    let known = || placed.iter().map(|placed| placed.stage.id.value.as_str());
    let (key, anchor) = match (&stage.before, &stage.after) {
        (Some(before), _) => ("before", before),
        (None, Some(after)) => ("after", after),
        (None, None) => {
            let of = template.map(|template| format!(" of template `{}`", template.label())).unwrap_or_default();
            let message = format!("{}no stage{of} has this id, and a new one must say where it goes", stage_place(id));
            problems.add(&stage.id.at, format!("stage.{id}"), message).hint(match suggest::nearest(id, known()) {
                Some(near) => format!("did you mean `{near}`? A new stage needs `before` or `after`"),
                None => "add `before` or `after` with the id of another stage".into(),
            });
            return;
        }
    };
    let path = format!("stage.{id}.{key}");
    if lost.iter().any(|lost| lost.id.value == anchor.value) {
        let message = format!("{}`{key}` names `{}`, which has no place itself", stage_place(id), anchor.value);
        problems.add(&anchor.at, path, message).hint("stages must not refer to each other in a circle");
    } else {
        let message = format!("{}`{key}` names `{}`, and there is no such stage", stage_place(id), anchor.value);
        problems.add(&anchor.at, path, message).hint = suggest::hint(&anchor.value, known());
    }
}
