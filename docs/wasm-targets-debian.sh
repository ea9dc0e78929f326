#!/usr/bin/env bash
# Builds the standard libraries of the two wasm targets from Debian's packages, for machines where
# rustup cannot download them. docs/wasm-targets.md explains each step.
set -euo pipefail

targets=(wasm32-unknown-unknown wasm32-wasip2)
suite=${DEBIAN_SUITE:-trixie-backports}

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

for tool in apt-get dpkg-deb rustc cargo; do
    command -v "$tool" >/dev/null || fail "$tool is missing; this recipe is for Debian with Rust installed"
done

# Where rust-toolchain.toml counts.
cd "$(dirname "${BASH_SOURCE[0]}")/.."
version=$(rustc --version | cut -d ' ' -f 2)
sysroot=$(rustc --print sysroot)
[ -w "$sysroot/lib/rustlib" ] || fail "the toolchain in $sysroot is not writable by this user"
codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
[ -n "$codename" ] || fail "/etc/os-release names no Debian release"

work=$(mktemp -d)
library=$sysroot/lib/rustlib/src/rust/library
linked=
cleanup() {
    [ -z "$linked" ] || rm -f "$library"
    rm -rf "$work"
}
trap cleanup EXIT

# 1. The machine's own entry for this release, with the suite replaced.
mkdir -p "$work"/{sources,lists/partial,packages,unpacked}
for file in /etc/apt/sources.list.d/*.sources; do
    [ -r "$file" ] || continue
    awk -v release="$codename" -v suite="$suite" '
        BEGIN { RS = ""; FS = "\n" }
        $0 ~ "(^|\n)Suites:[^\n]*[ \t]" release "([ \t\n]|$)" {
            for (i = 1; i <= NF; i++) {
                if ($i ~ /^Suites:/) $i = "Suites: " suite
                if ($i ~ /^Components:/) $i = "Components: main"
                print $i
            }
            print ""
        }' "$file" >>"$work/sources/wasm.sources"
done
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -r "$file" ] || continue
    sed -nE "s/^(deb[ \t]+(\[[^]]*\][ \t]+)?[^ \t]+)[ \t]+$codename[ \t]+.*/\1 $suite main/p" "$file" \
        >>"$work/sources/wasm.list"
done
[ -s "$work/sources/wasm.sources" ] || [ -s "$work/sources/wasm.list" ] ||
    fail "no entry for $codename in apt's sources to find the archive by"

apt=(apt-get -qq
    -o Dir::Etc::SourceList=/dev/null
    -o "Dir::Etc::SourceParts=$work/sources"
    -o "Dir::State::Lists=$work/lists"
    -o "Dir::Cache::pkgcache=" -o "Dir::Cache::srcpkgcache="
    -o Acquire::Retries=3)
# apt drops its rights to a user that cannot enter a private directory.
[ "$(id -u)" != 0 ] || apt+=(-o APT::Sandbox::User=root)

printf '==> downloading rust-src %s and wasi-libc from %s\n' "$version" "$suite"
"${apt[@]}" update
(cd "$work/packages" && "${apt[@]}" download "rust-src=$version*" wasi-libc) ||
    fail "$suite has no rust-src $version; name a suite that has: DEBIAN_SUITE=sid $0"
for package in "$work"/packages/*.deb; do
    dpkg-deb -x "$package" "$work/unpacked"
done

# 2. The library's source, where cargo looks for it.
if [ ! -e "$library" ]; then
    source=$(find "$work/unpacked/usr/src" -maxdepth 2 -type d -name library | head -n 1)
    [ -n "$source" ] || fail "rust-src holds no library source"
    mkdir -p "$(dirname "$library")"
    # A link left by a run that was killed.
    rm -f "$library"
    ln -s "$source" "$library"
    linked=yes
fi

# 3. The C library that wasm32-wasip2 is linked with.
contained=$sysroot/lib/rustlib/wasm32-wasip2/lib/self-contained
mkdir -p "$contained"
cp "$work"/unpacked/usr/lib/wasm32-wasip2/*.{o,a} "$contained/"

# 4. An empty crate, to have cargo build the standard library.
mkdir -p "$work/empty/src"
cat >"$work/empty/Cargo.toml" <<'TOML'
[package]
name = "empty"
version = "0.0.0"
edition = "2024"
TOML
: >"$work/empty/src/lib.rs"
cp rust-toolchain.toml "$work/empty/"

for target in "${targets[@]}"; do
    printf '==> building the standard library of %s\n' "$target"
    (cd "$work/empty" &&
        CARGO_TARGET_DIR=$work/target RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Cembed-bitcode=yes \
            cargo build --quiet --release -Zbuild-std=std,panic_abort --target "$target")

    # 5. Into the toolchain, without the empty crate itself and without what an earlier run left.
    into=$sysroot/lib/rustlib/$target/lib
    mkdir -p "$into"
    find "$into" -maxdepth 1 -name 'lib*.r*' -delete
    find "$work/target/$target/release/deps" -name 'lib*.rlib' ! -name 'libempty-*' -exec cp -t "$into" {} +
done

printf '==> done: %s\n' "${targets[*]}"
