use super::*;
use serde_json::json;

pub(crate) fn summary(number: u64, last_seq: u64) -> DeploymentSummary {
    serde_json::from_value(json!({
        "id": format!("00000000-0000-7000-8000-{number:012x}"),
        "number": number, "label": format!("shop#{number}"), "project": "shop", "environment": "production",
        "reason": "deploy", "status": "succeeded", "actor": "ada", "release": "20260305-143022",
        "commit": { "sha": "4f1c2d3e5a", "branch": "main", "message": "Fix the Cart total" },
        "created_at": 1_000, "started_at": 2_000, "ended_at": 66_000, "last_seq": last_seq,
    }))
    .expect("the fixture is a summary")
}

fn numbers(list: &[DeploymentSummary]) -> Vec<(u64, u64)> {
    list.iter().map(|deployment| (deployment.number, deployment.last_seq)).collect()
}

#[test]
fn merging_keeps_each_once_and_the_newest_first() {
    let mut list = Vec::new();
    assert!(merge(&mut list, [summary(2, 5), summary(4, 5)]));
    assert!(merge(&mut list, [summary(3, 1), summary(4, 9), summary(1, 1)]));
    assert_eq!(numbers(&list), [(4, 9), (3, 1), (2, 5), (1, 1)]);
}

#[test]
fn a_late_answer_does_not_undo_a_live_change() {
    let mut list = vec![summary(4, 9)];
    assert!(!merge(&mut list, [summary(4, 5), summary(4, 9)]));
    assert_eq!(numbers(&list), [(4, 9)]);
}

#[test]
fn all_words_must_be_mentioned_somewhere() {
    let filter = |text: &str| DeploymentFilter { text: text.into(), ..DeploymentFilter::default() };
    for (text, expected) in [("", true), ("cart", true), ("4f1c ADA", true), ("shop#4", true), ("cart bob", false)] {
        assert_eq!(filter(text).shows(&summary(4, 1)), expected, "{text}");
    }
}

#[test]
fn the_server_filters_by_what_it_knows() {
    let filter = DeploymentFilter {
        project: Some("shop".into()),
        status: Some(DeploymentStatus::Failed),
        text: "cart".into(),
        ..DeploymentFilter::default()
    };
    assert_eq!(filter.query(), [("project", "shop".to_owned()), ("status", "failed".to_owned())]);
    assert!(!filter.shows(&summary(4, 1)));
}

#[test]
fn time_in_the_queue_does_not_count() {
    let mut deployment = summary(4, 1);
    assert_eq!(elapsed_text(&deployment, 0), "1m 04s");
    (deployment.ended_at, deployment.status) = (None, DeploymentStatus::Running);
    assert_eq!(elapsed_text(&deployment, 7_500), "5.5s");
    deployment.status = DeploymentStatus::Interrupted;
    assert_eq!(elapsed_text(&deployment, 7_500), "–");
    deployment.started_at = None;
    assert_eq!(elapsed_text(&deployment, 7_500), "–");
}
