use super::ProcessStop;
use serde_json::json;
use windlass_sdk::ssh::Output;
use windlass_sdk::testing::{Call, Harness};

fn harness() -> Harness {
    Harness::new().target("web-1").config(json!({ "directory": "shop" }))
}

fn names(call: &Call) -> String {
    let Call::Exec(request) = call else { panic!("{call}") };
    let found = request.env.iter().find(|(name, _)| name == "NAMES");
    found.map(|(_, value)| value.to_string()).unwrap()
}

#[test]
fn what_runs_is_stored_before_it_is_stopped() {
    let mut harness = harness();
    harness.next_exec(Ok(Output::ok("running=20260301-080000-d40\n"))).next_exec(Ok(Output::ok("")));
    assert_eq!(harness.run::<ProcessStop>().unwrap(), json!({ "stopped": ["20260301-080000-d40"] }));
    let [Call::Exec(_), Call::Checkpoint(stored), stop] = harness.effects() else { panic!("{:?}", harness.calls()) };
    assert_eq!(stored, "{\"stopped\":[\"20260301-080000-d40\"]}");
    assert_eq!(names(stop), "20260301-080000-d40");
}

#[test]
fn a_second_attempt_remembers_what_the_first_one_stopped() {
    let mut harness = harness().checkpoint(json!({ "stopped": ["20260301-080000-d40"] }));
    harness.next_exec(Ok(Output::ok(""))).next_exec(Ok(Output::ok("")));
    harness.run::<ProcessStop>().unwrap();
    harness.forget();
    harness.next_exec(Ok(Output::ok("")));
    harness.undo::<ProcessStop>().unwrap();
    assert_eq!(names(&harness.effects()[0]), "20260301-080000-d40");
}

#[test]
fn where_nothing_ran_undo_starts_nothing() {
    let mut harness = harness();
    harness.next_exec(Ok(Output::ok(""))).next_exec(Ok(Output::ok("")));
    harness.run::<ProcessStop>().unwrap();
    harness.forget();
    harness.undo::<ProcessStop>().unwrap();
    assert!(harness.calls().is_empty());
}
