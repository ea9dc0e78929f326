//! Both databases are migrated by the same steps.

use std::collections::BTreeSet;

use super::{Finding, repository::Repository};

const SQLITE: &str = "migrations/sqlite/";
const POSTGRES: &str = "migrations/postgres/";

pub(super) fn check(repository: &Repository) -> Vec<Finding> {
    let names = |directory: &str| -> BTreeSet<&str> {
        let paths = repository.files.iter().map(|file| file.path.as_str());
        paths.filter_map(|path| path.strip_prefix(directory)).collect()
    };
    let (sqlite, postgres) = (names(SQLITE), names(POSTGRES));
    let missing = |from: &BTreeSet<&str>, to: &BTreeSet<&str>, directory: &str, other: &str| {
        let names: Vec<String> = from.difference(to).map(ToString::to_string).collect();
        let directory = directory.to_owned();
        let other = other.to_owned();
        names.into_iter().map(move |name| {
            let message = format!("there is no {other}{name}: both databases take the same steps");
            Finding::new(&format!("{directory}{name}"), 0, message)
        })
    };
    missing(&sqlite, &postgres, SQLITE, POSTGRES).chain(missing(&postgres, &sqlite, POSTGRES, SQLITE)).collect()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::tidy::repository::findings;

    #[test]
    fn each_step_is_there_for_both() {
        let files = [
            ("migrations/postgres/0001_first.sql", ""),
            ("migrations/postgres/0002_second.sql", ""),
            ("migrations/sqlite/0001_first.sql", ""),
            ("migrations/sqlite/0003_third.sql", ""),
        ];
        expect![[r#"
            migrations/postgres/0002_second.sql: there is no migrations/sqlite/0002_second.sql: both databases take the same steps
            migrations/sqlite/0003_third.sql: there is no migrations/postgres/0003_third.sql: both databases take the same steps"#]]
        .assert_eq(&findings(check, &files));
    }

    #[test]
    fn equal_steps_are_fine() {
        let files = [("migrations/postgres/1.sql", ""), ("migrations/sqlite/1.sql", "")];
        assert_eq!(findings(check, &files), "");
    }
}
