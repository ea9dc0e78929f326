//! Projects with what is live where.

use super::server::runs_on;
use super::style::{self, BOLD, DIM, FAILURE, SUCCESS, paint};
use super::table::{Cell, Table};
use super::text::clean;
use super::time;
use jiff::tz::TimeZone;
use windlass_api_types::DeploymentStatus;
use windlass_api_types::deployment::DeploymentSummary;
use windlass_api_types::project::{Environment, Health, Project};

/// Projects, each with its environments. `holders` are the deployments that hold one.
pub fn render_projects(projects: &[Project], holders: &[DeploymentSummary], zone: &TimeZone) -> String {
    if projects.is_empty() {
        return "no projects yet\n  next: windlass init | windlass deploy PATH --to ENVIRONMENT\n".into();
    }
    projects.iter().map(|project| render_project(project, holders, zone)).collect::<Vec<_>>().join("\n")
}

/// A project: for each environment its latest deployment, the one that holds it, and what runs on its targets.
pub fn render_project(project: &Project, holders: &[DeploymentSummary], zone: &TimeZone) -> String {
    let mut text = format!("{}\n", paint(BOLD, &project.name));
    for environment in &project.environments {
        let holds =
            |holder: &&DeploymentSummary| holder.project == project.name && holder.environment == environment.name;
        text.push_str(&render_environment(environment, holders.iter().find(holds), zone));
    }
    text
}

fn render_environment(environment: &Environment, holder: Option<&DeploymentSummary>, zone: &TimeZone) -> String {
    let mut text = format!("  {}", environment.name);
    match &environment.latest {
        Some(latest) => {
            let (symbol, color) = style::deployment(latest.status);
            let when = time::date(latest.created_at, zone);
            let status = paint(color, &format!("{symbol} {} {}", latest.label, latest.status));
            text.push_str(&format!("  {status}  {}\n", paint(DIM, &format!("{when} by {}", latest.actor))));
        }
        None => text.push_str(&format!("  {}\n", paint(DIM, "never deployed"))),
    }
    let is_latest =
        |holder: &DeploymentSummary| environment.latest.as_ref().is_some_and(|latest| latest.id == holder.id);
    if let Some(holder) = holder.filter(|holder| !is_latest(holder)) {
        text.push_str(&held_by(holder, zone));
    }
    let mut targets = Table::bare("    ");
    let mut unhealthy = String::new();
    for live in &environment.live {
        let mut cells = vec![
            live.target.as_deref().unwrap_or("server").into(),
            live.release.as_str().into(),
            Cell::new(&live.deployment, DIM),
            Cell::new(format!("since {}", time::date(live.since, zone)), DIM),
        ];
        cells.extend(health(&live.health, zone));
        targets.row(cells);
        for health in live.health.iter().filter(|health| !health.healthy) {
            let target = live.target.as_deref().unwrap_or("server");
            unhealthy.push_str(&format!("    {} {target}  {}\n", paint(FAILURE, "✗"), clean(&health.reason)));
        }
    }
    for target in environment.targets.values().flatten() {
        if !environment.live.iter().any(|live| live.target.as_ref() == Some(target)) {
            targets.row([target.as_str().into(), Cell::new("nothing live", DIM)]);
        }
    }
    text.push_str(&targets.render());
    text.push_str(&unhealthy);
    text
}

/// `healthy since …`, where something is watched: the worst of what its watches find.
fn health(found: &[Health], zone: &TimeZone) -> Option<Cell> {
    let worst = found.iter().min_by_key(|health| (health.healthy, health.since))?;
    let (word, color) = if worst.healthy { ("healthy", SUCCESS) } else { ("unhealthy", FAILURE) };
    Some(Cell::new(format!("{word} since {}", time::date(worst.since, zone)), color))
}

/// `held by ? shop#14 interrupted`, and what frees the environment.
fn held_by(holder: &DeploymentSummary, zone: &TimeZone) -> String {
    let (symbol, color) = style::deployment(holder.status);
    let status = paint(color, &format!("{symbol} {} {}", holder.label, holder.status));
    match holder.status {
        DeploymentStatus::Interrupted => format!("    held by {status}: windlass status {}\n", holder.label),
        _ => format!("    held by {status}{}\n", runs_on(holder, zone)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Record, START, plain};
    use super::*;
    use expect_test::expect;
    use windlass_api_types::project::Live;
    use windlass_api_types::{EnvironmentId, ProjectId};

    #[test]
    fn a_project_shows_what_is_live_where() {
        let id = uuid::Uuid::from_u128(1);
        let environment = Environment {
            id: EnvironmentId(id),
            name: "production".into(),
            targets: [("web".to_owned(), vec!["web-1".to_owned(), "web-2".to_owned()])].into(),
            live: vec![Live {
                target: Some("web-1".into()),
                release: "20260305-143022".into(),
                deployment: "shop#41".into(),
                since: START,
                health: vec![Health {
                    stage: "healthy".into(),
                    healthy: false,
                    since: START + 60_000,
                    reason: "GET :3000/ → 503".into(),
                }],
            }],
            latest: Some(Record::of(&["upload"]).deployment().summary),
        };
        let qa =
            Environment { name: "qa".into(), targets: [].into(), live: vec![], latest: None, ..environment.clone() };
        let project = Project {
            id: ProjectId(id),
            name: "shop".into(),
            config: String::new(),
            created_at: START,
            environments: vec![environment, qa],
        };
        expect![[r#"
            shop
              production  ● shop#41 running  2026-03-05 14:30 by ada
                web-1  20260305-143022  shop#41  since 2026-03-05 14:30  unhealthy since 2026-03-05 14:31
                web-2  nothing live
                ✗ web-1  GET :3000/ → 503
              qa  never deployed
        "#]]
        .assert_eq(&plain(&render_projects(&[project], &[], &TimeZone::UTC)));
    }

    #[test]
    fn what_holds_an_environment_is_shown_where_it_is_not_the_newest() {
        let id = uuid::Uuid::from_u128(1);
        let holder = DeploymentSummary {
            label: "shop#14".into(),
            status: DeploymentStatus::Interrupted,
            ..Record::of(&["upload"]).deployment().summary
        };
        let latest = DeploymentSummary {
            id: windlass_api_types::DeploymentId(id),
            label: "shop#15".into(),
            status: DeploymentStatus::Queued,
            ..holder.clone()
        };
        let environment = |name: &str, latest: &DeploymentSummary| Environment {
            id: EnvironmentId(id),
            name: name.into(),
            targets: [].into(),
            live: vec![],
            latest: Some(latest.clone()),
        };
        let environments = vec![environment("production", &latest), environment("qa", &holder)];
        let project =
            Project { id: ProjectId(id), name: "shop".into(), config: String::new(), created_at: START, environments };
        let in_qa = DeploymentSummary { environment: "qa".into(), ..holder.clone() };
        expect![[r#"
            shop
              production  ○ shop#15 queued  2026-03-05 14:30 by ada
                held by ? shop#14 interrupted: windlass status shop#14
              qa  ? shop#14 interrupted  2026-03-05 14:30 by ada
        "#]]
        .assert_eq(&plain(&render_project(&project, &[holder, in_qa], &TimeZone::UTC)));
    }
}
