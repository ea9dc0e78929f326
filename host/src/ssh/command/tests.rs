//! Command lines as exact strings.

mod environment;
mod fence;

use expect_test::{Expect, expect, expect_file};
use uuid::Uuid;

use super::{Command, Once, Run, Seen, Sudo, Token};
use crate::ssh::Fence;

const KEY: Uuid = Uuid::from_u128(0x0195_0000_0000_7000_8000_0000_0000_0001);

/// A command of the third server that has the deployment.
fn once() -> Once {
    let deployment = Uuid::from_u128(0x0195_0000_0000_7000_8000_0000_0000_0002);
    Once { key: KEY, fence: Some(Fence { deployment, epoch: 3 }) }
}

fn line(sudo: bool, build: impl Fn(&Run<'_>) -> String) -> String {
    let token = Token::fixed("windlass-1");
    let sudo = Sudo::without_password(sudo);
    build(&Run { token: &token, sudo: &sudo }) + "\n"
}

fn check(sudo: bool, build: impl Fn(&Run<'_>) -> String, expected: &Expect) {
    expected.assert_eq(&line(sudo, build));
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
            if kill -0 "-$$" 2>/dev/null; then
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
        |run| run.plain(Some("/srv/my app"), &Command::Script("cd a && ls".to_owned())),
        &expect![[r#"
            exec sudo -n sh -c 'while IFS= read -r _w || exit 96; do
            [ -n "$_w" ] || break
            eval "$_w"
            done
            unset _w
            [ -z "$2" ] || cd -- "$2" >/dev/null 2>&1 || { printf '\''%s directory\n'\'' "$1"; exit 0; }
            if kill -0 "-$$" 2>/dev/null; then
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
    let line = line(false, |run| run.start(once(), 12, Some("/srv"), &argv(&["bin/migrate", "--all"])));
    expect_file!["tests/start.txt"].assert_eq(&line);
}

#[test]
fn finding_it_again() {
    check(
        false,
        |run| run.attach(once(), Seen { stdout: 0, stderr: 4096 }, Some(&Token::fixed("windlass-0"))),
        &expect![[r#"
            exec sh -c 'effects=$HOME/.local/state/windlass/effects
            raise() {
            [ -n "$1" ] && [ "$2" -gt 1 ] && [ ! -e "$effects/fence-$1/$2" ] || return 0
            mkdir -p "$effects/fence-$1" && true >"$effects/fence-$1/$2"
            }
            fenced() {
            for _f in "$effects/fence-$1"/*; do
            _f=${_f##*/}
            case $_f in
            *[!0-9]*) ;;
            *) [ "$_f" -le "$2" ] || return 0 ;;
            esac
            done
            return 1
            }
            void() {
            [ -n "$1" ] && [ ! -e "$effects/void-$1" ] || return 0
            [ -d "$effects" ] || mkdir -p "$effects" || return 1
            true >"$effects/void-$1"
            }
            stamp() {
            stamp=
            [ -r "/proc/$1/stat" ] || return 0
            IFS= read -r _s <"/proc/$1/stat" || return 0
            set -- ${_s##*) }
            stamp=${20}
            }
            claim() {
            set -C
            true 2>/dev/null >claim
            _claimed=$?
            set +C
            return "$_claimed"
            }
            { raise "$3" "$4" && void "$7"; } 2>/dev/null || { printf '\''%s refused %s: cannot write\n'\'' "$1" "$effects"; exit 0; }
            ! fenced "$3" "$4" || { printf '\''%s fenced\n'\'' "$1"; exit 0; }
            cd "$effects/$2" 2>/dev/null || { printf '\''%s absent\n'\'' "$1"; exit 0; }
            if claim; then
            cd "$effects" && rm -rf "./$2"
            printf '\''%s absent\n'\'' "$1"
            exit 0
            fi
            if [ -s status ]; then
            state="ended $(cat status)"
            elif [ ! -s pid ]; then
            state=starting
            else
            read -r pid born <pid
            stamp "$pid"
            if kill -0 "$pid" 2>/dev/null && [ "$stamp" = "$born" ]; then
            state=running
            elif [ -s status ]; then
            state="ended $(cat status)"
            else
            state=lost
            fi
            fi
            if [ "$state" = running ] && [ ! -e detached ] && [ -s relay-err ] && [ -s relay-out ] && true >detached; then
            for relay in relay-err relay-out; do
            read -r pid born <"$relay"
            stamp "$pid"
            [ -z "$stamp" ] || [ "$stamp" != "$born" ] || kill -KILL "$pid"
            done
            fi 2>/dev/null
            printf '\''%s\n'\'' "$1" >&2
            printf '\''%s %s\n'\'' "$1" "$state"
            { [ ! -f out ] || tail -c "+$5" out; } && { [ ! -f err ] || tail -c "+$6" err >&2; }' windlass windlass-1 01950000-0000-7000-8000-000000000001 01950000-0000-7000-8000-000000000002 3 1 4097 windlass-0
        "#]],
    );
}

#[test]
fn ending_it() {
    check(
        false,
        |run| run.end_effect(Once { key: KEY, fence: None }, None),
        &expect![[r#"
            exec sh -c 'effects=$HOME/.local/state/windlass/effects
            raise() {
            [ -n "$1" ] && [ "$2" -gt 1 ] && [ ! -e "$effects/fence-$1/$2" ] || return 0
            mkdir -p "$effects/fence-$1" && true >"$effects/fence-$1/$2"
            }
            fenced() {
            for _f in "$effects/fence-$1"/*; do
            _f=${_f##*/}
            case $_f in
            *[!0-9]*) ;;
            *) [ "$_f" -le "$2" ] || return 0 ;;
            esac
            done
            return 1
            }
            void() {
            [ -n "$1" ] && [ ! -e "$effects/void-$1" ] || return 0
            [ -d "$effects" ] || mkdir -p "$effects" || return 1
            true >"$effects/void-$1"
            }
            stamp() {
            stamp=
            [ -r "/proc/$1/stat" ] || return 0
            IFS= read -r _s <"/proc/$1/stat" || return 0
            set -- ${_s##*) }
            stamp=${20}
            }
            claim() {
            set -C
            true 2>/dev/null >claim
            _claimed=$?
            set +C
            return "$_claimed"
            }
            gone() {
            tenths=0
            while kill -0 "-$1" 2>/dev/null; do
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
            kill -TERM "-$1" 2>/dev/null
            gone "$1" 50 && return 0
            kill -KILL "-$1" 2>/dev/null
            gone "$1" 20
            }
            raise "$3" "$4" && void "$5" || exit 1
            ! fenced "$3" "$4" || exit 1
            printf '\''%s\n'\'' "$1" >&2
            printf '\''%s started %s\n'\'' "$1" "$$"
            cd "$effects/$2" 2>/dev/null || exit 0
            if claim; then
            cd "$effects" && rm -rf "./$2"
            exit 0
            fi
            [ -s pid ] || sleep 1
            read -r pid born <pid || exit 0
            stamp "$pid"
            [ -z "$stamp" ] || [ "$stamp" = "$born" ] || exit 0
            end "$pid"' windlass windlass-1 01950000-0000-7000-8000-000000000001 '' 0 ''
        "#]],
    );
}

#[test]
fn ending_a_group() {
    check(
        true,
        |run| run.end_group(4242),
        &expect![[r#"
            exec sudo -n sh -c 'gone() {
            tenths=0
            while kill -0 "-$1" 2>/dev/null; do
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
            kill -TERM "-$1" 2>/dev/null
            gone "$1" 50 && return 0
            kill -KILL "-$1" 2>/dev/null
            gone "$1" 20
            }
            printf '\''%s\n'\'' "$1" >&2
            printf '\''%s started %s\n'\'' "$1" "$$"
            end "$2"' windlass windlass-1 4242
        "#]],
    );
}

#[test]
fn forgetting() {
    check(
        false,
        |run| run.forget(&[KEY]),
        &expect![[r#"
        exec sh -c 'effects=$HOME/.local/state/windlass/effects
        printf '\''%s\n'\'' "$1" >&2
        printf '\''%s started %s\n'\'' "$1" "$$"
        shift
        cd "$effects" 2>/dev/null || exit 0
        for key; do rm -rf "./$key"; done
        find . -mindepth 1 -maxdepth 1 -mtime +30 -exec rm -rf {} + 2>/dev/null
        exit 0' windlass windlass-1 01950000-0000-7000-8000-000000000001
    "#]],
    );
}
