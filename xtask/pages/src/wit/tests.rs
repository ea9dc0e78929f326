use super::*;
use expect_test::expect;
use std::fs;

#[test]
fn a_page_says_what_a_function_takes_answers_and_does() {
    let wit = tempfile::tempdir().unwrap();
    fs::create_dir(wit.path().join("deps")).unwrap();
    let types = "/// What all share.\npackage windlass:types@0.1.0;\ninterface types {\n  \
        /// A failure.\n  record error {\n    /// One sentence.\n    message: string,\n  }\n}\n";
    let keys = "/// Small values. They outlive a deployment.\npackage windlass:state@0.1.0;\ninterface state {\n  \
        use windlass:types/types@0.1.0.{error};\n  enum how { fast, slow }\n  \
        /// Reads a key.\n  ///\n  /// Repeat policy: read. In a plan it is performed.\n  /// Errors: `internal`.\n  \
        get: func(key: string, how: option<how>) -> result<list<string>, error>;\n}\n";
    let stage = "/// The contract.\npackage windlass:stage@0.1.0;\ninterface stage {\n  \
        use windlass:types/types@0.1.0.{error};\n  run: func() -> result<_, error>;\n}\n\
        world plugin {\n  import windlass:state/state@0.1.0;\n  export stage;\n}\n";
    for (file, text) in [("deps/types.wit", types), ("deps/state.wit", keys), ("stage.wit", stage)] {
        fs::write(wit.path().join(file), text).unwrap();
    }
    let pages = capabilities(wit.path()).unwrap();
    assert_eq!(pages.files.keys().collect::<Vec<_>>(), ["README.md", "stage.md", "state.md", "types.md"]);
    assert!(pages.files["README.md"].contains("| [state](state.md) | Small values. |"), "{}", pages.files["README.md"]);
    expect![[r#"
        # state

        Small values. They outlive a deployment.

        Imported as `windlass:state/state@0.1.0`.

        | function |  |
        |---|---|
        | [`get`](#get) | Reads a key. |

        ## get

        ```wit
        get: func(key: string, how: option<how>) -> result<list<string>, error>
        ```

        Reads a key.

        - **Repeat policy:** read.
        - **In a plan:** It is performed.
        - **Errors:** `internal`.

        ## Types

        ### how

        An enum.

        `fast`, `slow`
    "#]]
    .assert_eq(&pages.files["state.md"]);
}

#[test]
fn a_contract_that_cannot_be_read_is_an_error_that_says_where() {
    let error = capabilities(Path::new("no-such-directory")).unwrap_err();
    assert!(error.to_string().contains("no-such-directory"), "{error}");
}
