//! The environment variables that an app and its hooks get.

use std::collections::BTreeMap;
use windlass_sdk::{Context, Error, Result, Text};

/// Variables by name.
pub type Environment = BTreeMap<String, Text>;

/// What every command of an app is given: the environment's variables, then what tells it where it is,
/// then what the stage's own `env` says. What comes later wins.
///
/// # Errors
/// `invalid-input` where a name cannot be one of a variable.
pub fn environment(ctx: &Context, own: &Environment) -> Result<Environment> {
    let mut environment = Environment::new();
    environment.extend(ctx.variables.iter().map(|(name, value)| (name.clone(), Text::from(value))));
    for (name, value) in [
        ("WINDLASS_PROJECT", &ctx.project),
        ("WINDLASS_ENVIRONMENT", &ctx.environment),
        ("WINDLASS_RELEASE", &ctx.release.label),
        ("WINDLASS_DEPLOYMENT", &ctx.deployment.label),
    ] {
        environment.insert(name.to_owned(), Text::from(value));
    }
    environment.extend(own.clone());
    match environment.keys().find(|name| !is_name(name)) {
        Some(name) => Err(Error::invalid_input(format!("`{name}` cannot be the name of an environment variable"))
            .code("bad-variable-name")
            .hint("use letters, digits and underscores, and begin with no digit")),
        None => Ok(environment),
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use windlass_sdk::testing::Harness;

    #[test]
    fn own_values_win_over_variables() {
        let mut harness = Harness::new().variable("LOG", "info").variable("MODE", "fast");
        let own = Environment::from([("LOG".to_owned(), Text::from("debug"))]);
        let environment = environment(harness.context(), &own).unwrap();
        assert_eq!(environment["LOG"].to_string(), "debug");
        assert_eq!(environment["MODE"].to_string(), "fast");
        assert_eq!(environment["WINDLASS_RELEASE"].to_string(), "20260305-143022");
    }

    #[test]
    fn a_name_that_a_shell_would_not_take_is_refused() {
        for name in ["", "1A", "A-B", "A=B", "A B", "Ä"] {
            let mut harness = Harness::new().variable(name, "x");
            let error = environment(harness.context(), &Environment::new()).unwrap_err();
            assert_eq!(error.code, "bad-variable-name", "{name}");
        }
    }
}
