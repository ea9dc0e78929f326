//! Variables and secrets: whatever is in them arrives in the container as it is, and nobody reads it on the way.

use super::place::{DIRECTORY, Options, Place};
use crate::harness::{Site, exit, test_on};
use std::collections::BTreeMap;

mod sqlite {
    super::test_on!(every_value_arrives_as_it_is, Sqlite);
    super::test_on!(each_service_has_its_own_variables, Sqlite);
}

const VALUES: [&str; 31] = [
    "plain",
    "a b",
    " lead",
    "trail ",
    "$HOME ${X} $$ $1 ${",
    "it's",
    "say \"hi\"",
    "back\\slash",
    "end\\",
    "\\'",
    "\\\"",
    "# hash",
    "a # b",
    "nl\nline2",
    "\r\nx",
    "tab\tx",
    "\\n no feed",
    "\\$x",
    "'\"`$(id)`",
    "=eq",
    "",
    "é ü",
    "{{x}}",
    "\\\\'",
    "\"",
    "'",
    "$",
    "a\\$b\\",
    "\\0123",
    "\\x41",
    "a\nEVIL=1\n#c",
];
/// All that a notation may stumble over.
const SECRET: &str = "c4n\"ary/grün 'p&ss' $HOME ${TAG} $$ \\n \\$ \\\\ # =\nsecond line\\";

async fn every_value_arrives_as_it_is(site: &Site) {
    let Some(place) = Place::start(site, &["web-1"]).await else { return };
    let env =
        "env = { KEY = { secret = \"KEY\" }, URL = [\"pg://u:\", { secret = \"KEY\", quoting = \"url\" }, \"@db\"] }";
    place.configure(&Options { targets: &["web-1"], more: env, ..Options::default() });
    site.windlass("config push").await.succeeds();
    let mut line: Vec<String> = ["var", "set", "shop/production", "TAG=1", "PATH_LIKE=/x"].map(str::to_owned).to_vec();
    line.extend(VALUES.iter().enumerate().map(|(at, value)| format!("V{at}={value}")));
    site.windlass_with(&line).await.succeeds();
    site.windlass_reading("secret set shop/production KEY", SECRET).await.succeeds();
    site.windlass("grant add shop/production secret KEY").await.succeeds();

    let mut compose = super::place::COMPOSE.to_owned() + "    environment:\n      AGAIN: \"${KEY}\"\n";
    for at in 0..VALUES.len() {
        compose += &format!("      I{at}: \"${{V{at}}}\"\n");
    }
    let deployed = place.deploy_compose(&compose).await.succeeds();
    assert!(!deployed.stdout.contains("second line"), "{}", deployed.stdout);
    let machine = place.machine("web-1");
    let json = machine.docker(&["inspect", "--format", "{{json .Config.Env}}", "api-api-1"]);
    let env: Vec<String> = serde_json::from_str(&json).expect("it is JSON");
    let env: BTreeMap<&str, &str> = env.iter().filter_map(|pair| pair.split_once('=')).collect();
    for (at, value) in VALUES.iter().enumerate() {
        assert_eq!(env[format!("V{at}").as_str()], *value, "of the file");
        assert_eq!(env[format!("I{at}").as_str()], *value, "put into the compose file");
    }
    assert_eq!((env["KEY"], env["AGAIN"]), (SECRET, SECRET));
    let url = "pg://u:c4n%22ary%2Fgr%C3%BCn%20%27p%26ss%27%20%24HOME%20%24%7BTAG%7D%20%24%24\
        %20%5Cn%20%5C%24%20%5C%5C%20%23%20%3D%0Asecond%20line%5C@db";
    assert_eq!(env["URL"], url);
    assert!(!env.contains_key("EVIL"));

    let mode = machine.run(&format!("stat -c '%a %U' {DIRECTORY}/api/.env.production"));
    assert_eq!(mode, "600 root");
    let shown = [
        site.windlass("effects shop#1 --json").await.succeeds().stdout,
        site.windlass("logs shop#1").await.succeeds().stdout,
    ];
    for text in shown {
        for part in ["c4n", "second line", "gr%C3%BCn"] {
            assert!(!text.contains(part), "`{part}` stands in {text}");
        }
    }
}

/// Two services in one directory; a variable takes effect on the next deployment, and what is copied from another
/// environment does.
async fn each_service_has_its_own_variables(site: &Site) {
    let Some(place) = Place::start(site, &["web-1"]).await else { return };
    let options = Options { targets: &["web-1"], ..Options::default() };
    place.configure(&Options { more: "env = { LOG_LEVEL = \"info\" }", ..options });
    site.windlass("config push").await.succeeds();
    site.windlass("var set shop/production TAG=1").await.succeeds();
    place.deploy().await.succeeds();

    let web =
        super::place::COMPOSE.replace("api:\n", "web:\n").replace("8080:", "8081:").replace("api/.env", "web/.env");
    std::fs::write(site.project_dir().join("docker-compose.web.yml"), web).expect("the directory is ours");
    let said = |name: &str| place.machine("web-1").run(&format!("grep -h LOG_LEVEL {DIRECTORY}/{name}/.env.*"));
    let config = std::fs::read_to_string(site.project_dir().join("windlass.toml")).expect("it was written");
    let config = config.replace("\"api\"", "\"web\"").replace("\"info\"", "\"debug\"");
    site.write_config(&(config + "[environments.qa]\ntargets = { app = [\"web-1\"] }\n"));
    site.windlass("deploy ./docker-compose.web.yml --to production").await.succeeds();
    assert_eq!((said("api").as_str(), said("web").as_str()), ("LOG_LEVEL=\"info\"", "LOG_LEVEL=\"debug\""));

    // Another environment on the same machine needs a directory of its own.
    site.windlass("config push").await.succeeds();
    site.windlass("var copy production shop/qa").await.succeeds();
    let clash = site.windlass("deploy ./docker-compose.web.yml --to qa").await.exits(exit::FAILED);
    let expected = "the service web in /opt/docker/compose belongs to shop/production, and this is shop/qa";
    assert!(clash.stdout.contains(expected), "{}", clash.stdout);
    let set = site.windlass("var set --help").await.succeeds();
    assert!(set.stdout.contains("take effect on the next deployment"), "{}", set.stdout);
}
