//! TOML as a tree in which every key and value knows its place in the text.

use super::error::{ConfigErrors, Position, Problems};
use serde_json::Value;
use std::sync::Arc;
use toml::de::{DeTable, DeValue};

/// A list of up to this many plain values is shown in a message; a longer one would hide the rest of it.
const LISTED: usize = 6;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) at: Position,
    pub(crate) value: NodeValue,
}

#[derive(Clone, Debug)]
pub(crate) enum NodeValue {
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    Array(Vec<Node>),
    Table(Table),
}

/// The entries of a table in the order of the text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table(pub(crate) Vec<Entry>);

#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_at: Position,
    pub(crate) value: Node,
}

/// A value read from a node, and where it stood.
#[derive(Clone, Debug)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) at: Position,
}

impl Node {
    pub(crate) fn as_text(&self) -> Option<&str> {
        match &self.value {
            NodeValue::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_table(&self) -> Option<&Table> {
        match &self.value {
            NodeValue::Table(table) => Some(table),
            _ => None,
        }
    }

    pub(crate) fn as_array(&self) -> Option<&[Node]> {
        match &self.value {
            NodeValue::Array(items) => Some(items),
            _ => None,
        }
    }

    /// What it is, for a message such as "not a string".
    pub(crate) fn description(&self) -> String {
        match &self.value {
            NodeValue::Bool(value) => format!("`{value}`"),
            NodeValue::Integer(value) => format!("`{value}`"),
            NodeValue::Float(value) => format!("`{value}`"),
            NodeValue::Text(text) => format!("{text:?}"),
            NodeValue::Array(items) if items.iter().all(Node::is_plain) && items.len() <= LISTED => {
                let items: Vec<String> = items.iter().map(|item| item.to_json().to_string()).collect();
                format!("[{}]", items.join(", "))
            }
            NodeValue::Array(_) => "a list".into(),
            NodeValue::Table(_) => "a table".into(),
        }
    }

    /// Neither a list nor a table.
    pub(crate) fn is_plain(&self) -> bool {
        !matches!(self.value, NodeValue::Array(_) | NodeValue::Table(_))
    }

    /// Whether a text in it may hold names, so that its value comes later.
    pub(crate) fn holds_names(&self) -> bool {
        match &self.value {
            NodeValue::Text(text) => text.contains("${"),
            NodeValue::Array(items) => items.iter().any(Node::holds_names),
            NodeValue::Table(table) => table.0.iter().any(|entry| entry.value.holds_names()),
            _ => false,
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        match &self.value {
            NodeValue::Bool(value) => (*value).into(),
            NodeValue::Integer(value) => (*value).into(),
            NodeValue::Float(value) => (*value).into(),
            NodeValue::Text(text) => text.as_str().into(),
            NodeValue::Array(items) => items.iter().map(Node::to_json).collect(),
            NodeValue::Table(table) => table.to_json(),
        }
    }

    /// The same value at a place of the text; none where TOML cannot say it (a null).
    pub(crate) fn from_json(value: &Value, at: &Position) -> Option<Self> {
        let node = |value| Self { at: at.clone(), value };
        Some(node(match value {
            Value::Null => return None,
            Value::Bool(value) => NodeValue::Bool(*value),
            Value::Number(number) => match number.as_i64() {
                Some(integer) => NodeValue::Integer(integer),
                None => NodeValue::Float(number.as_f64()?),
            },
            Value::String(text) => NodeValue::Text(text.clone()),
            Value::Array(items) => {
                NodeValue::Array(items.iter().filter_map(|item| Self::from_json(item, at)).collect())
            }
            Value::Object(entries) => NodeValue::Table(Table::from_json(entries, at)),
        }))
    }

    /// What a path of keys leads to.
    pub(crate) fn find(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| node.as_table()?.get(key))
    }

    /// The place of the value that a JSON pointer names, or of the nearest thing above it that is in
    /// the text.
    pub(crate) fn place_of(&self, pointer: &str) -> &Position {
        let mut node = self;
        for segment in pointer_segments(pointer) {
            let next = match &node.value {
                NodeValue::Table(table) => table.get(&segment),
                NodeValue::Array(items) => segment.parse::<usize>().ok().and_then(|index| items.get(index)),
                _ => None,
            };
            let Some(next) = next else { break };
            node = next;
        }
        &node.at
    }
}

impl Table {
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.key == key)
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    pub(crate) fn remove(&mut self, key: &str) {
        self.0.retain(|entry| entry.key != key);
    }

    /// Keeps the entries whose value will do, at every depth of tables.
    pub(crate) fn retain(&mut self, keep: &impl Fn(&Node) -> bool) {
        self.0.retain(|entry| keep(&entry.value));
        for entry in &mut self.0 {
            if let NodeValue::Table(table) = &mut entry.value.value {
                table.retain(keep);
            }
        }
    }

    /// Replaces a value, or adds it at the end.
    pub(crate) fn set(&mut self, entry: Entry) {
        match self.0.iter_mut().find(|own| own.key == entry.key) {
            Some(own) => *own = entry,
            None => self.0.push(entry),
        }
    }

    /// Takes another table's entries in: tables are merged at every depth, all else is replaced.
    pub(crate) fn merge(&mut self, other: &Table) {
        for entry in &other.0 {
            let own = self.0.iter_mut().find(|own| own.key == entry.key).map(|own| &mut own.value.value);
            match (own, entry.value.as_table()) {
                (Some(NodeValue::Table(own)), Some(table)) => own.merge(table),
                _ => self.set(entry.clone()),
            }
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        Value::Object(self.0.iter().map(|entry| (entry.key.clone(), entry.value.to_json())).collect())
    }

    pub(crate) fn from_json(entries: &serde_json::Map<String, Value>, at: &Position) -> Self {
        let entry = |(key, value): (&String, &Value)| {
            Some(Entry { key: key.clone(), key_at: at.clone(), value: Node::from_json(value, at)? })
        };
        Self(entries.iter().filter_map(entry).collect())
    }
}

/// Splits a JSON pointer (RFC 6901).
pub(crate) fn pointer_segments(pointer: &str) -> impl Iterator<Item = String> + '_ {
    pointer.split('/').skip(1).map(|segment| segment.replace("~1", "/").replace("~0", "~"))
}

/// Adds a segment to a JSON pointer.
pub(crate) fn pointer_child(pointer: &str, segment: &str) -> String {
    format!("{pointer}/{}", segment.replace('~', "~0").replace('/', "~1"))
}

/// Reads a text; where it is not TOML, says every place where it is not.
pub(crate) fn parse(file: &str, text: &str) -> Result<Node, ConfigErrors> {
    let reader = Reader { file: file.into(), text };
    let mut problems = Problems::default();
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let start = error.span().map_or(0, |span| span.start);
        let message = format!("not valid TOML: {}", error.message().replace('\n', ", "));
        problems.add(&reader.position(start), "", message).hint("see https://toml.io for how TOML is written");
    }
    problems.stop_if_any()?;
    let at = reader.position(0);
    let table = reader.table(table.get_ref(), &mut problems);
    problems.finish(Node { at, value: NodeValue::Table(table) })
}

