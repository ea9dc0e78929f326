//! One step of a command: says what it does and why it takes time, then how long it took.

use std::{
    fmt,
    io::IsTerminal,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

/// Runs `work` between a heading and the time it took; an error gets the step's name.
pub(crate) fn step<T>(name: &str, why: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let started = Instant::now();
    heading(name, why);
    let value = work().with_context(|| format!("{name} failed"))?;
    println!("    {name}: {}", Elapsed(started.elapsed()));
    Ok(value)
}

fn heading(name: &str, why: &str) {
    if std::io::stdout().is_terminal() {
        println!("\x1b[1m==> {name}\x1b[0m  {why}");
    } else {
        println!("==> {name}  {why}");
    }
}

/// A duration as a person reads it: `0.3 s`, `41 s`, `12 min 5 s`.
pub(crate) struct Elapsed(pub(crate) Duration);

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        match seconds {
            0..10 => write!(f, "{:.1} s", self.0.as_secs_f64()),
            10..60 => write!(f, "{seconds} s"),
            _ => write!(f, "{} min {} s", seconds / 60, seconds % 60),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_like_speech() {
        for (milliseconds, text) in [(340, "0.3 s"), (9_940, "9.9 s"), (41_900, "41 s"), (725_000, "12 min 5 s")] {
            assert_eq!(Elapsed(Duration::from_millis(milliseconds)).to_string(), text);
        }
    }

    #[test]
    fn an_error_says_which_step_failed() {
        let error = step("paint", "it must dry", || -> Result<()> { anyhow::bail!("no paint") });
        assert_eq!(format!("{:#}", error.unwrap_err()), "paint failed: no paint");
    }
}
