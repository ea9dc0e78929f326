//! Which keys do what.

/// What a key, or two in a row, asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shortcut {
    Go(&'static str),
    /// Focus the next row of a list.
    Next,
    Previous,
    /// Press the control that names this key.
    Press(String),
    Help,
}

/// Where `g` and a letter lead.
pub const PLACES: [(char, &str, &str); 5] = [
    ('p', "/", "Projects"),
    ('d', "/deployments", "Deployments"),
    ('t', "/targets", "Targets"),
    ('l', "/plugins", "Plugins"),
    ('k', "/settings/tokens", "Tokens"),
];

/// A `g` is forgotten after so many milliseconds: it was not meant as the first of two keys.
pub const PATIENCE: f64 = 1_200.0;

/// Remembers the first of two keys.
#[derive(Clone, Copy, Debug, Default)]
pub struct Keys {
    go_since: Option<f64>,
}

impl Keys {
    /// Takes a key, as `KeyboardEvent.key` names it, at a time in milliseconds.
    pub fn take(&mut self, key: &str, now: f64) -> Option<Shortcut> {
        let going = self.go_since.take().is_some_and(|since| now - since <= PATIENCE);
        if going {
            let place = PLACES.iter().find(|(letter, ..)| key.chars().eq([*letter]));
            return place.map(|(_, path, _)| Shortcut::Go(path));
        }
        match key {
            "g" => {
                self.go_since = Some(now);
                None
            }
            "j" => Some(Shortcut::Next),
            "k" => Some(Shortcut::Previous),
            "?" => Some(Shortcut::Help),
            key if key.chars().count() == 1 && !key.chars().any(char::is_whitespace) => {
                Some(Shortcut::Press(key.to_owned()))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(keys: &[(&str, f64)]) -> Vec<Option<Shortcut>> {
        let mut state = Keys::default();
        keys.iter().map(|(key, at)| state.take(key, *at)).collect()
    }

    #[test]
    fn g_and_a_letter_go_somewhere() {
        assert_eq!(taken(&[("g", 0.0), ("d", 300.0)]), [None, Some(Shortcut::Go("/deployments"))]);
        assert_eq!(taken(&[("g", 0.0), ("x", 300.0), ("j", 400.0)]), [None, None, Some(Shortcut::Next)]);
    }

    #[test]
    fn a_g_is_forgotten_after_a_while() {
        assert_eq!(taken(&[("g", 0.0), ("k", 5_000.0)]), [None, Some(Shortcut::Previous)]);
    }

    #[test]
    fn single_keys_press_the_control_that_names_them() {
        assert_eq!(
            taken(&[("/", 0.0), ("?", 1.0), ("Shift", 2.0), (" ", 3.0)]),
            [Some(Shortcut::Press("/".into())), Some(Shortcut::Help), None, None]
        );
    }
}
