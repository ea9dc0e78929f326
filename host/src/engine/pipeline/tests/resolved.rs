//! What a sound configuration becomes.

use super::super::*;
use super::fixture::{own, pipeline, resolve_in, templated};
use expect_test::{Expect, expect};

/// Checks the whole document.
fn check(text: &str, expected: Expect) {
    expected.assert_eq(&serde_json::to_string_pretty(&pipeline(text)).expect("serializes"));
}

/// Checks the ids in their order.
fn check_order(text: &str, expected: Expect) {
    let ids: Vec<_> = pipeline(text).stages.into_iter().map(|stage| stage.id).collect();
    expected.assert_eq(&ids.join(" "));
}

#[test]
fn own_stages_alone() {
    check(
        &own(
            "domain = \"${environment.name}.example.com\"\ntimeout = \"1h\"\nqueue = \"fifo\"\n[rollout.web]\ntargets = \"web\"\n\
              batch = [1, \"25%\"]\n[[stage]]\nid = \"migrate\"\nrun = \"bin/migrate ${release.label}\"\ntargets = \"db\"\n\
              one_target = true\nundo = \"never\"\nretries = 2\nwhen = { \"environment.name\" = \"production\" }\n\
              [[stage]]\nid = \"probe\"\nuses = \"http-health\"\nrollout = \"web\"\nwith = { port = 80 }\n",
        ),
        expect![[r#"
            {
              "project": "shop",
              "environment": "production",
              "domain": "production.example.com",
              "template": null,
              "options": {},
              "groups": {
                "db": [
                  "db-1"
                ],
                "web": [
                  "web-1",
                  "web-2"
                ]
              },
              "stages": [
                {
                  "id": "migrate",
                  "phase": null,
                  "uses": {
                    "name": "run",
                    "version": "1.0.1",
                    "digest": "sha256:run"
                  },
                  "with": {
                    "command": "bin/migrate ${release.label}"
                  },
                  "place": {
                    "targets": {
                      "groups": [
                        "db"
                      ]
                    }
                  },
                  "one_target": true,
                  "timeout": null,
                  "retries": 2,
                  "on_failure": "fail",
                  "undo": "never",
                  "when": [
                    {
                      "name": "environment.name",
                      "equals": "production"
                    }
                  ],
                  "always": false,
                  "pivot": false
                },
                {
                  "id": "probe",
                  "phase": null,
                  "uses": {
                    "name": "http-health",
                    "version": "1.0.1",
                    "digest": "sha256:http-health"
                  },
                  "with": {
                    "port": 80
                  },
                  "place": {
                    "rollout": {
                      "name": "web"
                    }
                  },
                  "one_target": false,
                  "timeout": null,
                  "retries": 0,
                  "on_failure": "fail",
                  "undo": "auto",
                  "when": [],
                  "always": false,
                  "pivot": false
                }
              ],
              "rollouts": {
                "web": {
                  "targets": [
                    "web"
                  ],
                  "batch": [
                    {
                      "count": 1
                    },
                    {
                      "percent": 25
                    }
                  ],
                  "revert": "batch"
                }
              },
              "timeout": 3600000
            }"#]],
    );
}

#[test]
fn a_template_with_its_defaults() {
    check(
        &templated(""),
        expect![[r#"
            {
              "project": "shop",
              "environment": "production",
              "domain": null,
              "template": "process@1.2.0",
              "options": {
                "command": "./shop",
                "directory": "/srv/${project}",
                "group": "app",
                "health": {
                  "attempts": 30,
                  "path": "/health"
                },
                "strategy": "blue-green"
              },
              "groups": {
                "app": [
                  "web-1"
                ]
              },
              "stages": [
                {
                  "id": "upload",
                  "phase": "deploying",
                  "uses": {
                    "name": "release-upload",
                    "version": "1.0.1",
                    "digest": "sha256:release-upload"
                  },
                  "with": {
                    "directory": "${options.directory}"
                  },
                  "place": {
                    "rollout": {
                      "name": "app"
                    }
                  },
                  "one_target": false,
                  "timeout": null,
                  "retries": 0,
                  "on_failure": "fail",
                  "undo": "auto",
                  "when": [],
                  "always": false,
                  "pivot": false
                },
                {
                  "id": "pre-start",
                  "phase": null,
                  "uses": {
                    "name": "hook",
                    "version": "1.0.1",
                    "digest": "sha256:hook"
                  },
                  "with": {
                    "directory": "${stages.upload.outputs.directory}"
                  },
                  "place": {
                    "rollout": {
                      "name": "app"
                    }
                  },
                  "one_target": false,
                  "timeout": null,
                  "retries": 0,
                  "on_failure": "fail",
                  "undo": "auto",
                  "when": [],
                  "always": false,
                  "pivot": false
                },
                {
                  "id": "stop",
                  "phase": null,
                  "uses": {
                    "name": "noop",
                    "version": "2.0.0",
                    "digest": "sha256:noop"
                  },
                  "with": {},
                  "place": {
                    "rollout": {
                      "name": "app"
                    }
                  },
                  "one_target": false,
                  "timeout": null,
                  "retries": 0,
                  "on_failure": "fail",
                  "undo": "auto",
                  "when": [
                    {
                      "name": "options.strategy",
                      "equals": "sequential"
                    }
                  ],
                  "always": false,
                  "pivot": false
                },
                {
                  "id": "healthy",
                  "phase": null,
                  "uses": {
                    "name": "http-health",
                    "version": "1.0.1",
                    "digest": "sha256:http-health"
                  },
                  "with": {
                    "attempts": "${options.health.attempts}",
                    "path": "${options.health.path}"
                  },
                  "place": {
                    "rollout": {
                      "name": "app"
                    }
                  },
                  "one_target": false,
                  "timeout": 300000,
                  "retries": 0,
                  "on_failure": "fail",
                  "undo": "auto",
                  "when": [],
                  "always": false,
                  "pivot": false
                },
                {
                  "id": "finish",
                  "phase": null,
                  "uses": {
                    "name": "noop",
                    "version": "1.0.1",
                    "digest": "sha256:noop"
                  },
                  "with": {},
                  "place": {
                    "rollout": {
                      "name": "app"
                    }
                  },
                  "one_target": false,
                  "timeout": null,
                  "retries": 0,
                  "on_failure": "fail",
                  "undo": "auto",
                  "when": [],
                  "always": false,
                  "pivot": true
                },
                {
                  "id": "post-deploy",
                  "phase": null,
                  "uses": {
                    "name": "hook",
                    "version": "1.0.1",
                    "digest": "sha256:hook"
                  },
                  "with": {
                    "directory": "${stages.upload.outputs.directory}"
                  },
                  "place": {
                    "targets": {
                      "groups": [
                        "app"
                      ]
                    }
                  },
                  "one_target": false,
                  "timeout": null,
                  "retries": 0,
                  "on_failure": "warn",
                  "undo": "auto",
                  "when": [],
                  "always": false,
                  "pivot": false
                }
              ],
              "rollouts": {
                "app": {
                  "targets": [
                    "app"
                  ],
                  "batch": [
                    {
                      "percent": 100
                    }
                  ],
                  "revert": "batch"
                }
              },
              "timeout": null
            }"#]],
    );
}

#[test]
fn an_environment_overrides() {
    let text = templated(
        "domain = \"shop.example.com\"\n[environments.qa]\ntargets = { web = [\"web-1\", \"web-2\"] }\ndomain = \"qa.example.com\"\n\
         options = { group = \"web\", health = { attempts = 3 } }\nrollout.app = { batch = 1, revert = \"none\" }\n",
    );
    let qa = resolve_in("qa", &text).expect("resolves");
    assert_eq!(qa.domain.as_deref(), Some("qa.example.com"));
    assert_eq!(qa.options["health"], serde_json::json!({ "attempts": 3, "path": "/health" }));
    assert_eq!(
        qa.rollouts["app"],
        Rollout { targets: vec!["web".into()], batch: vec![BatchSize::Count(1)], revert: Revert::None }
    );
    assert_eq!(pipeline(&text).domain.as_deref(), Some("shop.example.com"));
    assert_eq!(pipeline(&text).rollouts["app"].revert, Revert::Batch);
}

#[test]
fn new_stages_go_where_they_say() {
    let run = "run = \"x\"\nrollout = \"app\"\n";
    check_order(
        &templated(&format!(
            "[[stage]]\nid = \"a1\"\nafter = \"upload\"\n{run}[[stage]]\nid = \"a2\"\nafter = \"upload\"\n{run}\
             [[stage]]\nid = \"b1\"\nbefore = \"finish\"\n{run}[[stage]]\nid = \"b2\"\nbefore = \"finish\"\n{run}\
             [[stage]]\nid = \"later\"\nafter = \"last\"\nrun = \"x\"\n[[stage]]\nid = \"last\"\nafter = \"post-deploy\"\nrun = \"x\"\n"
        )),
        expect!["upload a1 a2 pre-start stop healthy b1 b2 finish post-deploy last later"],
    );
    check_order(
        &own(
            "[[stage]]\nid = \"b\"\nrun = \"x\"\n[[stage]]\nid = \"a\"\nbefore = \"b\"\nrun = \"x\"\n[[stage]]\nid = \"c\"\nrun = \"x\"\n",
        ),
        expect!["a b c"],
    );
}

#[test]
fn a_known_id_overrides() {
    let stages = pipeline(&templated(
        "[[stage]]\nid = \"healthy\"\ntimeout = \"10s\"\nwith.path = \"/up\"\n[[stage]]\nid = \"upload\"\nrun = \"echo\"\n\
         [[stage]]\nid = \"post-deploy\"\nwith = { directory = \"/tmp\" }\nrollout = \"app\"\n\
         [[stage]]\nid = \"pre-start\"\nwith.directory = \"/tmp\"\n",
    ))
    .stages;
    let stage = |id: &str| stages.iter().find(|stage| stage.id == id).expect("the stage");
    assert_eq!(stage("healthy").timeout, Some(std::time::Duration::from_secs(10)));
    assert_eq!(stage("healthy").with["path"], "/up");
    assert_eq!(stage("healthy").with["attempts"], "${options.health.attempts}");
    assert_eq!(stage("upload").uses.to_string(), "run@1.0.1");
    assert_eq!(stage("upload").with, serde_json::json!({ "command": "echo" }));
    assert_eq!(stage("post-deploy").place, Place::Rollout { name: "app".into() });
}

#[test]
fn the_newest_fitting_version_is_pinned() {
    let text = own(
        "[[stage]]\nid = \"a\"\nuses = \"noop\"\n[[stage]]\nid = \"b\"\nuses = \"noop@1\"\n[[stage]]\nid = \"c\"\nuses = \"noop@1.0.0\"\n",
    );
    let versions: Vec<_> = pipeline(&text).stages.into_iter().map(|stage| stage.uses.version).collect();
    assert_eq!(versions, ["2.0.0", "1.0.1", "1.0.0"]);
}

#[test]
fn the_document_reads_back() {
    let pipeline = pipeline(&templated("timeout = \"90s\"\n[rollout.app]\nbatch = [2, \"50%\"]\n"));
    let text = serde_json::to_string(&pipeline).expect("serializes");
    assert_eq!(serde_json::from_str::<Pipeline>(&text).expect("reads back"), pipeline);
}

#[test]
fn a_config_is_checked_again_when_it_runs() {
    use super::fixture::Fixture;
    let text = own(
        "[[stage]]\nid = \"a\"\nrun = \"x\"\n[[stage]]\nid = \"b\"\nuses = \"http-health@1\"\nwith = { attempts = \"${stages.a.outputs.status}\" }\n",
    );
    let pipeline = pipeline(&text);
    let stage = &pipeline.stages[1];
    let plugin = Fixture.find("http-health", Wanted::Newest).expect("the plugin");
    let config = |status: i64| {
        let mut scope = pipeline.scope();
        let outputs = serde_json::json!({ "a": { "": { "status": status } } });
        scope.set_outputs(serde_json::from_value(outputs).expect("outputs"));
        interpolate(&stage.with, &scope).expect("interpolates")
    };
    assert_eq!(validate_config(stage, &plugin, &config(3)), Ok(()));
    let failure = validate_config(stage, &plugin, &config(0)).expect_err("0 attempts");
    assert_eq!(failure.message, "stage `b`: `with.attempts` must be at least 1, not 0");
}
