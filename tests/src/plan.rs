//! `windlass plan`: it lists the calls that the deployment then makes, and changes nothing.

use crate::harness::{HelloOptions, Site, Version, on_each_database, tree};
use windlass_api_types::RunMode;
use windlass_api_types::deployment::DeploymentPage;
use windlass_api_types::effect::DeploymentEffect;
use windlass_api_types::plan::{Plan, PlannedEffect};

on_each_database![a_plan_lists_what_the_deployment_does];

/// Stage, target and function of each call, in order.
type Calls = Vec<(String, Option<String>, String)>;

/// For the first deployment, where nothing is there yet, and for the next ones, with both strategies.
async fn a_plan_lists_what_the_deployment_does(site: &Site) {
    site.prepare(&HelloOptions { drain_seconds: 1, ..HelloOptions::default() }).await;
    plan_then_deploy(site, Version::V1).await;
    plan_then_deploy(site, Version::V2).await;
    site.configure(&HelloOptions { strategy: "sequential", pre_start: "true", ..HelloOptions::default() });
    plan_then_deploy(site, Version::V1).await;
}

async fn plan_then_deploy(site: &Site, version: Version) {
    let home = site.target().home();
    let before = tree(&home);
    let plan: Plan = site.plan(version, "--json").await.succeeds().json();
    let after = tree(&home);
    for path in before.keys().chain(after.keys()) {
        assert_eq!(before.get(path), after.get(path), "a plan changed {}", path.display());
    }
    assert_eq!(plan.failure, None);
    let planned: Calls = plan
        .runs
        .iter()
        .flat_map(|run| {
            run.effects.iter().map(|effect| (run.stage.clone(), run.target.clone(), effect.function.clone()))
        })
        .collect();

    site.deploy(version).await.succeeds();
    let effects: Vec<DeploymentEffect> = site.windlass("effects --json").await.succeeds().json();
    assert!(effects.iter().all(|effect| effect.run.mode == RunMode::Run));
    let made: DeploymentPage = site.windlass("history --limit 1 --json").await.succeeds().json();
    reads_as_planned(&plan, &made.deployments[0].release, &effects);
    let done: Calls =
        effects.into_iter().map(|effect| (effect.run.stage, effect.run.target, effect.function)).collect();
    assert_eq!(planned, done);
    assert!(planned.len() >= 10, "the deployment has stages: {planned:?}");
    says_what_is_simulated(&plan);
}

/// A record says what was done in the words of its plan, where nothing depends on an answer.
fn reads_as_planned(plan: &Plan, release: &str, effects: &[DeploymentEffect]) {
    let renamed = |text: String| text.replace(&plan.release, release);
    let planned = plan.runs.iter().flat_map(|run| &run.effects);
    let same = |(planned, done): &(&PlannedEffect, &DeploymentEffect)| {
        let done = done.arguments.to_string();
        renamed(planned.arguments.to_string()) == done
    };
    let same: Vec<_> = planned.zip(effects).filter(same).collect();
    assert!(same.len() >= 5, "what depends on no answer is the same: {same:#?}");
    for (planned, done) in same {
        assert_eq!(renamed(planned.summary.clone()), done.summary, "{}", done.function);
    }
}

/// What only reads is performed; everything after the first answer that is invented is marked.
fn says_what_is_simulated(plan: &Plan) {
    let effects: Vec<_> = plan.runs.iter().flat_map(|run| &run.effects).collect();
    let first = effects.iter().position(|effect| effect.simulated).expect("a deployment changes something");
    assert!(first > 0 && effects.iter().any(|effect| effect.performed), "{effects:#?}");
    assert!(effects[first..].iter().all(|effect| effect.simulated));
}
