//! Typed reading of one table's keys; what does not fit is reported with its place.

use super::super::duration;
use super::super::error::{Position, Problems};
use super::super::node::{At, Entry, Node, Table};
use super::super::reference::Reference;
use super::super::suggest;
use super::{NAME_HINT, is_name};
use std::time::Duration;

/// How long a question stays open where the configuration does not say it: over a weekend.
const APPROVAL: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// A table being read.
pub(crate) struct Keys<'a, 'p> {
    table: &'a Table,
    /// Where the table begins: the place of what is missing.
    at: &'a Position,
    /// Begins every message, such as "stage `up`: ".
    place: String,
    /// Begins every key's path, such as `stage.up.`.
    path: String,
    problems: &'p mut Problems,
    deferring: bool,
}

impl<'a, 'p> Keys<'a, 'p> {
    pub(crate) fn new(table: &'a Table, at: &'a Position, place: &str, path: &str, problems: &'p mut Problems) -> Self {
        Self { table, at, place: place.into(), path: path.into(), problems, deferring: false }
    }

    /// Lets texts with names pass for any type: their values come later.
    pub(crate) fn deferring(mut self) -> Self {
        self.deferring = true;
        self
    }

    /// Reports every key that is not known, and those that are known to come.
    pub(crate) fn check(&mut self, known: &[&str], unavailable: &[&str]) {
        for Entry { key, key_at, .. } in &self.table.0 {
            let path = format!("{}{key}", self.path);
            if unavailable.contains(&key.as_str()) {
                let message = format!("{}`{key}` is not available in this version", self.place);
                self.problems.add(key_at, path, message).hint(match key.as_str() {
                    "variables" => "set them on the server: windlass var set PROJECT/ENVIRONMENT NAME=VALUE",
                    _ => "remove it: nothing would enforce it",
                });
            } else if !known.contains(&key.as_str()) {
                let message = format!("{}`{key}` is not a known key", self.place);
                self.problems.add(key_at, path, message).hint = suggest::hint(key, known.iter().copied());
            }
        }
    }

    pub(crate) fn report(&mut self, at: &Position, key: &str, message: &str, hint: Option<&str>) {
        let message = format!("{}{message}", self.place);
        self.problems.add(at, format!("{}{key}", self.path), message).hint = hint.map(str::to_owned);
    }

