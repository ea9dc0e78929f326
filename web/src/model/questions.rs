//! What a deployment asks people: whether it may go on, and what became of an effect that nobody else can know of.

use serde::Serialize;
use windlass_api_types::approval::Decide;
use windlass_api_types::deployment::ResolveEffect;
use windlass_api_types::{DeploymentState, Resolution, StageRunState, StageStatus, Timestamp};

/// One question, with everything that is known about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The same as long as it is the same question.
    pub key: String,
    /// What is asked.
    pub title: String,
    /// What is known of it.
    pub message: String,
    /// What was being done, such as a command; empty: nothing was.
    pub doing: String,
    /// When it is too late.
    pub expires: Option<Timestamp>,
    pub answers: Vec<Answer>,
}

/// One way to answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// What it says on the button.
    pub text: &'static str,
    /// What follows from it, in a few words.
    pub means: &'static str,
    /// Whether it ends something.
    pub danger: bool,
    pub request: Request,
}

/// What is sent.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Request {
    Approve(Decide),
    Reject(Decide),
    Resolve(ResolveEffect),
}

impl Request {
    /// The last part of its path below the deployment's.
    pub fn path(&self) -> &'static str {
        match self {
            Self::Approve(_) => "approve",
            Self::Reject(_) => "reject",
            Self::Resolve(_) => "resolve",
        }
    }
}

/// Every question that waits for an answer.
pub fn questions(state: &DeploymentState) -> Vec<Question> {
    let approvals = state.open_approvals().map(|approval| {
        let decide = || Decide { stage: None, key: Some(approval.key.clone()) };
        let answer = |text, means, danger, request| Answer { text, means, danger, request };
        Question {
            key: approval.key.clone(),
            title: approval.prompt.replace('`', ""),
            message: match &approval.stage {
                Some(stage) => format!("The stage {stage} waits for an answer."),
                None => "The whole deployment waits for an answer; nothing has begun.".into(),
            },
            doing: String::new(),
            expires: Some(approval.expires),
            answers: vec![
                answer("Approve", "it goes on", false, Request::Approve(decide())),
                answer("Reject", "it ends here", true, Request::Reject(decide())),
            ],
        }
    });
    let interrupted = |run: &&StageRunState| run.status == StageStatus::Interrupted;
    approvals.chain(state.open_runs().filter(interrupted).filter_map(resolution)).collect()
}

fn resolution(run: &StageRunState) -> Option<Question> {
    let effect = run.open_effect.as_ref().filter(|effect| effect.resolution.is_none())?;
    let place = match &run.target {
        Some(target) => format!("{} on {target}", run.stage),
        None => run.stage.clone(),
    };
    let answer = |text, means, resolution| {
        let request = ResolveEffect { resolution, stage: Some(run.stage.clone()), target: run.target.clone() };
        Answer { text, means, danger: resolution == Resolution::Fail, request: Request::Resolve(request) }
    };
    Some(Question {
        key: format!("{}/{}", run.id, effect.position),
        title: format!("What became of {place}?"),
        message: run.suspended.clone().unwrap_or_default(),
        doing: format!("{} {}", effect.function, pretty(&effect.arguments)),
        expires: None,
        answers: vec![
            answer("It happened", "go on behind it", Resolution::Done),
            answer("It did not happen", "do it now", Resolution::Retry),
            answer("It failed", "the stage fails", Resolution::Fail),
        ],
    })
}

fn pretty(arguments: &serde_json::Value) -> String {
    serde_json::to_string_pretty(arguments).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use windlass_api_types::{RunMode, state::OpenEffect};

    fn interrupted(resolution: Option<Resolution>) -> DeploymentState {
        let open_effect = OpenEffect {
            position: 3,
            function: "ssh-exec.exec".into(),
            arguments: serde_json::json!({ "target": "web-1" }),
            resolution,
        };
        let run = StageRunState {
            id: "00000000-0000-0000-0000-000000000001".parse().unwrap(),
            stage: "migrate".into(),
            target: Some("web-1".into()),
            attempt: 1,
            mode: RunMode::Run,
            plugin: "run@1.0.0".into(),
            digest: String::new(),
            status: StageStatus::Interrupted,
            started_at: 0,
            ended_at: None,
            outputs: None,
            failure: None,
            failed_by: None,
            will_retry: false,
            step: None,
            progress: None,
            checkpoint: None,
            effects: 4,
            changed: true,
            suspended: Some("web-1: it was rebooted".into()),
            open_effect: Some(open_effect),
        };
        DeploymentState { runs: vec![run], ..DeploymentState::default() }
    }

    #[test]
    fn what_was_interrupted_is_asked_about_until_it_is_answered() {
        let asked = questions(&interrupted(None));
        let [question] = asked.as_slice() else { panic!("{asked:?}") };
        assert_eq!(question.title, "What became of migrate on web-1?");
        assert_eq!(question.message, "web-1: it was rebooted");
        assert!(question.doing.starts_with("ssh-exec.exec {"), "{}", question.doing);
        let sent: Vec<_> =
            question.answers.iter().map(|answer| serde_json::to_value(&answer.request).unwrap()).collect();
        assert_eq!(sent[0], serde_json::json!({ "resolution": "done", "stage": "migrate", "target": "web-1" }));
        assert_eq!(question.answers.iter().map(|answer| answer.danger).collect::<Vec<_>>(), [false, false, true]);
        assert_eq!(questions(&interrupted(Some(Resolution::Retry))), []);
    }
}
