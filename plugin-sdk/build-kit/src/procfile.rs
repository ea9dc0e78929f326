//! `Procfile`: the line `web:` says how an app is started, whatever it is.

use crate::Sources;

/// The command of the line `web:`.
pub(crate) fn web(sources: &Sources) -> Option<String> {
    let lines = sources.text("Procfile")?.lines();
    let command = lines.filter_map(|line| line.trim().strip_prefix("web:")).map(str::trim);
    command.filter(|command| !command.is_empty()).map(str::to_owned).next()
}
