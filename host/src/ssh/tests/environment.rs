//! The environment of commands: exact, and hidden from process lists.

use super::fixture::{Fixture, exec, script_both_ways};
use super::on_both_servers;
use crate::ssh::ExecRequest;

on_both_servers![every_value_arrives, values_are_in_no_process_list, records_keep_no_values];

async fn every_value_arrives(fixture: Fixture) {
    let connection = fixture.connect().await;
    let values = [
        "plain",
        "",
        " spaces  ",
        "it's \"quoted\"",
        "$HOME `x` \\n",
        "two\nlines\n\n",
        "\t",
        "é ☃ 🦀",
        "\u{1}\u{7f}",
        "%s%%",
    ];
    let env: Vec<(String, String)> =
        values.iter().enumerate().map(|(number, value)| (format!("V{number}"), (*value).to_owned())).collect();
    let script: String = (0..values.len()).map(|number| format!("printf '%s|' \"$V{number}\"; ")).collect();
    for request in script_both_ways(&script) {
        let output = exec(&connection, &ExecRequest { env: env.clone(), ..request }).await.unwrap();
        assert_eq!(output.text(), values.map(|value| value.to_owned() + "|").concat());
    }
}

async fn values_are_in_no_process_list(fixture: Fixture) {
    let connection = fixture.connect().await;
    let script = ": visible-marker; for f in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <\"$f\"; echo; done 2>/dev/null";
    for request in script_both_ways(script) {
        let request = ExecRequest {
            env: vec![("TOKEN".to_owned(), "hidden-value".to_owned()), ("OTHER".to_owned(), "hidden-välue".to_owned())],
            stdin: b"hidden-input".to_vec(),
            ..request
        };
        let output = exec(&connection, &request).await.unwrap();
        let listed = String::from_utf8_lossy(&output.stdout);
        assert!(listed.contains("visible-marker"), "the list has this command: {listed}");
        assert!(!listed.contains("hidden-"), "{listed}");
    }
}

async fn records_keep_no_values(fixture: Fixture) {
    let connection = fixture.connect().await;
    let key = uuid::Uuid::now_v7();
    let mut request = super::fixture::reattachable("cat; printf %s \"$TOKEN\" | wc -c");
    request.repeat = crate::ssh::Repeat::Reattachable { key };
    request.env = vec![("TOKEN".to_owned(), "hidden".to_owned())];
    request.stdin = b"input\n".to_vec();
    assert_eq!(exec(&connection, &request).await.unwrap().text(), "input\n6\n");
    let record = fixture.effect(key);
    let mut files: Vec<String> =
        std::fs::read_dir(&record).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    assert_eq!(files, ["claim", "code", "err", "out", "pid", "relay-err", "relay-out", "status"]);
}
