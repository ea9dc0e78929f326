//! A type that an interface defines.

use super::docs;
use super::reference::Types;
use crate::markdown::{code, table};
use wit_parser::{TypeDef, TypeDefKind};

/// A type's section.
pub(super) fn render(types: &Types, definition: &TypeDef) -> String {
    let name = definition.name.as_deref().unwrap_or_default();
    let mut text = format!("\n### {name}\n\n");
    let about = docs(&definition.docs);
    let kind = definition.kind.as_str();
    let kind = format!("{} {kind}", if kind.starts_with(['a', 'e', 'o']) { "An" } else { "A" });
    text.push_str(&match about.is_empty() {
        true => format!("{kind}.\n\n"),
        false => format!("{kind}. {about}\n\n"),
    });
    text.push_str(&match &definition.kind {
        TypeDefKind::Record(record) => {
            let row = |field: &wit_parser::Field| {
                vec![code(&field.name), types.linked(&field.ty), docs(&field.docs).to_owned()]
            };
            table(&["field", "type", "meaning"], &record.fields.iter().map(row).collect::<Vec<_>>())
        }
        TypeDefKind::Variant(variant) => {
            let row = |case: &wit_parser::Case| {
                let carries = case.ty.as_ref().map(|ty| types.linked(ty)).unwrap_or_default();
                vec![code(&case.name), carries, docs(&case.docs).to_owned()]
            };
            table(&["case", "carries", "meaning"], &variant.cases.iter().map(row).collect::<Vec<_>>())
        }
        TypeDefKind::Enum(cases) => cases_of(cases.cases.iter().map(|case| (case.name.as_str(), docs(&case.docs)))),
        TypeDefKind::Flags(flags) => cases_of(flags.flags.iter().map(|flag| (flag.name.as_str(), docs(&flag.docs)))),
        other => format!("{}\n", code(other.as_str())),
    });
    text
}

/// A table where one of them has a meaning, else a line.
fn cases_of<'d>(cases: impl Iterator<Item = (&'d str, &'d str)> + Clone) -> String {
    if cases.clone().all(|(_, meaning)| meaning.is_empty()) {
        let names: Vec<String> = cases.map(|(name, _)| code(name)).collect();
        return format!("{}\n", names.join(", "));
    }
    let rows: Vec<Vec<String>> = cases.map(|(name, meaning)| vec![code(name), meaning.to_owned()]).collect();
    table(&["case", "meaning"], &rows)
}
