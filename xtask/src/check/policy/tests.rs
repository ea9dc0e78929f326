use expect_test::{Expect, expect};

use super::*;

const POLICY: &str = r#"
    [graph]
    targets = ["x86_64-unknown-linux-gnu"]

    [licenses]
    allow = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "Unicode-3.0"]
    exceptions = [{ crate = "odd", allow = ["MPL-2.0"] }]

    [bans]
    deny = [{ crate = "openssl-sys", reason = "TLS is rustls" }]

    [sources]
    unknown-git = "deny"
    allow-git = ["https://example.com/good.git"]
"#;
const REGISTRY: &str = "registry+https://github.com/rust-lang/default-index";

fn check(name: &str, license: Option<&str>, source: Option<&str>, expected: Expect) {
    let policy: Policy = toml::from_str(POLICY).unwrap();
    let metadata = Metadata {
        packages: vec![Package {
            name: name.into(),
            version: "1.0.0".into(),
            license: license.map(Into::into),
            source: source.map(Into::into),
        }],
    };
    expected.assert_eq(&policy.findings(&metadata).join("\n"));
}

#[test]
fn an_allowed_alternative_is_enough() {
    for license in ["MIT", "GPL-3.0-only OR MIT", "MIT/Apache-2.0", "(MIT OR GPL-2.0-only) AND Unicode-3.0"] {
        check("a", Some(license), Some(REGISTRY), expect![""]);
    }
}

#[test]
fn each_part_of_a_conjunction_must_be_allowed() {
    check(
        "a",
        Some("MIT AND GPL-3.0-only"),
        Some(REGISTRY),
        expect!["a 1.0.0: its license `MIT AND GPL-3.0-only` is not allowed"],
    );
}

#[test]
fn an_exception_to_a_license_is_a_license_of_its_own() {
    let with = "Apache-2.0 WITH LLVM-exception";
    check("a", Some(with), Some(REGISTRY), expect![""]);
    check(
        "a",
        Some("MIT WITH LLVM-exception"),
        Some(REGISTRY),
        expect!["a 1.0.0: its license `MIT WITH LLVM-exception` is not allowed"],
    );
}

#[test]
fn a_crate_may_have_an_exception_of_its_own() {
    check("odd", Some("MPL-2.0"), Some(REGISTRY), expect![""]);
    check("even", Some("MPL-2.0"), Some(REGISTRY), expect!["even 1.0.0: its license `MPL-2.0` is not allowed"]);
}

#[test]
fn a_license_must_be_declared_and_legible() {
    check("a", None, Some(REGISTRY), expect!["a 1.0.0: it declares no license"]);
    let policy: Policy = toml::from_str(POLICY).unwrap();
    let package = Package {
        name: "a".into(),
        version: "1.0.0".into(),
        license: Some("see the file".into()),
        source: Some(REGISTRY.into()),
    };
    let finding = policy.license(&package).unwrap();
    assert!(finding.starts_with("its license is no SPDX expression"), "{finding}");
}

#[test]
fn a_ban_says_why() {
    check("openssl-sys", Some("MIT"), Some(REGISTRY), expect!["openssl-sys 1.0.0: it is banned: TLS is rustls"]);
}

#[test]
fn sources_other_than_the_default_registry_must_be_listed() {
    let good = Some("git+https://example.com/good.git?rev=1#abc");
    check("a", Some("MIT"), good, expect![""]);
    check(
        "a",
        Some("MIT"),
        Some("git+https://example.com/good.git.evil/x"),
        expect!["a 1.0.0: its source git+https://example.com/good.git.evil/x is not allowed"],
    );
    check(
        "a",
        Some("MIT"),
        Some("registry+https://example.com/index"),
        expect!["a 1.0.0: its source registry+https://example.com/index is not allowed"],
    );
}

#[test]
fn crates_of_this_workspace_are_not_judged() {
    check("windlass", None, None, expect![""]);
}
