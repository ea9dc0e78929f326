use super::*;
use expect_test::{Expect, expect};

fn sources(files: &[(&str, &str)]) -> Sources {
    let mut sources = Sources::default();
    files.iter().for_each(|(name, text)| sources.add(*name, *text));
    sources
}

/// What it is and why, how it starts, and the Dockerfile.
fn check(files: &[(&str, &str)], expected: Expect) {
    let said = match plan(&sources(files), &Bases::default()) {
        Ok(plan) => format!("{}: {}\nstart: {}\n\n{}", plan.kind, plan.because, plan.start, plan.dockerfile),
        Err(error) => error.to_string(),
    };
    expected.assert_eq(&said);
}

#[test]
fn a_node_app_that_is_built() {
    let package = r#"{ "scripts": { "build": "tsc", "start": "node dist/main.js" } }"#;
    check(
        &[("package.json", package), ("package-lock.json", "")],
        expect![[r#"
            a Node app: package.json, and package-lock.json; its script `start`
            start: node dist/main.js

            FROM node:22-bookworm-slim AS build
            WORKDIR /app
            COPY package.json package-lock.json ./
            RUN npm ci
            COPY . .
            RUN npm run build
            RUN npm prune --omit=dev

            FROM node:22-bookworm-slim
            ENV NODE_ENV=production PORT=3000
            WORKDIR /app
            COPY --from=build --chown=node:node /app /app
            USER node
            EXPOSE 3000
            CMD ["node", "dist/main.js"]
        "#]],
    );
}

#[test]
fn a_python_app_with_a_procfile() {
    check(
        &[("requirements.txt", ""), ("Procfile", "worker: x\nweb: gunicorn -b 0.0.0.0:$PORT app:app\n")],
        expect![[r#"
            a Python app: requirements.txt; Procfile says how it starts
            start: gunicorn -b 0.0.0.0:$PORT app:app

            FROM python:3.13-slim-bookworm AS build
            ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
            RUN python -m venv /venv
            ENV PATH=/venv/bin:$PATH
            WORKDIR /app
            COPY requirements.txt ./
            RUN pip install -r requirements.txt

            FROM python:3.13-slim-bookworm
            ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PORT=3000
            WORKDIR /app
            COPY --from=build /venv /venv
            COPY . .
            USER 65532:65532
            EXPOSE 3000
            CMD ["sh", "-c", "exec gunicorn -b 0.0.0.0:$PORT app:app"]
        "#]],
    );
}

#[test]
fn a_go_program_in_cmd() {
    check(
        &[("go.mod", "module shop\n"), ("go.sum", ""), ("cmd/server/main.go", "")],
        expect![[r#"
            a Go program: go.mod; the program is ./cmd/server
            start: /app

            FROM golang:1.25-bookworm AS build
            WORKDIR /src
            COPY go.mod go.sum ./
            RUN go mod download
            COPY . .
            RUN CGO_ENABLED=0 go build -trimpath -ldflags=-s -o /app ./cmd/server

            FROM gcr.io/distroless/static-debian12:nonroot
            ENV PORT=3000
            COPY --from=build /app /app
            USER 65532:65532
            EXPOSE 3000
            CMD ["/app"]
        "#]],
    );
}

#[test]
fn a_rust_program() {
    check(
        &[("Cargo.toml", "[package]\nname = \"shop\"\n"), ("Cargo.lock", ""), ("src/main.rs", "")],
        expect![[r#"
            a Rust program: Cargo.toml; the program is shop
            start: /app

            FROM rust:1.91-slim-bookworm AS build
            WORKDIR /src
            COPY Cargo.toml Cargo.lock ./
            RUN mkdir src && echo 'fn main() {}' >src/main.rs && cargo build --release --locked; rm -rf src
            COPY . .
            RUN touch src/main.rs && cargo build --release --locked --bin shop && cp target/release/shop /app

            FROM gcr.io/distroless/cc-debian12:nonroot
            ENV PORT=3000
            COPY --from=build /app /app
            USER 65532:65532
            EXPOSE 3000
            CMD ["/app"]
        "#]],
    );
}

#[test]
fn a_static_site() {
    check(
        &[("public/index.html", ""), ("README.md", "")],
        expect![[r#"
            a static site: public/index.html
            start: httpd -f -v -p $PORT -h /site

            FROM busybox:1.37
            ENV PORT=3000
            COPY public/ /site
            USER 65532:65532
            EXPOSE 3000
            CMD ["sh", "-c", "exec httpd -f -v -p $PORT -h /site"]
        "#]],
    );
}

#[test]
fn what_is_not_said_is_asked_for() {
    check(
        &[("src/shop.c", ""), ("Makefile", "")],
        expect![
            "there is no Dockerfile, and nothing that says what the app is (there is: Makefile, src/) (add a Dockerfile, or one of: package.json, go.mod, Cargo.toml, requirements.txt, pyproject.toml, index.html)"
        ],
    );
    check(
        &[("package.json", "{}"), ("index.html", "")],
        expect![
            "package.json does not say how the app is started (add a script `start` to package.json, or a Dockerfile)"
        ],
    );
    check(
        &[("requirements.txt", "")],
        expect![
            "requirements.txt is there, and nothing says how the Python app is started (add a Procfile with a line such as `web: gunicorn -b 0.0.0.0:$PORT app:app`, a main.py, or a Dockerfile)"
        ],
    );
    check(
        &[("go.mod", ""), ("cmd/a/main.go", ""), ("cmd/b/main.go", "")],
        expect!["there are several programs in cmd: a, b (add a Dockerfile that says which one is built)"],
    );
    check(
        &[("Cargo.toml", "[workspace]\n")],
        expect![
            "Cargo.toml is there, and no package with a src/main.rs (add a Dockerfile that says which program is built)"
        ],
    );
}

#[test]
fn a_program_whose_name_a_shell_would_interpret_is_refused() {
    let manifest = "[[bin]]\nname = \"x; curl evil\"\n";
    assert!(plan(&sources(&[("Cargo.toml", manifest)]), &Bases::default()).is_err());
}
