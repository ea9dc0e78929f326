//! Replays: each stage run with its effects, and the first difference, both sides.

use super::effects::{DONE, answer, heading, mark, origin};
use super::style::{self, BOLD, DIM, PLAIN, paint};
use super::table::{Cell, Table};
use super::text::{counted, first_line, truncate};
use anstyle::Style;
use serde_json::Value;
use windlass_api_types::replay::{Difference, Replay, ReplayCall, ReplayedEffect, ReplayedRun, ValueDifference};
use windlass_api_types::{EffectReplay, ReplayVerdict};

/// A value that differs is shown up to here, in characters, from shortly before the place where it does …
const VALUE: usize = 160;
/// … so many.
const BEFORE: usize = 30;

/// What became of a deployment's stage runs when they were run again.
pub fn render_replay(replay: &Replay) -> String {
    let mut text = String::new();
    for run in &replay.runs {
        text.push_str(&render_run(run));
    }
    text.push_str(&format!("{}\n", summary(replay)));
    text
}

fn render_run(run: &ReplayedRun) -> String {
    let (symbol, color) = verdict(run.verdict);
    let plugin = match &run.replayed_with {
        Some(other) => format!("{}, replayed with {} ({})", run.plugin.label, other.label, short(&other.digest)),
        None => run.plugin.label.clone(),
    };
    let place = heading(&run.run);
    let mut text = format!(
        "{} {}  {}  {}\n",
        paint(color, symbol),
        paint(BOLD, &place),
        paint(DIM, &plugin),
        paint(color, &said(run))
    );
    let mut table = Table::bare("    ");
    for effect in &run.effects {
        table.row(cells(effect));
    }
    text.push_str(&table.render());
    if let Some(difference) = &run.difference {
        text.push_str(&render_difference(difference, run));
    }
    if let Some(note) = &run.note {
        text.push_str(&format!("    {}\n", paint(DIM, &first_line(note))));
    }
    text
}

fn verdict(verdict: ReplayVerdict) -> (&'static str, Style) {
    match verdict {
        ReplayVerdict::Same => ("✓", style::SUCCESS),
        ReplayVerdict::Different => ("✗", style::FAILURE),
        ReplayVerdict::Open => ("…", style::RUNNING),
        ReplayVerdict::NeverBegan => ("–", DIM),
        ReplayVerdict::Unavailable => ("?", style::WARNING),
    }
}

fn said(run: &ReplayedRun) -> String {
    let effects = counted(run.effects.len(), "effect");
    let outcome = match &run.replayed {
        Some(outcome) if outcome.failure.is_some() => "failure",
        _ => "outputs",
    };
    match (run.verdict, &run.difference) {
        (ReplayVerdict::Same, _) if run.note.is_some() => format!("the same {effects}"),
        (ReplayVerdict::Same, _) if run.effects.is_empty() => format!("the same {outcome}"),
        (ReplayVerdict::Same, _) => format!("the same: {effects} and the {outcome}"),
        (ReplayVerdict::Different, Some(Difference::Outcome { .. })) => {
            format!("the same {effects}, another outcome")
        }
        (ReplayVerdict::Different, _) => "different".into(),
        (ReplayVerdict::Open, _) => "the same so far".into(),
        (ReplayVerdict::NeverBegan, _) => "never began".into(),
        (ReplayVerdict::Unavailable, _) => "not replayed".into(),
    }
}

fn cells(effect: &ReplayedEffect) -> [Cell; 6] {
    let (symbol, color) = match effect.replayed {
        EffectReplay::Same => ("=", style::SUCCESS),
        EffectReplay::Different => ("≠", style::FAILURE),
        EffectReplay::Unread => ("·", DIM),
    };
    let shown = match effect.replayed {
        EffectReplay::Unread => DIM,
        EffectReplay::Same | EffectReplay::Different => PLAIN,
    };
    let (result, result_color) = mark(effect.answer.as_ref());
    [
        Cell::new(effect.call.position.to_string(), DIM),
        Cell::new(symbol, color),
        Cell::new(&effect.call.function, shown),
        Cell::new(truncate(&first_line(&effect.call.summary), DONE), shown),
        Cell::new(origin(effect.origin), DIM),
        Cell::new(format!("{result} {}", answer(effect.answer.as_ref())), result_color),
    ]
}

