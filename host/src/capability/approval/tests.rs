use super::super::testing::{Options, Place};
use super::{Open, Wait};
use windlass_api_types::{ErrorKind, EventBody};

const MINUTE: u64 = 60_000;

fn open(key: &str, prompt: &str, expires_ms: u64) -> Open {
    Open { key: key.into(), prompt: prompt.into(), expires_ms }
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused() {
    let place = Place::new(Options::default()).await;
    for (asked, refusal) in [
        (open("", "Go on?", MINUTE), "an approval's key of 0 bytes; 1 to 63 are allowed"),
        (open(&"k".repeat(64), "Go on?", MINUTE), "an approval's key of 64 bytes; 1 to 63 are allowed"),
        (open("go", " ", MINUTE), "a prompt of 0 bytes; 1 to 2,000 are allowed"),
        (open("go", &"p".repeat(2001), MINUTE), "a prompt of 2001 bytes; 1 to 2,000 are allowed"),
        (open("go", "Go on?", 999), "a question that is open for 999ms; 1 second to 30 days are allowed"),
        (open("go", "Go on?", u64::MAX), "1 second to 30 days are allowed"),
    ] {
        let failure = place.call(asked).await.unwrap_err();
        assert_eq!((failure.kind, failure.code.as_str()), (ErrorKind::InvalidInput, "bad-approval"));
        assert!(failure.message.ends_with(refusal), "{}", failure.message);
    }
    let unasked = place.call(Wait { key: "go".into() }).await.map(drop).unwrap_err();
    assert_eq!((unasked.kind, unasked.message.as_str()), (ErrorKind::NotFound, "nothing was asked under the key `go`"));
    let asked = |body: &EventBody| matches!(body, EventBody::ApprovalRequested { .. });
    assert!(!place.events().await.iter().any(|event| asked(&event.body)));
}

#[tokio::test]
async fn a_question_keeps_secrets_and_a_plan_asks_nobody() {
    let place = Place::new(Options { secrets: &[("TOKEN", "hunter22")], ..Options::default() }).await;
    let (link, log) = place.plan(open("go", "Go on?", MINUTE)).await;
    assert_eq!((link.unwrap().as_str(), log.take().0.len()), ("", 1));
    assert!(!place.recorded().await.contains("approval_requested"));

    let link = place.call(open("go", "Is hunter22 right?", MINUTE)).await.unwrap();
    assert_eq!(link, "https://windlass.example.com/deployments/shop/41");
    let recorded = place.recorded().await;
    assert!(recorded.contains("approval_requested") && !recorded.contains("hunter22"), "{recorded}");
}
