//! Rust programs: `Cargo.toml` of one package with one program.

use crate::go::plain;
use crate::{Bases, BuildPlan, Kind, NoPlan, PORT, Sources};

pub(crate) fn plan(sources: &Sources, bases: &Bases) -> Result<Option<BuildPlan>, NoPlan> {
    let Some(text) = sources.text("Cargo.toml") else { return Ok(None) };
    let manifest: toml::Table = toml::from_str(text)
        .map_err(|error| NoPlan::new(format!("Cargo.toml cannot be read: {}", error.message()), "mend it"))?;
    let binary = binary(sources, &manifest)?;
    let locked = sources.has("Cargo.lock");
    let (manifests, flag) = if locked { ("Cargo.toml Cargo.lock", " --locked") } else { ("Cargo.toml", "") };
    // The packages it depends on are built first, with an empty program: a layer that stays until they change.
    let first = match sources.has("src/main.rs") && !sources.has("build.rs") {
        true => format!(
            "COPY {manifests} ./\nRUN mkdir src && echo 'fn main() {{}}' >src/main.rs && cargo build --release{flag}; \
             rm -rf src\n"
        ),
        false => String::new(),
    };
    let touch = if first.is_empty() { "" } else { "touch src/main.rs && " };
    let dockerfile = format!(
        "FROM {rust} AS build
WORKDIR /src
{first}COPY . .
RUN {touch}cargo build --release{flag} --bin {binary} && cp target/release/{binary} /app

FROM {runtime}
ENV PORT={PORT}
COPY --from=build /app /app
USER 65532:65532
EXPOSE {PORT}
CMD [\"/app\"]
",
        rust = bases.rust,
        runtime = bases.rust_runtime,
    );
    let because = format!("Cargo.toml; the program is {binary}");
    Ok(Some(BuildPlan { kind: Kind::Rust, because, start: "/app".to_owned(), dockerfile }))
}

fn binary(sources: &Sources, manifest: &toml::Table) -> Result<String, NoPlan> {
    let text = |value: &toml::Value| value.get("name").and_then(toml::Value::as_str).map(str::to_owned);
    let binaries = manifest.get("bin").and_then(toml::Value::as_array);
    let mut names: Vec<String> = binaries.into_iter().flatten().filter_map(text).collect();
    let package = manifest.get("package").and_then(text);
    if sources.has("src/main.rs") && names.is_empty() {
        names.extend(package);
    }
    let hint = "add a Dockerfile that says which program is built";
    match names.as_slice() {
        [only] if plain(only) => Ok(only.clone()),
        [_] | [] => Err(NoPlan::new("Cargo.toml is there, and no package with a src/main.rs", hint)),
        several => Err(NoPlan::new(format!("Cargo.toml has several programs: {}", several.join(", ")), hint)),
    }
}
