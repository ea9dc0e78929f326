//! Projects with what is live where.

use super::style::{self, BOLD, DIM, paint};
use super::table::{Cell, Table};
use super::time;
use jiff::tz::TimeZone;
use windlass_api_types::project::{Environment, Project};

/// Projects, each with its environments.
pub fn render_projects(projects: &[Project], zone: &TimeZone) -> String {
    if projects.is_empty() {
        return "no projects yet\n  next: windlass init | windlass deploy PATH --to ENVIRONMENT\n".into();
    }
    projects.iter().map(|project| render_project(project, zone)).collect::<Vec<_>>().join("\n")
}

/// A project: for each environment its latest deployment and what runs on its targets.
pub fn render_project(project: &Project, zone: &TimeZone) -> String {
    let mut text = format!("{}\n", paint(BOLD, &project.name));
    for environment in &project.environments {
        text.push_str(&render_environment(environment, zone));
    }
    text
}

fn render_environment(environment: &Environment, zone: &TimeZone) -> String {
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
    let mut targets = Table::bare("    ");
    for live in &environment.live {
        targets.row([
            live.target.as_deref().unwrap_or("server").into(),
            live.release.as_str().into(),
            Cell::new(&live.deployment, DIM),
            Cell::new(format!("since {}", time::date(live.since, zone)), DIM),
        ]);
    }
    for target in environment.targets.values().flatten() {
        if !environment.live.iter().any(|live| live.target.as_ref() == Some(target)) {
            targets.row([target.as_str().into(), Cell::new("nothing live", DIM)]);
        }
    }
    text.push_str(&targets.render());
    text
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
                web-1  20260305-143022  shop#41  since 2026-03-05 14:30
                web-2  nothing live
              qa  never deployed
        "#]]
        .assert_eq(&plain(&render_projects(&[project], &TimeZone::UTC)));
    }
}
