//! Command lines as exact strings, and the environment in every shell there is.

use std::io::Write;
use std::process::Stdio;

use expect_test::{Expect, expect};
use proptest::prelude::*;
use uuid::Uuid;

use super::{Command, Run, Token, environment};

const KEY: Uuid = Uuid::from_u128(0x0195_0000_0000_7000_8000_0000_0000_0001);

fn check(sudo: bool, build: impl Fn(&Run<'_>) -> String, expected: &Expect) {
    let token = Token::fixed("windlass-1");
    expected.assert_eq(
        &(build(&Run {
            token: &token,
            sudo,
        }) + "\n"),
    );
}

fn argv(words: &[&str]) -> Command {
    Command::Argv(words.iter().map(|word| (*word).to_owned()).collect())
}

#[test]
fn a_plain_command() {
    check(
        false,
        |run| run.plain(None, &argv(&["echo", "it's", "$HOME"])),
        &expect![[r#"
            exec sh -c 'while IFS= read -r _w || exit 96; do
            [ -n "$_w" ] || break
            eval "$_w"
            done
            unset _w
            [ -z "$2" ] || cd -- "$2" >/dev/null 2>&1 || { printf '\''%s directory\n'\'' "$1"; exit 0; }
            if kill -s 0 -- "-$$" 2>/dev/null; then
            printf '\''%s\n'\'' "$1" >&2
            printf '\''%s started %s\n'\'' "$1" "$$"
            shift 2
            exec "$@"
            fi
            exec 3<&0
            setsid sh -c '\''printf "%s\n" "$1" >&2; printf "%s started %s\n" "$1" "$$"; shift 2; exec "$@"'\'' windlass "$@" <&3 3<&- &
            exec 3<&- </dev/null
            wait "$!"' windlass windlass-1 '' echo 'it'\''s' '$HOME'
        "#]],
    );
}

#[test]
fn a_plain_script_as_root_in_a_directory() {
    check(
        true,
        |run| {
            run.plain(
                Some("/srv/my app"),
                &Command::Script("cd a && ls".to_owned()),
            )
        },
        &expect![[r#"
            exec sudo -n sh -c 'while IFS= read -r _w || exit 96; do
            [ -n "$_w" ] || break
            eval "$_w"
            done
            unset _w
            [ -z "$2" ] || cd -- "$2" >/dev/null 2>&1 || { printf '\''%s directory\n'\'' "$1"; exit 0; }
            if kill -s 0 -- "-$$" 2>/dev/null; then
            printf '\''%s\n'\'' "$1" >&2
            printf '\''%s started %s\n'\'' "$1" "$$"
            shift 2
            exec "$@"
            fi
            exec 3<&0
            setsid sh -c '\''printf "%s\n" "$1" >&2; printf "%s started %s\n" "$1" "$$"; shift 2; exec "$@"'\'' windlass "$@" <&3 3<&- &
            exec 3<&- </dev/null
            wait "$!"' windlass windlass-1 '/srv/my app' sh -c 'cd a && ls'
        "#]],
    );
}

#[test]
fn a_command_that_outlives_its_connection() {
    check(
        false,
        |run| run.start(KEY, 12, Some("/srv"), &argv(&["bin/migrate", "--all"])),
        &expect![[r#"
            exec sh -c 'effects=$HOME/.local/state/windlass/effects
            refuse() { printf '\''%s refused %s\n'\'' "$token" "$*"; exit 0; }
            abandon() { cd "$effects" && rm -rf "./$key"; }
            token=$1 key=$2 length=$3 directory=$4 session=$5 command=$6 mask=$(umask) home=$(pwd)
            shift 6
            command -v setsid >/dev/null 2>&1 || refuse "setsid: not found"
            [ -z "$directory" ] || home=$(cd -- "$directory" >/dev/null 2>&1 && pwd) || {
            printf '\''%s directory\n'\'' "$token"
            exit 0
            }
            umask 077
            why=$(mkdir -p "$effects" 2>&1) || refuse "$why"
            cd "$effects" || refuse "cannot enter $effects"
            why=$(mkdir -m 700 "./$key" 2>&1) || {
            [ -d "./$key" ] || refuse "$why"
            printf '\''%s exists\n'\'' "$token"
            exit 0
            }
            cd "./$key" || refuse "cannot enter $effects/$key"
            while IFS= read -r line || { abandon; exit 96; }; do
            [ -n "$line" ] || break
            printf '\''%s\n'\'' "$line" || { abandon; refuse "$effects: cannot write"; }
            done >env || { abandon; refuse "$effects: cannot write"; }
            if [ "$length" = 0 ]; then
            : >stdin
            else
            why=$(cat 2>&1 >stdin) || { abandon; refuse "$why"; }
            [ "$(wc -c <stdin)" -eq "$length" ] || { abandon; exit 96; }
            fi
            setsid sh -c "$session" windlass "$token" "$command" "$home" "$mask" "$@" <stdin &
            wait "$!"
            ended=$?
            [ ! -f status ] || exit "$(cat status)"
            [ "$ended" != 96 ] || { printf '\''%s exists\n'\'' "$token"; exit 0; }
            kill -s KILL "$$"' windlass windlass-1 01950000-0000-7000-8000-000000000001 12 /srv 'stamp() {
            [ -r "/proc/$1/stat" ] || return 0
            IFS= read -r _s <"/proc/$1/stat" || return 0
            set -- ${_s##*) }
            printf '\''%s'\'' "${20}"
            }
            mkdir claim 2>/dev/null || exit 96
            token=$1 command=$2
            shift 2
            trap : TERM
            printf '\''%s %s\n'\'' "$$" "$(stamp "$$")" >pid.new && mv pid.new pid || {
            rm -rf "$(pwd)"
            exit 96
            }
            printf '\''%s\n'\'' "$token" >&2
            printf '\''%s started %s\n'\'' "$token" "$$"
            {
            trap : TERM
            {
            trap : TERM
            sh -c "$command" windlass "$@" 3>&- 4>&-
            echo "$?" >code
            } 2>&1 >&3 | (trap '\'''\'' HUP INT PIPE TERM; exec tee err >&4 3>&-)
            } 3>&1 4>&2 | (trap '\'''\'' HUP INT PIPE TERM; exec tee out)
            mv code status
            exit "$(cat status)"' '_w=$(cat env) || exit 126
            rm -f env stdin
            umask "$2"
            cd -- "$1" || exit 126
            eval "$_w"
            unset _w
            shift 2
            exec "$@"' bin/migrate --all
        "#]],
    );
}

#[test]
fn finding_it_again() {
    check(false, |run| run.attach(KEY, 0, 4096), &expect![[r#"
        exec sh -c 'effects=$HOME/.local/state/windlass/effects
        stamp() {
        [ -r "/proc/$1/stat" ] || return 0
        IFS= read -r _s <"/proc/$1/stat" || return 0
        set -- ${_s##*) }
        printf '\''%s'\'' "${20}"
        }
        cd "$effects/$2" 2>/dev/null || { printf '\''%s absent\n'\'' "$1"; exit 0; }
        if mkdir claim 2>/dev/null; then
        cd "$effects" && rm -rf "./$2"
        printf '\''%s absent\n'\'' "$1"
        exit 0
        fi
        if [ -f status ]; then
        state="ended $(cat status)"
        elif [ ! -f pid ]; then
        state=starting
        else
        read -r pid born <pid
        if kill -s 0 "$pid" 2>/dev/null && [ "$(stamp "$pid")" = "$born" ]; then
        state=running
        elif [ -f status ]; then
        state="ended $(cat status)"
        else
        state=lost
        fi
        fi
        printf '\''%s\n'\'' "$1" >&2
        printf '\''%s %s\n'\'' "$1" "$state"
        [ ! -f out ] || tail -c "+$3" out
        [ ! -f err ] || tail -c "+$4" err >&2' windlass windlass-1 01950000-0000-7000-8000-000000000001 1 4097
    "#]]);
}

#[test]
fn ending_it() {
    check(false, |run| run.end_effect(KEY), &expect![[r#"
        exec sh -c 'effects=$HOME/.local/state/windlass/effects
        stamp() {
        [ -r "/proc/$1/stat" ] || return 0
        IFS= read -r _s <"/proc/$1/stat" || return 0
        set -- ${_s##*) }
        printf '\''%s'\'' "${20}"
        }
        gone() {
        tenths=0
        while kill -s 0 -- "-$1" 2>/dev/null; do
        [ "$tenths" -lt "$2" ] || return 1
        if sleep 0.1 2>/dev/null; then
        tenths=$((tenths + 1))
        else
        sleep 1
        tenths=$((tenths + 10))
        fi
        done
        }
        end() {
        kill -s TERM -- "-$1" 2>/dev/null
        gone "$1" 50 && return 0
        kill -s KILL -- "-$1" 2>/dev/null
        gone "$1" 20
        }
        printf '\''%s\n'\'' "$1" >&2
        printf '\''%s started %s\n'\'' "$1" "$$"
        cd "$effects/$2" 2>/dev/null || exit 0
        if mkdir claim 2>/dev/null; then
        cd "$effects" && rm -rf "./$2"
        exit 0
        fi
        [ -f pid ] || sleep 1
        read -r pid born <pid || exit 0
        now=$(stamp "$pid")
        [ -z "$now" ] || [ "$now" = "$born" ] || exit 0
        end "$pid"' windlass windlass-1 01950000-0000-7000-8000-000000000001
    "#]]);
}

#[test]
fn ending_a_group() {
    check(true, |run| run.end_group(4242), &expect![[r#"
        exec sudo -n sh -c 'gone() {
        tenths=0
        while kill -s 0 -- "-$1" 2>/dev/null; do
        [ "$tenths" -lt "$2" ] || return 1
        if sleep 0.1 2>/dev/null; then
        tenths=$((tenths + 1))
        else
        sleep 1
        tenths=$((tenths + 10))
        fi
        done
        }
        end() {
        kill -s TERM -- "-$1" 2>/dev/null
        gone "$1" 50 && return 0
        kill -s KILL -- "-$1" 2>/dev/null
        gone "$1" 20
        }
        printf '\''%s\n'\'' "$1" >&2
        printf '\''%s started %s\n'\'' "$1" "$$"
        end "$2"' windlass windlass-1 4242
    "#]]);
}

#[test]
fn forgetting() {
    check(false, |run| run.forget(&[KEY]), &expect![[r#"
        exec sh -c 'effects=$HOME/.local/state/windlass/effects
        printf '\''%s\n'\'' "$1" >&2
        printf '\''%s started %s\n'\'' "$1" "$$"
        shift
        cd "$effects" 2>/dev/null || exit 0
        for key; do rm -rf "./$key"; done
        find . -mindepth 1 -maxdepth 1 -mtime +30 -exec rm -rf {} + 2>/dev/null
        exit 0' windlass windlass-1 01950000-0000-7000-8000-000000000001
    "#]]);
}

#[test]
fn an_environment() {
    let text = environment([
        ("PORT", "3000"),
        ("NAME", "it's me"),
        ("PEM", "a\nb"),
        ("EMPTY", ""),
    ]);
    expect![[r#"
        export PORT=3000
        export NAME='it'\''s me'
        _v=$(printf %b 'a\0012bx'); PEM=${_v%x}; export PEM; unset _v
        export EMPTY=''

    "#]].assert_eq(&text);
}

#[test]
fn no_variables_are_an_empty_line() {
    assert_eq!(environment([]), "\n");
}

/// The loop of the programs that reads it, then the values as they arrived.
const READ_BACK: &str = "while IFS= read -r _w || exit 96; do [ -n \"$_w\" ] || break; eval \"$_w\"; done; \
                         printf '%s\\0%s\\0' \"$A\" \"$B\"; exec cat";

#[test]
fn shells_read_every_environment_and_leave_the_input() {
    for shell in [
        &["sh"][..],
        &["dash"],
        &["bash"],
        &["bash", "--posix"],
        &["busybox", "sh"],
    ] {
        if std::process::Command::new(shell[0])
            .args(&shell[1..])
            .args(["-c", ":"])
            .output()
            .is_err()
        {
            eprintln!(
                "SKIPPED: environments in {}, because it is not installed here",
                shell.join(" ")
            );
            continue;
        }
        let config = ProptestConfig {
            cases: 300,
            failure_persistence: None,
            ..ProptestConfig::default()
        };
        proptest::test_runner::TestRunner::new(config)
            .run(
                &("[^\\x00]{0,40}", "[a-c'\"\\\\$\n\u{80}-\u{90}]{0,12}"),
                |(a, b)| {
                    let input = environment([("A", a.as_str()), ("B", b.as_str())]) + "the input";
                    prop_assert_eq!(run(shell, &input), format!("{a}\0{b}\0the input"));
                    Ok(())
                },
            )
            .unwrap_or_else(|error| panic!("{shell:?}: {error}"));
    }
}

fn run(shell: &[&str], input: &str) -> String {
    let mut child = std::process::Command::new(shell[0])
        .args(&shell[1..])
        .args(["-c", READ_BACK])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}
