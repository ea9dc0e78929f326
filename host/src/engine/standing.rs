//! Where things stand after a failure: a sentence for each target.

use super::execution::Execution;

/// What each target runs now, and which undos did not succeed.
pub(super) fn standing(execution: &Execution) -> Vec<String> {
    let progress = execution.progress();
    let live = &execution.inputs.live;
    let old = |target: &str| match live.get(target) {
        Some(label) => format!("its old release {label} serves"),
        None => "nothing was live there before".into(),
    };
    let mut sentences: Vec<String> = Vec::new();
    for spot in execution.all_spots() {
        let target = &spot.target;
        let sentence = if progress.activated.contains(target) {
            format!("{target} runs the new release")
        } else if progress.pivoted.contains(target) {
            format!("{target} was past the point of no return: look at what runs there")
        } else if progress.undone.contains(target) {
            format!("{target} was undone, {}", old(target))
        } else if progress.started.iter().any(|run| run.spot.as_ref() == Some(&spot)) {
            format!("{target} was left as the failure found it")
        } else {
            format!("{target} was not changed, {}", old(target))
        };
        sentences.push(sentence);
    }
    sentences.extend(progress.undo_failures.iter().cloned());
    sentences
}
