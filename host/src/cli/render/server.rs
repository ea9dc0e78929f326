//! Servers, and which of them runs what.

use super::style::{BOLD, DIM, FAILURE, SUCCESS, paint};
use super::table::{Cell, Table};
use super::time;
use jiff::tz::TimeZone;
use windlass_api_types::deployment::DeploymentSummary;
use windlass_api_types::server::ServerInfo;

/// A table of servers; nothing where there is one only.
pub fn render_servers(servers: &[ServerInfo], zone: &TimeZone) -> String {
    if servers.len() < 2 {
        return String::new();
    }
    let mut table = Table::bare("  ");
    for server in servers {
        let (state, color) = match server.alive {
            true => (format!("since {}", time::date(server.started_at, zone)), SUCCESS),
            false => (format!("silent since {}", time::date(server.seen_at, zone)), FAILURE),
        };
        let runs = match server.deployments {
            0 => String::new(),
            1 => "1 deployment".into(),
            count => format!("{count} deployments"),
        };
        table.row([
            server.name.as_str().into(),
            Cell::new(state, color),
            runs.into(),
            Cell::new(server.url.clone().unwrap_or_default(), DIM),
        ]);
    }
    format!("\n{}\n{}", paint(BOLD, "servers"), table.render())
}

/// ` on web-ops since 14:30:22`, where there are several servers.
pub fn runs_on(deployment: &DeploymentSummary, zone: &TimeZone) -> String {
    let Some(server) = &deployment.server else { return String::new() };
    let since = deployment.started_at.map(|at| format!(" since {}", time::date(at, zone)));
    format!(" on {server}{}", since.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::super::sample::{START, plain};
    use super::*;
    use expect_test::expect;
    use windlass_api_types::ServerId;

    #[test]
    fn servers_are_shown_where_there_are_several() {
        let server = |name: &str, alive: bool, deployments| ServerInfo {
            id: ServerId(uuid::Uuid::from_u128(1)),
            name: name.into(),
            url: alive.then(|| "http://10.0.0.7:4680".into()),
            started_at: START,
            seen_at: START + 60_000,
            alive,
            deployments,
        };
        let servers = [server("ops-1", true, 2), server("ops-2", false, 1), server("ops-3", true, 0)];
        assert_eq!(render_servers(&servers[..1], &TimeZone::UTC), "");
        expect![[r#"

            servers
              ops-1  since 2026-03-05 14:30         2 deployments  http://10.0.0.7:4680
              ops-2  silent since 2026-03-05 14:31  1 deployment
              ops-3  since 2026-03-05 14:30                        http://10.0.0.7:4680
        "#]]
        .assert_eq(&plain(&render_servers(&servers, &TimeZone::UTC)));
    }
}