struct Reader<'t> {
    file: Arc<str>,
    text: &'t str,
}

impl Reader<'_> {
    fn position(&self, offset: usize) -> Position {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |index| index + 1);
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Position {
            file: self.file.clone(),
            line: count(before.matches('\n').count() + 1),
            column: count(before[line_start..].chars().count() + 1),
        }
    }

    fn table(&self, table: &DeTable<'_>, problems: &mut Problems) -> Table {
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        let entry = |(key, value): (&toml::Spanned<_>, &toml::Spanned<DeValue<'_>>)| {
            let key_at = self.position(key.span().start);
            let key: &std::borrow::Cow<'_, str> = key.get_ref();
            Some(Entry { value: self.node(key, value, problems)?, key: key.to_string(), key_at })
        };
        Table(entries.into_iter().filter_map(entry).collect())
    }

    fn node(&self, key: &str, value: &toml::Spanned<DeValue<'_>>, problems: &mut Problems) -> Option<Node> {
        let at = self.position(value.span().start);
        let value = match value.get_ref() {
            DeValue::Boolean(value) => NodeValue::Bool(*value),
            DeValue::String(text) => NodeValue::Text(text.to_string()),
            DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
                Ok(number) => NodeValue::Integer(number),
                Err(_) => return refuse(problems, &at, key, "does not fit into 64 bits"),
            },
            DeValue::Float(number) => match number.as_str().parse::<f64>() {
                Ok(number) if number.is_finite() => NodeValue::Float(number),
                _ => return refuse(problems, &at, key, "must be a finite number"),
            },
            DeValue::Datetime(_) => return refuse(problems, &at, key, "is a date; write it as a string, in quotes"),
            DeValue::Array(items) => {
                NodeValue::Array(items.iter().filter_map(|item| self.node(key, item, problems)).collect())
            }
            DeValue::Table(table) => NodeValue::Table(self.table(table, problems)),
        };
        Some(Node { at, value })
    }
}

fn refuse(problems: &mut Problems, at: &Position, key: &str, reason: &str) -> Option<Node> {
    problems.add(at, key, format!("`{key}` {reason}"));
    None
}
