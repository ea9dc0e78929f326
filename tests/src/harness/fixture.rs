//! Plugins for tests: the fixture `misbehave`, shipped ones, changed ones, and ones that cannot be served.

use std::fs;
use std::path::Path;

/// Where `cargo xtask build` leaves plugins.
const DIST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../dist");

/// The component of the fixture `misbehave`.
pub(crate) fn misbehave() -> Vec<u8> {
    read("fixtures/misbehave.wasm")
}

/// The component of a shipped plugin.
pub(crate) fn shipped(name: &str) -> Vec<u8> {
    read(&format!("plugins/{name}.wasm"))
}

fn read(file: &str) -> Vec<u8> {
    let path = Path::new(DIST).join(file);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}: run `cargo xtask build` first", path.display()))
}

/// Another version of a component: a constant of it is replaced by one of the same length.
pub(crate) fn patched(component: &[u8], old: &str, new: &str) -> Vec<u8> {
    assert_eq!(old.len(), new.len(), "a component's data cannot grow");
    let mut patched = component.to_vec();
    let places: Vec<usize> = component
        .windows(old.len())
        .enumerate()
        .filter(|(_, bytes)| *bytes == old.as_bytes())
        .map(|(at, _)| at)
        .collect();
    assert!(!places.is_empty(), "`{old}` is not in the component");
    for at in places {
        patched[at..at + new.len()].copy_from_slice(new.as_bytes());
    }
    patched
}

/// A component that imports an interface, which has nothing in it, and does nothing else: in the binary
/// format, a header, a section of types and one of imports.
pub(crate) fn component_importing(interface: &str) -> Vec<u8> {
    let length = u8::try_from(interface.len()).expect("the name of an interface is short");
    let mut component = b"\0asm\x0d\0\x01\0".to_vec();
    // Section 7: one type, an instance without any declaration.
    component.extend([7, 3, 1, 0x42, 0]);
    // Section 10: one import, by its name, an instance of type 0.
    component.extend([10, length + 5, 1, 0, length]);
    component.extend(interface.as_bytes());
    component.extend([5, 0]);
    component
}
