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
        } else if progress.undo_failures.iter().any(|(failed, _)| failed == target) {
            format!("{target} was undone in part: look at what runs there")
        } else if progress.undone.contains(target) {
            format!("{target} was undone, {}", old(target))
        } else if progress.left.contains_key(target) {
            format!("{target} was not undone, {}", old(target))
        } else if progress.kept.contains(target) || progress.started.iter().any(|run| run.spot.as_ref() == Some(&spot))
        {
            format!("{target} was left as the failure found it")
        } else {
            format!("{target} was not changed, {}", old(target))
        };
        sentences.push(sentence);
    }
    sentences.extend(progress.left.iter().map(|(target, stages)| kept(target, stages)));
    sentences.extend(progress.undo_failures.iter().map(|(_, sentence)| sentence.clone()));
    sentences
}

/// `what `migrate` and `seed` did on web-1 stays`.
pub(super) fn kept(target: &str, stages: &[String]) -> String {
    let named: Vec<String> = stages.iter().map(|stage| format!("`{stage}`")).collect();
    let named = match named.as_slice() {
        [] => return String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    };
    let place = if target.is_empty() { String::new() } else { format!(" on {target}") };
    format!("what {named} did{place} stays")
}
