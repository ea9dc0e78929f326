//! Names that stand in requests to an engine: what is none is refused before it gets there.

use windlass_api_types::{ErrorKind, Failure};

/// Of containers, networks and volumes, and ids.
pub(super) fn object(name: &str) -> Result<(), Failure> {
    let first = name.starts_with(|letter: char| letter.is_ascii_alphanumeric());
    match first && name.len() <= 255 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
    {
        true => Ok(()),
        false => Err(wrong("name", name, "letters, digits, `_`, `.` and `-`, beginning with a letter or a digit")),
    }
}

/// Of images, with or without a tag or digest.
pub(super) fn image(name: &str) -> Result<(), Failure> {
    let first = name.starts_with(|letter: char| letter.is_ascii_alphanumeric());
    let letters = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-/:@".contains(&byte));
    match first && letters && name.len() <= 512 && !name.contains("..") && !name.contains("//") {
        true => Ok(()),
        false => Err(wrong("name of an image", name, "such as `registry.example.com/shop:1.2`")),
    }
}

fn wrong(what: &str, name: &str, right: &str) -> Failure {
    Failure::new(ErrorKind::InvalidInput, "bad-name", format!("`{name}` is no {what}: {right}"))
        .hint("correct it in the stage's configuration")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_change_a_request_is_no_name() {
        for name in ["shop", "shop_1.2-a", "0f3a"] {
            object(name).unwrap();
        }
        for name in ["", "../info", "a/b", "a?force=1", "-f", "a b"] {
            assert_eq!(object(name).unwrap_err().code, "bad-name", "{name}");
        }
        for name in ["shop", "localhost:5000/shop:1", "r.example.com/a/b@sha256:ab"] {
            image(name).unwrap();
        }
        for name in ["", "a/../../info", "--all", "a?b", "a#b", "a%2f"] {
            assert_eq!(image(name).unwrap_err().code, "bad-name", "{name}");
        }
    }
}
