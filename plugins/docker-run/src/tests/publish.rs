use super::{Containers, DockerRun};
use serde_json::{Value, json};
use windlass_sdk::Error;
use windlass_sdk::docker::{Container, Reply, Request};
use windlass_sdk::testing::{Call, Harness};

/// An engine on which a container has the port 20041, and something else 20042.
fn harness(publish: Value) -> Harness {
    let config = json!({ "name": "shop-41", "image": "shop:2", "publish": publish });
    let mut harness = Harness::new().target("web-1").config(config);
    let containers = Containers::default();
    let mut port = None;
    harness.on_docker(move |request| match request {
        Request::List { .. } => {
            let labels = vec![("windlass.port".to_owned(), "20041".to_owned())];
            Ok(Reply::Containers(vec![Container { labels, ..Container::default() }]))
        }
        Request::Create { spec, .. } => {
            port = spec.ports[0].host;
            containers.answer(request, false)
        }
        Request::Start { .. } if port == Some(20_042) => Err(Error::conflict("no").code("port-taken").hint("stop it")),
        _ => containers.answer(request, false),
    });
    harness
}

#[test]
fn the_first_free_port_is_taken() {
    let mut harness = harness(json!({ "container": 3000 }));
    assert_eq!(harness.run::<DockerRun>().unwrap()["port"], 20_043);
    let calls = [
        "docker.list web-1: windlass.port=",
        "docker.create web-1: shop-41 shop:2",
        "docker.start web-1: shop-41",
        "docker.remove web-1: shop-41",
        "docker.create web-1: shop-41 shop:2",
        "docker.start web-1: shop-41",
    ];
    assert_eq!(harness.calls()[2..], calls);
    let Some(Call::Docker(Request::Create { spec, .. })) = harness.effects().iter().rev().nth(1) else { panic!() };
    let spec = serde_json::to_value(spec).unwrap();
    assert_eq!(spec["ports"], json!([{ "container": 3000, "host": 20_043, "address": "127.0.0.1" }]));
    assert_eq!(
        (&spec["labels"]["windlass.port"], &spec["env"]["PORT"]),
        (&json!("20043"), &json!([{ "text": "3000" }]))
    );
}

#[test]
fn a_range_without_a_free_port_is_named() {
    let error = harness(json!({ "container": 3000, "min": 20_041, "max": 20_042 })).run::<DockerRun>().unwrap_err();
    assert_eq!(error.message, "web-1 has no free port from 20041 to 20042 for shop-41");
    assert_eq!((error.code.as_str(), error.hint.as_deref()), ("no-free-port", Some("stop it")));
    let error = harness(json!({ "container": 3000, "min": 2, "max": 1 })).run::<DockerRun>().unwrap_err();
    assert_eq!(error.message, "the range of ports is empty: 2 to 1");
}
