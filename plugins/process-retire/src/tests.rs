use super::ProcessRetire;
use serde_json::{Value, json};
use windlass_sdk::ssh::Output;
use windlass_sdk::testing::{Harness, LocalTarget};

fn on_a_target(releases: &[&str], config: Value) -> (LocalTarget, Harness) {
    let target = LocalTarget::new();
    std::fs::create_dir_all(target.home().join("shop/run")).unwrap();
    for label in releases {
        std::fs::create_dir_all(target.home().join("shop/releases").join(label)).unwrap();
    }
    let mut with = json!({ "directory": "shop", "stop_seconds": 1 });
    with.as_object_mut().unwrap().extend(config.as_object().unwrap().clone());
    let mut harness = Harness::new().target("web-1").config(with);
    target.serve(&mut harness, "/nonexistent");
    (target, harness)
}

#[test]
fn the_newest_releases_stay_and_so_do_the_live_and_the_previous_one() {
    let labels = ["20260101-000000", "20260305-143022", "20260401-000000", "20260401-000000-2", "20260501-000000"];
    let (target, harness) = on_a_target(&labels, json!({ "keep": 2 }));
    let mut harness = harness.previous_release("20260501-000000");
    let outputs = harness.run::<ProcessRetire>().unwrap();
    assert_eq!(outputs, json!({ "stopped": [], "removed": ["20260401-000000", "20260101-000000"] }));
    let mut left: Vec<_> = std::fs::read_dir(target.home().join("shop/releases"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    left.sort();
    assert_eq!(left, ["20260305-143022", "20260401-000000-2", "20260501-000000"]);
}

#[test]
fn as_many_logs_stay() {
    let (target, mut harness) = on_a_target(&["20260305-143022"], json!({ "keep": 2 }));
    let log = |name: &str| target.home().join(format!("shop/run/{name}.log"));
    for (age, name) in ["a-d4", "a-d3", "a-d2", "a-d1"].into_iter().enumerate() {
        let file = std::fs::File::create(log(name)).unwrap();
        let ago = std::time::Duration::from_secs(60 * age as u64);
        file.set_modified(std::time::SystemTime::now() - ago).unwrap();
    }
    harness.run::<ProcessRetire>().unwrap();
    assert!(log("a-d4").exists() && log("a-d3").exists());
    assert!(!log("a-d2").exists() && !log("a-d1").exists());
}

#[test]
fn it_drains_only_where_there_is_something_to_drain() {
    let calls = |previous: Option<&str>, config: Value| {
        let mut harness = Harness::new().target("web-1").config(config);
        if let Some(label) = previous {
            harness = harness.previous_release(label);
        }
        harness.on_exec(|_| Ok(Output::ok("")));
        harness.run::<ProcessRetire>().unwrap();
        harness.calls().into_iter().filter(|call| call.starts_with("control.")).collect::<Vec<_>>()
    };
    let config = json!({ "directory": "shop", "drain_seconds": 7 });
    assert_eq!(calls(Some("20260301-080000"), config.clone()), ["control.sleep 7000 ms"]);
    assert!(calls(None, config).is_empty());
    let sequential = json!({ "directory": "shop", "strategy": "sequential" });
    assert!(calls(Some("20260301-080000"), sequential).is_empty());
}

#[test]
fn a_plan_makes_the_same_calls() {
    let harness =
        || Harness::new().target("web-1").previous_release("20260301-080000").config(json!({ "directory": "shop" }));
    let mut planned = harness();
    planned.plan::<ProcessRetire>().unwrap();
    let mut performed = harness();
    performed.on_exec(|_| Ok(Output::ok("killed=x\nstopped=x\nremoved=20250101-000000\n")));
    performed.run::<ProcessRetire>().unwrap();
    assert_eq!(planned.calls(), performed.calls());
}
