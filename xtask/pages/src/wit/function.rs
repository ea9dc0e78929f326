//! A function: its signature, what it does, how it is repeated, what it does in a plan, its errors.

use super::docs;
use super::reference::Types;
use crate::markdown::prose;
use wit_parser::Function;

const POLICY: &str = "Repeat policy:";
const ERRORS: &str = "Errors:";

/// A function's section.
pub(super) fn render(types: &Types, function: &Function) -> String {
    let params: Vec<String> =
        function.params.iter().map(|param| format!("{}: {}", param.name, types.written(&param.ty))).collect();
    let result = function.result.as_ref().map(|result| format!(" -> {}", types.written(result))).unwrap_or_default();
    let facts = Facts::read(docs(&function.docs));
    let mut text = format!("\n## {0}\n\n```wit\n{0}: func({1}){result}\n```\n\n", function.name, params.join(", "));
    text.push_str(&prose(&facts.about));
    text.push_str("\n\n");
    text.push_str(&facts.list());
    text
}

/// What the doc comment of a function says, apart.
#[derive(Debug, Default, PartialEq)]
struct Facts {
    about: String,
    policy: Option<String>,
    plan: Option<String>,
    errors: Option<String>,
}

impl Facts {
    fn read(comment: &str) -> Self {
        let (about, rest) = match comment.find(POLICY).into_iter().chain(comment.find(ERRORS)).min() {
            Some(start) => comment.split_at(start),
            None => (comment, ""),
        };
        let (policy, errors) = match rest.split_once(ERRORS) {
            Some((policy, errors)) => (policy, Some(line(errors))),
            None => (rest, None),
        };
        let policy = policy.trim().strip_prefix(POLICY).map(line);
        let (policy, plan) = match policy {
            Some(policy) => match [". In a plan", ". A plan"].iter().filter_map(|begin| policy.find(begin)).min() {
                Some(end) => (Some(policy[..=end].to_owned()), Some(policy[end + 2..].to_owned())),
                None => (Some(policy), None),
            },
            None => (None, None),
        };
        let plan = plan.or_else(|| policy.as_deref().and_then(usual_plan));
        Self { about: about.trim().to_owned(), policy, plan, errors }
    }

    fn list(&self) -> String {
        let item = |name: &str, fact: &Option<String>| match fact {
            Some(fact) => format!("- **{name}:** {fact}\n"),
            None => String::new(),
        };
        let plan = self.plan.as_ref().map(|plan| capital(plan.trim_start_matches("In a plan").trim_start_matches(',')));
        format!("{}{}{}", item("Repeat policy", &self.policy), item("In a plan", &plan), item("Errors", &self.errors))
    }
}

/// What a plan does with an effect, where its comment says nothing else.
fn usual_plan(policy: &str) -> Option<String> {
    let word = policy.split(|character: char| !character.is_alphabetic()).next()?;
    match word {
        "read" => Some("It is performed.".to_owned()),
        "idempotent" | "once" => Some("It is only listed, and answered as if it had succeeded.".to_owned()),
        _ => None,
    }
}

fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn capital(text: &str) -> String {
    let text = text.trim_start();
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_facts_stand_apart() {
        let facts = Facts::read(
            "Reads a key.\n\nRepeat policy: read. In a plan it sees\nwhat the plan wrote.\nErrors: `invalid-input`.",
        );
        assert_eq!(facts.about, "Reads a key.");
        let said = "- **Repeat policy:** read.\n- **In a plan:** It sees what the plan wrote.\n\
                    - **Errors:** `invalid-input`.\n";
        assert_eq!(facts.list(), said);
        assert_eq!(Facts::read("Pulls.\n\nRepeat policy: idempotent.").plan, usual_plan("idempotent"));
        assert_eq!(Facts::read("Runs.\n\nRepeat policy: as `repeat` says.").plan, None);
        assert_eq!(Facts::read("Says."), Facts { about: "Says.".into(), ..Facts::default() });
    }
}