    /// The place of a key, or of the table.
    pub(crate) fn place_of(&self, key: &str) -> &'a Position {
        self.table.entry(key).map_or(self.at, |entry| &entry.key_at)
    }

    fn wrong(&mut self, node: &Node, key: &str, wanted: &str) {
        self.report(&node.at, key, &format!("`{key}` must be {wanted}, not {}", node.description()), None);
    }

    /// Reads a key; `wanted` says what it must be.
    pub(crate) fn value<T>(
        &mut self,
        key: &str,
        wanted: &str,
        read: impl FnOnce(&'a Node) -> Option<T>,
    ) -> Option<At<T>> {
        let node = self.table.get(key)?;
        if self.deferring && node.holds_names() {
            return None;
        }
        let value = read(node);
        if value.is_none() {
            self.wrong(node, key, wanted);
        }
        Some(At { value: value?, at: node.at.clone() })
    }

    /// A text that may hold names.
    pub(crate) fn any_text(&mut self, key: &str) -> Option<At<String>> {
        let node = self.table.get(key)?;
        let Some(text) = node.as_text().filter(|text| !text.trim().is_empty()) else {
            self.wrong(node, key, "a text");
            return None;
        };
        Some(At { value: text.into(), at: node.at.clone() })
    }

    /// A name of the user's own; never holds names of values.
    pub(crate) fn name(&mut self, key: &str) -> Option<At<String>> {
        let text = self.any_text(key)?;
        if is_name(&text.value) {
            return Some(text);
        }
        self.report(&text.at, key, &format!("`{key}` is {:?}, which is no name", text.value), Some(NAME_HINT));
        None
    }

    pub(crate) fn required_name(&mut self, key: &str, hint: &str) -> Option<At<String>> {
        if self.table.get(key).is_none() {
            self.report(self.at, key, &format!("`{key}` is missing"), Some(hint));
        }
        self.name(key)
    }

    pub(crate) fn reference(&mut self, key: &str) -> Option<At<Reference>> {
        let text = self.any_text(key)?;
        match text.value.parse() {
            Ok(reference) => Some(At { value: reference, at: text.at }),
            Err(error) => {
                self.report(&text.at, key, &format!("`{key}` is {:?}: it {error}", text.value), None);
                None
            }
        }
    }

    pub(crate) fn flag(&mut self, key: &str) -> Option<bool> {
        let read = |node: &Node| node.to_json().as_bool();
        self.value(key, "true or false", read).map(|flag| flag.value)
    }

    pub(crate) fn integer(&mut self, key: &str, most: u32) -> Option<u32> {
        let read = |node: &Node| u32::try_from(node.to_json().as_u64()?).ok().filter(|number| *number <= most);
        self.value(key, &format!("a whole number from 0 to {most}"), read).map(|number| number.value)
    }

    pub(crate) fn duration(&mut self, key: &str) -> Option<Duration> {
        let read = |node: &Node| duration::parse(node.as_text()?);
        self.value(key, "a duration such as \"90s\" or \"10m\"", read).map(|duration| duration.value)
    }

    /// `approval = true`, or how long the question stays open.
    pub(crate) fn approval(&mut self) -> Option<Duration> {
        let read = |node: &Node| match node.as_text() {
            Some(text) => duration::parse(text).map(Some),
            None => node.to_json().as_bool().map(|asks| asks.then_some(APPROVAL)),
        };
        self.value("approval", "true, false or how long it waits, such as \"2h\"", read)?.value
    }

    /// One of some words; `unavailable` are those that come with a later version.
    pub(crate) fn one_of<T: Copy>(&mut self, key: &str, words: &[(&str, T)], unavailable: &[&str]) -> Option<At<T>> {
        if let Some((node, word)) = self.table.get(key).and_then(|node| Some((node, node.as_text()?)))
            && unavailable.contains(&word)
        {
            let message = format!("`{key} = {word:?}` is not available in this version");
            self.report(&node.at, key, &message, Some("remove it: nothing would enforce it"));
            return None;
        }
        let wanted = words.iter().map(|(word, _)| format!("{word:?}")).collect::<Vec<_>>().join(" or ");
        let read = |node: &Node| {
            let text = node.as_text()?;
            words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value)
        };
        self.value(key, &wanted, read)
    }

    pub(crate) fn table(&mut self, key: &str) -> Option<At<Table>> {
        let node = self.table.get(key)?;
        let Some(table) = node.as_table() else {
            self.wrong(node, key, "a table");
            return None;
        };
        let at = self.table.entry(key).map_or(self.at, |entry| &entry.key_at).clone();
        Some(At { value: table.clone(), at })
    }

    /// Names of target groups: one, or a list that is taken as one group.
    pub(crate) fn groups(&mut self, key: &str) -> Option<Vec<At<String>>> {
        let read = |node: &'a Node| {
            let one = std::slice::from_ref(node);
            let items = node.as_array().unwrap_or(one);
            let text = |item: &Node| Some(At { value: item.as_text()?.to_owned(), at: item.at.clone() });
            items.iter().map(text).collect::<Option<Vec<_>>>().filter(|items| !items.is_empty())
        };
        self.value(key, "the name of a target group, or a list of some", read).map(|groups| groups.value)
    }

    /// The targets of a group, by the group's key.
    pub(crate) fn group(&mut self, key: &str) -> Vec<At<String>> {
        if !is_name(key) {
            let message = format!("`{key}` is no name for a target group");
            self.report(self.place_of(key), key, &message, Some(NAME_HINT));
        }
        let targets = self.groups_of_targets(key).unwrap_or_default();
        for (index, target) in targets.iter().enumerate() {
            if targets[..index].iter().any(|earlier| earlier.value == target.value) {
                let message = format!("target group `{key}` names `{}` twice", target.value);
                self.report(&target.at, key, &message, Some("remove one"));
            }
        }
        targets
    }

    fn groups_of_targets(&mut self, key: &str) -> Option<Vec<At<String>>> {
        let node = self.table.get(key)?;
        if node.as_array().is_some_and(<[Node]>::is_empty) {
            let hint = format!("name a target, {key} = [\"web-1\"], or remove the group");
            self.report(&node.at, key, &format!("target group `{key}` is empty"), Some(&hint));
            return None;
        }
        let text = |item: &Node| Some(At { value: item.as_text()?.to_owned(), at: item.at.clone() });
        let targets = node.as_array().and_then(|items| items.iter().map(text).collect::<Option<Vec<_>>>());
        if targets.is_none() {
            let message = format!("target group `{key}` must be a list of target names, not {}", node.description());
            self.report(&node.at, key, &message, Some(&format!("{key} = [\"web-1\", \"web-2\"]")));
        }
        targets
    }
}
