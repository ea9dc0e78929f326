//! What differs between two calls or two outcomes, value by value.

use crate::capability::summary;
use crate::journal::Call;
use serde::Serialize;
use serde_json::{Value, json};
use windlass_api_types::replay::{Difference, ReplayCall, RunOutcome, ValueDifference};

/// More values than a person reads: the calls themselves are shown whole.
const MOST: usize = 20;

/// A call for people.
pub(super) fn call(call: &Call) -> ReplayCall {
    ReplayCall {
        position: call.position,
        function: call.function.clone(),
        policy: call.policy,
        summary: summary(&call.function, &call.arguments),
        arguments: call.arguments.clone(),
    }
}

/// The difference of two calls at the same position.
pub(super) fn of_calls(recorded: &Call, replayed: &Call) -> Difference {
    let compared =
        |call: &Call| json!({ "function": call.function, "policy": call.policy, "arguments": call.arguments });
    let values = values(&compared(recorded), &compared(replayed));
    Difference::Call { recorded: call(recorded), replayed: call(replayed), values }
}

/// What differs between two ends of a stage run; nothing where they are the same. Who is blamed and how it is shown
/// (`warned`) is the engine's: it is no part of what the plugin said.
pub(super) fn outcomes(recorded: &RunOutcome, replayed: &RunOutcome) -> Vec<ValueDifference> {
    let compared = |outcome: &RunOutcome| {
        let mut said = serde_json::Map::new();
        put(&mut said, "outputs", outcome.outputs.as_ref());
        put(&mut said, "failure", outcome.failure.as_ref());
        Value::Object(said)
    };
    values(&compared(recorded), &compared(replayed))
}

/// Two outcomes that are only known as texts.
pub(super) fn of_texts(recorded: &str, replayed: &str) -> Difference {
    Difference::Outcome { values: values(&json!(recorded), &json!(replayed)) }
}

fn put(to: &mut serde_json::Map<String, Value>, name: &str, value: Option<&impl Serialize>) {
    if let Some(value) = value.and_then(|value| serde_json::to_value(value).ok()) {
        to.insert(name.into(), value);
    }
}

/// Every value that differs, by its JSON Pointer, in the order of the record; what only the replay has comes last.
fn values(recorded: &Value, replayed: &Value) -> Vec<ValueDifference> {
    let mut found = Vec::new();
    compare(&mut String::new(), Some(recorded), Some(replayed), &mut found);
    found
}

fn compare(path: &mut String, recorded: Option<&Value>, replayed: Option<&Value>, found: &mut Vec<ValueDifference>) {
    if recorded == replayed || found.len() >= MOST {
        return;
    }
    let mut below = |key: &str, recorded: Option<&Value>, replayed: Option<&Value>| {
        let length = path.len();
        path.push('/');
        path.push_str(&key.replace('~', "~0").replace('/', "~1"));
        compare(path, recorded, replayed, found);
        path.truncate(length);
    };
    match (recorded, replayed) {
        (Some(Value::Object(one)), Some(Value::Object(other))) => {
            one.iter().for_each(|(key, value)| below(key, Some(value), other.get(key)));
            let more = other.iter().filter(|(key, _)| !one.contains_key(*key));
            more.for_each(|(key, value)| below(key, None, Some(value)));
        }
        (Some(Value::Array(one)), Some(Value::Array(other))) => {
            (0..one.len().max(other.len())).for_each(|at| below(&at.to_string(), one.get(at), other.get(at)));
        }
        _ => {
            found.push(ValueDifference { path: path.clone(), recorded: recorded.cloned(), replayed: replayed.cloned() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(recorded: Value, replayed: Value, expected: &[(&str, Value, Value)]) {
        let shown = |value: Option<Value>| value.unwrap_or(json!("nothing"));
        let found: Vec<_> = values(&recorded, &replayed)
            .into_iter()
            .map(|found| (found.path, shown(found.recorded), shown(found.replayed)))
            .collect();
        let expected: Vec<_> = expected.iter().map(|(path, a, b)| (path.to_string(), a.clone(), b.clone())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_same_has_no_difference() {
        check(json!({ "a": [1, { "b": null }] }), json!({ "a": [1, { "b": null }] }), &[]);
    }

    #[test]
    fn each_value_is_named_by_its_path() {
        check(
            json!({ "argv": ["echo", "there"], "sudo": true, "env": { "a/b~c": "1" } }),
            json!({ "argv": ["echo", "THERE", "now"], "env": { "a/b~c": "2" }, "cwd": "/srv" }),
            &[
                ("/argv/1", json!("there"), json!("THERE")),
                ("/argv/2", json!("nothing"), json!("now")),
                ("/env/a~1b~0c", json!("1"), json!("2")),
                ("/sudo", json!(true), json!("nothing")),
                ("/cwd", json!("nothing"), json!("/srv")),
            ],
        );
    }

    #[test]
    fn values_of_other_kinds_differ_whole() {
        check(json!({ "a": [1] }), json!({ "a": { "0": 1 } }), &[("/a", json!([1]), json!({ "0": 1 }))]);
    }

    #[test]
    fn many_differences_end_somewhere() {
        let many = |from: i32| Value::from((from..from + 1000).collect::<Vec<_>>());
        assert_eq!(values(&many(0), &many(1)).len(), MOST);
    }
}
