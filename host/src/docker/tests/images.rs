use super::super::testing::{CLOSED_REGISTRY, PASSWORD, REGISTRY, USERNAME};
use super::super::{Build, Context, Credentials};
use super::*;
use windlass_api_types::ErrorKind;

fn credentials(password: &str) -> Option<Credentials> {
    Some(Credentials { username: USERNAME.into(), password: password.into() })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_image_is_pulled_with_its_progress_in_the_log() {
    let Some(machine) = Machine::start().await else { return };
    let name = format!("{REGISTRY}/shop:1");
    machine.published(&name);
    let engine = engine(&machine).await;
    assert_eq!(engine.image(&name).await.unwrap(), None);
    let mut log = capture();
    let image = engine.pull(&name, None, &mut log).await.unwrap();
    assert!(image.id.starts_with("sha256:") && image.size > 100_000, "{image:?}");
    assert_eq!(image.tags, std::slice::from_ref(&name));
    assert!(image.digests[0].starts_with(&format!("{REGISTRY}/shop@sha256:")));
    let log = String::from_utf8(log.stdout).unwrap();
    for line in ["1: Pulling from shop\n", ": Download complete\n", ": Pull complete\n"] {
        assert!(log.contains(line), "{log}");
    }
    assert_eq!(engine.image(&name).await.unwrap(), Some(image));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_image_that_is_not_there_is_named() {
    let Some(machine) = Machine::start().await else { return };
    machine.published(&format!("{REGISTRY}/shop:1"));
    let engine = engine(&machine).await;
    for name in ["shop:2", "blog:1"] {
        let failure = failure(engine.pull(&format!("{REGISTRY}/{name}"), None, &mut capture()).await);
        assert_eq!((failure.kind, failure.code.as_str()), (ErrorKind::NotFound, "no-such-image"), "{failure:?}");
        assert!(failure.message.starts_with(&format!("web-1: Docker cannot pull {REGISTRY}/{name}: ")), "{failure:?}");
    }
    let failure = failure(engine.create(spec(json!({})), "hash").await);
    assert_eq!(failure.message, "web-1: Docker cannot use shop:1: No such image: shop:1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_registry_that_refuses_is_named() {
    let Some(machine) = Machine::start().await else { return };
    let name = format!("{CLOSED_REGISTRY}/shop:1");
    machine.image(&name, "exit 0");
    let engine = engine(&machine).await;
    for refused in [None, credentials("wrong")] {
        let failure = failure(engine.push(&name, refused, &mut capture()).await);
        assert_eq!((failure.kind, failure.code.as_str()), (ErrorKind::Denied, "registry-denied"), "{failure:?}");
        assert_eq!(
            failure.hint.as_deref(),
            Some("check the image's name, and the username and password for the registry")
        );
    }
    let digest = engine.push(&name, credentials(PASSWORD), &mut capture()).await.unwrap();
    assert!(digest.starts_with("sha256:") && digest.len() == 71, "{digest}");
    machine.docker(&["rmi", &name]);
    let refusal = failure(engine.pull(&name, None, &mut capture()).await);
    assert_eq!(refusal.code, "registry-denied", "{refusal:?}");
    engine.pull(&name, credentials(PASSWORD), &mut capture()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_registry_that_is_not_there_may_be_tried_again() {
    let Some(machine) = Machine::start().await else { return };
    let failure = failure(engine(&machine).await.pull("127.0.0.1:5999/shop:1", None, &mut capture()).await);
    assert_eq!((failure.kind, failure.code.as_str()), (ErrorKind::Unreachable, "registry-unreachable"), "{failure:?}");
    assert!(failure.retryable);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_images_are_pruned_but_those_in_use() {
    let Some(machine) = Machine::start().await else { return };
    for tag in 1..=4 {
        machine.image(&format!("shop:{tag}"), &format!("exec sleep 100{tag}"));
        // An engine knows seconds.
        tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    }
    let engine = engine(&machine).await;
    engine.tag("shop:1", "blog:1").await.unwrap();
    engine.create(spec(json!({ "image": "shop:2" })), "hash").await.unwrap();
    assert_eq!(engine.prune("shop", 1).await.unwrap(), ["shop:3", "shop:1"]);
    assert_eq!(engine.prune("shop", 1).await.unwrap(), Vec::<String>::new());
    let left = machine.docker(&["images", "--format", "{{.Repository}}:{{.Tag}}"]);
    let mut left: Vec<&str> = left.lines().collect();
    left.sort_unstable();
    assert_eq!(left, ["blog:1", "shop:2", "shop:4"]);
}

fn build() -> Build {
    Build {
        dockerfile: None,
        args: vec![("GREETING".into(), "hello".into())],
        tags: vec!["built:1".into(), "built:latest".into()],
        labels: vec![("team".into(), "web".into())],
        stage: None,
    }
}

/// Makes the directory of a build, with this Dockerfile after its first line.
fn directory(machine: &Machine, rest: &str) -> std::path::PathBuf {
    let directory = machine.path("context");
    std::fs::create_dir_all(&directory).unwrap();
    machine.image("base:1", "exit 0");
    std::fs::write(directory.join("Dockerfile"), format!("FROM base:1\nARG GREETING\n{rest}\n")).unwrap();
    directory
}

async fn archive(directory: &std::path::Path) -> Context {
    let mut archive = tar::Builder::new(Vec::new());
    archive.append_dir_all(".", directory).unwrap();
    Context::Archive(Box::new(std::io::Cursor::new(archive.into_inner().unwrap())))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_image_is_built_from_an_archive_and_from_a_directory() {
    let Some(machine) = Machine::start().await else { return };
    let directory = directory(&machine, "RUN echo \"said $GREETING\" && echo $GREETING >/greeting");
    let engine = engine(&machine).await;
    let there = Context::Directory(directory.display().to_string());
    for context in [archive(&directory).await, there] {
        let mut log = capture();
        let image = engine.build(&build(), context, &mut log, &CancellationToken::new()).await.unwrap();
        assert_eq!(image.tags, ["built:1", "built:latest"]);
        assert_eq!(machine.docker(&["run", "--rm", "built:1", "cat", "/greeting"]), "hello");
        assert_eq!(machine.docker(&["inspect", "--format", "{{.Config.Labels.team}}", "built:1"]), "web");
        let log = String::from_utf8_lossy(&log.stdout).into_owned();
        assert!(log.contains("said hello\n"), "{log}");
        machine.docker(&["rmi", "--force", "built:1", "built:latest"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_build_that_fails_says_where() {
    let Some(machine) = Machine::start().await else { return };
    let directory = directory(&machine, "RUN exit 7");
    let context = archive(&directory).await;
    let engine = engine(&machine).await;
    let failed = failure(engine.build(&build(), context, &mut capture(), &CancellationToken::new()).await);
    assert_eq!(failed.code, "build-failed");
    let message = "web-1: the image cannot be built: The command '/bin/sh -c exit 7' returned a non-zero code: 7";
    assert_eq!(failed.message, message);
    let broken = Context::Archive(Box::new(std::io::Cursor::new(b"this is no archive".to_vec())));
    let failed = failure(engine.build(&build(), broken, &mut capture(), &CancellationToken::new()).await);
    assert_eq!(failed.code, "build-failed", "{failed:?}");
}
