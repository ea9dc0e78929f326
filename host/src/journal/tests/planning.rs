//! Planning: reads are performed, changes are listed, nothing is recorded.

use super::*;
use crate::on_both_databases;

on_both_databases!(reads_are_performed_and_changes_only_listed, a_denial_is_seen_in_a_plan);

fn plan(stage: &Stage, world: &Arc<Done>) -> (Journal<Done>, PlanLog) {
    let log = PlanLog::after(false);
    let options = options(Recorded::default(), &CancellationToken::new());
    (Journal::plan(StageRunId::new(), stage.started, log.clone(), world.clone(), options), log)
}

async fn reads_are_performed_and_changes_only_listed(database: TestDatabase) {
    let stage = Stage::new(database).await;
    let before = stage.stored().await;
    let world = Arc::new(Done::default());
    let (journal, log) = plan(&stage, &world);
    assert_eq!(journal.call(note("r", RepeatPolicy::Read)).await.unwrap().unwrap(), "did r");
    assert_eq!(journal.call(note("w", RepeatPolicy::Once)).await.unwrap().unwrap(), "invented w");
    assert_eq!(journal.call(note("s", RepeatPolicy::Read)).await.unwrap().unwrap(), "did s");
    let (effects, simulated) = log.take();
    let seen = |effect: &PlannedEffect| (effect.summary.clone(), effect.performed, effect.simulated);
    let expected = [("note r", true, false), ("note w", false, false), ("note s", true, true)];
    let listed: Vec<_> = effects.iter().map(seen).collect();
    assert_eq!(listed, expected.map(|(summary, performed, simulated)| (summary.to_owned(), performed, simulated)));
    assert!(simulated);
    assert_eq!(world.list(), ["r", "s"]);
    assert_eq!(stage.stored().await, before);
}

async fn a_denial_is_seen_in_a_plan(database: TestDatabase) {
    let stage = Stage::new(database).await;
    let (journal, log) = plan(&stage, &Arc::default());
    let failure = journal.call(note("denied", RepeatPolicy::Once)).await.unwrap().unwrap_err();
    assert_eq!(failure.kind, ErrorKind::Denied);
    assert_eq!(log.take().0.len(), 1);
}
