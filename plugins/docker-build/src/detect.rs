//! The Dockerfile for sources that have none.

use crate::Config;
use windlass_build_kit::{DEPTH, IGNORE, READ, Sources, plan};
use windlass_sdk::ssh::{self, Output};
use windlass_sdk::{Error, Result, files, log};

/// The name of the Dockerfile that is written, below the directory: no app's own.
pub(crate) const DOCKERFILE: &str = "Dockerfile.windlass";
/// Says whether there is the Dockerfile, and then which files there are, those of other people's packages aside.
const LIST: &str = r#"
cd -- "$DIRECTORY" || exit 90
[ ! -f "$DOCKERFILE" ] || { echo dockerfile; exit 0; }
echo none
find . -maxdepth "$DEPTH" \( -name .git -o -name node_modules -o -name target -o -name vendor \) -prune -o -type f -print |
    sed 's|^\./||' | sort | head -n 2000
"#;

/// What was found out.
pub(crate) struct Detected {
    /// Such as `a static site: index.html`.
    pub(crate) what: String,
    pub(crate) dockerfile: String,
}

/// The Dockerfile that was written into the directory; none: it has its own.
///
/// # Errors
/// `not-found` (`no-sources`); `invalid-input` (`no-build-plan`).
pub(crate) fn dockerfile(target: &str, directory: &str, config: &Config) -> Result<Option<Detected>> {
    let list = ssh::script(target, LIST)
        .named("the script that looks at the sources")
        .env("DIRECTORY", directory)
        .env("DOCKERFILE", &config.dockerfile)
        .env("DEPTH", DEPTH.to_string())
        .idempotent()
        // In a plan nothing is there yet.
        .assume(Output::ok("dockerfile"))
        .run()?;
    if list.status() == Some(90) {
        return Err(Error::not_found(format!("there is no directory {directory} on {target}"))
            .code("no-sources")
            .hint("a stage before this one brings the sources: `git-checkout` or `release-upload`"));
    }
    let list = list.success()?;
    let text = list.stdout();
    let mut lines = text.lines();
    if lines.next() == Some("dockerfile") {
        log::info!("it is built by its {}", config.dockerfile);
        return Ok(None);
    }
    if !config.detect {
        return Err(no_plan(format!("there is no {}", config.dockerfile), "add it, or set `detect`"));
    }
    let mut sources = Sources::new(lines);
    for name in READ {
        if sources.has(name) {
            let text = files::read(target, format!("{directory}/{name}"))?;
            sources.add(*name, String::from_utf8_lossy(&text));
        }
    }
    let plan = plan(&sources, &config.bases).map_err(|none| no_plan(none.message, &none.hint))?;
    let what = format!("{}: {}", plan.kind, plan.because);
    log::step("build plan");
    log::info!("there is no {}; this is {what}", config.dockerfile);
    log::info!("it starts with `{}`, and is built by:", plan.start);
    plan.dockerfile.lines().for_each(|line| log::info!("  {line}"));
    files::write(target, format!("{directory}/{DOCKERFILE}"), &plan.dockerfile).send()?;
    if !sources.has(".dockerignore") {
        files::write(target, format!("{directory}/.dockerignore"), IGNORE).send()?;
    }
    Ok(Some(Detected { what, dockerfile: plan.dockerfile }))
}

fn no_plan(message: String, hint: &str) -> Error {
    Error::invalid_input(message).code("no-build-plan").hint(hint)
}
