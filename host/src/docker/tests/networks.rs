use super::*;
use std::collections::HashMap;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn networks_and_volumes_are_made_once_and_removed_once() {
    let Some(machine) = Machine::start().await else { return };
    machine.image("shop:1", "exec sleep 1000");
    let engine = engine(&machine).await;
    let labels = HashMap::from([("team".to_owned(), "web".to_owned())]);
    let id = engine.ensure_network("front", false, labels.clone()).await.unwrap();
    assert_eq!(engine.ensure_network("front", false, labels.clone()).await.unwrap(), id);
    engine.ensure_network("back", true, HashMap::new()).await.unwrap();
    for _ in 0..2 {
        engine.ensure_volume("data", labels.clone()).await.unwrap();
    }
    let keys = json!({
        "networks": [{ "name": "front", "aliases": ["app"] }, { "name": "back" }],
        "mounts": [{ "volume": "data", "target": "/data" }],
    });
    engine.create(spec(keys), "hash").await.unwrap();
    engine.start("shop", Duration::from_millis(300)).await.unwrap();
    let container = engine.container("shop").await.unwrap().unwrap();
    assert_eq!(container.addresses.keys().collect::<Vec<_>>(), ["back", "front"]);

    assert_eq!(failure(engine.remove_network("front").await).code, "network-in-use");
    assert_eq!(failure(engine.remove_volume("data").await).code, "volume-in-use");
    engine.remove("shop", true).await.unwrap();
    assert!(engine.remove_network("front").await.unwrap());
    assert!(!engine.remove_network("front").await.unwrap());
    assert!(engine.remove_volume("data").await.unwrap());
    assert!(!engine.remove_volume("data").await.unwrap());
}
