//! A canary: a secret that a command on the target prints in every encoding that a shell has at hand, cut at every
//! byte, is found nowhere: not in the database, the journal, the streams, the answers, the log or the errors.

mod forms;

use crate::harness::{Site, files_below, on_each_database};
use forms::Form;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;

on_each_database![a_canary_is_found_nowhere];

/// With characters that every encoding changes.
const CANARY: &str = "c4n\"qzx/grün $x`y\\z 'p&ss'<b>";
/// Longer than a line of base64, and of several lines.
const KEY: &str = "qzx1 Xv9Kt2mWq7Lr4Zp8Jd3Hs6Gy1Fn5Bc0Ua9Te8Ri7Ow6Pq5Al4Sk3Dj2Fh1Gg0Zx\n\
    qzx2 Mn8Bv7Cx6Za5Qw4Er3Ty2Ui1Op0Lk9Jh8Gf7Ds6Aq5Wz4Sx3Ed2Cr1Fv0Tg9Bh8\n\
    qzx3 Yj7Nu6Mi5Ko4Lp3Za2Xs1Wd0Cf9Rv8Gt7Bh6Nj5Ym4Ku3Il2Oa1Qs0We9Rd8Tf7";
/// As many bytes of a form in a row are its secret given away.
const WINDOW: usize = 10;

/// Prints every form cut at every byte, in two writes that come apart, on one stream and then the other.
const LEAK: &str = r#"cd forms || exit 9
for form in *; do
  text=$(cat "$form"); size=$(wc -c <"$form"); at=0
  while [ "$at" -le "$size" ]; do
    head=$(printf "%.$${at}s" "$text")
    printf '%s' "$head"; [ $((at % 16)) -ne 3 ] || sleep 0.01; printf '%s\n' "$${text#"$head"}"
    at=$((at + 1))
  done
  printf '%s\n' "$text" >&2
done
cat *"#;

fn config() -> String {
    let stage = |id: &str, with: &str| {
        format!(
            "[[stage]]\nid = \"{id}\"\nuses = \"run@1\"\ntargets = \"app\"\non_failure = \"warn\"\n[stage.with]\n\
             command = '''{LEAK}; exit 7'''\n{with}\n\
             env = {{ CANARY = {{ secret = \"CANARY\" }}, KEY = [\"key: \", {{ secret = \"KEY\" }}] }}\n"
        )
    };
    format!(
        "project = \"leaky\"\n[environments.production]\ntargets = {{ app = [\"web-1\"] }}\n{}{}\
         [[stage]]\nid = \"fail\"\nuses = \"run@1\"\ntargets = \"app\"\n[stage.with]\ncommand = \"cat forms/raw >&2; exit 7\"\n",
        stage("found-again", ""),
        // A plan runs it too.
        stage("unwrapped", "reads = true"),
    )
}

async fn a_canary_is_found_nowhere(site: &Site) {
    site.add_target().await.succeeds();
    let forms = forms::of(CANARY).into_iter().chain(forms::of_long("key", KEY)).collect::<Vec<Form>>();
    let place = site.target().home().join("forms");
    fs::create_dir(&place).expect("the home directory can be written");
    for form in &forms {
        fs::write(place.join(&form.name), &form.printed).expect("the home directory can be written");
    }
    site.write_config(&config());
    site.windlass("config push").await.succeeds();
    for (name, value) in [("CANARY", CANARY), ("KEY", KEY)] {
        site.windlass_reading(&format!("secret set leaky/production {name}"), value).await.succeeds();
        site.windlass(&format!("grant add leaky/production secret {name} --plugin run")).await.succeeds();
    }
    let needles = Needles::of(&forms);
    let server = site.serve().await;
    let api = site.api(&server).await;
    for line in [
        "deploy --to production",
        "plan --to production --json",
        "logs leaky#1",
        "logs leaky#1 --json",
        "effects leaky#1",
        "effects leaky#1 --json",
        "history leaky --json",
        "status",
        "status --json",
        "pipeline show leaky/production",
    ] {
        let output = site.windlass(line).await;
        let said = format!("{}{}", output.stdout, output.stderr);
        assert!(!said.is_empty(), "`windlass {line}` said nothing");
        needles.are_not_in(said.as_bytes(), line);
    }
    let shown = site.windlass("logs leaky#1").await.succeeds().stdout;
    assert!(shown.matches("***").count() > 1_000, "the command did not print what it should:\n{shown}");
    needles.are_not_in_answers(&api).await;
    needles.are_not_in(server.log().as_bytes(), "the server's log");
    server.stop().await;
    if let (Some(server), Some(url)) = (site.database().server(), site.database().url()) {
        needles.are_not_in(server.dump(url).as_bytes(), "the PostgreSQL dump");
    }
    for file in files_below(&site.data_dir()) {
        needles.are_not_in(&fs::read(&file).expect("it can be read"), &file.display().to_string());
    }
}

/// What gives a secret away.
struct Needles(BTreeSet<Vec<u8>>);

impl Needles {
    fn of(forms: &[Form]) -> Self {
        Self(forms.iter().flat_map(|form| form.secret.windows(WINDOW)).map(<[u8]>::to_vec).collect())
    }

    #[track_caller]
    fn are_not_in(&self, bytes: &[u8], place: &str) {
        let found = bytes.windows(WINDOW).position(|window| self.0.contains(window));
        if let Some(at) = found {
            let around = &bytes[at.saturating_sub(200)..bytes.len().min(at + 100)];
            let needle = String::from_utf8_lossy(&bytes[at..at + WINDOW]);
            panic!("`{needle}` stands in {place}, at {at}:\n{}", String::from_utf8_lossy(around));
        }
    }

    /// Every route of the server that reads something of the project, and what answers a question.
    async fn are_not_in_answers(&self, api: &crate::harness::Api) {
        let document: Value = api.get("/openapi.json").await.ok().json();
        let mut asked = 0;
        for (path, methods) in document["paths"].as_object().expect("the API has routes") {
            // The stream of the server itself has no end.
            if methods.get("get").is_none() || path == "/api/v1/events" {
                continue;
            }
            let path = path.trim_start_matches("/api/v1").replace("{environment}", "production");
            let label = if path.starts_with("/deployments") { "leaky%231" } else { "leaky" };
            let path = path.replace("{id}", label).replace("{name}", label).replace("{label}", label);
            assert!(!path.contains('{'), "the test does not know how to fill in {path}");
            for accept in ["application/json", "text/event-stream"] {
                let answer = api.send(api.request(Method::GET, &path).header("accept", accept)).await;
                self.are_not_in(answer.body.as_bytes(), &format!("GET {path} ({accept})"));
                asked += usize::from(answer.status.is_success());
            }
        }
        assert!(asked > 20, "only {asked} routes have answered");
        let request = json!({ "config": config(), "environment": "production" });
        let answer = api.post("/requests", &request).await.ok();
        self.are_not_in(answer.body.as_bytes(), "POST /requests");
    }
}
