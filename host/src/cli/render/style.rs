//! Colors and symbols. Color otherwise than here means nothing; a symbol and a word always say the same.

use anstyle::{AnsiColor, Color, Style};
use windlass_api_types::{DeploymentStatus, Level, StageStatus};

pub const PLAIN: Style = Style::new();
pub const BOLD: Style = Style::new().bold();
pub const DIM: Style = Style::new().dimmed();
pub const SUCCESS: Style = color(AnsiColor::Green);
pub const FAILURE: Style = color(AnsiColor::Red).bold();
pub const WARNING: Style = color(AnsiColor::Yellow);
pub const RUNNING: Style = color(AnsiColor::Blue);

const fn color(color: AnsiColor) -> Style {
    Style::new().fg_color(Some(Color::Ansi(color)))
}

/// Text in a style.
pub fn paint(style: Style, text: &str) -> String {
    if text.is_empty() || style == PLAIN {
        return text.to_owned();
    }
    format!("{style}{text}{style:#}")
}

/// A stage's symbol and color.
pub fn stage(status: StageStatus) -> (&'static str, Style) {
    match status {
        StageStatus::Pending | StageStatus::Queued => ("○", DIM),
        StageStatus::Running => ("●", RUNNING),
        StageStatus::Waiting => ("◌", WARNING),
        StageStatus::Succeeded => ("✓", SUCCESS),
        StageStatus::Failed | StageStatus::TimedOut => ("✗", FAILURE),
        StageStatus::Canceled => ("⊘", WARNING),
        StageStatus::Interrupted => ("?", WARNING),
        StageStatus::Skipped => ("–", DIM),
        StageStatus::Warned => ("!", WARNING),
    }
}

/// A deployment's symbol and color: those of a stage in the same state.
pub fn deployment(status: DeploymentStatus) -> (&'static str, Style) {
    stage(match status {
        DeploymentStatus::Queued => StageStatus::Queued,
        DeploymentStatus::Running => StageStatus::Running,
        DeploymentStatus::Waiting => StageStatus::Waiting,
        DeploymentStatus::Succeeded => StageStatus::Succeeded,
        DeploymentStatus::Failed => StageStatus::Failed,
        DeploymentStatus::Canceled => StageStatus::Canceled,
        DeploymentStatus::Interrupted => StageStatus::Interrupted,
    })
}

/// A log line's color.
pub fn level(level: Level) -> Style {
    match level {
        Level::Debug => DIM,
        Level::Info => PLAIN,
        Level::Warning => WARNING,
        Level::Error => FAILURE,
    }
}
