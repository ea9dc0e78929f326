//! The message, made from what the stage is told.

use super::{Config, Format};
use serde_json::{Map, Value, json};
use windlass_sdk::{Context, DeploymentKind};

/// The body of the request.
pub(super) fn body(ctx: &Context, config: &Config) -> Value {
    let facts = facts(ctx, config.text.as_deref());
    match (&config.body, config.format) {
        (Some(template), _) => filled(template, &facts),
        (None, Format::Slack) => json!({ "text": slack(&facts) }),
        (None, Format::Json) => {
            // What there is none of is left out.
            Value::Object(facts.into_iter().filter(|(_, value)| value != "").collect())
        }
    }
}

fn facts(ctx: &Context, text: Option<&str>) -> Map<String, Value> {
    let commit = ctx.release.commit.as_ref();
    let of_commit = |field: Option<&String>| json!(field.map_or("", String::as_str));
    let kind = match ctx.kind {
        DeploymentKind::Deploy => "deploy",
        DeploymentKind::Retry => "retry",
        DeploymentKind::Rollback => "rollback",
        DeploymentKind::Other => "other",
    };
    let deployment = &ctx.deployment;
    let target = ctx.target.as_ref().map_or("", |target| &target.name);
    let mut facts = Map::new();
    for (name, value) in [
        ("text", json!(text.map_or_else(|| sentence(ctx), |text| text.to_owned()))),
        ("project", json!(ctx.project)),
        ("environment", json!(ctx.environment)),
        ("label", json!(deployment.label)),
        ("number", json!(deployment.number)),
        ("url", json!(deployment.url.as_deref().unwrap_or_default())),
        ("actor", json!(ctx.actor)),
        ("kind", json!(kind)),
        ("release", json!(ctx.release.label)),
        ("commit", of_commit(commit.map(|commit| &commit.sha))),
        ("branch", of_commit(commit.and_then(|commit| commit.branch.as_ref()))),
        ("commit_message", of_commit(commit.and_then(|commit| commit.message.as_ref()))),
        ("author", of_commit(commit.and_then(|commit| commit.author.as_ref()))),
        ("target", json!(target)),
    ] {
        facts.insert(name.to_owned(), value);
    }
    facts
}

fn sentence(ctx: &Context) -> String {
    let done = match ctx.kind {
        DeploymentKind::Rollback => "rolled back to",
        _ => "deployed",
    };
    let Context { project, environment, actor, .. } = ctx;
    format!("{actor} {done} {project} {} on {environment} ({})", ctx.release.label, ctx.deployment.label)
}

/// The sentence, and a link to the deployment's page.
fn slack(facts: &Map<String, Value>) -> String {
    let of = |name: &str| facts.get(name).and_then(Value::as_str).unwrap_or_default();
    // Its own signs.
    let text = of("text").replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    match of("url") {
        "" => text,
        url => format!("{text} <{url}|{}>", of("label")),
    }
}

/// The template with its places filled; a text that is nothing but a place takes what stands there as it is.
fn filled(template: &Value, facts: &Map<String, Value>) -> Value {
    match template {
        Value::String(text) => filled_text(text, facts),
        Value::Array(items) => items.iter().map(|item| filled(item, facts)).collect(),
        Value::Object(entries) => {
            Value::Object(entries.iter().map(|(name, value)| (name.clone(), filled(value, facts))).collect())
        }
        other => other.clone(),
    }
}

fn filled_text(text: &str, facts: &Map<String, Value>) -> Value {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("{{") {
        let place = after.split_once("}}").and_then(|(name, after)| Some((facts.get(name.trim())?, after)));
        let Some((value, after)) = place else {
            // Not one of ours.
            out.push_str(before);
            out.push_str("{{");
            rest = after;
            continue;
        };
        if before.is_empty() && out.is_empty() && after.is_empty() {
            return value.clone();
        }
        out.push_str(before);
        match value {
            Value::String(value) => out.push_str(value),
            value => out.push_str(&value.to_string()),
        }
        rest = after;
    }
    Value::String(out + rest)
}
