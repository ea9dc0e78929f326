//! A running copy of a release on a target: its name, and the shell functions that know it.

use crate::Directory;
use std::collections::BTreeMap;
use windlass_sdk::ssh::{self, Command, Output};
use windlass_sdk::{Context, Result};

/// The shell functions that every script about instances begins with.
const FUNCTIONS: &str = include_str!("instance.sh");

/// The name of the instance that this deployment starts: the release, and the number of the deployment,
/// since a release may be deployed again while it is live.
pub fn instance(ctx: &Context) -> String {
    format!("{}-d{}", ctx.release.label, ctx.deployment.number)
}

/// The name of an instance's systemd unit.
pub fn unit_name(ctx: &Context, instance: &str) -> String {
    let plain = |text: &str| text.replace(|c: char| !c.is_ascii_alphanumeric() && c != '-', "_");
    format!("{}-{}-{instance}.service", plain(&ctx.project), plain(&ctx.environment))
}

/// A command that runs a script with the functions of `instance.sh`, which finds the app's directory in
/// `$APP` and this deployment's instance in `$NAME`. `name` is what messages call it.
pub fn script(ctx: &Context, directory: &Directory, name: &str, body: &str) -> Result<Command> {
    Ok(ssh::script(ctx.target()?, format!("{FUNCTIONS}\n{body}"))
        .named(name)
        .env("APP", directory.path())
        .env("NAME", instance(ctx)))
}

/// What a script reported, as lines `key=value`: the values of each key, in order.
pub fn report(output: &Output) -> BTreeMap<String, Vec<String>> {
    let mut values = BTreeMap::<String, Vec<String>>::new();
    for (key, value) in output.stdout().lines().filter_map(|line| line.split_once('=')) {
        values.entry(key.to_owned()).or_default().push(value.to_owned());
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use windlass_sdk::testing::Harness;

    #[test]
    fn a_release_that_is_deployed_again_is_another_instance() {
        let first = instance(Harness::new().release("20260305-143022", 41).context());
        let again = instance(Harness::new().release("20260305-143022", 42).context());
        assert_eq!((first.as_str(), again.as_str()), ("20260305-143022-d41", "20260305-143022-d42"));
    }

    #[test]
    fn a_unit_has_a_name_that_systemd_takes() {
        let mut harness = Harness::new();
        harness.context().environment = "eu/prod".to_owned();
        assert_eq!(unit_name(harness.context(), "r-d1"), "shop-eu_prod-r-d1.service");
    }

    #[test]
    fn a_report_is_lines_of_keys_and_values() {
        let report = report(&Output::ok("port=20001\nnoise\nwarning=a=b\nwarning=c\n"));
        assert_eq!(report["port"], ["20001"]);
        assert_eq!(report["warning"], ["a=b", "c"]);
    }
}
