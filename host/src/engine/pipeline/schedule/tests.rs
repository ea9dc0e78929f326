use super::super::model::{OnFailure, PluginPin, Revert, Rollout, UndoPolicy};
use super::*;
use proptest::prelude::*;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

fn names(count: usize) -> Vec<String> {
    (1..=count).map(|index| format!("web-{index}")).collect()
}

fn sizes(targets: usize, batch: &[BatchSize]) -> Vec<usize> {
    batches(&names(targets), batch).iter().map(Vec::len).collect()
}

fn stage(id: &str, place: Place, one_target: bool) -> Stage {
    Stage {
        id: id.into(),
        phase: None,
        uses: PluginPin { name: "noop".into(), version: "1.0.0".into(), digest: String::new() },
        with: json!({}),
        place,
        one_target,
        timeout: None,
        retries: 0,
        on_failure: OnFailure::Fail,
        undo: UndoPolicy::Auto,
        when: Vec::new(),
        always: false,
        pivot: false,
        watch: false,
        approval: None,
    }
}

/// build on the server, migrate on one db target, two stages of a rollout over web and db, notify on web.
fn pipeline(web: usize, db: usize, batch: Vec<BatchSize>) -> Pipeline {
    let groups = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let rollout = || Place::Rollout { name: "app".into() };
    Pipeline {
        project: "shop".into(),
        environment: "production".into(),
        domain: None,
        template: None,
        options: json!({}),
        // `web-1` is in both: it must not run twice.
        groups: BTreeMap::from([
            ("web".to_owned(), names(web)),
            ("db".to_owned(), (1..=db).map(|index| format!("db-{index}")).chain(["web-1".to_owned()]).collect()),
        ]),
        stages: vec![
            stage("build", Place::Server, false),
            stage("migrate", Place::Targets { groups: groups(&["db"]) }, true),
            stage("start", rollout(), false),
            stage("finish", rollout(), false),
            stage("notify", Place::Targets { groups: groups(&["web"]) }, false),
        ],
        rollouts: BTreeMap::from([(
            "app".to_owned(),
            Rollout { targets: groups(&["web", "db"]), batch, revert: Revert::Batch },
        )]),
        queue: Default::default(),
        timeout: None,
        approval: None,
    }
}

#[test]
fn sizes_follow_each_other_and_the_last_repeats() {
    use BatchSize::{Count, Percent};
    assert_eq!(sizes(8, &[Count(1), Percent(25), Percent(100)]), [1, 2, 5]);
    assert_eq!(sizes(7, &[Count(2)]), [2, 2, 2, 1]);
    assert_eq!(sizes(3, &[Percent(1)]), [1, 1, 1]);
    assert_eq!(sizes(2, &[Count(1), Percent(100)]), [1, 1]);
    assert_eq!(sizes(1, &[Count(9)]), [1]);
}

#[test]
fn a_stage_without_targets_runs_on_the_server() {
    let steps = schedule(&pipeline(2, 1, vec![BatchSize::Count(1)]), &[]);
    assert_eq!(
        steps,
        [
            Step::Stage { index: 0, targets: vec![] },
            Step::Stage { index: 1, targets: vec!["db-1".into()] },
            Step::Rollout {
                name: "app".into(),
                stages: vec![2, 3],
                batches: vec![vec!["web-1".into()], vec!["web-2".into()], vec!["db-1".into()]],
            },
            Step::Stage { index: 4, targets: vec!["web-1".into(), "web-2".into()] },
        ]
    );
}

#[test]
fn confined_to_a_target_the_others_have_no_step() {
    let pipeline = pipeline(2, 1, vec![BatchSize::Percent(100)]);
    let steps = schedule(&pipeline, &["db-1".into()]);
    assert_eq!(
        steps,
        [
            Step::Stage { index: 0, targets: vec![] },
            Step::Stage { index: 1, targets: vec!["db-1".into()] },
            Step::Rollout { name: "app".into(), stages: vec![2, 3], batches: vec![vec!["db-1".into()]] },
        ]
    );
    let planned: Vec<_> =
        planned_stages(&pipeline, &steps).into_iter().map(|stage| (stage.id, stage.targets)).collect();
    assert_eq!(
        planned,
        [
            ("build".into(), vec![]),
            ("migrate".into(), vec!["db-1".to_owned()]),
            ("start".into(), vec!["db-1".into()]),
            ("finish".into(), vec!["db-1".into()]),
        ]
    );
}

#[test]
fn an_unknown_target_is_refused() {
    let failure =
        check_only(&pipeline(2, 1, vec![BatchSize::Count(1)]), &["web-3".into()]).expect_err("no such target");
    assert_eq!(failure.message, "environment `production` of shop has no target `web-3`");
    assert_eq!(failure.hint.as_deref(), Some("did you mean `web-1`?"));
}

fn batch_sizes() -> impl Strategy<Value = Vec<BatchSize>> {
    let size = prop_oneof![(1u32..50).prop_map(BatchSize::Count), (1u8..=100).prop_map(BatchSize::Percent)];
    prop::collection::vec(size, 1..5)
}

proptest! {
    #[test]
    fn batches_partition_the_targets(count in 0usize..200, sizes in batch_sizes()) {
        let batches = batches(&names(count), &sizes);
        prop_assert!(batches.iter().all(|batch| !batch.is_empty()));
        prop_assert_eq!(batches.concat(), names(count));
    }

    #[test]
    fn every_stage_runs_once_on_each_of_its_targets(web in 1usize..9, db in 0usize..5, sizes in batch_sizes()) {
        let pipeline = pipeline(web, db, sizes);
        let mut seen = BTreeSet::new();
        let mut once = |index: usize, target: &str| seen.insert((index, target.to_owned()));
        for step in schedule(&pipeline, &[]) {
            match step {
                Step::Stage { index, targets } if targets.is_empty() => prop_assert!(once(index, "")),
                Step::Stage { index, targets } => {
                    for target in &targets {
                        prop_assert!(once(index, target));
                    }
                }
                Step::Rollout { stages, batches, .. } => {
                    for (index, target) in stages.iter().flat_map(|index| batches.iter().flatten().map(|t| (*index, t))) {
                        prop_assert!(once(index, target));
                    }
                }
            }
        }
        // build once, migrate once, start and finish on web and db (web-1 is in both), notify on web
        prop_assert_eq!(seen.len(), 1 + 1 + 2 * (web + db) + web);
    }
}
