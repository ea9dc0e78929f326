//! Mounts the web UI. It runs in a browser only; the xtask of this workspace builds it.

#[cfg(target_arch = "wasm32")]
fn main() {
    windlass_web::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("the web UI runs in a browser; build it with `cargo xtask build`, the server then shows it");
    std::process::exit(2);
}
