//! Lists of deployments, and one with its stages.

use super::style::{self, BOLD, DIM, paint};
use super::table::{Cell, Table};
use super::text::{first_line, truncate};
use super::time;
use jiff::tz::TimeZone;
use windlass_api_types::StageStatus;
use windlass_api_types::deployment::{Commit, Deployment, DeploymentSummary};
use windlass_api_types::lifecycle::Phase;
use windlass_api_types::state::StageState;

/// The first line of a commit's message is cut here in lists, in characters.
const MESSAGE: usize = 48;
/// A commit's hash is cut here, as git does.
const HASH: usize = 9;

/// A table of deployments.
pub fn render_history(deployments: &[DeploymentSummary], zone: &TimeZone) -> String {
    if deployments.is_empty() {
        return "no deployments\n".into();
    }
    let mut table = Table::new(&["", "DEPLOYMENT", "ENVIRONMENT", "STATUS", "RELEASE", "WHEN", "TOOK", "BY", "COMMIT"]);
    for deployment in deployments {
        let (symbol, color) = style::deployment(deployment.status);
        let status = match &deployment.failed_stage {
            Some(stage) => format!("{} at {stage}", deployment.status),
            None => deployment.status.to_string(),
        };
        table.row([
            Cell::new(symbol, color),
            Cell::new(&deployment.label, BOLD),
            deployment.environment.as_str().into(),
            Cell::new(status, color),
            deployment.release.as_str().into(),
            time::date(deployment.created_at, zone).into(),
            time::between(deployment.started_at, deployment.ended_at).map(time::took).unwrap_or_default().into(),
            deployment.actor.as_str().into(),
            Cell::new(deployment.commit.as_ref().map(commit).unwrap_or_default(), DIM),
        ]);
    }
    table.render()
}

fn commit(commit: &Commit) -> String {
    let hash: String = commit.sha.chars().take(HASH).collect();
    let message = commit.message.as_deref().map(first_line).unwrap_or_default();
    format!("{hash} {}", truncate(&message, MESSAGE)).trim_end().to_owned()
}

/// One deployment with its stages.
pub fn render_deployment(deployment: &Deployment, zone: &TimeZone) -> String {
    let summary = &deployment.summary;
    let (symbol, color) = style::deployment(summary.status);
    let mut text = format!(
        "{} {} {} → {}, release {}\n",
        paint(color, &format!("{symbol} {}", summary.status)),
        paint(BOLD, &summary.label),
        summary.reason,
        summary.environment,
        summary.release
    );
    let when = time::date(summary.created_at, zone);
    let commit = summary.commit.as_ref().map(|found| format!(", commit {}", commit(found))).unwrap_or_default();
    text.push_str(&format!("  {}\n\n", paint(DIM, &format!("by {} at {when}{commit}", summary.actor))));
    if let Some(line) = phases(deployment) {
        text.push_str(&format!("  {line}\n\n"));
    }
    let mut stages = Table::bare("  ");
    for stage in &deployment.state.stages {
        stages.row(stage_cells(stage));
    }
    text.push_str(&stages.render());
    if summary.status != windlass_api_types::DeploymentStatus::Succeeded {
        text.push_str(&format!("\n{}", super::failure::render_result(deployment)));
    }
    text
}

/// How far it is, and what its phases took: `RUNNING: building 12.0 s, deploying 3.0 s`.
fn phases(deployment: &Deployment) -> Option<String> {
    if deployment.phases.is_empty() {
        return None;
    }
    let took = |phase: &Phase| {
        let took = time::took(time::between(phase.started_at, phase.ended_at)?);
        Some(format!("{} {took}", phase.name))
    };
    let took: Vec<String> = deployment.phases.iter().filter_map(took).collect();
    let colon = if took.is_empty() { "" } else { ": " };
    Some(format!("{}{colon}{}", deployment.lifecycle, took.join(", ")))
}

fn stage_cells(stage: &StageState) -> [Cell; 5] {
    let (symbol, color) = style::stage(stage.status);
    let took = match stage.status {
        StageStatus::Skipped => None,
        _ => time::between(stage.started_at, stage.ended_at),
    };
    let mut notes: Vec<String> = Vec::new();
    if stage.planned.pivot {
        notes.push("pivot".into());
    }
    notes.extend(stage.skipped.as_deref().map(first_line));
    [
        Cell::new(symbol, color),
        stage.planned.id.as_str().into(),
        Cell::new(stage.planned.targets.join(", "), DIM),
        took.map(time::took).unwrap_or_default().into(),
        Cell::new(notes.join(": "), DIM),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Record, plain};
    use super::*;
    use expect_test::expect;
    use windlass_api_types::{DeploymentStatus, RunMode};

    fn succeeded() -> Deployment {
        let mut record = Record::of(&["upload", "stop"]);
        for (run, target) in [(1, "web-1"), (2, "web-2")] {
            record.start(run, "upload", target, RunMode::Run);
            record.end(run, StageStatus::Succeeded, None);
        }
        record.finish(DeploymentStatus::Succeeded, None, None, &[]);
        let mut deployment = record.deployment();
        deployment.summary.commit = Some(Commit {
            sha: "0123456789abcdef".into(),
            branch: Some("main".into()),
            message: Some("Sell shoes".into()),
            author: None,
        });
        deployment
    }

    #[test]
    fn a_deployment_shows_its_stages() {
        expect![[r#"
            ✓ succeeded shop#41 deploy → production, release 20260305-143022
              by ada at 2026-03-05 14:30, commit 012345678 Sell shoes

              ✓  upload  web-1, web-2  3.0 s
              –  stop    web-1, web-2
        "#]]
        .assert_eq(&plain(&render_deployment(&succeeded(), &TimeZone::UTC)));
    }

    #[test]
    fn history_is_a_line_a_deployment() {
        let newest = succeeded().summary;
        let failed = DeploymentSummary {
            status: DeploymentStatus::Failed,
            label: "shop#40".into(),
            failed_stage: Some("healthy".into()),
            commit: None,
            ended_at: None,
            ..newest.clone()
        };
        expect![[r#"
               DEPLOYMENT  ENVIRONMENT  STATUS             RELEASE          WHEN              TOOK   BY   COMMIT
            ✓  shop#41     production   succeeded          20260305-143022  2026-03-05 14:30  5.0 s  ada  012345678 Sell shoes
            ✗  shop#40     production   failed at healthy  20260305-143022  2026-03-05 14:30         ada
        "#]]
        .assert_eq(&plain(&render_history(&[newest, failed], &TimeZone::UTC)));
        assert_eq!(render_history(&[], &TimeZone::UTC), "no deployments\n");
    }
}
