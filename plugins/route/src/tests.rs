use super::Route;
use serde_json::json;
use windlass_sdk::testing::{Harness, LocalTarget};

fn serve(target: &LocalTarget) -> Harness {
    let config = json!({ "upstream_file": "shop/upstream", "port": 20002 });
    let mut harness = Harness::new().target("web-1").config(config);
    target.serve(&mut harness, "/nonexistent");
    harness
}

fn read(target: &LocalTarget) -> Option<String> {
    std::fs::read_to_string(target.home().join("shop/upstream")).ok()
}

#[test]
fn the_file_holds_the_upstream_and_nothing_else() {
    let target = LocalTarget::new();
    let outputs = serve(&target).run::<Route>().unwrap();
    assert_eq!(outputs, json!({ "upstream": "127.0.0.1:20002", "previous": null }));
    assert_eq!(read(&target).unwrap(), "127.0.0.1:20002");
}

#[test]
fn undo_restores_what_was_there() {
    let target = LocalTarget::new();
    std::fs::create_dir(target.home().join("shop")).unwrap();
    std::fs::write(target.home().join("shop/upstream"), "127.0.0.1:20001").unwrap();
    let mut harness = serve(&target);
    harness.run::<Route>().unwrap();
    // A second attempt finds its own port in the file.
    harness.run::<Route>().unwrap();
    harness.undo::<Route>().unwrap();
    assert_eq!(read(&target).unwrap(), "127.0.0.1:20001");
}

#[test]
fn undo_of_the_first_deployment_leaves_no_file() {
    let target = LocalTarget::new();
    let mut harness = serve(&target);
    harness.run::<Route>().unwrap();
    harness.undo::<Route>().unwrap();
    harness.undo::<Route>().unwrap();
    assert_eq!(read(&target), None);
}

#[test]
fn undo_of_a_run_that_came_to_nothing_makes_no_call() {
    let target = LocalTarget::new();
    let mut harness = serve(&target);
    harness.undo::<Route>().unwrap();
    assert!(harness.calls().is_empty());
}

#[test]
fn what_was_there_is_stored_before_it_is_changed() {
    let target = LocalTarget::new();
    let mut harness = serve(&target);
    harness.run::<Route>().unwrap();
    let calls = [
        "files.read web-1: shop/upstream",
        "control.checkpoint {\"contents\":null}",
        "files.write web-1: shop/upstream",
    ];
    assert_eq!(harness.calls(), calls);
}
