//! Go programs: `go.mod`, and a `main.go` at the top or in the only directory of `cmd`.

use crate::{Bases, BuildPlan, Kind, NoPlan, PORT, Sources};

pub(crate) fn plan(sources: &Sources, bases: &Bases) -> Result<Option<BuildPlan>, NoPlan> {
    if !sources.has("go.mod") {
        return Ok(None);
    }
    let main = main_package(sources)?;
    let modules = if sources.has("go.sum") { "go.mod go.sum" } else { "go.mod" };
    let dockerfile = format!(
        "FROM {go} AS build
WORKDIR /src
COPY {modules} ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags=-s -o /app {main}

FROM {runtime}
ENV PORT={PORT}
COPY --from=build /app /app
USER 65532:65532
EXPOSE {PORT}
CMD [\"/app\"]
",
        go = bases.go,
        runtime = bases.go_runtime,
    );
    let because = format!("go.mod; the program is {main}");
    Ok(Some(BuildPlan { kind: Kind::Go, because, start: "/app".to_owned(), dockerfile }))
}

fn main_package(sources: &Sources) -> Result<String, NoPlan> {
    if sources.has("main.go") {
        return Ok(".".to_owned());
    }
    let mains = sources.names().filter_map(|name| name.strip_prefix("cmd/")?.strip_suffix("/main.go"));
    let mains: Vec<&str> = mains.filter(|main| plain(main)).collect();
    match mains.as_slice() {
        [only] => Ok(format!("./cmd/{only}")),
        [] => Err(NoPlan::new(
            "go.mod is there, and no main.go, neither at the top nor in a directory of cmd",
            "add a Dockerfile that says which program is built",
        )),
        several => Err(NoPlan::new(
            format!("there are several programs in cmd: {}", several.join(", ")),
            "add a Dockerfile that says which one is built",
        )),
    }
}

/// Whether a name means the same in a shell line.
pub(crate) fn plain(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('-') && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
}
