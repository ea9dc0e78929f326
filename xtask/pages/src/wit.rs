//! One page per package of the contract, from its doc comments.

mod definition;
mod function;
mod reference;

use crate::markdown::{code, first_sentence, prose, table};
use crate::{INDEX, Pages};
use anyhow::{Context, Result};
use reference::Types;
use std::path::Path;
use wit_parser::{Interface, Package, Resolve, TypeDefKind};

/// The package that every plugin exports, which is no capability.
const STAGE: &str = "stage";

/// Reads the contract (the directory `wit`) and writes its pages.
pub fn capabilities(wit: &Path) -> Result<Pages> {
    let mut resolve = Resolve::default();
    resolve.push_dir(wit).with_context(|| format!("could not read the contract in {}", wit.display()))?;
    let mut packages: Vec<&Package> = resolve.packages.iter().map(|(_, package)| package).collect();
    packages.sort_by_key(|package| &package.name.name);
    let mut pages = Pages::new("capabilities");
    for package in &packages {
        pages.add(format!("{}.md", package.name.name), page(&resolve, package)?);
    }
    pages.add(INDEX, index(&packages));
    Ok(pages)
}

fn index(packages: &[&Package]) -> String {
    let row = |package: &&Package| {
        let name = &package.name.name;
        vec![format!("[{name}]({name}.md)"), first_sentence(docs(&package.docs))]
    };
    let capabilities: Vec<Vec<String>> =
        packages.iter().filter(|package| package.name.name != STAGE).map(row).collect();
    let contract: Vec<Vec<String>> = packages.iter().filter(|package| package.name.name == STAGE).map(row).collect();
    format!(
        "# Capabilities\n\n\
         A plugin has no files, sockets, clock or randomness of its own: what it does to the world is a call of one of \
         these interfaces. Each call, logging aside, is recorded in the deployment's effect journal.\n\n\
         **Repeat policy**: what happens to a call whose outcome is unknown because the server died. `read` and \
         `idempotent` calls are made again; a `reattachable` command is found again on its target; `once` leaves the \
         stage interrupted until a person resolves it.\n\n{}\n## What a plugin exports\n\n{}",
        table(&["capability", "what it is for"], &capabilities),
        table(&["package", "what it is for"], &contract),
    )
}

fn page(resolve: &Resolve, package: &Package) -> Result<String> {
    let name = &package.name;
    let mut text = format!("# {}\n\n{}\n", name.name, prose(docs(&package.docs)));
    for id in package.interfaces.values() {
        let interface = &resolve.interfaces[*id];
        text.push_str(&render(resolve, package, interface)?);
    }
    Ok(text)
}

fn render(resolve: &Resolve, package: &Package, interface: &Interface) -> Result<String> {
    let types = Types::new(resolve, package);
    let name = interface.name.as_deref().context("an interface of a package has a name")?;
    let id = package.name.interface_id(name);
    let direction = if package.name.name == STAGE { "Exported" } else { "Imported" };
    let mut text = format!("\n{direction} as {}.\n\n", code(&id));
    if let Some(about) = &interface.docs.contents {
        text.push_str(&format!("{about}\n\n"));
    }
    let functions: Vec<Vec<String>> = interface
        .functions
        .values()
        .map(|function| vec![format!("[`{0}`](#{0})", function.name), first_sentence(docs(&function.docs))])
        .collect();
    text.push_str(&table(&["function", ""], &functions));
    for function in interface.functions.values() {
        text.push_str(&function::render(&types, function));
    }
    let own: Vec<_> = interface.types.values().map(|id| &resolve.types[*id]).collect();
    let own: Vec<_> = own.into_iter().filter(|own| !matches!(own.kind, TypeDefKind::Type(_))).collect();
    if !own.is_empty() {
        text.push_str("\n## Types\n");
        own.into_iter().for_each(|own| text.push_str(&definition::render(&types, own)));
    }
    Ok(text)
}

fn docs(docs: &wit_parser::Docs) -> &str {
    docs.contents.as_deref().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests;
