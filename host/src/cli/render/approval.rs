//! Questions that a deployment waits for, and their answers.

use super::style::{self, BOLD, DIM, paint};
use super::text::{clean_block, first_line};
use super::time;
use jiff::tz::TimeZone;
use windlass_api_types::approval::Approval;
use windlass_api_types::deployment::Deployment;
use windlass_api_types::{Decision, DeploymentStatus};

/// What is asked, and until when.
pub fn render_question(label: &str, approval: &Approval) -> String {
    let until = time::date(approval.expires, &TimeZone::system());
    format!(
        "{} {}: {}\n  {}",
        paint(style::WARNING, "◌"),
        paint(BOLD, label),
        clean_block(&approval.prompt, "  "),
        paint(DIM, &format!("until {until}"))
    )
}

/// The open questions of a deployment, and what to type.
pub fn render_waiting(deployment: &Deployment) -> String {
    let label = &deployment.summary.label;
    let open: Vec<&Approval> = deployment.state.open_approvals().collect();
    let mut text = String::new();
    for approval in &open {
        text.push_str(&format!("{}\n", render_question(label, approval)));
        let of = match (open.len(), &approval.stage) {
            (1, _) | (_, None) => String::new(),
            (_, Some(_)) => format!(" --key {}", first_line(&approval.key)),
        };
        let next = format!("windlass approve {label}{of} | windlass reject {label}{of}");
        text.push_str(&format!("  {} {next}\n", paint(DIM, "next:")));
    }
    text
}

/// What a decision came to.
pub fn render_decided(deployment: &Deployment, decision: Decision) -> String {
    let label = &deployment.summary.label;
    let status = deployment.summary.status;
    match (decision, status) {
        (_, status) if status.is_terminal() => format!("{label} is {decision}: it is {status}\n"),
        (_, DeploymentStatus::Waiting) => format!("{label} is {decision}\n{}", render_waiting(deployment)),
        _ => format!("{label} is {decision}\n  next: windlass logs {label} --follow\n"),
    }
}
