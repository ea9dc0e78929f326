//! The shell in waiting: the next command finds it, whatever the command is.

use std::time::Duration;

use super::fixture::{Fixture, exec, plain, reattachable, script_both_ways};
use super::on_both_servers;
use crate::ssh::ExecRequest;

on_both_servers![the_next_command_finds_a_shell, programs_and_input_pass_through_it, a_long_program_needs_none,];

/// Prints when its process was started, in hundredths of a second since the boot.
const BORN: &str = "read -r stat </proc/$$/stat; set -- ${stat##*) }; echo ${20}";

fn hundredths_since_boot() -> u64 {
    let uptime = std::fs::read_to_string("/proc/uptime").unwrap();
    uptime.split(' ').next().unwrap().replace('.', "").parse().unwrap()
}

async fn wait() {
    tokio::time::sleep(Duration::from_millis(500)).await;
}

async fn the_next_command_finds_a_shell(fixture: Fixture) {
    let connection = fixture.connect().await;
    let born = async || exec(&connection, &plain(BORN)).await.unwrap().text().trim().parse::<u64>().unwrap();
    let before = hundredths_since_boot();
    assert!(born().await >= before);
    for _ in 0..20 {
        wait().await;
        let before = hundredths_since_boot();
        if born().await < before {
            return;
        }
    }
    panic!("each command had to wait for a shell of its own");
}

async fn programs_and_input_pass_through_it(fixture: Fixture) {
    let connection = fixture.connect().await;
    exec(&connection, &plain("true")).await.unwrap();
    let input: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    for request in script_both_ways("cat <<'EOF'\n.\n  it's \\n $X `\n\nEOF\nprintf %s \"$NAME\"; cat") {
        wait().await;
        let env = vec![("NAME".to_owned(), "a 'value'\nof two lines\n".to_owned())];
        let output = exec(&connection, &ExecRequest { env, stdin: input.clone(), ..request }).await.unwrap();
        let expected = [b".\n  it's \\n $X `\n\na 'value'\nof two lines\n", input.as_slice()].concat();
        assert!(output.stdout == expected, "{} bytes", output.stdout.len());
    }
}

async fn a_long_program_needs_none(fixture: Fixture) {
    let connection = fixture.connect().await;
    exec(&connection, &plain("true")).await.unwrap();
    wait().await;
    let script = format!("echo begin\n{}echo end", "# nothing at all\n".repeat(3_000));
    for request in [plain(&script), reattachable(&script)] {
        assert_eq!(exec(&connection, &request).await.unwrap().text(), "begin\nend\n");
    }
}