fn render_difference(difference: &Difference, run: &ReplayedRun) -> String {
    let (heading, recorded, replayed, values): (_, _, _, &[ValueDifference]) = match difference {
        Difference::Call { recorded, replayed, values } => {
            (format!("the first difference: effect {}", recorded.position), call(recorded), call(replayed), values)
        }
        Difference::Longer { replayed } => {
            let heading = format!("the replay goes on where the record ends, with effect {}", replayed.position);
            (heading, "nothing".into(), call(replayed), &[])
        }
        Difference::Shorter { recorded, ended } => {
            let heading = format!("the replay ends before its record, which goes on with effect {}", recorded.position);
            (heading, call(recorded), format!("nothing: {}", first_line(ended)), &[])
        }
        Difference::Outcome { values } => {
            let end = |outcome: &Option<_>| outcome.as_ref().map_or_else(|| "nothing".into(), ended);
            ("the first difference: how it ended".into(), end(&run.recorded), end(&run.replayed), values)
        }
    };
    let mut text = format!("    {}\n", paint(style::FAILURE, &heading));
    text.push_str(&both(&recorded, &replayed, "      "));
    for value in values {
        text.push_str(&format!("      at {}\n", paint(BOLD, &first_line(&value.path))));
        let (recorded, replayed) = sides(value);
        text.push_str(&both(&recorded, &replayed, "        "));
    }
    text
}

fn both(recorded: &str, replayed: &str, indent: &str) -> String {
    format!("{indent}{} {recorded}\n{indent}{} {replayed}\n", paint(DIM, "recorded:"), paint(DIM, "replayed:"))
}

fn call(call: &ReplayCall) -> String {
    format!("{} ({})  {}", call.function, call.policy, truncate(&first_line(&call.summary), DONE))
}

fn ended(outcome: &windlass_api_types::replay::RunOutcome) -> String {
    match &outcome.failure {
        Some(failure) => format!("failed: {}", truncate(&first_line(&failure.message), DONE)),
        None => "succeeded".into(),
    }
}

/// Both values as JSON; of long ones the part around the place where they begin to differ.
fn sides(value: &ValueDifference) -> (String, String) {
    let json = |value: &Option<Value>| value.as_ref().map_or_else(|| "nothing".to_owned(), Value::to_string);
    let (recorded, replayed) = (json(&value.recorded), json(&value.replayed));
    let same = recorded.chars().zip(replayed.chars()).take_while(|(one, other)| one == other).count();
    let cut = |text: &str| {
        let skipped = if text.chars().count() > VALUE { same.saturating_sub(BEFORE) } else { 0 };
        let rest: String = text.chars().skip(skipped).collect();
        let dots = if skipped > 0 { "…" } else { "" };
        first_line(&format!("{dots}{}", truncate(&rest, VALUE)))
    };
    (cut(&recorded), cut(&replayed))
}

fn summary(replay: &Replay) -> String {
    let words = [
        (ReplayVerdict::Same, "the same"),
        (ReplayVerdict::Different, "different"),
        (ReplayVerdict::Open, "without an end"),
        (ReplayVerdict::NeverBegan, "that never began"),
        (ReplayVerdict::Unavailable, "not replayed"),
    ];
    let counts = words.into_iter().map(|(verdict, word)| (replay.count(verdict), word));
    let parts: Vec<String> =
        counts.filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    let runs = counted(replay.runs.len(), "stage run");
    let parts = if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
    format!("{}, {runs}{parts}. Nothing was performed.", replay.deployment)
}

fn short(digest: &str) -> &str {
    digest.get(..19).unwrap_or(digest)
}

#[cfg(test)]
mod tests;
