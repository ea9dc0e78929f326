//! Node apps: `package.json`, and the lock file of npm, pnpm or Yarn.

use crate::command::cmd;
use crate::{Bases, BuildPlan, Kind, NoPlan, PORT, Sources, procfile};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Package {
    main: Option<String>,
    scripts: BTreeMap<String, String>,
}

/// What installs the packages.
struct Manager {
    lock: Option<&'static str>,
    install: &'static str,
    run: &'static str,
    prune: &'static str,
}

const NPM: Manager =
    Manager { lock: Some("package-lock.json"), install: "npm ci", run: "npm run", prune: "npm prune --omit=dev" };
const PNPM: Manager = Manager {
    lock: Some("pnpm-lock.yaml"),
    install: "corepack enable && pnpm install --frozen-lockfile",
    run: "pnpm run",
    prune: "CI=true pnpm prune --prod",
};
const YARN: Manager = Manager {
    lock: Some("yarn.lock"),
    install: "corepack enable && yarn install --frozen-lockfile",
    run: "yarn run",
    prune: "yarn install --frozen-lockfile --production --ignore-scripts --prefer-offline",
};
const UNLOCKED: Manager = Manager { lock: None, install: "npm install", ..NPM };

pub(crate) fn plan(sources: &Sources, bases: &Bases) -> Result<Option<BuildPlan>, NoPlan> {
    let Some(text) = sources.text("package.json") else { return Ok(None) };
    let package: Package = serde_json::from_str(text).map_err(|error| {
        NoPlan::new(format!("package.json cannot be read: {error}"), "mend it, or add a Dockerfile")
    })?;
    let manager = [NPM, PNPM, YARN].into_iter().find(|manager| manager.lock.is_some_and(|lock| sources.has(lock)));
    let manager = manager.unwrap_or(UNLOCKED);
    let (start, from) = start(sources, &package)?;
    let mut files = "package.json".to_owned();
    let mut because = files.clone();
    match manager.lock {
        Some(lock) => {
            files = format!("{files} {lock}");
            because = format!("{because}, and {lock}");
        }
        None => because += ", without a lock file, so that each build may get other packages",
    }
    let build = match package.scripts.contains_key("build") {
        true => format!("RUN {} build\n", manager.run),
        false => String::new(),
    };
    let dockerfile = format!(
        "FROM {node} AS build
WORKDIR /app
COPY {files} ./
RUN {install}
COPY . .
{build}RUN {prune}

FROM {node}
ENV NODE_ENV=production PORT={PORT}
WORKDIR /app
COPY --from=build --chown=node:node /app /app
USER node
EXPOSE {PORT}
{cmd}
",
        node = bases.node,
        install = manager.install,
        prune = manager.prune,
        cmd = cmd(&start),
    );
    Ok(Some(BuildPlan { kind: Kind::Node, because: format!("{because}; {from}"), start, dockerfile }))
}

/// The command, and what says so.
fn start(sources: &Sources, package: &Package) -> Result<(String, String), NoPlan> {
    if let Some(command) = procfile::web(sources) {
        return Ok((command, "Procfile says how it starts".to_owned()));
    }
    match package.scripts.get("start").map(|script| script.trim()) {
        // Node itself, so that it gets the signals.
        Some(script) if script.starts_with("node ") && !script.contains(['&', '|', ';']) => {
            return Ok((script.to_owned(), "its script `start`".to_owned()));
        }
        Some(script) if !script.is_empty() => return Ok(("npm start".to_owned(), "its script `start`".to_owned())),
        _ => {}
    }
    if let Some(main) = package.main.as_deref().filter(|main| sources.has(main.trim_start_matches("./"))) {
        return Ok((format!("node {main}"), "its `main`".to_owned()));
    }
    match sources.first(&["server.js", "index.js", "app.js"]) {
        Some(file) => Ok((format!("node {file}"), file.to_owned())),
        None => Err(NoPlan::new(
            "package.json does not say how the app is started",
            "add a script `start` to package.json, or a Dockerfile",
        )),
    }
}
