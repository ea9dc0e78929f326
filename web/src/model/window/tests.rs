use super::super::record::fixture::{line, run_id, run_started, step};
use super::*;

/// Two runs: `build`, and `up` on web-1.
fn log() -> Log {
    let mut log = Log::default();
    for event in [
        run_started(1, 1, "build", None),
        run_started(2, 2, "up", Some("web-1")),
        step(3, 1, "compile"),
        line(4, 1, Level::Debug, "0123456789"),
        line(5, 2, Level::Info, "short"),
        line(6, 2, Level::Error, "0123456789abcdefghijklm"),
        line(7, 1, Level::Warning, ""),
    ] {
        log.take(&event);
    }
    log
}

fn shown(window: &Window) -> Vec<usize> {
    (0..window.len()).map(|position| window.line(position)).collect()
}

fn filtered(level: Level, scope: Scope) -> Vec<usize> {
    let log = log();
    let mut window = Window::default();
    window.extend(&log);
    window.set_filter(Filter { level, scope }, &log);
    shown(&window)
}

#[test]
fn a_filter_keeps_the_order_and_every_step() {
    assert_eq!(filtered(Level::Debug, Scope::All), [0, 1, 2, 3, 4]);
    assert_eq!(filtered(Level::Warning, Scope::All), [0, 3, 4]);
    assert_eq!(filtered(Level::Debug, Scope::Stage("up".into())), [2, 3]);
    assert_eq!(filtered(Level::Error, Scope::Run(run_id(1))), [0]);
}

#[test]
fn lines_that_come_later_are_filtered_and_wrapped_too() {
    let all = log();
    let mut part = all.clone();
    part.lines.truncate(2);
    let mut window = Window::default();
    window.set_filter(Filter { level: Level::Info, scope: Scope::All }, &part);
    window.set_columns(10, &part);
    window.extend(&part);
    assert_eq!(shown(&window), [0]);
    window.extend(&all);
    assert_eq!(shown(&window), [0, 2, 3, 4]);
    assert_eq!(window.rows(), 1 + 1 + 3 + 1);
}

#[test]
fn wrapped_rows_lead_back_to_their_line() {
    let log = log();
    let mut window = Window::default();
    window.set_columns(10, &log);
    assert_eq!((0..window.rows()).map(|row| window.at_row(row)).collect::<Vec<_>>(), [0, 1, 2, 3, 3, 3, 4]);
    assert_eq!((0..5).map(|position| window.row(position)).collect::<Vec<_>>(), [0, 1, 2, 3, 6]);
    assert_eq!(window.height(3), 3);
    assert_eq!(window.visible(4, 1), 3..4);
    window.set_columns(0, &log);
    assert_eq!((window.rows(), window.at_row(4), window.height(3)), (5, 4, 1));
}

#[test]
fn the_position_of_a_hidden_line_is_the_next_shown_one() {
    let log = log();
    let mut window = Window::default();
    window.extend(&log);
    window.set_filter(Filter { level: Level::Debug, scope: Scope::Stage("up".into()) }, &log);
    assert_eq!([0, 2, 3, 4].map(|line| window.position(line)), [0, 0, 1, 2]);
}

#[test]
fn an_empty_log_has_no_rows() {
    let mut window = Window::default();
    window.extend(&Log::default());
    assert!(window.is_empty());
    assert_eq!((window.rows(), window.visible(0, 50)), (0, 0..0));
}
