use std::collections::BTreeMap;

use super::*;

fn site(files: &[(&str, &str)]) -> Result<BTreeMap<String, String>> {
    let mut assets = Assets::default();
    for (path, text) in files {
        assets.source(path, text.as_bytes().to_vec())?;
    }
    let tree = assets.into_tree()?;
    Ok(tree
        .files()
        .map(|(path, bytes)| {
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            (path.to_string_lossy().into_owned(), text)
        })
        .collect())
}

fn named<'a>(files: &'a BTreeMap<String, String>, stem: &str) -> &'a str {
    let prefix = format!("assets/{stem}.");
    let mut names = files.keys().filter(|name| name.starts_with(&prefix));
    names.next().expect("the asset is there")
}

const PARTS: [(&str, &str); 6] = [
    ("fonts/inter.woff2", "font"),
    ("app.css", "@font-face { src: url({{fonts/inter.woff2}}) }"),
    ("app_bg.wasm", "wasm"),
    ("app.js", "export default {{}}"),
    ("boot.js", "import init from '{{js}}'; init('{{wasm}}')"),
    ("index.html", "<link href={{css}}><script src={{ boot }}>"),
];

#[test]
fn every_file_is_named_by_its_contents_and_referred_to_by_that_name() {
    let files = site(&PARTS).unwrap();
    let css = named(&files, "app");
    assert!(files[css].contains(&format!("/{}", named(&files, "inter"))));
    let boot = &files[named(&files, "boot")];
    assert!(boot.contains(&format!("/{}", named(&files, "app_bg"))));
    assert!(files["index.html"].contains(&format!("<script src=/{}>", named(&files, "boot"))));
    assert_eq!(files.len(), PARTS.len());
}

#[test]
fn what_wasm_bindgen_made_is_left_alone() {
    let files = site(&PARTS).unwrap();
    let js = files.keys().find(|name| name.ends_with(".js") && name.starts_with("assets/app."));
    assert_eq!(files[js.unwrap()], "export default {{}}");
}

#[test]
fn a_changed_file_changes_the_names_of_those_that_name_it_and_no_others() {
    let before = site(&PARTS).unwrap();
    let mut parts = PARTS;
    parts[2].1 = "other wasm";
    let after = site(&parts).unwrap();
    assert_ne!(named(&before, "boot"), named(&after, "boot"));
    assert_eq!(named(&before, "inter"), named(&after, "inter"));
}

#[test]
fn what_nobody_names_keeps_its_path_and_its_contents() {
    let files = site(&[("fonts/inter.woff2", "font"), ("snippets/x-1/inline0.js", "{{"), ("index.html", "")]).unwrap();
    assert_eq!(files["assets/fonts/inter.woff2"], "font");
    assert_eq!(files["assets/snippets/x-1/inline0.js"], "{{");
}

#[test]
fn style_sheets_in_parts_are_joined_in_name_order() {
    let files = site(&[
        ("css/20-log.css", "b{}"),
        ("css/10-base.css", "a{}"),
        ("app.css", ":root{}\n"),
        ("index.html", "{{css}}"),
    ])
    .unwrap();
    assert_eq!(files[named(&files, "app")], ":root{}\na{}\nb{}\n");
    assert_eq!(files.len(), 2);
}

fn failure(files: &[(&str, &str)]) -> String {
    format!("{:#}", site(files).unwrap_err())
}

#[test]
fn a_placeholder_that_names_nothing_is_an_error_with_its_place() {
    assert_eq!(
        failure(&[("app.css", "url({{fonts/none.woff2}})"), ("index.html", "{{css}}"),]),
        "in web/site/index.html: placeholder `{{css}}`: \
         in web/site/app.css: placeholder `{{fonts/none.woff2}}`: \
         there is no fonts/none.woff2 in web/site"
    );
}

#[test]
fn a_placeholder_without_an_end_is_an_error() {
    assert_eq!(failure(&[("index.html", "<a {{css")]), "in web/site/index.html: a `{{` has no `}}`");
}

#[test]
fn files_that_name_each_other_are_an_error() {
    let message = failure(&[("a.js", "{{b.js}}"), ("b.js", "{{a.js}}"), ("index.html", "{{a.js}}")]);
    assert!(message.ends_with("a.js → b.js → a.js name each other"), "{message}");
}

#[test]
fn two_files_of_one_name_are_an_error() {
    let message = failure(&[("app.js", ""), ("app.js", "")]);
    assert!(message.starts_with("web/site/app.js has the name of"), "{message}");
}
