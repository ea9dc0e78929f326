//! Tells cargo which files the binary embeds: without this a build does not notice new ones.

fn main() {
    // What `cargo xtask build` makes; absent in a plain build.
    for directory in ["../dist", "../templates", "../migrations"] {
        println!("cargo::rerun-if-changed={directory}");
    }
}
